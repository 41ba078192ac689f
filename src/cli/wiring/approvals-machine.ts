/**
 * The state machine of the operator's half: what waits, what was answered, what was added to the running contract, and
 * the order in which a decision is recorded, is safe on disk, and takes effect. It knows no clock, timer, channel or
 * ledger: `approvals.ts` drives it with real ones, and the exploration in `test/machines` with every order of events.
 *
 * @module
 */
import {
  type Amended,
  type Contract,
  type EventBody,
  formatDuration,
  type GatewayMessage,
  type NetworkRule,
  type OperatorOrder,
  questionDigest,
  ruleLine,
  type WrittenRule,
} from '../../contract/index.ts';
import type { ApprovalReply, ApprovalRequest, PendingQuestion, Scope } from './approvals.ts';
import { lookalike, shownName } from './lookalike.ts';

export type Amend = (contract: Contract, written: WrittenRule) => Amended;

interface Added {
  rule: NetworkRule;
  addresses: readonly string[];
  until?: number;
}

/** A decision that is on record, but not yet known to be safe on disk. */
interface Unsaid {
  decision: number;
  isDurable: boolean;
  order: OperatorOrder;
  reply?: { to: number; reply: ApprovalReply };
}

export interface ApprovalsState {
  contract: Contract;
  pending: Map<number, PendingQuestion>;
  /** the highest number that the gateway asked under: each is new */
  last: number;
  /** what was added and is not for one connection alone: that may be allowed again */
  added: Added[];
  /** rules that the gateway has been given, those of the contract included */
  rules: number;
  /** hosts of rules that are decided, and not yet known to be in force: what is asked meanwhile crossed them */
  underway: string[];
  /** in the order in which they are told */
  unsaid: Unsaid[];
  decisions: number;
  isClosed: boolean;
}

/** `now`: milliseconds since 1970. `to` tells who is replied to. */
export type ApprovalsInput =
  | { do: 'ask'; message: Extract<GatewayMessage, { type: 'ask' }>; now: number }
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
  | { do: 'tell'; order: OperatorOrder }
  | { do: 'show'; question: PendingQuestion }
  /** an `expire` is due after so many milliseconds; no longer due */
  | { do: 'wait'; question: number; ms: number }
  | { do: 'rest'; question: number }
  | { do: 'reply'; to: number; reply: ApprovalReply };

/** Questions that are kept; the gateway asks fewer at once. */
const MAX_PENDING = 64;
/** Longest text that says who; it comes from another process. */
const MAX_BY = 200;
const OPENS =
  'whatever the agent can read can be sent there (exfiltration), and it can answer with instructions (remote-control)';
const OPENS_PACKAGE =
  'the index learns exactly this request, whose name the agent chose; what comes is other people’s code, for this run alone';
/** What a yes opens, where it is not a host. */
const OPENS_OTHER: Readonly<Record<string, string>> = {
  'packages.new': OPENS_PACKAGE,
  'tool.call':
    'this call alone, with these arguments: the server does what it does with them, outside of the cell',
  message: 'this message alone: it is delivered, and cannot be taken back',
};
/** setTimeout counts in 31 bits. */
const LONGEST = 24 * 24 * 3_600_000;
/** A year: no run is longer, and RFC 3339 can say when it ends. */
const LONGEST_SCOPE = 366 * 24 * 3_600_000;

export const failed = (message: string, hint: string): ApprovalReply => ({ ok: false, message, hint });
export const OVER = failed(
  'the run is over, or its gateway is: nothing was changed',
  'see what runs: ringfence ps',
);
const NO_TIME = failed(
  'that is no time for which an answer can hold: nothing was changed',
  'write a time of more than nothing and no more than a year, such as --for 30m, or --once, or neither for the rest of the run',
);
const rfc3339 = (time: number): string => new Date(time).toISOString();

export const newApprovals = (contract: Contract): ApprovalsState => ({
  contract,
  pending: new Map(),
  last: 0,
  added: [],
  rules: contract.network.length,
  underway: [],
  unsaid: [],
  decisions: 0,
  isClosed: false,
});

