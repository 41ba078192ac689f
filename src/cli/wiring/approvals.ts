/**
 * The operator's half of a run: what is asked, what was answered, and what was added to the running contract. Each of
 * these is an event with who and until when.
 *
 * @module
 */
import {
  type Amended,
  type Contract,
  type EventBody,
  formatDuration,
  type GatewayMessage,
  type GatewayOrder,
  type NetworkRule,
  type Owner,
  ruleLine,
  type WrittenRule,
} from '../../contract/index.ts';
import { lookalike, shownName } from './lookalike.ts';

/** How long an answer holds: one connection, some milliseconds, or as long as the run. */
export type Scope = { once: true } | { for: number } | { run: true };

/** What other commands ask of a run about its questions. `by`: who, as that command found out. */
export type ApprovalRequest =
  | { do: 'questions' }
  | {
      do: 'answer';
      question: number;
      allow: boolean;
      scope: Scope;
      rule?: Omit<WrittenRule, 'host'>;
      by: string;
    }
  | { do: 'allow'; rule: WrittenRule; scope: Scope; by: string };

/** A question that waits. */
export interface PendingQuestion {
  question: number;
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
  tell: (order: GatewayOrder) => void;
  notify: (question: PendingQuestion) => void;
}

type Amend = (contract: Contract, written: WrittenRule) => Amended;

interface Added {
  rule: NetworkRule;
  addresses: readonly string[];
  until?: number;
}

/** Questions that are kept; the gateway asks fewer at once. */
const MAX_PENDING = 64;
/** Longest text that says who; it comes from another process. */
const MAX_BY = 200;
const OPENS =
  'whatever the agent can read can be sent there (exfiltration), and it can answer with instructions (remote-control)';
const OPENS_PACKAGE =
  'the index learns exactly this request, whose name the agent chose; what comes is other people’s code, for this run alone';
/** setTimeout counts in 31 bits. */
const LONGEST = 24 * 24 * 3_600_000;

const failed = (message: string, hint: string): ApprovalReply => ({ ok: false, message, hint });
const OVER = failed('the run is over, or its gateway is: nothing was changed', 'see what runs: ringfence ps');
const rfc3339 = (time: number): string => new Date(time).toISOString();

export class Approvals {
  readonly #options: ApprovalsOptions;
  readonly #pending = new Map<number, { shown: PendingQuestion; timer: NodeJS.Timeout }>();
  /** what was added and is not for one connection alone: that may be allowed again */
  readonly #added: Added[] = [];
  /** rules that the gateway has been given, those of the contract included */
  #rules: number;
  #closed = false;

  constructor(options: ApprovalsOptions) {
    this.#options = options;
    this.#rules = options.contract.network.length;
  }

