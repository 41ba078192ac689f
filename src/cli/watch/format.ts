/**
 * Findings as a person reads them.
 *
 * @module
 */
import type { FindingLevel } from '../../contract/index.ts';
import type { Finding } from '../../watch/index.ts';
import type { Terminal } from '../terminal.ts';
import { safe } from '../text.ts';

const COLOURS = {
  critical: 'red',
  high: 'red',
  medium: 'yellow',
  low: 'dim',
  informational: 'dim',
} as const satisfies Record<FindingLevel, string>;

/** @param seq its number, where it is on record */
export function findingLines(finding: Finding, terminal: Terminal, seq?: number): string[] {
  const { hazard, rule, text, cites, level = 'low', turn, call, pid, response, clause, us } = finding;
  const chain = [
    turn === undefined ? undefined : `turn ${safe(turn)}`,
    call === undefined ? undefined : `call ${safe(call)}`,
    pid === undefined ? undefined : `process ${pid}`,
  ].filter((part) => part !== undefined);
  const again = finding.count === undefined ? '' : ` ×${finding.count + 1}`;
  const lines = [
    `${terminal.style(COLOURS[level], level, 'out')}  ${hazard}: ${safe(text)}${again}`,
    `    rule     ${safe(rule)}${finding.techniques ? ` (${finding.techniques.map(safe).join(', ')})` : ''}`,
    `    shown by ${cites.length === 1 ? 'event' : 'events'} ${cites.join(', ')}${seq === undefined ? '' : `, told by event ${seq}`}`,
    `    cause    ${chain.length === 0 ? 'not known' : chain.join(' → ')}`,
  ];
  if (clause !== undefined) lines.push(`    clause   ${safe(clause)}`);
  if (response !== undefined)
    lines.push(`    response ${response}${us === undefined ? '' : `, after ${(us / 1000).toFixed(1)} ms`}`);
  return lines;
}

/** What makes a person look. */
export const isSerious = ({ level }: { level?: FindingLevel }): boolean =>
  level === 'critical' || level === 'high';
