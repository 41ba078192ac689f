/**
 * The resolver's client side: asks the machine's resolvers over UDP with a random id from a random port (RFC 5452),
 * over TCP when the answer is cut, the next resolver when one fails. The question holds nothing but a permitted name.
 *
 * @module
 */
import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { connect } from 'node:net';
import dnsPacket from 'dns-packet';
import { type Address, parseAddress } from '../policy/addresses.ts';
import { normaliseName } from '../policy/names.ts';
import { UDP_SIZE } from './wire.ts';

export type RecordType = 'A' | 'AAAA';

/** `none`: the name exists without such a record; `missing`: NXDOMAIN; `failed`: nobody answered properly. */
export type Resolution =
  | { kind: 'found'; addresses: Address[]; ttl: number }
  | { kind: 'none' | 'missing'; ttl: number }
  | { kind: 'failed'; reason: string };

interface Server {
  host: string;
  port: number;
  family: 4 | 6;
}

const TRY_MS = 2000;
const ROUNDS = 2;
const MAX_CHAIN = 8;
const MAX_ADDRESSES = 32;
const NEGATIVE_TTL = 30;

/** `ADDRESS`, `ADDRESS:PORT`, `[ADDRESS]:PORT` → where to ask; `undefined` when it is none of these. */
export function parseResolver(text: string): Server | undefined {
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text) ?? [];
  const address = parseAddress(bracketed ?? plain ?? text);
  if (!address) return undefined;
  return { host: address.text, family: address.family, port: port ? Number(port) : 53 };
}

export class UpstreamResolver {
  readonly #servers: Server[];
  readonly #tryMs: number;

  constructor(resolvers: readonly string[], tryMs = TRY_MS) {
    this.#servers = resolvers.flatMap((text) => parseResolver(text) ?? []);
    this.#tryMs = tryMs;
  }

  /** Resolves a name, following CNAMEs within and across answers, at most {@link MAX_CHAIN} of them. */
  async resolve(name: string, type: RecordType): Promise<Resolution> {
    if (this.#servers.length === 0) return { kind: 'failed', reason: 'no resolver is configured' };
    let target = name;
    let ttl = Number.POSITIVE_INFINITY;
    for (let links = 0; links <= MAX_CHAIN; ) {
      const packet = await this.#ask(target, type);
      if (!packet) return { kind: 'failed', reason: 'no resolver answered' };
      const step = followChain(packet, target, type, MAX_CHAIN - links);
      ttl = Math.min(ttl, step.ttl);
      if (step.kind === 'found') return { kind: 'found', addresses: step.addresses, ttl };
      if (step.kind === 'loop') break;
      if (rcodeOf(packet) === 3) return { kind: 'missing', ttl: NEGATIVE_TTL };
      if (step.target === target) return { kind: 'none', ttl: NEGATIVE_TTL };
      links += step.links;
      target = step.target;
    }
    return { kind: 'failed', reason: 'the CNAME chain is too long' };
  }

  async #ask(name: string, type: RecordType): Promise<dnsPacket.DecodedPacket | undefined> {
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const server of this.#servers) {
        const answer = await exchange(server, name, type, this.#tryMs);
        const rcode = answer && rcodeOf(answer);
        if (rcode === 0 || rcode === 3) return answer;
      }
    }
    return undefined;
  }
}

const rcodeOf = (packet: dnsPacket.DecodedPacket): number => (packet.flags ?? 0) & 0x0f;

type Step =
  | { kind: 'found'; addresses: Address[]; ttl: number }
  | { kind: 'next'; target: string; links: number; ttl: number }
  | { kind: 'loop'; ttl: number };

