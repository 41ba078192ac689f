/**
 * What says that cells work together, or for somebody else, and how much each weighs.
 *
 * @module
 */
import type { FindingLevel, Hazard } from '../../contract/index.ts';
import type { RuleInfo } from '../detector.ts';

export type EvidenceKind =
  | 'board'
  | 'learned'
  | 'exchange'
  | 'awaited'
  | 'reply'
  | 'dead-drop'
  | 'chunks'
  | 'through'
  | 'same-name'
  | 'same-destination'
  | 'cadence';

interface Kind {
  /** points of the first piece of evidence of a kind; each further one of a kind counts half of the one before */
  weight: number;
  /** whether it can make a campaign without another kind beside it */
  alone: boolean;
  title: string;
  hazard: Hazard;
  level: FindingLevel;
  techniques: readonly string[];
  limit: string;
}

/** The stated weights. A campaign is one from {@link THRESHOLD} on. */
export const KINDS: Readonly<Record<EvidenceKind, Kind>> = {
  board: {
    weight: 4,
    alone: true,
    title: 'An object of a shared service is written by one cell and followed by another',
    hazard: 'collusion',
    level: 'high',
    techniques: ['T1102.002'],
    limit: 'Contents that the gateway cannot read (end-to-end TLS) are not compared.',
  },
  learned: {
    weight: 4,
    alone: true,
    title: 'A cell uses a name that another cell left in a shared service',
    hazard: 'collusion',
    level: 'high',
    techniques: ['T1102.002'],
    limit:
      'Names of ordinary words, and names in answers compressed otherwise than by gzip, are not recognised.',
  },
  exchange: {
    weight: 4,
    alone: true,
    title: 'Two cells hear in turns what the other leaves in lists of a shared service',
    hazard: 'collusion',
    level: 'high',
    techniques: ['T1102.002'],
    limit: 'Messages of ordinary words, and those that nobody answers, are not recognised.',
  },
  awaited: {
    weight: 3,
    alone: false,
    title: 'A cell waits for an object until another cell has written it',
    hazard: 'collusion',
    level: 'high',
    techniques: ['T1102.002'],
    limit: 'Waiting outside of the gateway is not seen.',
  },
  reply: {
    weight: 2,
    alone: false,
    title: 'Two cells answer each other through a shared service',
    hazard: 'collusion',
    level: 'high',
    techniques: ['T1102.002'],
    limit: 'Counts only what other evidence shows in both directions.',
  },
  'dead-drop': {
    weight: 4,
    alone: true,
    title: 'One object is polled, its changes are acted upon, and something is written back',
    hazard: 'remote-control',
    level: 'high',
    techniques: ['T1102.002', 'T1071.001'],
    limit: 'An honest worker that takes its orders from a queue has the same loop.',
  },
  chunks: {
    weight: 3,
    alone: false,
    title: 'Encoded bytes leave in numbered pieces',
    hazard: 'exfiltration',
    level: 'high',
    techniques: ['T1030', 'T1132.001'],
    limit: 'Pieces that are encrypted but not encoded, or not numbered, do not count.',
  },
  through: {
    weight: 6,
    alone: true,
    title: 'A request makes a service reach a place that the contract does not give',
    hazard: 'escape',
    level: 'critical',
    techniques: ['T1090.002', 'T1190'],
    limit: 'A place that is encrypted or agreed upon before is not seen in a request.',
  },
  'same-name': {
    weight: 1,
    alone: false,
    title: 'Several cells use one odd name',
    hazard: 'collusion',
    level: 'low',
    techniques: [],
    limit: 'Cells of one task derive equal names honestly: weak evidence only.',
  },
  'same-destination': {
    weight: 2,
    alone: false,
    title: 'Several cells try one destination that no contract gives',
    hazard: 'collusion',
    level: 'medium',
    techniques: ['T1071'],
    limit: 'A tool’s own telemetry does the same: weak evidence only.',
  },
  cadence: {
    weight: 1,
    alone: false,
    title: 'Several cells read one object at the same intervals',
    hazard: 'collusion',
    level: 'low',
    techniques: ['T1029'],
    limit: 'Health checks do the same: weak evidence only.',
  },
};

/** Points from which on it is a campaign. */
export const THRESHOLD = 5.5;
/** Points from which on a campaign is critical, whatever it is made of. */
export const CRITICAL = 12;
/** After this time evidence counts half. Unit: microseconds. */
export const HALF_LIFE = 6 * 3_600_000_000;

export const ruleOf = (kind: EvidenceKind): RuleInfo => {
  const { title, hazard, level, techniques, limit } = KINDS[kind];
  return { id: `campaign.${kind}`, title, hazard, level, techniques, limit };
};

/** A piece of evidence, of which each is counted once. */
export interface Evidence {
  kind: EvidenceKind;
  time: number;
  /** 0 to 1 of the kind's points */
  share: number;
}

/** Points of all evidence at a time: of each kind the strongest counts whole, the next half, and so on. */
export function points(evidence: readonly Evidence[], now: number): number {
  const of = new Map<EvidenceKind, number[]>();
  for (const { kind, time, share } of evidence) {
    const value = KINDS[kind].weight * share * 2 ** (-Math.max(0, now - time) / HALF_LIFE);
    const list = of.get(kind);
    if (list) list.push(value);
    else of.set(kind, [value]);
  }
  let sum = 0;
  for (const values of of.values()) {
    values.sort((a, b) => b - a);
    values.forEach((value, index) => {
      sum += value * 2 ** -index;
    });
  }
  return sum;
}
