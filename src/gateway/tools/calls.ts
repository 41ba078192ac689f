/**
 * One call of a tool from question to answer: is it named, may it have these arguments, does a person allow it, what came
 * of it. A denial says the same, at the same time, whatever the reason; the reason is for the operator.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { type EventBody, type Owner, type PeopleRule, questionDigest } from '../../contract/index.ts';
import { channelOf, matchesTool } from '../../contract/tools.ts';
import type { Questions } from '../approvals/questions.ts';
import { Heard } from '../people/heard.ts';
import { judgeMessage, type PersonMessage, readPersonMessage } from '../people/message.ts';
import { Said } from '../people/said.ts';
import type { Reporter } from '../reporter.ts';
import { untilDenial } from '../served/denial.ts';
import { type Backend, readResult, type Tool } from './backend.ts';
import { boundedProgress } from './client.ts';
import { type Compiled, compileCondition } from './condition.ts';
import { type JsonObject, textsIn, writeJson } from './json.ts';
import { type Answer, failure, INTERNAL_ERROR, INVALID_PARAMS } from './rpc.ts';
import { mismatch } from './schema.ts';

/** Characters of arguments, of what is shown of them in a question, and of a result in the record. */
const LONGEST_ARGUMENTS = 256 * 1024;
const SHOWN = 6000;
const RECORDED = 64 * 1024;
/** Calls at once. */
const MOST_AT_ONCE = 64;

export interface CallsOptions {
  reporter: Reporter;
  questions: Questions;
  people: readonly PeopleRule[];
}

export interface Caller {
  owner: Owner;
  traceparent: string | undefined;
  /** aborted when who asked is gone, or cancels */
  signal: AbortSignal;
  progress: ((params: JsonObject) => void) | undefined;
}

/** Why a call is denied, for the operator. */
interface Refusal {
  why: string;
  clause: string;
}

export class Calls {
  readonly #options: CallsOptions;
  readonly #heard = new Heard();
  readonly #said = new Said();
  readonly #conditions = new Map<string, Compiled>();
  readonly #counts = new Map<string, number>();
  #last = 0;
  #open = 0;

  constructor(options: CallsOptions) {
    this.#options = options;
  }

