/**
 * Reading the overlay's extended attributes, by the launcher: Node has no call for it.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import type { AttributesResult, OverlayAttribute, ReadAttributes } from './types.ts';

const MAXIMUM_OUTPUT = 1 << 30;

function run(
  command: string,
  args: readonly string[],
): { ok: true; stdout: Buffer } | { ok: false; reason: string } {
  const { status, stdout, stderr, error } = spawnSync(command, args, {
    maxBuffer: MAXIMUM_OUTPUT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (error) return { ok: false, reason: `${command}: ${error.message}` };
  if (status !== 0) {
    return { ok: false, reason: `${command} ended with ${status}: ${stderr.toString().trim()}` };
  }
  return { ok: true, stdout };
}

/** Path relative to `directory`; tools print it absolute, relative or as `.`. */
function relativeTo(path: Buffer, directory: string): Buffer {
  const prefix = Buffer.from(directory);
  let relative = path;
  if (relative.subarray(0, prefix.length).equals(prefix)) relative = relative.subarray(prefix.length);
  while (relative[0] === 0x2f) relative = relative.subarray(1);
  if (relative[0] === 0x2e && relative[1] === 0x2f) relative = relative.subarray(2);
  return relative.equals(Buffer.from('.')) ? Buffer.alloc(0) : relative;
}

/** Parse `path\0name\0value-in-hex\0` records. */
export function parseRecords(output: Buffer, directory: string): AttributesResult {
  const fields: Buffer[] = [];
  for (let start = 0; start < output.length; ) {
    const end = output.indexOf(0, start);
    if (end < 0) return { ok: false, reason: 'the list of attributes is cut off' };
    fields.push(output.subarray(start, end));
    start = end + 1;
  }
  if (fields.length % 3 !== 0) return { ok: false, reason: 'the list of attributes is cut off' };
  const attributes: OverlayAttribute[] = [];
  for (let at = 0; at < fields.length; at += 3) {
    const [path, name, value] = [fields[at], fields[at + 1], fields[at + 2]];
    if (!path || !name || !value) continue;
    attributes.push({
      path: relativeTo(path, directory),
      name: name.toString(),
      value: Buffer.from(value.toString(), 'hex'),
    });
  }
  return { ok: true, attributes };
}

/**
 * By the launcher binary: `BINARY xattrs DIR [SPACE]`.
 *
 * @param space `user` or `trusted`; default: the one in which the overlay of the folder's owner makes its marks
 */
export function attributesByLauncher(binary: string, space?: 'user' | 'trusted'): ReadAttributes {
  return (directory) => {
    const result = run(binary, ['xattrs', directory, ...(space ? [space] : [])]);
    return result.ok ? parseRecords(result.stdout, directory) : result;
  };
}
