/**
 * Models for one cell, at names of their own: a request is read, judged, written anew and sent to the contract's
 * endpoint with the key that only the gateway has; the answer passes as it comes.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import {
  type FlowRegistration,
  type GatewayConfig,
  MODEL_ADDRESS,
  MODEL_DOMAIN,
  MODEL_PORT,
  type ModelAccess,
  type ModelProvider,
  matchesModel,
} from '../../contract/index.ts';
import { outwardResolve } from '../dns/outward.ts';
import type { UpstreamResolver } from '../dns/upstream.ts';
import type { FlowContext } from '../flow/context.ts';
import type { Address } from '../policy/addresses.ts';
import type { Policy } from '../policy/policy.ts';
import type { Reporter } from '../reporter.ts';
import { untilDenial } from '../served/denial.ts';
import { Endpoint } from '../served/endpoint.ts';
import { type Asker, HttpService } from '../served/http.ts';
import type { CarriedFlow, Served } from '../served/served.ts';
import { asStream } from '../served/stream.ts';
import { give } from './answers.ts';
import { drain, Held } from './body.ts';
import { ModelBudget } from './budget.ts';
import { ModelCall } from './call.ts';
import { answerHeaders, strangeKey, upstreamHeaders } from './headers.ts';
import { ModelUpstream } from './outward.ts';
import { providerOf, type Route, routeOf } from './routes.ts';
import { Turns } from './turns.ts';

/** Characters of a path that are recorded. */
const SHOWN = 200;

/** One entry of the contract, with what the run has used of it. */
export interface Account {
  access: ModelAccess;
  budget: ModelBudget;
  upstream: ModelUpstream;
}

/** What all calls share. */
export interface CallContext {
  reporter: Reporter;
  accounts: readonly Account[];
  turns: Turns;
  held: Held;
  /** of this run alone, unknown to the agent */
  secret: string;
  /** records that something was refused, and why */
  deny(asker: Asker, what: string, why: string, clause: string, allow?: string): void;
}

export interface ModelOptions {
  config: GatewayConfig;
  policy: Policy;
  resolver: UpstreamResolver;
  reporter: Reporter;
}

/** The service where the contract has models. */
export const modelService = (options: ModelOptions): ModelService | undefined =>
  options.config.models && options.config.models.length > 0
    ? new ModelService(options, options.config.models)
    : undefined;

export class ModelService implements Served {
  readonly #providers: ReadonlySet<ModelProvider>;
  readonly #context: CallContext;
  readonly #http: HttpService;
  readonly #endpoint = new Endpoint({
    host: MODEL_DOMAIN,
    clause: 'models',
    address: MODEL_ADDRESS,
    port: MODEL_PORT,
    called: 'the models',
  });

  constructor({ policy, resolver, reporter }: ModelOptions, models: readonly ModelAccess[]) {
    this.#providers = new Set(models.map(({ provider }) => provider));
    const resolve = outwardResolve(policy, resolver);
    this.#context = {
      reporter,
      accounts: models.map((access) => ({
        access,
        budget: new ModelBudget(access),
        upstream: new ModelUpstream(access, resolve),
      })),
      turns: new Turns(),
      held: new Held(),
      secret: randomBytes(32).toString('hex'),
      deny: (asker, what, why, clause, allow) =>
        reporter.coalesced(`model ${asker.owner.pid}`, {
          kind: 'denial',
          layer: 'gateway',
          owner: asker.owner,
          what: `model request ${what.slice(0, SHOWN)}: ${why}`,
          clause,
          ...(allow !== undefined && { allow }),
        }),
    };
    this.#http = new HttpService({
      handle: (request, response, asker) => this.#handle(request, response, asker),
      malformed: (why, asker) => this.#context.deny(asker, '(malformed)', why, 'models'),
    });
  }

  addressOf(name: string): { address: Address; ttl: number } | undefined {
    const provider = providerOf(name);
    const isOurs = provider !== undefined && this.#providers.has(provider);
    return isOurs ? this.#endpoint.answer() : undefined;
  }

  serve(
    context: FlowContext,
    registration: FlowRegistration,
    done: (flow: CarriedFlow) => void,
  ): CarriedFlow | undefined {
    const take = asStream((stream, owner, flow) => this.#http.take(stream, owner, flow));
    return this.#endpoint.serve(context, registration, take, done);
  }

  close(): void {
    this.#http.close();
    for (const { upstream } of this.#context.accounts) upstream.close();
  }

  #handle(request: IncomingMessage, response: ServerResponse, asker: Asker): void {
    const { method = '', url = '', headers } = request;
    const what = `${method} ${headers.host ?? ''}${url}`;
    const provider = providerOf(headers.host);
    const refuse = async (why: string, answer: 'denied' | 'missing', clause = 'models') => {
      this.#context.deny(asker, what, why, clause);
      // whatever is wrong with it, it is read first: when the answer comes tells nothing either
      const whole = await drain(request);
      await untilDenial(performance.now());
      give(response, answer, provider, whole);
    };
    response.on('error', () => {});
    const route = routeOf(method, headers.host, url);
    if (!route || !this.#providers.has(route.provider)) refuse('there is no such path', 'missing');
    else if (strangeKey(headers)) refuse('it carries a key of its own', 'denied');
    else if (headers['content-encoding'] !== undefined || headers.expect !== undefined)
      refuse('its body is encoded, or waits', 'denied');
    else if (route.kind === 'list') this.#list(route, request, response, asker);
    else new ModelCall(this.#context, route, request, response, asker).start();
  }

  /** Names of models: of the first entry of the provider, since no model is named. */
  #list(
    { provider, path, model }: Extract<Route, { kind: 'list' }>,
    request: IncomingMessage,
    response: ServerResponse,
    { owner, flow }: Asker,
  ): void {
    const account = this.#context.accounts.find(
      ({ access }) =>
        access.provider === provider &&
        (model === undefined || access.models.some((pattern) => matchesModel(pattern, model))),
    );
    const begun = performance.now();
    const tell = (status: number | undefined, detail?: string) =>
      this.#context.reporter.bounded(`models ${provider}`, {
        kind: 'http.request',
        flow: String(flow),
        owner,
        method: 'GET',
        host: account ? new URL(account.access.endpoint).host : MODEL_DOMAIN,
        path: path.split('?')[0] as string,
        ...(status !== undefined && { status }),
        ms: Math.round(performance.now() - begun),
        allowed: account !== undefined,
        clause: account ? `models[${account.access.rule}]` : 'models',
        ...(detail !== undefined && { detail }),
      });
    if (!account) {
      tell(undefined, 'no entry names this model');
      untilDenial(begun).then(() => give(response, 'missing', provider));
      return;
    }
    const headers = upstreamHeaders(account.access, request.headers, undefined);
    const stop = account.upstream.ask(
      { method: 'GET', path, headers },
      {
        answer: (answer) => {
          tell(answer.statusCode);
          const status = answer.statusCode ?? 502;
          if (status === 401 || status === 403) {
            answer.resume();
            give(response, 'key', provider);
            return;
          }
          response.writeHead(status, answerHeaders(answer.headers));
          answer.pipe(response);
          answer.on('error', () => response.destroy());
        },
        failed: (why) => {
          tell(undefined, why);
          give(response, 'unreachable', provider);
        },
      },
    );
    response.on('close', () => {
      if (!response.writableFinished) stop();
    });
  }
}
