/**
 * The lists of `packages` in words, for `check`, the start of a run and its record.
 *
 * @module
 */
import { safe } from '../../text.ts';
import type { ListSummary } from './resolve.ts';

/** Entries that no index gives which are named. */
const SHOWN = 3;

const artefacts = (count: number): string => `${count} artefact${count === 1 ? '' : 's'}`;

/** `142 artefacts of package-lock.json; 3 for other machines are left out`. Safe to print. */
export function summaryText({ list, artefacts: count, foreign, withoutDigest }: ListSummary): string {
  return [
    `${artefacts(count)} ${list === undefined ? 'named in the contract' : `of ${safe(list)}`}`,
    ...(withoutDigest > 0 ? [`${withoutDigest} without a digest: the first fetch says what they are`] : []),
    ...(foreign > 0 ? [`${foreign} for other machines are left out`] : []),
  ].join('; ');
}

const elsewhereLines = (elsewhere: readonly string[]): string[] => [
  ...elsewhere.slice(0, SHOWN).map((remark) => `left out: ${safe(remark)}`),
  ...(elsewhere.length > SHOWN ? [`and ${elsewhere.length - SHOWN} more`] : []),
];

/** What the operator reads at the start of a run. */
export const noticeLines = (summaries: readonly ListSummary[]): string[] =>
  summaries.flatMap((summary) => [
    `  packages ${summaryText(summary)}`,
    ...elsewhereLines(summary.elsewhere).map((line) => `           ${line}`),
  ]);

/** What `check` says of a rule. */
export const checkLines = (summary: ListSummary): string[] => [
  `${summary.clause}: ${summaryText(summary)}`,
  ...elsewhereLines(summary.elsewhere).map((line) => `  ${line}`),
];

/** What the record says of a list: which one it was, to the byte. */
export const recordLine = (summary: ListSummary): string =>
  `${summary.clause}: ${summaryText(summary)}${summary.sha256 === undefined ? '' : ` (SHA-256 ${summary.sha256})`}`;
