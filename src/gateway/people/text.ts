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
      .replace(/<!--[\s\S]{0,500}?-->/g, '')
      // what stands inside a line parts no words
      .replace(
        /<\/?(?:a|b|i|u|s|em|strong|span|font|small|big|sub|sup|mark|code|wbr)(?:\s[^<>]{0,500})?>/gi,
        '',
      )
      .replace(/&#(?:x([0-9a-f]{1,6})|(\d{1,7}));?/gi, (whole, hexadecimal?: string, decimal?: string) => {
        const code = hexadecimal === undefined ? Number(decimal) : Number.parseInt(hexadecimal, 16);
        return code > 0 && code < 0x110000 ? String.fromCodePoint(code) : whole;
      })
      // tags as HTML writes them alone: a sentence in angle brackets is read
      .replace(/<\/?[a-z][a-z0-9]{0,10}(?:\s+[a-z-]+=[^<>]{0,500})?\s*\/?>/gi, ' ')
      .replace(/&nbsp;/g, ' ')
      .replace(/&(?:shy|zwnj|zwj);/g, '')
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

/** Characters that change the order of what is shown, and tags: no honest letter needs them. */
const TURNS = /[\u202A-\u202E\u2066-\u2069\u{E0001}\u{E0020}-\u{E007E}]/u;
export const turnsAround = (text: string): boolean => TURNS.test(text);

/** Encoded stretches that are read, and the characters of each. */
const MOST_ENCODED = 64;
const LONGEST_ENCODED = 64 * 1024;
const ENCODED = /(?:[0-9a-f]{2}[ :]?){24,}|[A-Za-z0-9+/_-]{32,}={0,2}|(?:%[0-9a-f]{2}[^%]{0,8}){8,}/gi;

/** What a text holds in base64, hexadecimal or percent signs, where that is text. One coding deep. */
export function decodedIn(text: string): string[] {
  const found = text.slice(0, 1_000_000).replace(/([A-Za-z0-9+/]{60,76})\r?\n(?=[A-Za-z0-9+/=])/g, '$1');
  return (found.match(ENCODED) ?? []).slice(0, MOST_ENCODED).flatMap((each) => {
    const written = each.slice(0, LONGEST_ENCODED);
    const bytes = written.startsWith('%')
      ? Buffer.from(
          written.replace(/%([0-9a-f]{2})/gi, (_whole, code: string) =>
            String.fromCharCode(Number.parseInt(code, 16)),
          ),
          'latin1',
        )
      : /^[0-9a-f :]+$/i.test(written)
        ? Buffer.from(written.replace(/[ :]/g, ''), 'hex')
        : Buffer.from(written, 'base64');
    const read = bytes.toString('utf8');
    const strange = read.match(/[\uFFFD\p{Cc}]/gu)?.length ?? 0;
    return read.length >= 8 && strange * 10 < read.length ? [read] : [];
  });
}