/** One step: changes the state, and says what is to be done, in that order. */
export function stepApprovals(state: ApprovalsState, input: ApprovalsInput): ApprovalsEffect[] {
  switch (input.do) {
    case 'ask':
      return ask(state, input.message, input.now);
    case 'closed': {
      const { question, allow, why } = input.message;
      if (!take(state, question)) return [];
      const by = allow ? 'the gateway' : 'nobody';
      return [
        { do: 'rest', question },
        record({ kind: 'approval.answer', question, allow, by, detail: why }),
      ];
    }
    case 'amended': {
      const at = state.underway.indexOf(input.host);
      if (at >= 0) state.underway.splice(at, 1);
      return [];
    }
    case 'expire':
      return expire(state, input.question);
    case 'command': {
      const { request, to } = input;
      if (state.isClosed) return [{ do: 'reply', to, reply: OVER }];
      if (!isScope(request.scope)) return [{ do: 'reply', to, reply: NO_TIME }];
      return request.do === 'answer'
        ? answer(state, { ...input, request })
        : allow(state, { ...input, request });
    }
    case 'durable':
    case 'lost':
      return settled(state, input.decision, input.do === 'durable');
    case 'end': {
      const questions = [...state.pending.keys()];
      state.isClosed = true;
      state.pending.clear();
      return questions.flatMap((question): ApprovalsEffect[] => [
        { do: 'rest', question },
        record({
          kind: 'approval.answer',
          question,
          allow: false,
          by: 'nobody',
          detail: 'the run ended first',
        }),
      ]);
    }
  }
}

const record = (body: EventBody): ApprovalsEffect => ({ do: 'record', body });

function ask(
  state: ApprovalsState,
  message: Extract<GatewayMessage, { type: 'ask' }>,
  now: number,
): ApprovalsEffect[] {
  const { question, effect, what, rule, owner } = message;
  // what the gateway still says while it goes; a timer for it would hold up the end. A number that comes again is not
  // the gateway's as we wrote it: whoever answers an old number must not answer something new
  if (state.isClosed || question <= state.last) return [];
  state.last = question;
  const digest = questionDigest(message);
  const asked = record({ kind: 'approval.ask', question, effect, what, digest, ...(owner && { owner }) });
  if (state.underway.some((each) => rule !== undefined && covers(each, rule.host)))
    return [asked, byRule(question, digest, 'the operator')];
  // the gateway bounds what it asks; should it be broken, it does not bury anybody all the same
  if (state.pending.size >= MAX_PENDING) {
    const order = { order: 'answer', question, digest, allow: false, why: 'too many questions' } as const;
    return [{ do: 'tell', order }];
  }
  const patience = state.contract.oversight.patience;
  const host = rule?.host;
  const shown = host === undefined ? undefined : shownName(host);
  const known = state.contract.network.map((each) => each.host);
  const like = host === undefined ? undefined : lookalike(host, known);
  const pending: PendingQuestion = {
    question,
    digest,
    effect,
    what,
    ...(rule && { rule }),
    ...(owner && { owner }),
    ...(shown !== undefined && { shown }),
    ...(like !== undefined && { lookalike: like }),
    opens: OPENS_OTHER[effect] ?? OPENS,
    asked: rfc3339(now),
    until: rfc3339(now + patience),
  };
  state.pending.set(question, pending);
  return [{ do: 'wait', question, ms: patience }, asked, { do: 'show', question: pending }];
}

function expire(state: ApprovalsState, question: number): ApprovalsEffect[] {
  const pending = state.pending.get(question);
  if (!pending) return [];
  state.pending.delete(question);
  const { digest } = pending;
  const detail = `no answer within ${formatDuration(state.contract.oversight.patience)}: denied once`;
  return [
    { do: 'rest', question },
    record({ kind: 'approval.answer', question, digest, allow: false, by: 'nobody', detail }),
    decide(state, { order: 'answer', question, digest, allow: false, why: detail }),
  ];
}

type Command<Do> = Extract<ApprovalsInput, { do: 'command' }> & {
  request: Extract<ApprovalRequest, { do: Do }>;
};

