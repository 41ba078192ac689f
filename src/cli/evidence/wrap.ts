/**
 * Text laid out in columns.
 *
 * @module
 */

/** Columns that a character takes: two for East Asian wide ones and emoji, as terminals draw them (UAX #11). */
function columnsOf(text: string): number {
  let width = 0;
  for (const character of text)
    width +=
      /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u9fff\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u.test(
        character,
      )
        ? 2
        : /\p{M}/u.test(character)
          ? 0
          : 1;
  return width;
}

/** Cuts a word that is wider than a line: addresses and ids have no spaces. */
function pieces(word: string, width: number): string[] {
  const found: string[] = [];
  let piece = '';
  for (const character of word) {
    if (piece !== '' && columnsOf(piece) + columnsOf(character) > width) {
      found.push(piece);
      piece = '';
    }
    piece += character;
  }
  return [...found, piece];
}

/**
 * Breaks text at spaces into lines of at most `width` columns, all indented; the first line may begin otherwise.
 *
 * @param first what the first line begins with instead of the indentation: `'  • '`
 */
export function wrapText(text: string, width: number, indent = '', first = indent): string[] {
  const room = Math.max(12, width - Math.max(columnsOf(indent), columnsOf(first)));
  const lines: string[] = [];
  let line = '';
  for (const word of text
    .split(/\s+/)
    .filter((one) => one !== '')
    .flatMap((one) => (columnsOf(one) > room ? pieces(one, room) : [one]))) {
    if (line !== '' && columnsOf(line) + 1 + columnsOf(word) > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  if (line !== '' || lines.length === 0) lines.push(line);
  return lines.map((each, index) => `${index === 0 ? first : indent}${each}`.trimEnd());
}
