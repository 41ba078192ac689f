/**
 * One judge: asks its model about acts, a few at once, within its budget and its time.
 *
 * @module
 */
import type { IncomingMessage } from 'node:http';
import type { JudgeAccess, JudgeAsk, JudgeFailure, JudgeResult, JudgeUse } from '../../contract/index.ts';
import type { Resolve } from '../dns/outward.ts';
import { Held, readBody } from '../model/body.ts';
import { ModelBudget, type Ticket, type Usage } from '../model/budget.ts';
import { isEncoded, upstreamHeaders } from '../model/headers.ts';
import { fieldsOf, isFields, parseRequest, textOf } from '../model/json.ts';
import { ModelUpstream } from '../model/outward.ts';
import { anthropicMessages } from '../model/protocols/anthropic.ts';
import { openaiChat } from '../model/protocols/openai-chat.ts';
import type { Collected } from '../model/protocols/protocol.ts';
import { estimateTokens } from '../model/turns.ts';
import { readAnswer } from './answer.ts';
import { ANSWER_TOKENS, PATHS, questionOf, requestOf } from './question.ts';

/** Calls at once. */
const AT_ONCE = 4;
/** Bytes of an answer: a few words are expected. */
const LONGEST_ANSWER = 1024 * 1024;
const LONGEST_DETAIL = 300;

/** Ends of an answer that are no answer: the provider's own words for a model that would not, or was cut off. */
const REFUSALS = new Set(['refusal', 'content_filter']);
const CUT_OFF = new Set(['max_tokens', 'length', 'model_context_window_exceeded']);

interface Waiting {
  ask: JudgeAsk;
  /** when its time is over, as performance.now() tells it */
  until: number;
  done: (result: JudgeResult) => void;
}

export class ModelJudge {
  readonly #judge: JudgeAccess;
  readonly #upstream: ModelUpstream;
  readonly #budget: ModelBudget;
  readonly #held = new Held();
  readonly #waiting: Waiting[] = [];
  #open = 0;

  constructor(judge: JudgeAccess, resolve: Resolve) {
    this.#judge = judge;
    this.#upstream = new ModelUpstream(judge.access, resolve);
    this.#budget = new ModelBudget(judge.access);
  }

  /** Never rejects: whatever goes wrong is a result. */
  ask(ask: JudgeAsk): Promise<JudgeResult> {
    return new Promise((done) => {
      this.#waiting.push({ ask, until: performance.now() + this.#judge.timeout, done });
      this.#next();
    });
  }

  close(): void {
    this.#upstream.close();
  }

