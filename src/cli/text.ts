/**
 * Text from elsewhere made safe to show: what an agent names its files or arguments must not drive the operator's
 * terminal (escape sequences) or change the order in which a line is read (bidirectional controls, CVE-2021-42574).
 *
 * @module
 */
import { printable, shellWord } from '../contract/index.ts';

/**
 * One line of text that only prints: every control or invisible character is shown as an escape.
 *
 * @example
 * safe('a\u001b[31mb') === 'a\\x1b[31mb'
 */
export const safe = printable;

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
      if (safe(word) === word) return shellWord(word);
      return `$'${safe(word.replaceAll('\\', '\\\\').replaceAll("'", "\\'"))}'`;
    })
    .join(' ');
}
