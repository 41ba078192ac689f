/**
 * What questions and answers are as one system: the two machines, what lies between them, and what is remembered of a
 * history so that promises can be checked.
 *
 * @module
 */
import type { ApprovalRequest, Heard } from '../../src/cli/wiring/approvals.ts';
import type { Amend, ApprovalsEffect, ApprovalsState } from '../../src/cli/wiring/approvals-machine.ts';
import {
  type Contract,
  type EventBody,
  type OperatorOrder,
  parseContract,
} from '../../src/contract/index.ts';
import type {
  Bounds,
  QuestionsEffect,
  QuestionsState,
  Subject,
} from '../../src/gateway/approvals/machine.ts';
import { frozen } from './explore.ts';

export interface ApprovalsCores {
  questions: typeof import('../../src/gateway/approvals/machine.ts');
  approvals: typeof import('../../src/cli/wiring/approvals-machine.ts');
}

export const BOUNDS: Bounds = {
  pending: 8,
  waiting: 64,
  burst: 16,
  perMinute: 0,
  rest: 3000,
  names: 4096,
  patience: 65_000,
};
export const PATIENCE = 60_000;

/** As `amendContract`, of whose reasons none is of interest here. */
export const amend: Amend = (contract, { host }) => ({
  ok: true,
  contract,
  rule: { host, port: 443, protocol: 'https' },
});

export type Command = Exclude<ApprovalRequest, { do: 'questions' }>;
/** `gone`: who made it ended while it waited */
export type Fate = 'new' | 'waiting' | 'passed' | 'denied' | 'dropped' | 'gone';

export interface Scenario {
  name: string;
  /** what the requests are about, in order: of three, two share a digest */
  subjects: readonly Subject[];
  /** commands that the operator may send, once the question that they name is shown */
  commands: readonly Command[];
  /** how many of them */
  most: number;
  /** crashes of gateway, controller or disk: at most so many in one history */
  crashes: number;
  /** matters that rules find, in this order, at any time */
  findings?: readonly string[];
  /** how many questions may be asked */
  budget?: number;
  /** nobody waits so long that a time is up */
  isPatient?: boolean;
  /** what else may happen, once each */
  odds?: readonly ('time' | 'lost' | 'twice' | 'forged' | 'crossed' | 'again' | 'leave')[];
}

/** What is done to a cell for what was found of it. */
export interface Cell {
  /** numbers of the questions that hold it */
  held: number[];
  isEnded: boolean;
  /** by number of a question: the matter that it is about */
  matters: Map<number, string>;
  /** what may go on, as is on record, and until when */
  allowed: { matter: string; until: number }[];
  /** by number of a question: the gateway’s own for it */
  numbers: Map<number, number>;
}

export interface State {
  gateway: {
    isAlive: boolean;
    machine: QuestionsState;
    todo: QuestionsEffect[];
    timers: Set<number>;
    now: number;
    /** hosts whose rules are in force, in their order */
    inForce: string[];
  };
  toController: Heard[];
  controller: {
    isAlive: boolean;
    machine: ApprovalsState;
    todo: ApprovalsEffect[];
    timers: Set<number>;
    /** flushes under way: the decision, and how many records it covers */
    flushes: { decision: number; records: number }[];
    now: number;
    hasEnded: boolean;
  };
  ledger: EventBody[];
  durable: number;
  toGateway: OperatorOrder[];
  /** on their way to the controller */
  commands: { request: Command; to: number }[];
  sent: number;
  twice: number;
  crashes: number;
  forged: boolean;
  crossed: boolean;
  /** digests that were refused for the rest of the run, as the gateway has heard */
  refused: string[];
  /** what the operator was shown, by number, and until when it can be answered */
  shown: Map<number, { digest: string; until: number }>;
  /** what the operator said, by the digest that was on the screen */
  said: { digest: string; allow: boolean }[];
  rules: string[];
  replies: number[];
  /** how many of the findings were made, and what they led to */
  found: number;
  cell: Cell;
  fates: Fate[];
  /** by question: how the gateway closed it */
  closed: Map<number, boolean>;
  again: boolean;
}

export const startOf = (
  cores: ApprovalsCores,
  bounds: Bounds,
  contract: Contract,
  requests: number,
): State => ({
  gateway: {
    isAlive: true,
    machine: cores.questions.newQuestions(bounds, 0),
    todo: [],
    timers: new Set(),
    now: 0,
    inForce: [],
  },
  toController: [],
  controller: {
    isAlive: true,
    machine: cores.approvals.newApprovals(contract),
    todo: [],
    timers: new Set(),
    flushes: [],
    now: 0,
    hasEnded: false,
  },
  ledger: [],
  durable: 0,
  toGateway: [],
  commands: [],
  sent: 0,
  twice: 0,
  crashes: 0,
  forged: false,
  crossed: false,
  refused: [],
  shown: new Map(),
  said: [],
  rules: [],
  replies: [],
  fates: Array.from({ length: requests }, (): Fate => 'new'),
  closed: new Map(),
  found: 0,
  cell: { held: [], isEnded: false, matters: new Map(), allowed: [], numbers: new Map() },
  again: false,
});

export function contractOf(budget = 50): Contract {
  const loaded = parseContract(
    `ringfence: 1\nname: t\noversight: { approve: [network.new-host], patience: 60s, questions: ${budget} }\n`,
    'ringfence.yaml',
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return frozen(loaded.contract);
}

/** The host of a rule as it is on record. */
export const hostOf = (rule: string): string => rule.replace(/^.*host: "?([^,"]+)"?,.*$/, '$1');

export function nameOf(request: Command): string {
  if (request.do === 'allow') return `a rule for ${request.rule.host}`;
  return `${request.allow ? 'allow' : 'deny'} ${request.question}`;
}
