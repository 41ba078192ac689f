/**
 * Words for a POSIX shell.
 *
 * @module
 */

/**
 * A text as one word, in single quotes (POSIX.1-2024, XCU 2.2.2). What does not print stays as it is.
 *
 * @example
 * shellWord("it's") === "'it'\\''s'"
 */
export const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
