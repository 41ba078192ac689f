/**
 * One call of a model, from the client's request to the record of what was said.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type EventBody, type ModelPart, matchesModel } from '../../contract/index.ts';
import { untilDenial } from '../served/denial.ts';
import type { Asker } from '../served/http.ts';
import { type Answer, give } from './answers.ts';
import { LONGEST_ANSWER, LONGEST_REQUEST, readBody } from './body.ts';
import type { Reached, Ticket, Usage } from './budget.ts';
import { answerHeaders, isEncoded, traceOf, upstreamHeaders } from './headers.ts';
import { type Fields, fieldsOf, isFields, parseRequest, textOf } from './json.ts';
import type { Collected } from './protocols/protocol.ts';
import { relayStream } from './relay.ts';
import type { Route } from './routes.ts';
import type { Account, CallContext } from './service.ts';
import { estimateTokens, fitParts } from './turns.ts';

/** Tokens that are set aside for a request that names no bound of its own. */
const UNBOUND = 32_768;
const MOST_TOOLS = 128;
const LONGEST_NAME = 128;
const LONGEST_DETAIL = 512;
/** A model's name is no place for a message. */
const MODEL_NAME = /^[\x21-\x7e]{1,128}$/;
/** Characters of an answer of no known form that are kept. */
const LONGEST_STRANGE = 16 * 1024;

type CallRoute = Extract<Route, { kind: 'call' }>;

/** A request that may go. */
interface Going {
  account: Account;
  body: Fields;
  ticket: Ticket | undefined;
}

export class ModelCall {
  readonly #context: CallContext;
  readonly #route: CallRoute;
  readonly #request: IncomingMessage;
  readonly #response: ServerResponse;
  readonly #asker: Asker;
  readonly #begun = performance.now();
  #input: ModelPart[] = [];
  #tools: string[] = [];
  #model = '';
  #stream = false;
  /** the client itself asked a stream to tell what it used */
  #wantsUsage = false;
  #status: number | undefined;
  #done = false;
  /** bytes of the request that are held until the call is over */
  #holds = 0;
  #closed = false;
  /** when its body was read: how long that takes is the client's own doing */
  #read = this.#begun;

  constructor(
    context: CallContext,
    route: CallRoute,
    request: IncomingMessage,
    response: ServerResponse,
    asker: Asker,
  ) {
    this.#context = context;
    this.#route = route;
    this.#request = request;
    this.#response = response;
    this.#asker = asker;
  }