  async call(backend: Backend, name: string, args: JsonObject, caller: Caller): Promise<Answer> {
    const started = performance.now();
    this.#last += 1;
    const { server } = backend;
    const written = writeJson(args);
    const about: Omit<Extract<EventBody, { kind: 'tool.call' }>, 'decision'> = {
      kind: 'tool.call',
      call: `mcp-${this.#last}`,
      server: server.name,
      tool: name.slice(0, 128),
      arguments: written.slice(0, LONGEST_ARGUMENTS),
      via: 'mcp',
      owner: caller.owner,
      ...(caller.traceparent !== undefined && { traceparent: caller.traceparent }),
    };
    const deny = async ({ why, clause }: Refusal, answer: Answer): Promise<Answer> => {
      const event: EventBody = { ...about, decision: 'denied', clause, detail: why };
      this.#options.reporter.bounded(`tool ${server.name} ${why.slice(0, 40)}`, event);
      await untilDenial(started);
      return answer;
    };
    const tool = (await backend.tools()).get(name);
    const listed = `tools[${server.rule}]`;
    // the same whether it does not exist, is not named, is gone or is not what it was: the list says what there is
    if (!tool)
      return await deny(
        { why: 'the contract, or its pin, does not allow it', clause: `${listed}.allow` },
        DENIED,
      );
    const wrong = mismatch(args, tool.definition.inputSchema as JsonObject);
    if (wrong !== undefined)
      return await deny(
        { why: `not what the tool takes: ${wrong}`, clause: listed },
        failure(INVALID_PARAMS, `Invalid arguments: ${wrong}`),
      );
    const refused = this.#refusal(backend, tool, args, written);
    if (refused) return await deny(refused, DENIED);
    this.#open += 1;
    try {
      const channel = channelOf(this.#options.people, server.name, name);
      const message = channel && readPersonMessage(args, channel.rule);
      const held = await this.#hold(backend, tool, { about, message, channel, written, caller });
      if (!held.ok) return await deny(held.refusal, DENIED);
      this.#options.reporter.event({
        ...about,
        decision: 'allowed',
        ...(held.clause && { clause: held.clause }),
      });
      return await this.#perform(backend, tool, args, { about, held, caller });
    } finally {
      this.#open -= 1;
    }
  }

  /** What can be said without asking anybody. */
  #refusal(backend: Backend, tool: Tool, args: JsonObject, written: string): Refusal | undefined {
    const { server } = backend;
    const { name } = tool.definition;
    const clause = `tools[${server.rule}]`;
    if (written.length > LONGEST_ARGUMENTS)
      return { why: `arguments of more than ${LONGEST_ARGUMENTS} characters`, clause };
    if (this.#open >= MOST_AT_ONCE) return { why: `more than ${MOST_AT_ONCE} calls at once`, clause };
    const total = this.#counts.get(server.name) ?? 0;
    if (total >= server.calls) {
      this.#options.reporter.coalesced(`calls ${server.name}`, {
        kind: 'limit.reached',
        limit: 'budget',
        used: total + 1,
        max: server.calls,
        action: `further calls of ${server.name} are denied`,
      });
      return { why: `more than ${server.calls} calls`, clause: `${clause}.calls` };
    }
    const own = `${server.name}.${name}`;
    const calls = this.#counts.get(own) ?? 0;
    for (const [pattern, text] of Object.entries(server.when)) {
      if (!matchesTool(pattern, server.name, name)) continue;
      const compiled = this.#condition(text);
      const judged = compiled.ok
        ? compiled.condition({ args, tool: name, server: server.name, calls })
        : compiled;
      if (!judged.ok) return { why: judged.why, clause: `${clause}.when.${pattern}` };
    }
    this.#counts.set(server.name, total + 1);
    this.#counts.set(own, calls + 1);
    return undefined;
  }

  #condition(text: string): Compiled {
    const known = this.#conditions.get(text);
    if (known) return known;
    const compiled = compileCondition(text);
    this.#conditions.set(text, compiled);
    return compiled;
  }

  /** Holds what a person must see first, and refuses what nobody may be asked. */
  async #hold(
    backend: Backend,
    tool: Tool,
    given: {
      about: Omit<Extract<EventBody, { kind: 'tool.call' }>, 'decision'>;
      message: PersonMessage | undefined;
      channel: { rule: PeopleRule; index: number } | undefined;
      written: string;
      caller: Caller;
    },
  ): Promise<Held> {
    const { about, message, channel, written, caller } = given;
    const { reporter, questions } = this.#options;
    const asked = tool.standing === 'approved';
    let tell: Tell | undefined;
    let ask = asked;
    let clause = asked ? `tools[${backend.server.rule}].approve` : undefined;
    let reasons: readonly string[] = [];
    if (message && channel) {
      const { rule, index } = channel;
      const judged = judgeMessage(message, rule, this.#heard, this.#said.before(message.to));
      this.#tellLoss();
      reasons = judged.reasons;
      const event = {
        kind: 'message',
        call: about.call,
        channel: rule.channel,
        to: message.to.slice(0, 64),
        ...(message.subject !== undefined && { subject: message.subject }),
        text: message.text.slice(0, RECORDED),
        ...(judged.labels.length > 0 && { labels: judged.labels }),
      } as const;
      tell = (state, at, detail) =>
        reporter.event({ ...event, state, clause: at, ...(detail !== undefined && { detail }) });
      const refuse = (at: string, why: string): Held => {
        tell?.('refused', at, why);
        return { ok: false, refusal: { why, clause: at } };
      };
      if (judged.strangers.length > 0)
        return refuse(`people[${index}].recipients`, `not to ${judged.strangers.slice(0, 4).join(', ')}`);
      clause = `people[${index}].approve`;
      const isFlagged = judged.labels.length > 0;
      if (rule.approve === 'never' && isFlagged) return refuse(clause, reasons.join('; '));
      // what is flagged a person sees first: their yes is to that, and says nothing of what follows
      if (!isFlagged) this.#said.sent(message.to, `${message.subject ?? ''}\n${message.text}`);
      ask ||= rule.approve === 'always' || (rule.approve === 'flagged' && isFlagged);
    }
    if (!ask) return { ok: true, tell, clause };
    const subject = {
      effect: message ? ('message' as const) : ('tool.call' as const),
      name: about.call,
      what: questionText(`${about.server}.${about.tool}`, written, message, reasons),
    };
    const digest = questionDigest(subject);
    reporter.event({ ...about, decision: 'held', digest, ...(clause && { clause }) });
    tell?.('held', clause ?? '', reasons.join('; ') || undefined);
    const leave = () => questions.leave(about.call);
    caller.signal.addEventListener('abort', leave);
    const asking = questions.ask(subject, about.call, caller.owner);
    if (caller.signal.aborted) leave();
    const decision = await asking;
    caller.signal.removeEventListener('abort', leave);
    if (decision.do === 'allow') return { ok: true, tell, clause };
    const why = decision.do === 'deny' ? decision.why : 'not asked';
    tell?.('refused', clause ?? '', why);
    return { ok: false, refusal: { why, clause: clause ?? '' } };
  }

  async #perform(
    backend: Backend,
    tool: Tool,
    args: JsonObject,
    given: { about: { call: string }; held: Extract<Held, { ok: true }>; caller: Caller },
  ): Promise<Answer> {
    const { about, held, caller } = given;
    const { reporter } = this.#options;
    const { server } = backend;
    const { name } = tool.definition;
    const started = performance.now();
    const answer = await backend.call(name, args, {
      signal: caller.signal,
      progress: caller.progress && boundedProgress(caller.progress),
    });
    const ms = Math.round(performance.now() - started);
    const report = (ok: boolean, content: string, detail?: string) =>
      reporter.event({
        kind: 'tool.result',
        call: about.call,
        ok,
        content: content.slice(0, RECORDED),
        ms,
        ...(detail !== undefined && { detail }),
      });
    // it may have been sent all the same: what is said is what is known
    if (!answer.ok) {
      report(false, answer.message, `code ${answer.code}`);
      held.tell?.('delivered', held.clause ?? '', 'the server answers with an error');
      return failure(answer.code, answer.message.slice(0, 2000));
    }
    const result = readResult(answer.result);
    const text = result === undefined ? '' : writeJson(result);
    if (result === undefined || Buffer.byteLength(text) > server.result) {
      report(false, '', result === undefined ? 'no result of a tool' : `more than ${server.result} bytes`);
      held.tell?.('delivered', held.clause ?? '');
      return failure(INTERNAL_ERROR, 'The result is too large, or is none.');
    }
    report(result.isError !== true, text, text.length > RECORDED ? `${text.length} characters` : undefined);
    held.tell?.('delivered', held.clause ?? '');
    const isConfidential = server.confidential.some((pattern) => matchesTool(pattern, server.name, name));
    if (this.#options.people.length > 0)
      this.#heard.hear(`${server.name}.${name}`, textsIn(result), isConfidential);
    return { ok: true, result };
  }

  #tellLoss(): void {
    const count = this.#heard.lost();
    if (count > 0)
      this.#options.reporter.event({
        kind: 'sensor.loss',
        sensor: 'people',
        reason: 'more was read by tools than can be kept to compare messages with',
        count,
      });
  }
}