  #next(): void {
    while (this.#open < AT_ONCE) {
      const one = this.#waiting.shift();
      if (!one) return;
      this.#open += 1;
      const over = (result: JudgeResult) => {
        this.#open -= 1;
        one.done(result);
        this.#next();
      };
      this.#call(one).then(over, (error: Error) => over(failed('form', error.message, 0)));
    }
  }

  #call({ ask, until }: Waiting): Promise<JudgeResult> {
    const { access, model, timeout } = this.#judge;
    const begun = performance.now();
    if (until <= begun)
      return Promise.resolve(failed('timeout', `it was not its turn within ${timeout} ms`, 0));
    const request = requestOf(access.provider, model, questionOf(this.#judge, ask));
    const admitted = this.#budget.admit(model, estimateTokens(request), ANSWER_TOKENS);
    if (!admitted.ok) {
      const detail =
        admitted.why === 'spent'
          ? `its budget of ${admitted.reached.limit} is used: ${admitted.reached.used} of ${admitted.reached.max}`
          : admitted.why === 'busy'
            ? 'calls under way hold the rest of its budget'
            : 'nothing says what it costs';
      return Promise.resolve(failed('budget', detail, 0));
    }
    const { ticket } = admitted;
    const body = Buffer.from(JSON.stringify(request));
    const headers = upstreamHeaders(access, {}, { length: body.length, stream: false });
    return new Promise((resolve) => {
      let over = false;
      let stop = () => {};
      const finish = (result: JudgeResult, told: Usage | undefined | 'free') => {
        if (over) return;
        over = true;
        clearTimeout(late);
        resolve({ ...result, ...this.#settle(ticket, told) });
      };
      const ms = () => Math.round(performance.now() - begun);
      const late = setTimeout(() => {
        finish(failed('timeout', `no answer within ${timeout} ms`, ms()), undefined);
        stop();
      }, until - begun);
      stop = this.#upstream.ask(
        { method: 'POST', path: PATHS[access.provider], headers, body },
        {
          answer: (answer) => {
            this.#read(answer)
              .then(({ told, ...read }) =>
                finish({ ...read, status: answer.statusCode ?? 0, ms: ms() }, told),
              )
              .catch((error: Error) => finish(failed('unreachable', error.message, ms()), undefined));
            // the time is over for reading, too
            const inner = stop;
            stop = () => {
              inner();
              answer.destroy();
            };
          },
          failed: (why, sent) => finish(failed('unreachable', why, ms()), sent ? undefined : 'free'),
        },
      );
    });
  }

  async #read(answer: IncomingMessage): Promise<Read> {
    const status = answer.statusCode ?? 502;
    const no = (why: JudgeFailure, detail: string, told?: Usage | 'free'): Read => ({
      ...failure(why, detail),
      told,
    });
    if (status !== 200) {
      answer.on('error', () => {});
      answer.destroy();
      // what an error says may repeat the key, and is the provider's text
      return no('status', `HTTP status ${status}`, 'free');
    }
    if (isEncoded(answer.headers)) {
      answer.on('error', () => {});
      answer.destroy();
      return no('form', 'the answer is encoded, though none was asked for');
    }
    const body = await readBody(answer, LONGEST_ANSWER, this.#held);
    if (!body.ok) {
      answer.destroy();
      return no(body.why === 'broken off' ? 'unreachable' : 'form', `the answer is ${body.why}`);
    }
    this.#held.give(body.bytes.length);
    const { key } = this.#judge.access;
    if (key !== undefined && body.bytes.includes(key)) return no('form', 'the answer repeats the key');
    let parsed: unknown;
    try {
      parsed = parseRequest(body.bytes.toString('utf8'));
    } catch {
      return no('form', 'the answer is no JSON');
    }
    if (!isFields(parsed)) return no('form', 'the answer is no JSON object');
    const collector = (
      this.#judge.access.provider === 'anthropic' ? anthropicMessages : openaiChat
    ).collector();
    collector.whole(parsed);
    const collected = collector.collected();
    const finish = collected.finish ?? '';
    const refusal = textOf(fieldsOf(fieldsOf(choiceOf(parsed)).message).refusal);
    if (REFUSALS.has(finish) || refusal !== '')
      return no('refused', 'the model would not answer', collected.usage);
    if (CUT_OFF.has(finish)) return no('form', `the answer was cut off (${finish})`, collected.usage);
    const judged = readAnswer(wordsOf(collected));
    if (!judged.ok) return no('form', judged.detail, collected.usage);
    return { ...judged, told: collected.usage };
  }

  #settle(ticket: Ticket, told: Usage | undefined | 'free'): Pick<JudgeUse, 'usage' | 'cost'> {
    const { cost } = this.#budget.settle(ticket, told);
    if (told === undefined || told === 'free') return { ...(cost !== undefined && { cost }) };
    const { surcharge: _, ...usage } = told;
    return { usage, ...(cost !== undefined && { cost }) };
  }
}

/** An answer without what only the call knows. */
type Read = { told: Usage | 'free' | undefined } & (
  | { ok: true; score: number; reason: string }
  | { ok: false; why: JudgeFailure; detail: string }
);

const failure = (why: JudgeFailure, detail: string) => ({
  ok: false as const,
  why,
  detail: detail.slice(0, LONGEST_DETAIL),
});

const failed = (why: JudgeFailure, detail: string, ms: number): JudgeResult => ({
  ...failure(why, detail),
  ms,
});

const choiceOf = ({ choices }: { choices?: unknown }): unknown =>
  Array.isArray(choices) ? choices[0] : undefined;

/** What it says, its thoughts left out. One that calls tools, though it was given none, is not answering. */
const wordsOf = ({ output }: Collected): string =>
  output.some(({ type }) => type !== 'text' && type !== 'reasoning')
    ? ''
    : output
        .filter(({ type }) => type === 'text')
        .map(({ text }) => text)
        .join('');
