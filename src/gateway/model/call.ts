/**
 * One call of a model, from the client's request to the record of what was said.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type EventBody, type ModelPart, matchesModel } from '../../contract/index.ts';
import type { Asker } from '../served/http.ts';
import { type Answer, give } from './answers.ts';
import { LONGEST_ANSWER, LONGEST_REQUEST, readBody } from './body.ts';
import type { Reached, Ticket, Usage } from './budget.ts';
import { answerHeaders, traceOf, upstreamHeaders } from './headers.ts';
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
      this.#response.destroy();
    });
  }

  async #run(): Promise<void> {
    const { held } = this.#context;
    const read = await readBody(this.#request, LONGEST_REQUEST, held);
    if (!read.ok) {
      if (read.why === 'broken off') this.#response.destroy();
      else this.#refuse(`its body is ${read.why}`, 'models', read.why === 'too many' ? 'busy' : 'denied');
      return;
    }
    const going = this.#judge(read.bytes);
    held.give(read.bytes.length);
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
    if (counts) return { account, body: written, ticket: undefined };
    const admitted = account.budget.admit(
      this.#model,
      estimateTokens(written),
      protocol.bound(body) ?? UNBOUND,
    );
    if (admitted.ok) return { account, body: written, ticket: admitted.ticket };
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
          if (status === 401 || status === 403) this.#badKey(answer, account, ticket);
          else if (status === 200 && this.#stream && /^text\/event-stream\b/i.test(type))
            this.#relay(answer, account, ticket);
          else this.#pass(answer, account, ticket, status).catch(() => this.#response.destroy());
        },
        failed: (why) => {
          // nobody knows whether it was begun
          this.#finish(account, ticket, { output: [] }, undefined, why);
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
    const collector = this.#route.protocol.collector();
    const parsed = parse(read.bytes);
    if (parsed !== undefined) collector.whole(parsed);
    const collected = collector.collected();
    const refused = status >= 400;
    const detail = refused ? errorOf(parsed) : parsed === undefined ? 'the answer is no JSON' : undefined;
    this.#finish(
      account,
      ticket,
      refused ? { output: [] } : collected,
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
    const { cost, reached } = ticket ? account.budget.settle(ticket, told) : {};
    this.#context.turns.learn(output);
    if (this.#route.counts) return;
    this.#record(`models[${account.access.rule}]`, true, {
      output,
      ...(usage && { usage }),
      ...(cost !== undefined && { cost }),
      ...(finish !== undefined && { finish }),
      ...(detail !== undefined && { detail }),
    });
    if (reached) this.#reached(account, reached);
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
    give(this.#response, answer, this.#route.provider, this.#request.complete);
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
      ...fitParts(this.#input, output),
      ...(this.#tools.length > 0 && { tools: this.#tools }),
      ...rest,
      allowed,
      clause,
    };
    // what is refused can be repeated without end
    if (allowed) this.#context.reporter.event(event);
    else this.#context.reporter.coalesced(`refused turn ${this.#asker.owner.pid}`, event);
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

/** What an error says, in a few words. */
function errorOf(body: Fields | undefined): string {
  const error = isFields(body?.error) ? body.error : {};
  return `the provider answers: ${textOf(error.type) || textOf(error.code) || 'an error'}`;
}
