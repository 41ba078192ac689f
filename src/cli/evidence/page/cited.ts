/**
 * Citations on a page: numbers that the list of sources explains, and quotes.
 *
 * @module
 */
import { type Cite, type Claim, sourcesOf } from '../../../evidence/index.ts';
import type { Paper } from './paper.ts';

export interface Citations {
  /** ids of sources, the first is [1] */
  ids: readonly string[];
  /** `[1, §3.1.4]`; empty for none */
  marks: (cites: readonly Cite[]) => string;
  /** Quotes of these citations, each a paragraph. */
  quotes: (paper: Paper, cites: readonly Cite[], indent: number) => void;
}

export function citationsOf(claim: Claim): Citations {
  const ids = sourcesOf(claim);
  const mark = ({ source, event, at }: Cite): string => {
    const what =
      source === undefined ? `event ${event?.seq} of run ${event?.run}` : String(ids.indexOf(source) + 1);
    return `[${what}${at === undefined ? '' : `, ${at}`}]`;
  };
  const marks = (cites: readonly Cite[]): string => [...new Set(cites.map(mark))].join(' ');
  return {
    ids,
    marks,
    quotes: (paper, cites, indent) => {
      for (const cite of cites)
        if (cite.quote !== undefined)
          paper.text(
            `${quoted(cite.quote)} ${mark(cite)}${cite.checked === 'in-source' ? '' : ' (not found in the text again)'}`,
            { indent, style: 'dim' },
          );
    },
  };
}

/** In quotation marks, unless it brings its own. */
const quoted = (text: string): string => (/^[“"].*[”"]$/.test(text) ? text : `“${text}”`);

/** Text, and the numbers of its sources behind it. */
export const withMarks = (text: string, marks: string): string => (marks === '' ? text : `${text} ${marks}`);