  get pending(): PendingQuestion[] {
    return [...this.#pending.values()].map(({ shown }) => shown);
  }

  /** The gateway asks. */
  ask(message: Extract<GatewayMessage, { type: 'ask' }>): void {
    const { contract, record, notify } = this.#options;
    const { question, effect, what, rule, owner } = message;
    // what the gateway still says while it goes; a timer for it would hold up the end
    if (this.#closed) return;
    // the gateway bounds what it asks; should it be broken, it does not bury anybody all the same
    if (this.#pending.size >= MAX_PENDING || this.#pending.has(question)) {
      this.#options.tell({ order: 'answer', question, allow: false, why: 'too many questions' });
      return;
    }
    const patience = contract.oversight.patience;
    const host = rule?.host;
    const shown = host === undefined ? undefined : shownName(host);
    const like =
      host === undefined
        ? undefined
        : lookalike(
            host,
            contract.network.map((known) => known.host),
          );
    const pending: PendingQuestion = {
      question,
      effect,
      what,
      ...(rule && { rule }),
      ...(owner && { owner }),
      ...(shown !== undefined && { shown }),
      ...(like !== undefined && { lookalike: like }),
      opens: effect === 'packages.new' ? OPENS_PACKAGE : OPENS,
      asked: rfc3339(Date.now()),
      until: rfc3339(Date.now() + patience),
    };
    const timer = setTimeout(() => this.#expire(question), patience);
    this.#pending.set(question, { shown: pending, timer });
    record({ kind: 'approval.ask', question, effect, what, ...(owner && { owner }) });
    notify(pending);
  }

  /** Another command asks or answers. */
  async handle(request: ApprovalRequest): Promise<PendingQuestion[] | ApprovalReply> {
    if (request.do === 'questions') return this.pending;
    if (this.#closed) return OVER;
    const by = String(request.by).slice(0, MAX_BY);
    // the contract's schema costs a start much, and is needed only now
    const { amendContract } = await import('../../contract/amend.ts');
    if (this.#closed) return OVER;
    return request.do === 'answer'
      ? this.#answer(request, by, amendContract)
      : this.#allow(request, by, amendContract);
  }

  /** The run, or its gateway, is over: what still waits is not answered any more, and nothing can be added. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#pending.values()) clearTimeout(timer);
    for (const question of this.#pending.keys())
      this.#options.record({
        kind: 'approval.answer',
        question,
        allow: false,
        by: 'nobody',
        detail: 'the run ended first',
      });
    this.#pending.clear();
  }

  #expire(question: number): void {
    if (!this.#take(question)) return;
    const { contract, record, tell } = this.#options;
    const detail = `no answer within ${formatDuration(contract.oversight.patience)}: denied once`;
    tell({ order: 'answer', question, allow: false, why: detail });
    record({ kind: 'approval.answer', question, allow: false, by: 'nobody', detail });
  }

  #answer(request: Extract<ApprovalRequest, { do: 'answer' }>, by: string, amend: Amend): ApprovalReply {
    const { question, allow, scope, rule: written = {} } = request;
    const waiting = this.#pending.get(question)?.shown;
    // a process that was stopped meanwhile finds answers before its timers
    const late = waiting !== undefined && Date.parse(waiting.until) <= Date.now();
    if (late) this.#expire(question);
    const pending = late ? undefined : waiting;
    if (!pending)
      return failed(
        `there is no question ${question}: it was answered, or timed out`,
        'see what waits: ringfence questions',
      );
    const { record, tell } = this.#options;
    const terms = termsOf(scope);
    const until = terms.until === undefined ? {} : { until: rfc3339(terms.until) };
    if (!allow) {
      const forRun = 'run' in scope;
      this.#take(question);
      const detail = forRun ? 'not asked again in this run' : 'once' in scope ? 'denied once' : undefined;
      tell({
        order: 'answer',
        question,
        allow,
        why: 'denied by the operator',
        ...terms,
        ...(forRun && { until: Date.now() + LONGEST }),
      });
      record({ kind: 'approval.answer', question, allow, by, ...until, ...(detail && { detail }) });
      return { ok: true, done: `${pending.what} is denied${detail ? `: ${detail}` : ''}` };
    }
    if (!pending.rule) {
      if ('for' in scope || Object.keys(written).length > 0)
        return failed(
          'an artefact is fetched once and had until the run ends: it has no port, no protocol and no other end',
          'write the question’s number alone',
        );
      this.#take(question);
      tell({ order: 'answer', question, allow, ...terms });
      record({ kind: 'approval.answer', question, allow, by, ...until });
      return { ok: true, done: `${pending.what} is allowed` };
    }
    const amended = amend(this.#running(), { ...written, host: pending.rule.host });
    if (!amended.ok) return amended;
    this.#take(question);
    const detail = 'once' in scope ? { detail: 'for one connection' } : {};
    record({ kind: 'approval.answer', question, allow, by, ...until, ...detail });
    return this.#add(amended.rule, written.addresses ?? [], scope, by, question);
  }

  #allow(request: Extract<ApprovalRequest, { do: 'allow' }>, by: string, amend: Amend): ApprovalReply {
    const amended = amend(this.#running(), request.rule);
    if (!amended.ok) return amended;
    return this.#add(amended.rule, request.rule.addresses ?? [], request.scope, by, undefined);
  }

  #add(
    rule: NetworkRule,
    addresses: readonly string[],
    scope: Scope,
    by: string,
    question: number | undefined,
  ): ApprovalReply {
    const { record, tell } = this.#options;
    const terms = termsOf(scope);
    const clause = `network[${this.#rules}]`;
    this.#rules += 1;
    if (!terms.once)
      this.#added.push({ rule, addresses, ...(terms.until !== undefined && { until: terms.until }) });
    const given = { rule, ...terms, ...(addresses.length > 0 && { addresses: [...addresses] }) };
    const where = addresses.length > 0 ? ` at ${addresses.join(', ')}` : '';
    record({
      kind: 'contract.change',
      clause,
      rule: `${ruleLine(rule)}${where}${terms.once ? ', for one connection' : ''}`,
      by,
      ...(terms.until !== undefined && { until: rfc3339(terms.until) }),
    });
    if (question === undefined) tell({ order: 'rule', ...given });
    else tell({ order: 'answer', question, allow: true, ...given });
    this.#settled(rule, by);
    const how = terms.once
      ? 'for one connection'
      : terms.until === undefined
        ? 'for the rest of this run'
        : `until ${rfc3339(terms.until)}`;
    return {
      ok: true,
      done: `${rule.host}:${rule.port} (${rule.protocol})${where} is allowed ${how}`,
      line: ruleLine(rule),
    };
  }

  /** A rule answers the questions that it covers; the gateway lets them go on by itself. */
  #settled({ host }: NetworkRule, by: string): void {
    for (const { question, rule } of this.pending) {
      const name = rule?.host ?? '';
      if (name !== host && !(host.startsWith('*.') && name.endsWith(host.slice(1)))) continue;
      this.#take(question);
      const detail = 'by a rule that was added';
      this.#options.record({ kind: 'approval.answer', question, allow: true, by, detail });
    }
  }

  #take(question: number): boolean {
    clearTimeout(this.#pending.get(question)?.timer);
    return this.#pending.delete(question);
  }

  /** The contract as it is now: what is new must not contradict what holds. */
  #running(): Contract {
    const { contract } = this.#options;
    const live = this.#added.filter(({ until }) => until === undefined || until > Date.now());
    const resolve = { ...contract.resolve };
    for (const { rule, addresses } of live) if (addresses.length > 0) resolve[rule.host] = [...addresses];
    return { ...contract, network: [...contract.network, ...live.map(({ rule }) => rule)], resolve };
  }
}

function termsOf(scope: Scope): { once?: boolean; until?: number } {
  if ('once' in scope) return { once: true };
  return 'for' in scope ? { until: Date.now() + scope.for } : {};
}
