/**
 * What a program closed even to its owner, opened for us: an ordinary user could not read the change set otherwise, and one
 * `chmod 000` would hide it. The modes that the program gave are kept in a file beside.
 *
 * @module
 */
import { appendFileSync, chmodSync, existsSync, readFileSync } from 'node:fs';
import { isTooDeep, namesIn, statOf } from './entries.ts';
import { joinPath, pathKey } from './names.ts';

/** Modes by path ({@link pathKey}), where they are not those on disk. */
export type KeptModes = Map<string, number>;

/**
 * Opens everything below a folder that is ours. Can be asked for again.
 *
 * @param kept file that keeps the modes, a line written before each thing is opened
 */
export function openClosed(folder: string, kept: string): KeptModes {
  const modes = read(kept);
  if (process.getuid?.() === 0) return modes; // reads all
  const root = Buffer.from(folder);
  const visit = (path: Buffer): void => {
    const place = path.length === 0 ? root : joinPath(root, path);
    const stats = statOf(place);
    if (!stats || !(stats.isDirectory() || stats.isFile())) return;
    const mode = Number(stats.mode & 0o7777n);
    const needed = stats.isDirectory() ? 0o700 : 0o400;
    if ((mode & needed) !== needed && Number(stats.uid) === process.getuid?.()) {
      modes.set(pathKey(path), mode);
      appendFileSync(kept, `${JSON.stringify([pathKey(path), mode])}\n`, { mode: 0o600 });
      chmodSync(place, mode | needed);
    }
    if (stats.isDirectory() && !isTooDeep(place))
      for (const name of namesIn(place)) visit(joinPath(path, name));
  };
  visit(Buffer.alloc(0));
  return modes;
}

/** One JSON pair a line; a line that a crash cut off was not acted upon. */
function read(path: string): KeptModes {
  const modes: KeptModes = new Map();
  for (const line of existsSync(path) ? readFileSync(path, 'utf8').split('\n') : []) {
    try {
      const [key, mode] = JSON.parse(line) as [string, number];
      modes.set(key, mode);
    } catch {
      // empty, or cut off
    }
  }
  return modes;
}