function answer(state: ApprovalsState, { request, to, amend, now }: Command<'answer'>): ApprovalsEffect[] {
  const { question, allow: isAllowed, scope, rule: written = {} } = request;
  // a process that was stopped meanwhile finds answers before its timers
  const waiting = state.pending.get(question);
  const late = waiting && Date.parse(waiting.until) <= now ? expire(state, question) : [];
  const pending = state.pending.get(question);
  const refuse = (message: string, hint: string): ApprovalsEffect[] => [
    ...late,
    { do: 'reply', to, reply: failed(message, hint) },
  ];
  if (!pending)
    return refuse(
      `there is no question ${question}: it was answered, or timed out`,
      'see what waits: ringfence questions',
    );
  const by = nameOf(request.by);
  const { digest } = pending;
  const terms = termsOf(scope, now);
  const until = terms.until === undefined ? {} : { until: rfc3339(terms.until) };
  if (!isAllowed) {
    const forRun = 'run' in scope;
    const detail = forRun ? 'not asked again in this run' : 'once' in scope ? 'denied once' : undefined;
    const order: OperatorOrder = {
      order: 'answer',
      question,
      digest,
      allow: false,
      why: 'denied by the operator',
      ...terms,
      ...(forRun && { until: now + LONGEST }),
    };
    const done = `${pending.what} is denied${detail ? `: ${detail}` : ''}`;
    return [
      ...taken(state, question),
      record({
        kind: 'approval.answer',
        question,
        digest,
        allow: false,
        by,
        ...until,
        ...(detail && { detail }),
      }),
      decide(state, order, { to, reply: { ok: true, done } }),
    ];
  }
  if (!pending.rule) {
    if ('for' in scope || Object.keys(written).length > 0)
      return refuse(
        'this is one artefact, call or message: it has no port, no protocol and no time for which it holds',
        'write the question’s number alone',
      );
    const order: OperatorOrder = { order: 'answer', question, digest, allow: true, ...terms };
    return [
      ...taken(state, question),
      record({ kind: 'approval.answer', question, digest, allow: true, by, ...until }),
      decide(state, order, { to, reply: { ok: true, done: `${pending.what} is allowed` } }),
    ];
  }
  const amended = amend(running(state, now), { ...written, host: pending.rule.host });
  if (!amended.ok) return [...late, { do: 'reply', to, reply: amended }];
  const detail = 'once' in scope ? { detail: 'for one connection' } : {};
  return [
    ...taken(state, question),
    record({ kind: 'approval.answer', question, digest, allow: true, by, ...until, ...detail }),
    ...add(state, {
      rule: amended.rule,
      addresses: written.addresses ?? [],
      terms,
      by,
      answers: { question, digest },
      to,
    }),
  ];
}

function allow(state: ApprovalsState, { request, to, amend, now }: Command<'allow'>): ApprovalsEffect[] {
  const amended = amend(running(state, now), request.rule);
  if (!amended.ok) return [{ do: 'reply', to, reply: amended }];
  const { addresses = [] } = request.rule;
  const terms = termsOf(request.scope, now);
  return add(state, { rule: amended.rule, addresses, terms, by: nameOf(request.by), to });
}

interface Addition {
  rule: NetworkRule;
  addresses: readonly string[];
  terms: { once?: boolean; until?: number };
  by: string;
  /** the question that it answers */
  answers?: { question: number; digest: string };
  to: number;
}

function add(
  state: ApprovalsState,
  { rule, addresses, terms, by, answers, to }: Addition,
): ApprovalsEffect[] {
  const clause = `network[${state.rules}]`;
  state.rules += 1;
  state.underway.push(rule.host);
  if (!terms.once)
    state.added.push({ rule, addresses, ...(terms.until !== undefined && { until: terms.until }) });
  const given = { rule, ...terms, ...(addresses.length > 0 && { addresses: [...addresses] }) };
  const where = addresses.length > 0 ? ` at ${addresses.join(', ')}` : '';
  const how = terms.once
    ? 'for one connection'
    : terms.until === undefined
      ? 'for the rest of this run'
      : `until ${rfc3339(terms.until)}`;
  const done = `${rule.host}:${rule.port} (${rule.protocol})${where} is allowed ${how}`;
  const order: OperatorOrder = answers
    ? { order: 'answer', ...answers, allow: true, ...given }
    : { order: 'rule', ...given };
  return [
    record({
      kind: 'contract.change',
      clause,
      rule: `${ruleLine(rule)}${where}${terms.once ? ', for one connection' : ''}`,
      by,
      ...(terms.until !== undefined && { until: rfc3339(terms.until) }),
    }),
    ...covered(state, rule, by),
    decide(state, order, { to, reply: { ok: true, done, line: ruleLine(rule) } }),
  ];
}

