/**
 * Where an event stands on the timeline, and how much it matters at first sight.
 *
 * @module
 */
import type { EventKind, FindingLevel, LedgerEvent } from '../../contract/index.ts';
import { isDenied } from '../../ledger/index.ts';

/** Lanes of the timeline, from what was thought to what was done; `watch` is what Ringfence itself says of it. */
export const LANES = ['turn', 'tool', 'process', 'file', 'flow', 'compute', 'watch'] as const;
export type Lane = (typeof LANES)[number];

const LANE_OF: Partial<Record<EventKind, Lane>> = {
  'model.turn': 'turn',
  'tool.call': 'tool',
  'tool.result': 'tool',
  'tool.definitions': 'tool',
  message: 'tool',
  'process.exec': 'process',
  'process.exit': 'process',
  'session.open': 'process',
  'session.close': 'process',
  'file.change': 'file',
  'dns.query': 'flow',
  'flow.open': 'flow',
  'flow.verdict': 'flow',
  'flow.shape': 'flow',
  'flow.close': 'flow',
  'http.request': 'flow',
  'secret.use': 'flow',
  'package.request': 'flow',
  'package.fetch': 'flow',
  'resource.sample': 'compute',
  'limit.reached': 'compute',
};

/** Number of the lane in {@link LANES}. */
export const laneOf = (kind: string): number =>
  LANES.indexOf((Object.hasOwn(LANE_OF, kind) ? LANE_OF[kind as EventKind] : undefined) ?? 'watch');

/** 0 ordinary, 1 worth knowing, 2 something is wrong, 3 very wrong. */
export type Weight = 0 | 1 | 2 | 3;

const WEIGHT_OF_LEVEL: Record<FindingLevel, Weight> = {
  informational: 0,
  low: 1,
  medium: 1,
  high: 2,
  critical: 3,
};

export const weightOfLevel = (level: FindingLevel | undefined): Weight =>
  level !== undefined && Object.hasOwn(WEIGHT_OF_LEVEL, level) ? WEIGHT_OF_LEVEL[level] : 2;

export function weightOf(event: LedgerEvent): Weight {
  switch (event.kind) {
    case 'finding':
      return weightOfLevel(event.level);
    case 'tampering':
      return 3;
    case 'probe':
      return event.ok ? 0 : 3;
    case 'violation':
    case 'sensor.loss':
    case 'ledger.recover':
      return 2;
    case 'judgement':
      return event.score === undefined || event.score >= event.threshold ? 2 : 0;
    case 'control':
    case 'limit.reached':
    case 'approval.ask':
    case 'approval.answer':
    case 'contract.change':
      return 1;
    case 'tool.call':
      return event.decision === 'allowed' ? 0 : 1;
    case 'http.request':
    case 'model.turn':
      return event.allowed ? 0 : 1;
    default:
      return isDenied(event) ? 1 : 0;
  }
}

/** How each weight is coloured; a word stands beside it always. */
export const WEIGHT_COLOURS = ['grey', 'amber', 'orange', 'red'] as const satisfies readonly string[];