type Tell = (state: 'held' | 'delivered' | 'refused', clause: string, detail?: string) => void;

type Held =
  | { ok: true; tell: Tell | undefined; clause: string | undefined }
  | { ok: false; refusal: Refusal };

/** Said for every denial, whatever the reason. */
const DENIED: Answer = {
  ok: true,
  result: { content: [{ type: 'text', text: 'This call is not permitted.' }], isError: true },
};

/** What a person is asked: all of it where it is short, and what tells it from any other where it is not. */
function questionText(
  tool: string,
  written: string,
  message: PersonMessage | undefined,
  reasons: readonly string[],
): string {
  const digest = createHash('sha256').update(written).digest('hex').slice(0, 16);
  const shorten = (text: string) =>
    text.length <= SHOWN ? text : `${text.slice(0, SHOWN)} [and ${text.length - SHOWN} characters more]`;
  const flags = reasons.length === 0 ? '' : ` [CAUTION: ${reasons.join('; ')}]`;
  if (!message) return `call ${tool} with ${shorten(written)} (SHA-256 ${digest})`;
  const subject =
    message.subject === undefined ? '' : `, subject ${JSON.stringify(message.subject.slice(0, 500))}`;
  const to = message.to.slice(0, 16).join(', ') || 'nobody that is named';
  return `send a message by ${tool} to ${to}${subject}${flags}: ${JSON.stringify(shorten(message.text))} (arguments SHA-256 ${digest})`;
}
