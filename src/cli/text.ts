/**
 * Text from elsewhere made safe to show: what an agent names its files or arguments must not drive the operator's
 * terminal (escape sequences) or change the order in which a line is read (bidirectional controls, CVE-2021-42574).
 *
 * @module
 */

/**
 * C0 and C1 controls, DEL, line and paragraph separators, bidirectional controls, zero-width and other format
 * characters, variation selectors and fillers, the byte-order mark, tag characters, lone surrogates.
 */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Zl}\p{Zp}\p{Cs}]/gu;

const SHORT: Record<string, string> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

function escapeCharacter(character: string): string {
  const short = SHORT[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0) as number;
  // U+DC80…U+DCFF stand for the bytes 0x80…0xFF that were not UTF-8 (PEP 383).
  if (code >= 0xdc80 && code <= 0xdcff) return `\\x${(code - 0xdc00).toString(16)}`;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  return `\\u{${code.toString(16)}}`;
}

/**
 * One line of text that only prints: every control or invisible character is shown as an escape.
 *
 * @example
 * safe('a\u001b[31mb') === 'a\\x1b[31mb'
 */
export function safe(text: string): string {
  return text.replace(UNSAFE, escapeCharacter);
}

/** Like {@link safe}, but line ends stay: for text of several lines whose lines are the author's to choose. */
export function safeLines(text: string): string {
  return text.split('\n').map(safe).join('\n');
}

/** Cuts text to a number of characters and marks the cut with `…`. */
export function shorten(text: string, length: number): string {
  const characters = [...text];
  return characters.length <= length ? text : `${characters.slice(0, Math.max(0, length - 1)).join('')}…`;
}

/** An argument list as a shell line that a person can read and paste; unusual characters are quoted or escaped. */
export function commandLine(argv: readonly string[]): string {
  return argv
    .map((word) => {
      if (/^[\w@%+=:,./-]+$/.test(word)) return word;
      if (safe(word) === word) return `'${word.replaceAll("'", "'\\''")}'`;
      return `$'${safe(word.replaceAll('\\', '\\\\').replaceAll("'", "\\'"))}'`;
    })
    .join(' ');
}
