/**
 * Text from elsewhere made safe to show: what an agent names its files or arguments must not drive the operator's
 * terminal (escape sequences), change the order in which a line is read (bidirectional controls, CVE-2021-42574), or hide.
 *
 * @module
 */

/**
 * C0 and C1 controls, DEL, line and paragraph separators, bidirectional controls, zero-width and other format
 * characters, variation selectors and fillers, the byte-order mark, tag characters, private and unassigned characters, the blank
 * Braille pattern, lone surrogates.
 */
const UNSAFE = /[\p{C}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\u2800]/gu;

const SHORT: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/**
 * A character by its number: `\n`, `\x1b`, `\u{202e}`. `\x80` … `\xff` are bytes that were not UTF-8, which text has as
 * U+DC80 … U+DCFF (PEP 383); characters of these numbers are `\u{80}` … `\u{ff}`.
 */
export function escapeCharacter(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  if (code >= 0xdc80 && code <= 0xdcff) return escapeByte(code - 0xdc00);
  return code < 0x80 ? escapeByte(code) : `\\u{${code.toString(16)}}`;
}

/** A byte by its number: `\x0a`. */
export const escapeByte = (byte: number): string => `\\x${byte.toString(16).padStart(2, '0')}`;

/**
 * Text that only prints: every control or invisible character is shown as an escape. Backslashes stay as they are.
 *
 * @example
 * printable('a\u001b[31mb') === 'a\\x1b[31mb'
 */
export const printable = (text: string): string => text.replace(UNSAFE, escapeCharacter);