/** A rule answers the questions that it covers; the gateway lets them go on by itself. */
function covered(state: ApprovalsState, { host }: NetworkRule, by: string): ApprovalsEffect[] {
  return [...state.pending.values()].flatMap(({ question, digest, rule }) => {
    if (rule === undefined || !covers(host, rule.host)) return [];
    return [...taken(state, question), byRule(question, digest, by)];
  });
}

const covers = (host: string, name: string): boolean =>
  name === host || (host.startsWith('*.') && name.endsWith(host.slice(1)));

const byRule = (question: number, digest: string, by: string): ApprovalsEffect =>
  record({
    kind: 'approval.answer',
    question,
    digest,
    allow: true,
    by,
    detail: 'by a rule that was added',
  });

/** Nobody hears of a decision before it is safe on disk: a crash must not forget what it let through. */
function decide(state: ApprovalsState, order: OperatorOrder, reply?: Unsaid['reply']): ApprovalsEffect {
  state.decisions += 1;
  const decision = state.decisions;
  state.unsaid.push({ decision, isDurable: false, order, ...(reply && { reply }) });
  return { do: 'settle', decision };
}

/** Decisions are told in the order in which they were taken: the gateway numbers rules as they come. */
function settled(state: ApprovalsState, decision: number, isDurable: boolean): ApprovalsEffect[] {
  const unsaid = state.unsaid.find((each) => each.decision === decision);
  if (!unsaid) return [];
  if (!isDurable) {
    // what follows it is not on disk either, and its rule would have another's number
    const lost = state.unsaid.splice(state.unsaid.indexOf(unsaid));
    const reply = failed('the record could not be written: nothing was changed', 'check the disk');
    return lost.flatMap((each) => (each.reply ? [{ do: 'reply', to: each.reply.to, reply }] : []));
  }
  unsaid.isDurable = true;
  const effects: ApprovalsEffect[] = [];
  while (state.unsaid[0]?.isDurable) {
    const { order, reply } = state.unsaid.shift() as Unsaid;
    if (!state.isClosed) effects.push({ do: 'tell', order });
    if (reply) effects.push({ do: 'reply', to: reply.to, reply: state.isClosed ? OVER : reply.reply });
  }
  return effects;
}

const take = (state: ApprovalsState, question: number): boolean => state.pending.delete(question);

function taken(state: ApprovalsState, question: number): ApprovalsEffect[] {
  return take(state, question) ? [{ do: 'rest', question }] : [];
}

/** The contract as it is now: what is new must not contradict what holds. */
function running({ contract, added }: ApprovalsState, now: number): Contract {
  const live = added.filter(({ until }) => until === undefined || until > now);
  const resolve = { ...contract.resolve };
  for (const { rule, addresses } of live) if (addresses.length > 0) resolve[rule.host] = [...addresses];
  return { ...contract, network: [...contract.network, ...live.map(({ rule }) => rule)], resolve };
}

const nameOf = (by: unknown): string => String(by).slice(0, MAX_BY);

/** Before anything is changed: a time that cannot be written down would fail between the rule and its record. */
function isScope(scope: unknown): scope is Scope {
  if (typeof scope !== 'object' || scope === null) return false;
  if (!('for' in scope)) return 'once' in scope || 'run' in scope;
  return typeof scope.for === 'number' && scope.for > 0 && scope.for <= LONGEST_SCOPE;
}

function termsOf(scope: Scope, now: number): { once?: boolean; until?: number } {
  if ('once' in scope) return { once: true };
  return 'for' in scope ? { until: now + scope.for } : {};
}
