/**
 * Plays the supervisor and the cell for tests of the gateway's process: makes its sockets on the host's loopback,
 * answers pins, registers flows, and collects what the gateway says.
 *
 * @module
 */
import { type ChildProcess, fork } from 'node:child_process';
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import type {
  EventBody,
  FlowRegistration,
  GatewayConfig,
  GatewayMessage,
  GatewaySocket,
  NetworkRule,
} from '../contract/index.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
/** Machines under load are slow; nothing that works takes as long. */
const DEADLINE_MS = 30_000;

type EventOf<K extends EventBody['kind']> = Extract<EventBody, { kind: K }>;

/** Waits until `condition` gives a value; fails after half a minute with what it waited for. */
export async function until<T>(what: string, condition: () => T | undefined | false): Promise<T> {
  const deadline = performance.now() + DEADLINE_MS;
  for (;;) {
    const value = condition();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > deadline) throw new Error(`waited ${DEADLINE_MS} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

export interface Connection {
  flow: number;
  socket: Socket;
  /** errno that a waiting connect got */
  errno: number | undefined;
  received: Buffer[];
  /** `end`, or the error's code */
  ended: Promise<string>;
  text(): string;
}

export async function listen(server: Server, host = '127.0.0.1', port = 0): Promise<number> {
  server.listen(port, host);
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

async function bound(type: 'udp4' | 'udp6', host: string): Promise<UdpSocket> {
  const socket = createSocket(type);
  socket.bind(0, host);
  await once(socket, 'listening');
  return socket;
}

export class Harness {
  readonly messages: GatewayMessage[] = [];
  readonly pins: string[] = [];
  readonly results = new Map<number, number>();
  readonly child: ChildProcess;
  readonly ports: Partial<Record<GatewaySocket, number>> = {};
  readonly started = performance.now();
  readyMs = 0;
  /** answers pins; a test that wants them late sets it to false */
  confirmPins = true;
  #channel: Socket | undefined;
  #nextFlow = 1;
  #nextSource = 1;

  private constructor() {
    this.child = fork(MAIN, [], { execArgv: [], env: {} });
    this.child.on('message', (message: GatewayMessage) => this.messages.push(message));
  }

  static config(network: Partial<NetworkRule>[], rest: Partial<GatewayConfig> = {}): GatewayConfig {
    return {
      run: 'test',
      network: network.map((rule) => ({ host: 'example.com', port: 443, protocol: 'https', ...rule })),
      resolve: {},
      resolvers: [],
      hosts: {},
      ...rest,
      // long: a test about one of them sets it
      timeouts: { dial: 30_000, verdict: 30_000, registration: 30_000, idle: 60_000, ...rest.timeouts },
    };
  }

  static async start(config: GatewayConfig): Promise<Harness> {
    const harness = new Harness();
    harness.child.send(config);
    const pair = createServer();
    const path = `\0ringfence-test-${process.pid}-${harness.child.pid}`;
    pair.listen(path);
    await once(pair, 'listening');
    const accepted = once(pair, 'connection');
    const ours = connect(path);
    const [theirs] = (await accepted) as [Socket];
    pair.close();
    harness.#channel = ours;
    ours.setEncoding('utf8');
    let rest = '';
    ours.on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) harness.#command(line);
    });
    ours.on('error', () => {});
    await harness.#give('channel', theirs);
    for (const name of ['dns-tcp', 'tcp4', 'tcp6'] as const) {
      const server = createServer({ pauseOnConnect: true });
      harness.ports[name] = await listen(server, name === 'tcp6' ? '::1' : '127.0.0.1');
      await harness.#give(name, server);
      server.close();
    }
    for (const name of ['dns-udp', 'udp4', 'udp6'] as const) {
      const socket = await bound(name === 'udp6' ? 'udp6' : 'udp4', name === 'udp6' ? '::1' : '127.0.0.1');
      harness.ports[name] = socket.address().port;
      await harness.#give(name, socket);
      socket.close();
    }
    await until('ready', () => harness.messages.find((message) => message.type === 'ready'));
    harness.readyMs = performance.now() - harness.started;
    return harness;
  }

  #give(name: GatewaySocket, handle: Server | Socket | UdpSocket): Promise<void> {
    return new Promise((resolve, reject) => {
      this.child.send({ socket: name }, handle, {}, (error) => (error ? reject(error) : resolve()));
    });
  }

  #command(line: string): void {
    const [verb, id, ...rest] = line.split(' ');
    if (verb === 'result') this.results.set(Number(id), Number(rest[0]));
    if (verb !== 'pin') return;
    this.pins.push(rest.join(' '));
    if (this.confirmPins) this.tell({ pinned: Number(id) });
  }

  /** One line to the gateway, as the supervisor. */
  tell(message: object): void {
    this.#channel?.write(`${JSON.stringify(message)}\n`);
  }

  tellRaw(text: string): void {
    this.#channel?.write(text);
  }

  source(): { source: string; sourcePort: number } {
    const n = this.#nextSource;
    this.#nextSource += 1;
    return { source: `127.77.${n >> 8}.${n & 255}`, sourcePort: 20_000 + ((process.pid * 7 + n) % 20_000) };
  }

  registration(address: string, port: number, more: Partial<FlowRegistration> = {}): FlowRegistration {
    const flow = this.#nextFlow;
    this.#nextFlow += 1;
    const base = {
      flow,
      family: 4 as const,
      type: 'tcp' as const,
      ...this.source(),
      address,
      port,
      wait: false,
    };
    return { ...base, pid: 4242, exe: '/usr/bin/agent', argv: ['agent'], ...more };
  }

  /** What the agent's connect(2) becomes: registration, then a connection from the registered source. */
  async connect(address: string, port: number, more: Partial<FlowRegistration> = {}): Promise<Connection> {
    const registration = this.registration(address, port, more);
    this.tell(registration);
    const { flow, wait } = registration;
    const errno = wait
      ? await until(`result of flow ${flow}`, () => {
          const result = this.results.get(flow);
          return result === undefined ? undefined : { result };
        }).then(({ result }) => result)
      : undefined;
    if (errno) return failed(flow, errno);
    return { ...this.raw(registration), flow, errno };
  }

  /** Connects to the gateway's listener from a source, registered or not. */
  raw({
    source,
    sourcePort,
    family = 4,
  }: {
    source: string;
    sourcePort: number;
    family?: 4 | 6;
  }): Connection {
    const port = this.ports[family === 4 ? 'tcp4' : 'tcp6'] as number;
    const host = family === 4 ? '127.0.0.1' : '::1';
    const socket = connect({ host, port, localAddress: source, localPort: sourcePort, allowHalfOpen: true });
    const received: Buffer[] = [];
    socket.on('data', (chunk: Buffer) => received.push(chunk));
    const ended = new Promise<string>((resolve) => {
      socket.on('end', () => resolve('end'));
      socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
    });
    return {
      flow: 0,
      socket,
      errno: undefined,
      received,
      ended,
      text: () => Buffer.concat(received).toString('latin1'),
    };
  }

  /** The events of a kind so far. */
  events<K extends EventBody['kind']>(kind: K): EventOf<K>[] {
    return this.messages.flatMap((message) =>
      message.type === 'event' && message.event.kind === kind ? [message.event as EventOf<K>] : [],
    );
  }

  event<K extends EventBody['kind']>(
    kind: K,
    where: (event: EventOf<K>) => boolean = () => true,
  ): Promise<EventOf<K>> {
    return until(`event ${kind}`, () => this.events(kind).find(where));
  }

  dropChannel(): void {
    this.#channel?.destroy();
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    if (this.child.connected) this.child.disconnect();
    await exited;
    this.#channel?.destroy();
  }
}

function failed(flow: number, errno: number): Connection {
  const socket = connect({ host: '127.0.0.1', port: 1 });
  socket.on('error', () => {});
  socket.destroy();
  return { flow, socket, errno, received: [], ended: Promise.resolve('refused'), text: () => '' };
}
