/**
 * Lines of the file of verdicts. Whoever wrote them, what is taken from them is no more than what a verdict is.
 *
 * @module
 */
import { FINDING_LEVELS, type FindingLevel } from '../../../contract/index.ts';
import { type EvidenceKind, KINDS } from '../evidence.ts';
import { asRecord, isId, isMark, numbersOf, timeOf, wordsOf } from '../signal.ts';
import type { Verdict } from '../suspicions.ts';

const MOST = 64;

/** `undefined` where the line is no verdict. */
export function parseVerdict(line: string): Verdict | undefined {
  const value = asRecord(line);
  if (!value) return undefined;
  const { campaign, run, cell, kind, level, service, points } = value;
  const time = timeOf(value.time);
  const known = typeof kind === 'string' && Object.hasOwn(KINDS, kind);
  if (!known || !FINDING_LEVELS.includes(level as FindingLevel) || time === undefined) return undefined;
  if (!isId(campaign) || !isId(run) || !isId(cell) || !isMark(service)) return undefined;
  if (typeof points !== 'number' || !Number.isFinite(points)) return undefined;
  const cites = numbersOf(value.cites, MOST);
  if (!cites || cites.length === 0) return undefined;
  return {
    campaign,
    kind: kind as EvidenceKind,
    level: level as FindingLevel,
    service,
    time,
    run,
    cell,
    cites,
    turns: wordsOf(value.turns, MOST),
    calls: wordsOf(value.calls, MOST),
    peers: wordsOf(value.peers, MOST).filter(isId),
    points,
  };
}
