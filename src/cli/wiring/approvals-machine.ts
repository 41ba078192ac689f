/**
 * The state machine of the operator's half: what waits, what was answered, what was added to the running contract, and
 * the order in which a decision is recorded, is safe on disk, and takes effect. It knows no clock, timer, channel or
 * ledger: `approvals.ts` drives it with real ones, and the exploration in `test/machines` with every order of events.
 *
 * @module
 */
import {
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
import type { ApprovalRequest, PendingQuestion, Scope } from './approvals.ts';
import type {
  Act,
  ApprovalsEffect,
  ApprovalsInput,
  ApprovalsState,
  Pending,
  Source,
  Unsaid,
} from './approvals-state.ts';
import { failed, NO_TIME, OPENS, OPENS_OTHER, OVER } from './approvals-words.ts';
import { lookalike, shownName } from './lookalike.ts';

export type {
  Amend,
  ApprovalsEffect,
  ApprovalsInput,
  ApprovalsState,
} from './approvals-state.ts';
export { newApprovals } from './approvals-state.ts';

/** Questions that are kept; the gateway asks fewer at once. */
const MAX_PENDING = 64;
const BROKEN = 'too many questions';
/** Longest text that says who; it comes from another process. */
const MAX_BY = 200;
/** setTimeout counts in 31 bits. */
const LONGEST = 24 * 24 * 3_600_000;
/** A year: no run is longer, and RFC 3339 can say when it ends. */
const LONGEST_SCOPE = 366 * 24 * 3_600_000;

const rfc3339 = (time: number): string => new Date(time).toISOString();

/** One step: changes the state, and says what is to be done, in that order. */
export function stepApprovals(state: ApprovalsState, input: ApprovalsInput): ApprovalsEffect[] {
  switch (input.do) {
    case 'ask':
      return ask(state, input.message, input.now);
    case 'finding':
      return askOfFinding(state, input);
    case 'closed': {
      const { allow, why } = input.message;
      const question = numberOf(state, (of) => 'gateway' in of && of.gateway === input.message.question);
      if (question === undefined || !take(state, question)) return [];
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
  const { effect, what, rule, owner } = message;
  // what the gateway still says while it goes; a timer for it would hold up the end. A number that comes again is not
  // the gateway's as we wrote it: whoever answers an old number must not answer something new
  if (state.isClosed || message.question <= state.last) return [];
  state.last = message.question;
  const question = nextNumber(state);
  const digest = questionDigest(message);
  const asked = record({ kind: 'approval.ask', question, effect, what, digest, ...(owner && { owner }) });
  if (state.underway.some((each) => rule !== undefined && covers(each, rule.host)))
    return [asked, byRule(question, digest, 'the operator')];
  const of = { gateway: message.question };
  const refused = tooMany(state);
  if (refused !== undefined) {
    const isForGood = refused !== BROKEN;
    const order = { order: 'answer', question: of.gateway, digest, allow: false, why: refused } as const;
    if (!isForGood) return [{ do: 'tell', order }];
    const act: Act = { do: 'tell', order: { ...order, until: now + LONGEST } };
    return [asked, notAsked(question, digest, refused), decide(state, act)];
  }
  state.asked += 1;
  const host = rule?.host;
  const shown = host === undefined ? undefined : shownName(host);
  const known = state.contract.network.map((each) => each.host);
  const like = host === undefined ? undefined : lookalike(host, known);
  const more = {
    ...(rule && { rule }),
    ...(owner && { owner }),
    ...(shown !== undefined && { shown }),
    ...(like !== undefined && { lookalike: like }),
  };
  return [...put(state, of, { question, digest, effect, what, ...more }, now, asked)];
}

/** The cell stands still before anybody is asked whether it may go on. */
function askOfFinding(
  state: ApprovalsState,
  { matter, what, owner, now }: Extract<ApprovalsInput, { do: 'finding' }>,
): ApprovalsEffect[] {
  if (state.isClosed || (state.allowed.get(matter) ?? 0) > now) return [];
  // it is held already, and its answer is about all that was seen of it until then
  if (numberOf(state, (of) => 'matter' in of && of.matter === matter) !== undefined) return [];
  const question = nextNumber(state);
  const effect = 'finding';
  const digest = questionDigest({ effect, what });
  const hold: ApprovalsEffect = { do: 'hold', question };
  const asked = record({ kind: 'approval.ask', question, effect, what, digest, ...(owner && { owner }) });
  const refused = tooMany(state);
  if (refused !== undefined)
    return [hold, asked, notAsked(question, digest, refused), decide(state, { do: 'condemn', question })];
  state.asked += 1;
  const shown = { question, digest, effect, what, ...(owner && { owner }) };
  return [hold, ...put(state, { matter }, shown, now, asked)];
}

/** Why nobody is asked any more; undefined: somebody is. */
function tooMany({ pending, asked, contract }: ApprovalsState): string | undefined {
  const most = contract.oversight.questions;
  if (asked >= most) return `not asked: ${asked} of ${most} questions were asked`;
  // the gateway bounds what it asks; should it be broken, it does not bury anybody all the same
  return pending.size >= MAX_PENDING ? BROKEN : undefined;
}

const notAsked = (question: number, digest: string, detail: string): ApprovalsEffect =>
  record({ kind: 'approval.answer', question, digest, allow: false, by: 'nobody', detail });

function put(
  state: ApprovalsState,
  of: Source,
  what: Omit<PendingQuestion, 'opens' | 'asked' | 'until' | 'number' | 'most'>,
  now: number,
  asked: ApprovalsEffect,
): ApprovalsEffect[] {
  const { patience, questions: most } = state.contract.oversight;
  const question: PendingQuestion = {
    ...what,
    opens: OPENS_OTHER[what.effect] ?? OPENS,
    number: state.asked,
    most,
    asked: rfc3339(now),
    until: rfc3339(now + patience),
  };
  state.pending.set(what.question, { of, question });
  return [{ do: 'wait', question: what.question, ms: patience }, asked, { do: 'show', question }];
}

function nextNumber(state: ApprovalsState): number {
  state.numbers += 1;
  return state.numbers;
}

const numberOf = ({ pending }: ApprovalsState, isOf: (of: Source) => boolean): number | undefined =>
  [...pending].find(([, { of }]) => isOf(of))?.[0];

function expire(state: ApprovalsState, question: number): ApprovalsEffect[] {
  const pending = state.pending.get(question);
  if (!pending) return [];
  state.pending.delete(question);
  const { digest } = pending.question;
  const { patience } = state.contract.oversight;
  const then = 'matter' in pending.of ? 'the run is ended' : 'denied once';
  const detail = `no answer within ${formatDuration(patience)}: ${then}`;
  return [
    { do: 'rest', question },
    record({ kind: 'approval.answer', question, digest, allow: false, by: 'nobody', detail }),
    decide(state, refusal(question, pending, detail)),
  ];
}

/** What a no leads to. */
function refusal(
  number: number,
  { of, question: { digest } }: Pending,
  why: string,
  terms: { once?: boolean; until?: number } = {},
): Act {
  if ('matter' in of) return { do: 'condemn', question: number };
  const question = of.gateway;
  return { do: 'tell', order: { order: 'answer', question, digest, allow: false, why, ...terms } };
}

type Command<Do> = Extract<ApprovalsInput, { do: 'command' }> & {
  request: Extract<ApprovalRequest, { do: Do }>;
};

function answer(state: ApprovalsState, { request, to, amend, now }: Command<'answer'>): ApprovalsEffect[] {
  const { question, allow: isAllowed, scope, rule: written = {} } = request;
  // a process that was stopped meanwhile finds answers before its timers
  const waiting = state.pending.get(question);
  const late = waiting && Date.parse(waiting.question.until) <= now ? expire(state, question) : [];
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
  if (request.digest !== undefined && request.digest !== pending.question.digest)
    return refuse(
      `question ${question} is about something else than the digest that was given: nothing was changed`,
      'read what is asked now: ringfence questions --json',
    );
  const by = nameOf(request.by);
  const { of } = pending;
  const { digest, what, rule: asked } = pending.question;
  const terms = termsOf(scope, now);
  const until = terms.until === undefined ? {} : { until: rfc3339(terms.until) };
  if (!isAllowed) {
    const forRun = 'run' in scope;
    const scoped = forRun ? 'not asked again in this run' : 'once' in scope ? 'denied once' : undefined;
    const detail = 'matter' in of ? 'the run is ended' : scoped;
    const act = refusal(question, pending, 'denied by the operator', {
      ...terms,
      ...(forRun && { until: now + LONGEST }),
    });
    const done = `${what} is denied${detail ? `: ${detail}` : ''}`;
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
      decide(state, act, { to, reply: { ok: true, done } }),
    ];
  }
  if ('matter' in of)
    return goOn(state, { ...of, question: pending.question, by, scope, late, written, now, to });
  if (!asked) {
    if ('for' in scope || Object.keys(written).length > 0)
      return refuse(
        'this is one artefact, call or message: it has no port, no protocol and no time for which it holds',
        'write the question’s number alone',
      );
    const order: OperatorOrder = {
      order: 'answer',
      question: of.gateway,
      digest,
      allow: true,
      ...terms,
    };
    return [
      ...taken(state, question),
      record({ kind: 'approval.answer', question, digest, allow: true, by, ...until }),
      decide(state, { do: 'tell', order }, { to, reply: { ok: true, done: `${what} is allowed` } }),
    ];
  }
  const amended = amend(running(state, now), { ...written, host: asked.host });
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
      answers: { question: of.gateway, digest },
      to,
    }),
  ];
}

