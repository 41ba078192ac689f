/**
 * Tools for one cell: each server of the contract at a name of its own. What speaks the protocol is loaded when the
 * first server or client comes.
 *
 * @module
 */
import type { Readable, Writable } from 'node:stream';
import type {
  FlowRegistration,
  GatewayConfig,
  GatewayMessage,
  GatewayOrder,
  ServerStream,
  ToolServer,
} from '../../contract/index.ts';
import { TOOL_ADDRESS, TOOL_DOMAIN, TOOL_PORT, toolHost } from '../../contract/tools.ts';
import type { Questions } from '../approvals/questions.ts';
import { outwardResolve } from '../dns/outward.ts';
import type { UpstreamResolver } from '../dns/upstream.ts';
import type { FlowContext } from '../flow/context.ts';
import type { Address } from '../policy/addresses.ts';
import type { Policy } from '../policy/policy.ts';
import type { Reporter } from '../reporter.ts';
import { Endpoint } from '../served/endpoint.ts';
import type { CarriedFlow, Served } from '../served/served.ts';
import { asStream } from '../served/stream.ts';
import type { ToolEngine } from './engine.ts';

export interface ToolServiceOptions {
  config: GatewayConfig;
  policy: Policy;
  resolver: UpstreamResolver;
  reporter: Reporter;
  questions: Questions;
  send: (message: GatewayMessage) => void;
  fail: (error: Error) => void;
}

/** The service where the contract has tools. */
export function toolService(options: ToolServiceOptions): ToolService | undefined {
  const { tools } = options.config;
  return tools && tools.length > 0 ? new ToolService(options, tools) : undefined;
}

export class ToolService implements Served {
  readonly #servers: readonly ToolServer[];
  readonly #engine: Promise<ToolEngine>;
  readonly #streams = new Map<number, { stdin?: Writable; stdout?: Readable }>();
  readonly #fail: (error: Error) => void;
  readonly #endpoint = new Endpoint({
    host: TOOL_DOMAIN,
    clause: 'tools',
    address: TOOL_ADDRESS,
    port: TOOL_PORT,
    called: 'the tools',
  });

  constructor(options: ToolServiceOptions, servers: readonly ToolServer[]) {
    this.#servers = servers;
    this.#fail = options.fail;
    const { config, policy, resolver } = options;
    this.#engine = import('./engine.ts').then(
      ({ ToolEngine }) =>
        new ToolEngine({
          ...options,
          servers,
          people: config.people ?? [],
          resolve: outwardResolve(policy, resolver),
        }),
    );
    this.#engine.catch(options.fail);
  }

  addressOf(name: string): { address: Address; ttl: number } | undefined {
    const isOurs = this.#servers.some((server) => toolHost(server.name) === name);
    return isOurs ? this.#endpoint.answer() : undefined;
  }

  serve(
    context: FlowContext,
    registration: FlowRegistration,
    done: (flow: CarriedFlow) => void,
  ): CarriedFlow | undefined {
    const take = asStream((stream, owner, flow) => {
      this.#engine.then((engine) => engine.take(stream, owner, flow)).catch(this.#fail);
    });
    return this.#endpoint.serve(context, registration, take, done);
  }

  /** One of the two streams of a server's process; both make a conversation. */
  attach({ server, stream }: ServerStream, handle: Readable & Writable): void {
    const streams = { ...this.#streams.get(server), [stream]: handle };
    this.#streams.set(server, streams);
    const { stdin, stdout } = streams;
    if (!stdin || !stdout) return;
    this.#streams.delete(server);
    this.#engine.then((engine) => engine.connect(server, stdout, stdin)).catch(this.#fail);
  }

  gone(order: Extract<GatewayOrder, { order: 'server-gone' }>): void {
    this.#engine.then((engine) => engine.gone(order)).catch(this.#fail);
  }

  close(): void {
    this.#engine.then((engine) => engine.close()).catch(this.#fail);
  }
}
