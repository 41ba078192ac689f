/**
 * Ways to read the overlay's extended attributes, best first: the launcher's own tool, then `getfattr`.
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

/** By the launcher binary: `BINARY xattrs DIR`. */
export function attributesByLauncher(binary: string): ReadAttributes {
  return (directory) => {
    const result = run(binary, ['xattrs', directory]);
    return result.ok ? parseRecords(result.stdout, directory) : result;
  };
}

/** Undo getfattr's escapes: a backslash and three octal digits a byte. */
function unescapeOctal(text: string): Buffer {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
  return Buffer.from(bytes, 'latin1');
}

/** By `getfattr` of the attr package, where it is installed. */
export const attributesByGetfattr: ReadAttributes = (directory) => {
  const pattern = '^(user|trusted)\\.overlay\\.';
  const result = run('getfattr', [
    '-R',
    '-P',
    '-h',
    '-d',
    '-e',
    'hex',
    '--absolute-names',
    '-m',
    pattern,
    directory,
  ]);
  if (!result.ok) return result;
  const attributes: OverlayAttribute[] = [];
  let path = Buffer.alloc(0);
  for (const line of result.stdout.toString('latin1').split('\n')) {
    if (line.startsWith('# file: ')) path = Buffer.from(relativeTo(unescapeOctal(line.slice(8)), directory));
    const [, name, value] = /^([\w.]+)=0x([0-9a-f]*)$/.exec(line) ?? [];
    if (name !== undefined && value !== undefined) {
      attributes.push({ path, name, value: Buffer.from(value, 'hex') });
    }
  }
  return { ok: true, attributes };
};

/** The first of several ways that works. */
export function firstOf(...ways: readonly ReadAttributes[]): ReadAttributes {
  return (directory) => {
    const reasons: string[] = [];
    for (const way of ways) {
      const result = way(directory);
      if (result.ok) return result;
      reasons.push(result.reason);
    }
    return { ok: false, reason: reasons.join('; ') };
  };
}
