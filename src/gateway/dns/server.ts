/**
 * DNS inside the cell, UDP and TCP on 127.0.0.1:53. A name that no rule names gets NXDOMAIN, always the same, from
 * here: its bytes go nowhere. Volume and the number of different names are bounded, since names can carry data.
 *
 * @module
 */
import type { Socket as UdpSocket } from 'node:dgram';
import type { Socket } from 'node:net';
import type { Owner } from '../../contract/index.ts';
import type { Decision } from '../approvals/questions.ts';
import type { Address } from '../policy/addresses.ts';
import { normaliseName } from '../policy/names.ts';
import type { Policy } from '../policy/policy.ts';
import type { Reporter } from '../reporter.ts';
import { DnsShape } from '../shape/dns.ts';
import type { CellResolver } from './resolver.ts';
import {
  type Answer,
  type Query,
  RCODE,
  readQuery,
  TYPE,
  typeName,
  udpLimit,
  writeAnswer,
  writeError,
} from './wire.ts';

/** Different names below wildcards in one run; a tunnel needs a new name for every few dozen bytes. */
export const MAX_WILDCARD_NAMES = 512;
const QUERIES_PER_SECOND = 200;
const QUERY_BURST = 400;
const MAX_OPEN = 256;
const TCP_IDLE_MS = 10_000;
const MAX_TCP_QUERIES = 32;

/** Finds who sent from a source port, waiting briefly for the registration that is on its way. */
export type FindOwner = (
  transport: 'tcp' | 'udp',
  source: string,
  port: number,
) => Promise<Owner | undefined>;

/** What becomes of a name that no rule names; `query` tells a query from its repetition. */
export type Ask = (name: string, query: string, owner: Owner | undefined) => Promise<Decision>;
/** Names of the gateway's own services, and where they are found inside. */
export interface OwnNames {
  addressOf(name: string): { address: Address; ttl: number } | undefined;
}

export interface DnsVolume {
  queries: number;
  denied: number;
  names: number;
}

export class DnsServer {
  readonly #policy: Policy;
  readonly #resolver: CellResolver;
  readonly #reporter: Reporter;
  readonly #findOwner: FindOwner;
  readonly #ask: Ask | undefined;
  readonly #own: OwnNames | undefined;
  readonly #wildcardNames = new Set<string>();
  readonly #shape = new DnsShape();
  #volume: DnsVolume = { queries: 0, denied: 0, names: 0 };
  #tokens = QUERY_BURST;
  #refilled = performance.now();
  #open = 0;
  #limitReported = false;
  /** answers wait until the gateway has all its sockets: a name that resolves is followed by a connect at once */
  #letIn: () => void = () => {};
  readonly #opened: Promise<void>;