  start(): void {
    this.#run().catch((error: Error) => {
      // whatever it was, nothing of it may go on
      this.#refuse(`it could not be judged: ${error.message}`, 'models');
      if (this.#response.headersSent) this.#response.destroy();
    });
  }

  async #run(): Promise<void> {
    const { held } = this.#context;
    this.#response.once('close', () => {
      this.#closed = true;
      held.give(this.#holds);
      this.#holds = 0;
    });
    const read = await readBody(this.#request, LONGEST_REQUEST, held);
    this.#read = performance.now();
    if (!read.ok) {
      if (read.why === 'broken off') this.#response.destroy();
      else this.#refuse(`its body is ${read.why}`, 'models', read.why === 'too many' ? 'busy' : 'denied');
      return;
    }
    if (this.#closed) {
      held.give(read.bytes.length);
      return;
    }
    this.#holds = read.bytes.length;
    const going = this.#judge(read.bytes);
    if (going) this.#send(going);
  }

  /** Reads and judges it; what it may not be is answered. */
  #judge(bytes: Buffer): Going | undefined {
    const { protocol, provider, counts } = this.#route;
    const body = parse(bytes);
    if (body === undefined) return this.#refuse('its body is not the JSON of a request', 'models');
    this.#model = textOf(body.model).slice(0, LONGEST_NAME);
    this.#stream = body.stream === true;
    this.#wantsUsage = fieldsOf(body.stream_options).include_usage === true;
    const account = this.#context.accounts.find(
      ({ access }) =>
        access.provider === provider &&
        typeof body.model === 'string' &&
        MODEL_NAME.test(body.model) &&
        access.models.some((pattern) => matchesModel(pattern, body.model as string)),
    );
    if (!account) return this.#refuse('no entry names this model', 'models');
    const { access } = account;
    const clause = `models[${access.rule}]`;
    const allows = (feature: (typeof access.features)[number]) => access.features.includes(feature);
    this.#tools = protocol
      .tools(body)
      .slice(0, MOST_TOOLS)
      .map((name) => name.slice(0, LONGEST_NAME));
    this.#input = this.#context.turns.fresh(protocol.parts(body));
    const objection = protocol.object(body, allows);
    if (objection) {
      const allow =
        objection.feature === undefined ? undefined : `name ${objection.feature} under ${clause}.features`;
      return this.#refuse(objection.why, `${clause}.features`, 'denied', allow);
    }
    const written = protocol.write(body, allows, this.#context.secret);
    const { budget } = account;
    const asked = protocol.bound(body);
    const bounded =
      asked === undefined && budget.bounds && !counts ? protocol.withBound(written, UNBOUND) : written;
    const tokens = counts ? 0 : estimateTokens(written);
    // what is written into a cache costs up to twice the price
    const surcharge = JSON.stringify(body).includes('"cache_control"') ? tokens : 0;
    const admitted = budget.admit(this.#model, tokens, counts ? 0 : (asked ?? UNBOUND), surcharge);
    if (admitted.ok) return { account, body: bounded, ticket: admitted.ticket };
    if (admitted.why === 'busy')
      return this.#refuse('calls under way hold the rest of the budget', `${clause}.budget`, 'busy');
    if (admitted.why === 'no price') return this.#refuse('nothing says what it costs', `${clause}.prices`);
    const { limit, used, max } = admitted.reached;
    this.#refuse(`its budget of ${limit} is used: ${used} of ${max}`, `${clause}.budget.${limit}`);
    this.#reached(account, admitted.reached);
    return undefined;
  }

  #send({ account, body, ticket }: Going): void {
    const { access, upstream } = account;
    const bytes = Buffer.from(JSON.stringify(body));
    const headers = upstreamHeaders(access, this.#request.headers, {
      length: bytes.length,
      stream: this.#stream,
    });
    const stop = upstream.ask(
      { method: 'POST', path: this.#route.path, headers, body: bytes },
      {
        answer: (answer) => {
          this.#status = answer.statusCode;
          const status = answer.statusCode ?? 502;
          const type = answer.headers['content-type'] ?? '';
          if (isEncoded(answer.headers)) this.#encoded(answer, account, ticket);
          else if (status === 401 || status === 403) this.#badKey(answer, account, ticket);
          else if (status === 200 && this.#stream && /^text\/event-stream\b/i.test(type))
            this.#relay(answer, account, ticket);
          else this.#pass(answer, account, ticket, status).catch(() => this.#response.destroy());
        },
        failed: (why, begun) => {
          // of what was begun nobody knows how far it came
          this.#finish(account, ticket, { output: [] }, begun ? undefined : 'free', why);
          give(this.#response, 'unreachable', this.#route.provider);
        },
      },
    );
    this.#response.on('close', () => {
      if (this.#response.writableFinished || this.#status !== undefined) return;
      stop();
      this.#finish(account, ticket, { output: [] }, undefined, 'the client went away');
    });
  }

  #encoded(answer: IncomingMessage, account: Account, ticket: Ticket | undefined): void {
    answer.destroy();
    answer.on('error', () => {});
    this.#finish(
      account,
      ticket,
      { output: [] },
      undefined,
      'the answer is encoded, though none was asked for',
    );
    give(this.#response, 'unreachable', this.#route.provider);
  }

  /** An error about the key may repeat it: the client gets words of ours. */
  #badKey(answer: IncomingMessage, account: Account, ticket: Ticket | undefined): void {
    answer.resume();
    this.#finish(
      account,
      ticket,
      { output: [] },
      'free',
      'the provider does not accept the key, or what is asked',
    );
    give(this.#response, 'key', this.#route.provider);
  }

  #relay(answer: IncomingMessage, account: Account, ticket: Ticket | undefined): void {
    const collector = this.#route.protocol.collector();
    // it is asked for in any case; the client gets what it asked for
    const quiet = this.#route.protocol.api === 'chat' && !this.#wantsUsage;
    relayStream(answer, this.#response, collector, { quiet }, ({ broken, unread }) => {
      const collected = collector.collected();
      if (unread) this.#unread();
      this.#finish(account, ticket, collected, collected.usage, broken);
    });
  }

  /** An answer as a whole: of a call that does not stream, or an error. */
  async #pass(
    answer: IncomingMessage,
    account: Account,
    ticket: Ticket | undefined,
    status: number,
  ): Promise<void> {
    const { held } = this.#context;
    const read = await readBody(answer, LONGEST_ANSWER, held);
    if (!read.ok) {
      answer.destroy();
      this.#finish(account, ticket, { output: [] }, undefined, `the answer is ${read.why}`);
      give(this.#response, 'unreachable', this.#route.provider);
      return;
    }
    const { key } = account.access;
    if (key !== undefined && read.bytes.includes(key)) {
      held.give(read.bytes.length);
      this.#badKey(answer, account, ticket);
      return;
    }
    const collector = this.#route.protocol.collector();
    const parsed = parse(read.bytes);
    if (parsed !== undefined) collector.whole(parsed);
    const collected = collector.collected();
    const refused = status >= 400;
    const detail = refused ? errorOf(parsed) : parsed === undefined ? 'the answer is no JSON' : undefined;
    this.#finish(
      account,
      ticket,
      refused ? { output: [] } : parsed === undefined ? { output: [strange(read.bytes)] } : collected,
      refused ? 'free' : collected.usage,
      detail,
    );
    if (!this.#response.destroyed) {
      this.#response.writeHead(status, {
        ...answerHeaders(answer.headers),
        'content-length': read.bytes.length,
      });
      this.#response.end(read.bytes);
    }
    held.give(read.bytes.length);
  }

  /** The call is over, whatever became of it: it is accounted and on record, once. */
  #finish(
    account: Account,
    ticket: Ticket | undefined,
    { output, usage, finish }: Collected,
    told: Usage | undefined | 'free',
    detail?: string,
  ): void {
    if (this.#done) return;
    this.#done = true;
    const { cost, reached } = ticket ? account.budget.settle(ticket, this.#route.counts ? 'free' : told) : {};
    if (this.#route.counts) {
      this.#counted(account, detail);
      return;
    }
    this.#record(`models[${account.access.rule}]`, true, {
      output,
      ...(usage && { usage: tokensOf(usage) }),
      ...(cost !== undefined && { cost }),
      ...(finish !== undefined && { finish: finish.slice(0, LONGEST_NAME) }),
      ...(detail !== undefined && { detail: detail.slice(0, LONGEST_DETAIL) }),
    });
    if (reached) this.#reached(account, reached);
  }

  /** What is counted is no turn, and yet it was said. */
  #counted({ access }: Account, detail: string | undefined): void {
    this.#context.reporter.bounded(`models ${access.provider}`, {
      kind: 'http.request',
      flow: String(this.#asker.flow),
      owner: this.#asker.owner,
      method: 'POST',
      host: new URL(access.endpoint).host,
      path: this.#route.path.split('?')[0] as string,
      ...(this.#status !== undefined && { status: this.#status }),
      ms: Math.round(performance.now() - this.#begun),
      allowed: true,
      clause: `models[${access.rule}]`,
      ...(detail !== undefined && { detail: detail.slice(0, LONGEST_DETAIL) }),
    });
  }

  #reached({ access }: Account, { limit, used, max }: Reached): void {
    this.#context.reporter.event({
      kind: 'limit.reached',
      limit: `models[${access.rule}].budget.${limit}`,
      used,
      max,
      action: '',
    });
  }

  #unread(): void {
    this.#context.reporter.event({
      kind: 'sensor.loss',
      sensor: 'models',
      reason: 'an event of an answer was too long to be read',
      count: 1,
    });
  }

  #refuse(why: string, clause: string, answer: Answer = 'denied', allow?: string): undefined {
    const { method = '', url = '', headers } = this.#request;
    this.#context.deny(this.#asker, `${method} ${headers.host ?? ''}${url}`, why, clause, allow);
    this.#record(clause, false, { output: [], detail: why });
    const { complete } = this.#request;
    untilDenial(this.#read).then(() => give(this.#response, answer, this.#route.provider, complete));
    return undefined;
  }

  #record(
    clause: string,
    allowed: boolean,
    about: Pick<
      Extract<EventBody, { kind: 'model.turn' }>,
      'output' | 'usage' | 'cost' | 'finish' | 'detail'
    >,
  ): void {
    const { provider, protocol } = this.#route;
    const traceparent = traceOf(this.#request.headers);
    const { output, ...rest } = about;
    const { kept, omitted, ...parts } = fitParts(this.#input, output);
    const event: EventBody = {
      kind: 'model.turn',
      turn: this.#context.turns.next(),
      provider,
      api: protocol.api,
      model: this.#model,
      owner: this.#asker.owner,
      ...(traceparent !== undefined && { traceparent }),
      stream: this.#stream,
      ...(this.#status !== undefined && { status: this.#status }),
      ms: Math.round(performance.now() - this.#begun),
      ...parts,
      ...(omitted > 0 && { omitted }),
      ...(this.#tools.length > 0 && { tools: this.#tools }),
      ...rest,
      allowed,
      clause,
    };
    // what is refused can be repeated without end
    if (allowed) {
      this.#context.turns.learn(kept);
      this.#context.reporter.event(event);
    } else this.#context.reporter.coalesced(`refused turn ${this.#asker.owner.pid}`, event);
  }
}

function parse(bytes: Buffer): Fields | undefined {
  try {
    const parsed = parseRequest(bytes.toString('utf8'));
    return isFields(parsed) ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** An answer of no form that is known, for the record. */
const strange = (bytes: Buffer): ModelPart => ({
  role: 'assistant',
  type: 'other',
  text: bytes.subarray(0, LONGEST_STRANGE).toString('utf8'),
  ...(bytes.length > LONGEST_STRANGE && { cut: bytes.length - LONGEST_STRANGE }),
});

const tokensOf = ({ surcharge: _, ...tokens }: Usage): Omit<Usage, 'surcharge'> => tokens;

/** What an error says, in a few words. */
function errorOf(body: Fields | undefined): string {
  const error = isFields(body?.error) ? body.error : {};
  return `the provider answers: ${textOf(error.type) || textOf(error.code) || 'an error'}`;
}
