/**
 * The state machine of questions: what is asked, who waits for it, and what an answer lets go on. It knows no clock, no
 * timer and no channel: `questions.ts` drives it with real ones, and the exploration in `test/machines` with every
 * order of events.
 *
 * @module
 */
import {
  type GatewayMessage,
  type NetworkRule,
  type OperatorOrder,
  type Owner,
  questionDigest,
} from '../../contract/index.ts';
import { matchesName } from '../policy/names.ts';

/** What became of a query: `allow` it, `deny` it, or `drop` it without an answer. `why` is for the operator. */
export type Decision = { do: 'allow' } | { do: 'deny'; why: string } | { do: 'drop' };

/** What is asked about: one subject, asked about once however many wait, as long as exactly the same would be shown. */
export interface Subject {
  effect: 'network.new-host' | 'packages.new' | 'tool.call' | 'message';
  name: string;
  what: string;
  /** what a plain yes adds */
  rule?: NetworkRule;
}

/** Bounds, so that an agent can neither bury a person in questions nor fill our memory. Times in milliseconds. */
export interface Bounds {
  /** questions that wait for an answer at once */
  pending: number;
  /** queries that wait for one answer; others get none, and their resolver asks again */
  waiting: number;
  /** questions that may be asked in a row, and how many are allowed anew each minute */
  burst: number;
  perMinute: number;
  /** for which a name that was denied once is not asked about again: the other family, the retry */
  rest: number;
  /** names whose answer is remembered */
  names: number;
  /** after which a question that nobody closed is denied here */
  patience: number;
}

export interface OpenQuestion {
  /** effect and name: what a rule may cover */
  key: string;
  /** what exactly is shown; a denial is remembered by it */
  digest: string;
  waiting: string[];
}

export interface QuestionsState {
  asked: number;
  tokens: number;
  /** when tokens were last added */
  refilled: number;
  open: Map<number, OpenQuestion>;
  /** by digest; `until` on the clock of the inputs */
  denied: Map<string, { key: string; until: number; why: string }>;
}

/** `now` is milliseconds of a clock that never goes back. */
export type QuestionsInput =
  /** `query` tells a query from its own repetition: both get the one answer */
  | { do: 'ask'; subject: Subject; query: string; owner?: Owner | undefined; now: number }
  /** an operator's word, whose rule is in force; `wall`: milliseconds since 1970 */
  | { do: 'order'; order: OperatorOrder; now: number; wall: number }
  /** whoever asked is gone, and waits for nothing any more */
  | { do: 'leave'; query: string }
  /** nobody answered in time */
  | { do: 'expire'; question: number; now: number };

export type QuestionsEffect =
  | { do: 'send'; message: GatewayMessage }
  /** the query waits for the decision about this question */
  | { do: 'join'; question: number }
  /** an `expire` is due after so many milliseconds */
  | { do: 'wait'; question: number; ms: number }
  /** everybody who waits for it goes on */
  | { do: 'decide'; question: number; decision: Decision; waiting: readonly string[] }
  /** the query that was just asked about gets this at once */
  | { do: 'reply'; decision: Decision };

const HOST = 'network.new-host ';
const WITHDRAWN = 'withdrawn: who asked is gone';
const keyOf = ({ effect, name }: Subject): string => `${effect} ${name}`;

export const newQuestions = (bounds: Bounds, now: number): QuestionsState => ({
  asked: 0,
  tokens: bounds.burst,
  refilled: now,
  open: new Map(),
  denied: new Map(),
});

/** One step: changes the state, and says what is to be done, in that order. */
export function stepQuestions(
  state: QuestionsState,
  bounds: Bounds,
  input: QuestionsInput,
): QuestionsEffect[] {
  switch (input.do) {
    case 'ask':
      return ask(state, bounds, input);
    case 'order': {
      const { order } = input;
      const isOther = order.order === 'answer' && isForeign(state, order);
      // its own question first: the record names that one, and the others as covered by its rule
      const own = order.order === 'answer' ? answer(state, bounds, order, input) : [];
      const host = order.order === 'rule' || order.allow ? order.rule?.host : undefined;
      if (host === undefined || isOther) return own;
      return [...own, ...cover(state, host), { do: 'send', message: { type: 'amended', host } }];
    }
    case 'leave':
      return leave(state, input);
    case 'expire': {
      const why = 'nobody answered';
      const effects = deny(state, bounds, input.question, why, undefined, input.now);
      return effects.length === 0 ? [] : [closed(input.question, false, why), ...effects];
    }
  }
}

/** The rule that an order puts in force before its step; the gateway and the exploration both ask here. */
export function ruleOf(state: QuestionsState, order: OperatorOrder): NetworkRule | undefined {
  if (order.order === 'rule') return order.rule;
  return order.allow && !isForeign(state, order) ? order.rule : undefined;
}

/** Whether an answer is to something else than what is asked under its number: then nothing of it holds. */
function isForeign(
  { open }: QuestionsState,
  { question, digest }: Extract<OperatorOrder, { order: 'answer' }>,
): boolean {
  const asked = open.get(question);
  return asked !== undefined && asked.digest !== digest;
}