  /**
   * @param ask absent: what no rule names is denied
   * @param own names that the gateway itself answers at
   */
  constructor(
    policy: Policy,
    resolver: CellResolver,
    reporter: Reporter,
    findOwner: FindOwner,
    ask?: Ask,
    own?: OwnNames,
  ) {
    this.#ask = ask;
    this.#own = own;
    this.#policy = policy;
    this.#resolver = resolver;
    this.#reporter = reporter;
    this.#findOwner = findOwner;
    this.#opened = new Promise((resolve) => {
      this.#letIn = resolve;
    });
  }

  /** Begins to answer. What was asked before is answered now. */
  open(): void {
    this.#letIn();
  }

  get volume(): DnsVolume {
    return { ...this.#volume };
  }

  listenUdp(socket: UdpSocket, fail: (error: Error) => void): void {
    socket.on('message', (bytes, { address, port }) => {
      this.#handle(bytes, 'udp', address, port)
        .then((reply) => {
          if (reply) socket.send(reply, port, address, () => {});
        })
        .catch(fail);
    });
  }

  /** One TCP client: length-prefixed queries one after another (RFC 7766), bounded in number and time. */
  serveTcp(socket: Socket, fail: (error: Error) => void): void {
    const { remoteAddress = '', remotePort = 0 } = socket;
    let held = Buffer.alloc(0);
    let served = 0;
    let turn = Promise.resolve();
    socket.setTimeout(TCP_IDLE_MS, () => socket.destroy());
    socket.on('error', () => socket.destroy());
    socket.on('data', (chunk: Buffer) => {
      held = Buffer.concat([held, chunk]);
      while (held.length >= 2 && held.length >= 2 + held.readUInt16BE(0)) {
        const message = held.subarray(2, 2 + held.readUInt16BE(0));
        held = held.subarray(2 + message.length);
        served += 1;
        if (served > MAX_TCP_QUERIES) {
          socket.destroy();
          return;
        }
        turn = turn
          .then(() => this.#handle(message, 'tcp', remoteAddress, remotePort))
          .then((reply) => {
            if (!reply || socket.destroyed) return;
            const length = Buffer.alloc(2);
            length.writeUInt16BE(reply.length);
            socket.write(Buffer.concat([length, reply]));
          });
        turn.catch(fail);
      }
    });
    socket.on('end', () => {
      turn.then(() => socket.end(), fail);
    });
    socket.resume();
  }

  async #handle(
    bytes: Uint8Array,
    transport: 'tcp' | 'udp',
    source: string,
    port: number,
  ): Promise<Uint8Array | undefined> {
    this.#volume.queries += 1;
    if (!this.#takeToken() || this.#open >= MAX_OPEN) {
      this.#reporter.coalesced('dns-rate', {
        kind: 'denial',
        layer: 'dns',
        what: 'DNS queries beyond the rate limit',
        clause: 'network',
      });
      return undefined;
    }
    const result = readQuery(bytes);
    if (!result.ok) return result.drop ? undefined : writeError(result.id, result.rcode);
    this.#open += 1;
    try {
      await this.#opened;
      const owner = await this.#findOwner(transport, source, port);
      const query = `${transport} ${source} ${port} ${result.query.id} ${result.query.type}`;
      const decision = await this.#decide(result.query, query, owner);
      if (decision.do === 'drop') return undefined;
      const why = decision.do === 'deny' ? decision.why : undefined;
      const answer = await this.#answer(result.query, owner, why);
      return writeAnswer(result.query, answer, transport === 'tcp' ? 65_535 : udpLimit(result.query));
    } finally {
      this.#open -= 1;
    }
  }

  /** Asks about a name that no rule names. While a person thinks, the query holds no place that others need. */
  async #decide({ name, type, ...query }: Query, key: string, owner: Owner | undefined): Promise<Decision> {
    const asked = name === undefined ? undefined : normaliseName(name);
    const isAddress = query.class === 1 && (type === TYPE.A || type === TYPE.AAAA);
    const isOwn = asked !== undefined && this.#own?.addressOf(asked) !== undefined;
    if (!this.#ask || asked === undefined || !isAddress || isOwn || this.#policy.rulesFor(asked).length > 0)
      return { do: 'allow' };
    this.#open -= 1;
    try {
      return await this.#ask(asked, key, owner);
    } finally {
      this.#open += 1;
    }
  }

  async #answer(query: Query, owner: Owner | undefined, why: string | undefined): Promise<Answer> {
    const name = query.name === undefined ? undefined : normaliseName(query.name);
    const known = owner ? { owner } : {};
    const type = typeName(query.type);
    const own = name === undefined || query.class !== 1 ? undefined : this.#own?.addressOf(name);
    if (!own) this.#look(query, owner);
    if (own) {
      const addresses = query.type === TYPE.A ? [own.address] : [];
      return { rcode: RCODE.NOERROR, addresses, ttl: own.ttl };
    }
    if (name === undefined || query.class !== 1 || this.#policy.rulesFor(name).length === 0) {
      this.#volume.denied += 1;
      this.#reporter.coalesced(`dns ${owner?.pid ?? ''}`, {
        kind: 'denial',
        layer: 'dns',
        ...known,
        what: `resolve ${query.shown || '.'} ${type}${why === undefined ? '' : `: ${why}`}`,
        clause: 'network',
        ...(name === undefined ? {} : { allow: `network: - { host: ${name} }` }),
      });
      return { rcode: RCODE.NXDOMAIN, addresses: [], ttl: 0 };
    }
    if (!this.#count(name)) return { rcode: RCODE.NXDOMAIN, addresses: [], ttl: 0 };
    if (query.type === TYPE.ANY) return { rcode: RCODE.REFUSED, addresses: [], ttl: 0 };
    if (query.type !== TYPE.A && query.type !== TYPE.AAAA) {
      this.#reporter.coalesced('dns-nodata', { kind: 'dns.query', ...known, name, type, answer: [] });
      return { rcode: RCODE.NOERROR, addresses: [], ttl: 0 };
    }
    const { answer, denied } = await this.#resolver.resolve(name, query.type === TYPE.A ? 'A' : 'AAAA');
    this.#reporter.coalesced(`dns-query ${owner?.pid ?? ''}`, {
      kind: 'dns.query',
      ...known,
      name,
      type,
      answer: answer.addresses.map(({ text }) => text),
      ttl: answer.ttl,
      ...(denied === undefined ? {} : { denied }),
    });
    if (denied !== undefined && answer.rcode === RCODE.NXDOMAIN) {
      this.#volume.denied += 1;
      this.#reporter.coalesced(`rebinding ${name}`, {
        kind: 'denial',
        layer: 'dns',
        ...known,
        what: `resolve ${name} ${type}: ${denied}`,
        clause: 'network',
        allow: `resolve: { ${name}: [ADDRESS] }`,
      });
    }
    return answer;
  }

  /** Names can carry data; what is denied carries none away, and is told all the same. */
  #look({ shown, type }: Query, owner: Owner | undefined): void {
    const shape = this.#shape.query(shown, type, 0, performance.now());
    if (!shape) return;
    const { base, confidence, detail } = shape;
    const { queries: sent } = this.#volume;
    this.#reporter.event({
      kind: 'flow.shape',
      flow: 'dns',
      ...(owner ? { owner } : {}),
      protocol: 'dns',
      host: base,
      port: 53,
      sent,
      received: 0,
      ms: 0,
      shape: 'dns-tunnel',
      confidence,
      detail:
        this.#policy.rulesFor(`x.${base}`).length > 0 ? detail : `${detail}; no rule names them: none left`,
    });
  }

  /** Counts names that the agent partly chose; `false` once there were too many. */
  #count(name: string): boolean {
    if (!this.#policy.wildcardOnly(name) || this.#wildcardNames.has(name)) return true;
    if (this.#wildcardNames.size >= MAX_WILDCARD_NAMES) {
      if (!this.#limitReported) {
        this.#limitReported = true;
        this.#reporter.event({
          kind: 'limit.reached',
          limit: 'dns.names',
          used: MAX_WILDCARD_NAMES + 1,
          max: MAX_WILDCARD_NAMES,
          action: 'further new names below wildcards do not resolve',
        });
      }
      this.#volume.denied += 1;
      return false;
    }
    this.#wildcardNames.add(name);
    this.#volume.names = this.#wildcardNames.size;
    return true;
  }

  #takeToken(): boolean {
    const time = performance.now();
    this.#tokens = Math.min(
      QUERY_BURST,
      this.#tokens + ((time - this.#refilled) / 1000) * QUERIES_PER_SECOND,
    );
    this.#refilled = time;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
