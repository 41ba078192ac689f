/**
 * File names as bytes: joining, ordering, and a form that is safe to print.
 *
 * @module
 */
import { escapeByte, escapeCharacter } from '../../contract/index.ts';

const SLASH = Buffer.from('/');

/** `parent/name`; an empty parent is the folder itself. */
export function joinPath(parent: Buffer, name: Buffer): Buffer {
  return parent.length === 0 ? name : Buffer.concat([parent, SLASH, name]);
}

/** The part before the last slash; empty for a name alone. */
export function parentPath(path: Buffer): Buffer {
  const at = path.lastIndexOf(0x2f);
  return at < 0 ? Buffer.alloc(0) : path.subarray(0, at);
}

/** Whether a relative path leads to one place below where it starts: no empty name, no `.` or `..`, no zero byte. */
export function isPlainPath(path: Buffer): boolean {
  const key = pathKey(path);
  return key !== '' && !key.includes('\0') && !/(?:^|\/)\.{0,2}(?:\/|$)/.test(key);
}

/** Key for maps: one character a byte, so that different bytes stay different. */
export function pathKey(path: Buffer): string {
  return path.toString('latin1');
}

/** What a terminal or a reader could take for something else: controls, invisible and direction-changing characters. */
const UNSAFE = /(?! )[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Z}\p{Co}\p{Cn}\u2800\\]/u;

/**
 * A path for people: valid printable UTF-8 as it is, all else escaped (`\n`, `\x1b`, `\u{202e}`, backslash doubled), so that
 * the text names exactly one sequence of bytes and cannot drive a terminal.
 */
export function escapePath(path: Buffer): string {
  let text = '';
  for (let at = 0; at < path.length; ) {
    const length = sequenceLength(path, at);
    if (length === 0) {
      text += escapeByte(path.readUInt8(at));
      at++;
      continue;
    }
    text += shown(path.toString('utf8', at, at + length));
    at += length;
  }
  return text;
}

function shown(character: string): string {
  if (!UNSAFE.test(character)) return character;
  return character === '\\' ? '\\\\' : escapeCharacter(character);
}

/** Bytes of the UTF-8 sequence at `at`, 0 where there is none (RFC 3629). */
function sequenceLength(bytes: Buffer, at: number): number {
  const first = bytes[at] ?? 0xff;
  const length =
    first < 0x80 ? 1 : first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
  if (length === 0 || at + length > bytes.length) return 0;
  const part = bytes.subarray(at, at + length);
  return Buffer.from(part.toString('utf8')).equals(part) ? length : 0;
}
