/**
 * What the operator's half of a run knows, what it hears, and what it can have done: the state of `approvals-machine.ts`.
 *
 * @module
 */
import type {
  Amended,
  Contract,
  EventBody,
  GatewayMessage,
  NetworkRule,
  OperatorOrder,
  Owner,
  WrittenRule,
} from '../../contract/index.ts';
import type { ApprovalReply, ApprovalRequest, PendingQuestion } from './approvals.ts';

export type Amend = (contract: Contract, written: WrittenRule) => Amended;

export interface Added {
  rule: NetworkRule;
  addresses: readonly string[];
  until?: number;
}

/** Who asks: the gateway under a number of its own, or what watches the run about a matter. */
export type Source = { gateway: number } | { matter: string };

/** What a decision leads to: the gateway is told, or the cell goes on, or is ended. */
export type Act =
  | { do: 'tell'; order: OperatorOrder }
  | { do: 'release'; question: number; by: string }
  | { do: 'condemn'; question: number };

export interface Pending {
  of: Source;
  question: PendingQuestion;
}

/** A decision that is on record, but not yet known to be safe on disk. */
export interface Unsaid {
  decision: number;
  isDurable: boolean;
  act: Act;
  reply?: { to: number; reply: ApprovalReply };
}

export interface ApprovalsState {
  contract: Contract;
  pending: Map<number, Pending>;
  /** the highest number that the gateway asked under: each is new */
  last: number;
  /** how many were asked of the run’s budget */
  asked: number;
  /** the last number here: all who ask share one row */
  numbers: number;
  /** matters of findings that may go on, and until when: Infinity for the rest of the run */
  allowed: Map<string, number>;
  /** what was added and is not for one connection alone: that may be allowed again */
  added: Added[];
  /** rules that the gateway has been given, those of the contract included */
  rules: number;
  /** hosts of rules that are decided, and not yet known to be in force: what is asked meanwhile crossed them */
  underway: string[];
  /** in the order in which they take effect */
  unsaid: Unsaid[];
  decisions: number;
  isClosed: boolean;
}

/** `now`: milliseconds since 1970. `to` tells who is replied to. */
export type ApprovalsInput =
  | { do: 'ask'; message: Extract<GatewayMessage, { type: 'ask' }>; now: number }
  /** a rule found something that the contract asks about; `matter` tells it from what else it finds */
  | { do: 'finding'; matter: string; what: string; owner?: Owner | undefined; now: number }
  /** the gateway closed a question by itself */
  | { do: 'closed'; message: Extract<GatewayMessage, { type: 'closed' }> }
  /** a rule for this host is in force */
  | { do: 'amended'; host: string }
  /** the time of a question is up */
  | { do: 'expire'; question: number }
  | {
      do: 'command';
      request: Exclude<ApprovalRequest, { do: 'questions' }>;
      to: number;
      amend: Amend;
      now: number;
    }
  /** what was recorded up to a `settle` is safe on disk, or is lost */
  | { do: 'durable' | 'lost'; decision: number }
  /** the run, or its gateway, is over */
  | { do: 'end' };

export type ApprovalsEffect =
  | { do: 'record'; body: EventBody }
  /** all that was recorded is to be made safe on disk; then `durable` is due, or `lost` */
  | { do: 'settle'; decision: number }
  | Act
  /** the cell is frozen until its question is answered */
  | { do: 'hold'; question: number }
  | { do: 'show'; question: PendingQuestion }
  /** an `expire` is due after so many milliseconds; no longer due */
  | { do: 'wait'; question: number; ms: number }
  | { do: 'rest'; question: number }
  | { do: 'reply'; to: number; reply: ApprovalReply };

export const newApprovals = (contract: Contract): ApprovalsState => ({
  contract,
  pending: new Map(),
  last: 0,
  asked: 0,
  numbers: 0,
  allowed: new Map(),
  added: [],
  rules: contract.network.length,
  underway: [],
  unsaid: [],
  decisions: 0,
  isClosed: false,
});
