/**
 * Text as a reader takes it: one spelling for letters that look alike in print, no characters that show nothing, words.
 *
 * @module
 */

const NOTHING =
  /[\u00AD\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFEFF\u{E0000}-\u{E0FFF}]|\p{Variation_Selector}/gu;
/** Letters of other scripts that are printed like Latin ones (a part of Unicode's confusables). */
const LOOKALIKES: Readonly<Record<string, string>> = {
  а: 'a',
  е: 'e',
  о: 'o',
  р: 'p',
  с: 'c',
  у: 'y',
  х: 'x',
  і: 'i',
  ј: 'j',
  ѕ: 's',
  һ: 'h',
  ԁ: 'd',
  ӏ: 'l',
  α: 'a',
  ο: 'o',
  ρ: 'p',
  ν: 'v',
  ι: 'i',
  κ: 'k',
  τ: 't',
  υ: 'u',
};

/** Lower case, without marks, tags and what shows nothing; spaces are one. */
export function plain(text: string): string {
  return (
    text
      // tags as HTML writes them alone: a sentence in angle brackets is read
      .replace(/<\/?[a-z][a-z0-9]{0,10}(?:\s+[a-z-]+=[^<>]{0,500})?\s*\/?>/gi, ' ')
      .replace(/&nbsp;|&#160;/g, ' ')
      .replace(/&amp;/g, '&')
      .normalize('NFKD')
      .replace(NOTHING, '')
      .replace(/\p{M}/gu, '')
      .toLowerCase()
      .replace(/[\u2018\u2019\u02BC`]/g, "'")
      .replace(/[^\p{ASCII}]/gu, (letter) => LOOKALIKES[letter] ?? letter)
      .replace(/\s+/g, ' ')
      .trim()
  );
}

/** Words of plain text: letters, digits and apostrophes. */
export const wordsOf = (text: string): string[] => text.match(/[\p{L}\p{N}']+/gu) ?? [];