interface GoOn {
  matter: string;
  question: PendingQuestion;
  by: string;
  scope: Scope;
  /** what is due before it */
  late: readonly ApprovalsEffect[];
  written: Omit<WrittenRule, 'host'>;
  now: number;
  to: number;
}

/** A matter that may go on; it alone, and for as long as was said. */
function goOn(
  state: ApprovalsState,
  { matter, question: { question, digest }, by, scope, late, written, now, to }: GoOn,
): ApprovalsEffect[] {
  if (Object.keys(written).length > 0) {
    const reply = failed(
      'this is about what was found: it has no port, no protocol and no address',
      'write the question’s number, and perhaps --once or --for 10m',
    );
    return [...late, { do: 'reply', to, reply }];
  }
  const { until } = termsOf(scope, now);
  if (!('once' in scope)) state.allowed.set(matter, until ?? Number.POSITIVE_INFINITY);
  const isOnce = 'once' in scope;
  const time = until === undefined ? {} : { until: rfc3339(until) };
  const not = `it is not asked about again ${time.until === undefined ? 'in this run' : `until ${time.until}`}`;
  const done = `goes on; ${isOnce ? 'it is asked about again' : not}`;
  const detail = isOnce ? { detail: 'once' } : {};
  const answered = {
    kind: 'approval.answer',
    question,
    digest,
    allow: true,
    by,
    ...time,
    ...detail,
  } as const;
  return [
    ...taken(state, question),
    record(answered),
    decide(state, { do: 'release', question, by }, { to, reply: { ok: true, done } }),
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
  /** the gateway’s question that it answers */
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
    decide(state, { do: 'tell', order }, { to, reply: { ok: true, done, line: ruleLine(rule) } }),
  ];
}

/** A rule answers the questions that it covers; the gateway lets them go on by itself. */
function covered(state: ApprovalsState, { host }: NetworkRule, by: string): ApprovalsEffect[] {
  return [...state.pending.values()].flatMap(({ question: { question, digest, rule } }) => {
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
function decide(state: ApprovalsState, act: Act, reply?: Unsaid['reply']): ApprovalsEffect {
  state.decisions += 1;
  const decision = state.decisions;
  state.unsaid.push({ decision, isDurable: false, act, ...(reply && { reply }) });
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
    const { act, reply } = state.unsaid.shift() as Unsaid;
    if (!state.isClosed) effects.push(act);
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
