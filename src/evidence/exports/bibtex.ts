/**
 * Sources as BibTeX, each under its id.
 *
 * @module
 */
import type { Source } from '../load.ts';
import { type Entry, type Exported, pageOf } from './entry.ts';

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '#': '\\#',
  _: '\\_',
  '%': '\\%',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
};

/** Text as LaTeX reads it; letters of other scripts stay, in UTF-8. */
const escapeLatex = (text: string): string =>
  text.replace(/\s+/g, ' ').replace(/[\\{}$&#_%^~]/g, (character) => SPECIAL[character] ?? character);

/** An address, where `\url` takes nearly everything as it is. */
const address = (url: string): string => url.replace(/[{}\\]/g, (character) => encodeURIComponent(character));

/** A person as `Given Family` stays so; a name of one word, or of an organisation, is kept whole by braces. */
function author(name: string): string {
  if (/^et al\.?$/i.test(name)) return 'others';
  const isPerson =
    /^\p{Lu}[\p{L}.’'-]*( \p{L}[\p{L}.’'-]*){1,4}$/u.test(name) &&
    !/\b(Team|Lab|Research|Institute|Institut|Foundation|Project|AI|News|Staff)\b/.test(name);
  return isPerson ? escapeLatex(name) : `{${escapeLatex(name)}}`;
}

/** Entry type, and the field that says who published it. */
function kindOf({ type }: Source): [type: string, publisher: string] {
  switch (type) {
    case 'paper':
      return ['article', 'journal'];
    case 'book':
      return ['book', 'publisher'];
    case 'vendor-report':
    case 'evaluator-report':
    case 'government-report':
    case 'standard':
      return ['techreport', 'institution'];
    default:
      return ['misc', 'howpublished'];
  }
}

function entryOf(source: Source): string {
  const { id, title, authors, publisher, published, url, identifiers, accessed, checked } = source;
  const [type, publishedBy] = kindOf(source);
  const [year = '', month] = published.split('-');
  // without a person, who published it stands for one: styles demand an author
  const names = authors.length > 0 ? authors.map(author) : [`{${escapeLatex(publisher)}}`];
  const fields: [name: string, value: string | undefined][] = [
    ['author', `{${names.join(' and ')}}`],
    ['title', `{{${escapeLatex(title)}}}`],
    [publishedBy, `{${escapeLatex(publisher)}}`],
    ['year', `{${year}}`],
    ['month', month && MONTHS[Number(month) - 1]],
    ['eprint', identifiers.arxiv && `{${identifiers.arxiv}}`],
    ['archiveprefix', identifiers.arxiv && '{arXiv}'],
    ['doi', identifiers.doi && `{${escapeLatex(identifiers.doi)}}`],
    ['isbn', identifiers.isbn && `{${identifiers.isbn}}`],
    ['url', url && `{${address(url)}}`],
    ['urldate', accessed && `{${accessed}}`],
    ['note', `{${escapeLatex(`${source.tier}; ${checked.how} on ${checked.on}`)}}`],
  ];
  const lines = fields.flatMap(([name, value]) => (value ? [`  ${name} = ${value},`] : []));
  return `@${type}{${id},\n${lines.join('\n')}\n}\n`;
}

export const toBibtex = ({ sources }: Exported): string => sources.map(entryOf).join('\n');

/** A claim as an entry of its own, for who cites what this base says rather than its sources. */
export function toClaimBibtex({ claim, status }: Entry, exported: Exported): string {
  const [year = '', month = ''] = status.updated.split('-');
  const page = pageOf(exported, claim.id);
  const by = status.verified?.by;
  const lines = [
    ...(by === undefined ? [] : [`author = {{${escapeLatex(by)}}}`]),
    `title = {{${escapeLatex(claim.title)}}}`,
    'howpublished = {Ringfence evidence base}',
    `year = {${year}}`,
    `month = ${MONTHS[Number(month) - 1] ?? 'jan'}`,
    ...(page === undefined ? [] : [`url = {${address(page)}}`]),
    `note = {${escapeLatex(`claim ${claim.id}; ${status.label} on ${exported.today}; updated ${status.updated}`)}}`,
  ];
  return `@misc{ringfence-${claim.id},\n${lines.map((line) => `  ${line},\n`).join('')}}\n`;
}