function answer(
  state: QuestionsState,
  bounds: Bounds,
  order: Extract<OperatorOrder, { order: 'answer' }>,
  { now, wall }: { now: number; wall: number },
): QuestionsEffect[] {
  const { question, allow: isAllowed, why, until } = order;
  if (isForeign(state, order))
    return deny(state, bounds, question, 'the answer was to another question', undefined, now);
  if (isAllowed) return allow(state, question);
  const rest = until === undefined ? undefined : until - wall;
  return deny(state, bounds, question, why ?? 'denied by the operator', rest, now);
}

/** A rule was added: questions about hosts that it answers need no other answer, and what was denied before no longer is. */
function cover(state: QuestionsState, host: string): QuestionsEffect[] {
  const isCovered = (key: string) => key.startsWith(HOST) && matchesName(host, key.slice(HOST.length));
  const numbers = [...state.open].filter(([, { key }]) => isCovered(key)).map(([number]) => number);
  for (const [digest, { key }] of [...state.denied]) if (isCovered(key)) state.denied.delete(digest);
  return numbers.flatMap((number) => [
    closed(number, true, 'by a rule that was added'),
    ...allow(state, number),
  ]);
}

const closed = (question: number, isAllowed: boolean, why: string): QuestionsEffect => ({
  do: 'send',
  message: { type: 'closed', question, allow: isAllowed, why },
});

function ask(
  state: QuestionsState,
  bounds: Bounds,
  { subject, query, owner, now }: Extract<QuestionsInput, { do: 'ask' }>,
): QuestionsEffect[] {
  const key = keyOf(subject);
  const digest = questionDigest(subject);
  const denied = state.denied.get(digest);
  if (denied && denied.until > now) return [{ do: 'reply', decision: { do: 'deny', why: denied.why } }];
  const known = [...state.open].find(([, open]) => open.key === key && open.digest === digest);
  if (known) {
    const [question, { waiting }] = known;
    if (waiting.includes(query) || waiting.length >= bounds.waiting)
      return [{ do: 'reply', decision: { do: 'drop' } }];
    waiting.push(query);
    return [{ do: 'join', question }];
  }
  if (state.open.size >= bounds.pending || !takeToken(state, bounds, now))
    return [{ do: 'reply', decision: { do: 'deny', why: 'not asked: too many questions' } }];
  state.asked += 1;
  const question = state.asked;
  state.open.set(question, { key, digest, waiting: [query] });
  const { effect, what, rule } = subject;
  const message: GatewayMessage = {
    type: 'ask',
    question,
    effect,
    what,
    ...(rule && { rule }),
    ...(owner && { owner }),
  };
  return [
    { do: 'join', question },
    { do: 'wait', question, ms: bounds.patience },
    { do: 'send', message },
  ];
}

/** A question that nobody waits for any more is withdrawn. It was not denied: the next who asks is heard. */
function leave(
  state: QuestionsState,
  { query }: Extract<QuestionsInput, { do: 'leave' }>,
): QuestionsEffect[] {
  const found = [...state.open].find(([, { waiting }]) => waiting.includes(query));
  if (!found) return [];
  const [question, open] = found;
  if (open.waiting.length > 1) {
    open.waiting = open.waiting.filter((each) => each !== query);
    return [];
  }
  state.open.delete(question);
  const decision: Decision = { do: 'deny', why: WITHDRAWN };
  return [closed(question, false, WITHDRAWN), { do: 'decide', question, decision, waiting: open.waiting }];
}

function allow(state: QuestionsState, question: number): QuestionsEffect[] {
  const open = close(state, question);
  if (!open) return [];
  state.denied.delete(open.digest);
  return [{ do: 'decide', question, decision: { do: 'allow' }, waiting: open.waiting }];
}

function deny(
  state: QuestionsState,
  bounds: Bounds,
  question: number,
  why: string,
  rest: number | undefined,
  now: number,
): QuestionsEffect[] {
  const open = close(state, question);
  if (!open) return [];
  makeRoom(state, bounds, now);
  const until = now + Math.max(bounds.rest, rest ?? 0);
  state.denied.set(open.digest, { key: open.key, until, why });
  return [{ do: 'decide', question, decision: { do: 'deny', why }, waiting: open.waiting }];
}

function close(state: QuestionsState, question: number): OpenQuestion | undefined {
  const open = state.open.get(question);
  state.open.delete(question);
  return open;
}

/** Forgets what no longer holds, and then the oldest: a no for the rest of the run is not to be washed out by others. */
function makeRoom({ denied }: QuestionsState, { names }: Bounds, now: number): void {
  if (denied.size < names) return;
  for (const [digest, { until }] of denied) if (until <= now) denied.delete(digest);
  const [oldest] = denied.keys();
  if (denied.size >= names && oldest !== undefined) denied.delete(oldest);
}

function takeToken(state: QuestionsState, { burst, perMinute }: Bounds, now: number): boolean {
  state.tokens = Math.min(burst, state.tokens + ((now - state.refilled) / 60_000) * perMinute);
  state.refilled = now;
  if (state.tokens < 1) return false;
  state.tokens -= 1;
  return true;
}