function followChain(packet: dnsPacket.DecodedPacket, name: string, type: RecordType, most: number): Step {
  let target = name;
  let ttl = Number.POSITIVE_INFINITY;
  for (let links = 0; links <= most; links += 1) {
    const addresses: Address[] = [];
    let next: string | undefined;
    for (const record of packet.answers ?? []) {
      if (normaliseName(record.name) !== target) continue;
      if (record.type === type) {
        const address = parseAddress(record.data);
        if (address) addresses.push(address);
        ttl = Math.min(ttl, record.ttl ?? 0);
      } else if (record.type === 'CNAME') {
        next = normaliseName(record.data);
        ttl = Math.min(ttl, record.ttl ?? 0);
      }
    }
    if (addresses.length > 0) return { kind: 'found', addresses: addresses.slice(0, MAX_ADDRESSES), ttl };
    if (next === undefined) return { kind: 'next', target, links, ttl };
    target = next;
  }
  return { kind: 'loop', ttl };
}

async function exchange(server: Server, name: string, type: RecordType, ms: number) {
  const id = randomInt(65_536);
  const query = dnsPacket.encode({
    type: 'query',
    id,
    flags: dnsPacket.RECURSION_DESIRED,
    questions: [{ type, name, class: 'IN' }],
    additionals: [
      {
        type: 'OPT',
        name: '.',
        udpPayloadSize: UDP_SIZE,
        flags: 0,
        extendedRcode: 0,
        ednsVersion: 0,
        flag_do: false,
        options: [],
      },
    ],
  });
  const accept = (bytes: Buffer) => readResponse(bytes, id, name, type);
  const short = await overUdp(server, query, accept, ms);
  if (!short?.flag_tc) return short;
  return overTcp(server, query, accept, ms);
}

/** An answer to exactly our question, or `undefined`: a forged or broken one is as if it never came. */
export function readResponse(
  bytes: Buffer,
  id: number,
  name: string,
  type: RecordType,
): dnsPacket.DecodedPacket | undefined {
  if (bytes.length < 12 || bytes.readUInt16BE(0) !== id) return undefined;
  try {
    const packet = dnsPacket.decode(bytes);
    const [question, ...others] = packet.questions ?? [];
    if (packet.type !== 'response' || !question || others.length > 0) return undefined;
    if (normaliseName(question.name) !== name || question.type !== type || question.class !== 'IN')
      return undefined;
    return packet;
  } catch {
    return undefined;
  }
}

type Accept = (bytes: Buffer) => dnsPacket.DecodedPacket | undefined;

function overUdp(server: Server, query: Buffer, accept: Accept, ms: number) {
  return new Promise<dnsPacket.DecodedPacket | undefined>((resolve) => {
    const socket = createSocket(server.family === 4 ? 'udp4' : 'udp6');
    let open = true;
    const finish = (answer?: dnsPacket.DecodedPacket) => {
      if (!open) return;
      open = false;
      clearTimeout(timer);
      socket.close();
      resolve(answer);
    };
    const timer = setTimeout(finish, ms);
    socket.on('error', () => finish());
    socket.on('message', (bytes) => {
      const answer = accept(bytes);
      if (answer) finish(answer);
    });
    // a connected socket: the kernel drops datagrams from any other source
    socket.connect(server.port, server.host, (error?: unknown) => {
      if (error) finish();
      else if (open) socket.send(query);
    });
  });
}

function overTcp(server: Server, query: Buffer, accept: Accept, ms: number) {
  return new Promise<dnsPacket.DecodedPacket | undefined>((resolve) => {
    const socket = connect({ host: server.host, port: server.port });
    let received = Buffer.alloc(0);
    const finish = (answer?: dnsPacket.DecodedPacket) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(answer);
    };
    const timer = setTimeout(finish, ms);
    socket.on('error', () => finish());
    socket.on('end', () => finish());
    socket.on('connect', () => {
      const length = Buffer.alloc(2);
      length.writeUInt16BE(query.length);
      socket.write(Buffer.concat([length, query]));
    });
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 2) return;
      const end = 2 + received.readUInt16BE(0);
      if (received.length >= end) finish(accept(received.subarray(2, end)));
    });
  });
}
