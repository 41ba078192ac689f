/**
 * The reference page of the rules for status and certainty, generated from the tables that the rules use.
 *
 * @module
 */
import { BY_SOURCING, LEVELS, START } from './certainty.ts';
import { LONGEST_QUOTE } from './lint/index.ts';
import { labelOf, MARKS, STALE_AFTER, STATUSES } from './status.ts';
import { CERTAINTIES, keysOf, LOWERED_BY, RAISED_BY } from './words.ts';

const code = (text: string): string => `\`${text}\``;
const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;
const signed = (points: number): string => (points > 0 ? `+${points}` : points < 0 ? `−${-points}` : '0');

/** The text of `docs/reference/evidence-status.md`: Markdown, ending with a newline. */
export function statusReference(): string {
  const lines = [
    '# Status and certainty of claims',
    '',
    'Generated from `src/evidence`; do not edit. Nobody writes a status: it follows from what a claim says of itself and of its sources,',
    'by the rules below, and `ringfence evidence show` prints which of them applied. The same claim, sources and day give the same status.',
    'Better evidence never lowers a status or a certainty; that is tested.',
    '',
    '## The status',
    '',
    'The first rule that applies decides.',
    '',
    '1. `unsupported`: none of the sources under `evidence` is there, or all were withdrawn (`retracted`).',
    '2. `feasible`: `maturity` is `feasible`; or `setting` is `argument`, whatever the maturity: nothing was run.',
    '3. `reported`: no source under `evidence` that stands is primary.',
    '4. `realized`: `maturity` is `realized`, `setting` is `real-world`, and `sourcing` is `corroborated` or `confirmed`: one party alone is not enough.',
    '5. `demonstrated-…`: everything else, with the setting. Where the maturity is `realized` and rule 4 did not apply, the reason `not yet realized` says why.',
    '',
    row('status', 'label', 'meaning'),
    row('---', '---', '---'),
    ...keysOf(STATUSES).map((status) => row(code(status), labelOf(status), STATUSES[status])),
    '',
    'Marks stand before it; the first is the one to filter by.',
    '',
    row('mark', 'meaning'),
    row('---', '---'),
    ...keysOf(MARKS).map((mark) => row(code(mark), MARKS[mark])),
    '',
    '- `disputed`: `sourcing` is `disputed`; or an objection against the claim itself whose strength is `strong` is `conceded`.',
    `- \`stale\`: the latest verification is more than ${STALE_AFTER} days old; or a source under \`evidence\` was \`updated\` after it.`,
    '',
    '## The dates',
    '',
    'The status bears the day of the latest entry under `verification` and of the latest under `history`.',
    '',
    row('shown', 'when'),
    row('---', '---'),
    row(
      '✓ verified DAY',
      'the verification is no `form-only`, and a source under `evidence` was read whole or in part',
    ),
    row('○ checked against abstracts DAY', 'no more than abstracts were read'),
    row('○ form checked, sources not read DAY', 'the verification is `form-only`, or no text was read'),
    row('✗ not verified', 'there is none'),
    '',
    '## Certainty',
    '',
    'After [GRADE](https://www.bmj.com/content/336/7650/924): it starts by how the evidence came about, is put up and down with reasons, and ends between',
    `very low and high. ${keysOf(CERTAINTIES)
      .map((level) => `\`${level}\`: ${CERTAINTIES[level]}`)
      .join('; ')}.`,
    '',
    row('what', 'levels'),
    row('---', '---'),
    ...keysOf(START).map((design) => row(`\`design: ${design}\``, `starts at ${LEVELS[START[design]]}`)),
    ...keysOf(BY_SOURCING).map((sourcing) => row(`\`sourcing: ${sourcing}\``, signed(BY_SOURCING[sourcing]))),
    row(
      '`replication` beside `corroborated` or `confirmed`',
      'counts once with it: only what it gives beyond is added',
    ),
    row('no primary source under `evidence`', '−1'),
    row(`each entry of \`up\`: ${keysOf(RAISED_BY).map(code).join(', ')}`, '+1, or +2 as written'),
    row(`each entry of \`down\`: ${keysOf(LOWERED_BY).map(code).join(', ')}`, '−1, or −2 as written'),
    row(
      'each counterargument that is `conceded`',
      '−1; −2 where it is `strong` and against the claim itself',
    ),
    row('a `strong` counterargument against the claim itself that is not `answered`', 'moderate at most'),
    '',
    'A claim states its certainty, too, so that a reader of the file sees it. Where the two differ, lint says what the rules give and how.',
    '',
    '## What lint holds to',
    '',
    `Links lead somewhere, steps and relations go in no circle, quotes have at most ${LONGEST_QUOTE} words and are marked \`in-source\` only where the text was read (of an abstract: where they stand in it);`,
    'days are in order and not in the future; a claim that rests on secondary sources alone says why; `realized` goes with `real-world` and an `argument` with `feasible`;',
    'what names a file that reproduces it names one that is there; every source is cited, and none entered twice; an event of a run has the hash that is cited, where the run is on this machine. Of the claims that come with Ringfence also: every hazard',
    'and every rule has a claim. Drafts need only links that lead somewhere.',
  ];
  return `${lines.join('\n').trimEnd()}\n`;
}
