/**
 * Quotes and licences: short, marked as checked or not, and no more than was read.
 *
 * @module
 */
import { citesOf } from '../cites.ts';
import type { Check } from './world.ts';

export const LONGEST_QUOTE = 40;

/** A script without spaces: as many characters as a word of other scripts has on average in translation. */
const UNSPACED =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/gu;
const CHARACTERS_OF_A_WORD = 2;

/**
 * Words of a quote, as a person counts them: what hyphens and apostrophes join is one, what dashes and slashes join is
 * several.
 */
export function wordsIn(quote: string): number {
  const unspaced = quote.match(UNSPACED)?.length ?? 0;
  const spaced = quote
    .replace(UNSPACED, ' ')
    .split(/[\s–—/|…;]+|-{2,}/u)
    .filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
  return spaced + Math.ceil(unspaced / CHARACTERS_OF_A_WORD);
}

/** SPDX ids and families that published texts and code bear. */
const LICENCE =
  /^(unknown|all-rights-reserved|public-domain|CC0-1\.0|CC-BY(-NC)?(-SA|-ND)?-[1-4]\.0|Apache-2\.0|MIT|ISC|BSD-[23]-Clause|MPL-2\.0|[AL]?GPL-[23]\.[01](-only|-or-later)?|OGL-UK-3\.0|arXiv-nonexclusive-1\.0|Unlicense)$/;

/** What an abstract is called. */
const OF_ABSTRACT = /abstract|summary|tl;dr|title/i;

export function checkQuotes({ evidence, sourceById, say }: Check): void {
  for (const claim of evidence.claims)
    for (const { path, cite } of citesOf(claim)) {
      if (cite.quote === undefined) continue;
      const count = wordsIn(cite.quote);
      if (count > LONGEST_QUOTE)
        say(
          claim,
          [...path, 'quote'],
          `a quote of ${count} words`,
          `Shorten it to ${LONGEST_QUOTE}, or say it in your own words.`,
        );
      const source = cite.source === undefined ? undefined : sourceById.get(cite.source);
      if (!source || cite.checked !== 'in-source') continue;
      const { how } = source.checked;
      if (how === 'not-re-read')
        say(
          claim,
          [...path, 'checked'],
          `in-source, but the text of ${source.id} was not read`,
          `Write not-re-read, or say in ${source.file} how it was read.`,
        );
      if (how === 'abstract' && !OF_ABSTRACT.test(cite.at ?? ''))
        say(
          claim,
          [...path, 'checked'],
          `in-source, but of ${source.id} only the abstract was read`,
          'Write at: Abstract (or Summary, TL;DR) if it stands there; else not-re-read.',
        );
    }
  for (const source of evidence.sources)
    if (!LICENCE.test(source.licence))
      say(
        source,
        ['licence'],
        `${source.licence} is not the id of a licence`,
        'Write an SPDX id such as CC-BY-4.0, all-rights-reserved, or unknown.',
      );
}
