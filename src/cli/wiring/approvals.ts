/**
 * The operator's half of a run: what is asked, what was answered, and what was added to the running contract. Each of
 * these is an event with who and until when.
 *
 * @module
 */
import type {
  Contract,
  EventBody,
  GatewayMessage,
  GatewayOrder,
  NetworkRule,
  Owner,
  WrittenRule,
} from '../../contract/index.ts';
import {
  type ApprovalsEffect,
  type ApprovalsInput,
  type ApprovalsState,
  newApprovals,
  stepApprovals,
} from './approvals-machine.ts';
import { OVER } from './approvals-words.ts';

/** How long an answer holds: one connection, some milliseconds, or as long as the run. */
export type Scope = { once: true } | { for: number } | { run: true };

/** What other commands ask of a run about its questions. `by`: who, as that command found out. */
export type ApprovalRequest =
  | { do: 'questions' }
  | {
      do: 'answer';
      question: number;
      allow: boolean;
      /** of what the answer is to, where whoever answers has it: nothing else is answered */
      digest?: string;
      scope: Scope;
      rule?: Omit<WrittenRule, 'host'>;
      by: string;
    }
  | { do: 'allow'; rule: WrittenRule; scope: Scope; by: string };

/** A question that waits. */
export interface PendingQuestion {
  question: number;
  /** of exactly what is shown; the answer is bound to it */
  digest: string;
  effect: string;
  what: string;
  /** the rule that a plain yes adds */
  rule?: NetworkRule;
  owner?: Owner;
  /** the host as it would be displayed, where its spelling hides that */
  shown?: string;
  /** a well-known or contract's host that it could be taken for */
  lookalike?: string;
  /** what a yes opens, in words */
  opens: string;
  /** which it is of how many may be asked in the run */
  number: number;
  most: number;
  /** RFC 3339 */
  asked: string;
  until: string;
}

export type ApprovalReply =
  | { ok: true; done: string; line?: string }
  | { ok: false; message: string; hint: string };

export interface ApprovalsOptions {
  contract: Contract;
  record: (body: EventBody) => void;
  /** resolves once all that was recorded is safe on disk */
  flush: () => Promise<void>;
  tell: (order: GatewayOrder) => void;
  /** freezes the cell until the question is answered */
  hold: (question: number) => void;
  /** lets go what the question held */
  release: (question: number, by: string) => void;
  /** ends the run: what was found was not let go on */
  condemn: () => void;
  notify: (question: PendingQuestion) => void;
}

/** What the gateway says about questions. */
export type Heard = Extract<GatewayMessage, { type: 'ask' | 'closed' | 'amended' }>;

/** Processes that ended last and are remembered; no id is used again so soon. */
const ENDED = 64;

/** Drives the machine with the clock, timers, the ledger and the gateway. */
export class Approvals {
  readonly #options: ApprovalsOptions;
  readonly #state: ApprovalsState;
  readonly #timers = new Map<number, NodeJS.Timeout>();
  readonly #replies = new Map<number, (reply: ApprovalReply) => void>();
  readonly #ended: number[] = [];
  #commands = 0;

  constructor(options: ApprovalsOptions) {
    this.#options = options;
    this.#state = newApprovals(options.contract);
  }

  get pending(): PendingQuestion[] {
    return [...this.#state.pending.values()].map(({ question }) => question);
  }

  /** How many questions wait; and how many were asked in this run, of how many may be. */
  get counts(): { questions: number; budget: { asked: number; most: number } } {
    const { pending, asked, contract } = this.#state;
    return { questions: pending.size, budget: { asked, most: contract.oversight.questions } };
  }

  /**
   * A rule found what the contract asks about: the cell is held, and the operator asked, unless that matter was answered.
   *
   * @param matter the same for the same matter
   * @returns false: nobody is asked any more, because the questions are used up or the run is over
   */
  find(matter: string, what: string, owner?: Owner): boolean {
    const { asked } = this.#state;
    const effects = this.#step({ do: 'finding', matter, what, owner, now: Date.now() });
    return !this.#state.isClosed && (effects === 0 || this.#state.asked > asked);
  }

  /** A process of the cell ended: what only it waited for is withdrawn. It may have ended before its question came. */
  gone(pid: number): void {
    this.#ended.push(pid);
    if (this.#ended.length > ENDED) this.#ended.shift();
    if (this.#state.pending.size > 0) this.#options.tell({ order: 'gone', pid });
  }

  /** The gateway asks, or says that a question needs no answer any more. */
  hear(message: Heard): void {
    if (message.type === 'ask') {
      this.#step({ do: 'ask', message, now: Date.now() });
      const { owner } = message;
      if (owner && this.#ended.includes(owner.pid)) this.gone(owner.pid);
    } else if (message.type === 'closed') this.#step({ do: 'closed', message });
    else this.#step({ do: 'amended', host: message.host });
  }

  /** Another command asks or answers. */
  async handle(request: ApprovalRequest): Promise<PendingQuestion[] | ApprovalReply> {
    if (request.do === 'questions') return this.pending;
    if (this.#state.isClosed) return OVER;
    // the contract's schema costs a start much, and is needed only now
    const { amendContract } = await import('../../contract/amend.ts');
    this.#commands += 1;
    const to = this.#commands;
    return await new Promise((resolve) => {
      this.#replies.set(to, resolve);
      this.#step({ do: 'command', request, to, amend: amendContract, now: Date.now() });
    });
  }

  /** The run, or its gateway, is over: what still waits is not answered any more, and nothing can be added. */
  close(): void {
    this.#step({ do: 'end' });
  }

  /** @returns how much it led to */
  #step(input: ApprovalsInput): number {
    const effects = stepApprovals(this.#state, input);
    for (const effect of effects) this.#perform(effect);
    return effects.length;
  }

  #perform(effect: ApprovalsEffect): void {
    const { record, flush, tell, notify, hold, release, condemn } = this.#options;
    switch (effect.do) {
      case 'record':
        record(effect.body);
        break;
      case 'settle': {
        const { decision } = effect;
        flush().then(
          () => this.#step({ do: 'durable', decision }),
          () => this.#step({ do: 'lost', decision }),
        );
        break;
      }
      case 'tell':
        tell(effect.order);
        break;
      case 'hold':
        hold(effect.question);
        break;
      case 'release':
        release(effect.question, effect.by);
        break;
      case 'condemn':
        condemn();
        break;
      case 'show':
        notify(effect.question);
        break;
      case 'wait': {
        const { question, ms } = effect;
        const expire = () => this.#step({ do: 'expire', question });
        this.#timers.set(question, setTimeout(expire, ms));
        break;
      }
      case 'rest':
        clearTimeout(this.#timers.get(effect.question));
        this.#timers.delete(effect.question);
        break;
      case 'reply':
        this.#replies.get(effect.to)?.(effect.reply);
        this.#replies.delete(effect.to);
        break;
    }
  }
}
