/**
 * The gateway of one cell: takes its configuration and sockets, and wires DNS, flows and the supervisor's channel
 * together. It opens nothing but network sockets, reads no file and no environment.
 *
 * @module
 */
import { createSocket, type Socket as UdpSocket } from 'node:dgram';
import { Server, Socket } from 'node:net';
import type {
  FlowRegistration,
  GatewayConfig,
  GatewayMessage,
  GatewayOrder,
  GatewaySocket,
  ServerStream,
} from '../contract/index.ts';
import { Changes } from './approvals/changes.ts';
import { Learning } from './approvals/learning.ts';
import { newHost, Questions } from './approvals/questions.ts';
import { type CallService, callService } from './calls/service.ts';
import { SupervisorChannel } from './channel.ts';
import { CellResolver } from './dns/resolver.ts';
import { type Ask, DnsServer } from './dns/server.ts';
import { UpstreamResolver } from './dns/upstream.ts';
import { Budgets } from './flow/budgets.ts';
import type { FlowContext } from './flow/context.ts';
import { DnsOwners, TcpFlows } from './flow/registry.ts';
import { UdpFlows } from './flow/udp-flows.ts';
import { modelService } from './model/service.ts';
import { type PackageService, packageService } from './packages/service.ts';
import { canonical } from './policy/addresses.ts';
import { Pins } from './policy/pins.ts';
import { Policy } from './policy/policy.ts';
import { Reporter } from './reporter.ts';
import { ServedAll } from './served/served.ts';
import { Inspector } from './tls/inspector.ts';
import { type ToolService, toolService } from './tools/service.ts';

const SWEEP_MS = 250;
const SWEEPS_PER_BUDGET = 4;

/** Without these no flow can be judged; IPv6 may be absent where the kernel has none. */
const REQUIRED: readonly GatewaySocket[] = ['channel', 'dns-udp', 'dns-tcp', 'tcp4', 'udp4'];
const IPV6: readonly GatewaySocket[] = ['tcp6', 'udp6'];
/** Milliseconds that the sockets of IPv6 are waited for once the others have come. */
const IPV6_PATIENCE = 100;

/** Hands a message to the controller; `sent` is called when there is room for more. */
export type Send = (message: GatewayMessage, sent?: () => void) => void;

export type GatewayHandle = Server | Socket | UdpSocket;

/** What the controller passes on without reading from it (`net.Native`): Node's own handle, not yet a server or socket. */
type Bare = { fd: number };

/** Accepted sockets must neither read before they are judged nor close when one side ends. */
interface ServerOptions {
  allowHalfOpen: boolean;
  pauseOnConnect: boolean;
  noDelay: boolean;
}

/** A UDP socket arrives as a socket, or as a bare handle (`dgram.Native`) that a socket can take over. */
function udpSocket(handle: GatewayHandle, family: 4 | 6, fail: (error: Error) => void): UdpSocket {
  const socket = 'recvStart' in handle ? createSocket(family === 4 ? 'udp4' : 'udp6') : (handle as UdpSocket);
  if ('recvStart' in handle) socket.bind(handle as unknown as Bare);
  socket.on('error', fail);
  return socket;
}

const asServer = (handle: GatewayHandle): Server =>
  handle instanceof Server ? handle : new Server().listen(handle as unknown as Bare);

/** `handle` is beyond the published types of the constructor's options. */
const asSocket = (handle: GatewayHandle): Socket =>
  handle instanceof Socket ? handle : new Socket({ handle } as object);

/** Where the resolver listens inside; the unspecified address leads there, too. Other loopback addresses are hosts like any, where a rule names them. */
const isResolver = ({ address, port }: FlowRegistration): boolean =>
  port === 53 && ['127.0.0.1', '0.0.0.0'].includes(canonical(address) ?? '');

export class Gateway {
  readonly #send: Send;
  readonly #policy: Policy;
  readonly #pins: Pins;
  readonly #budgets: Budgets;
  readonly #reporter: Reporter;
  readonly #context: FlowContext;
  readonly #tcp: TcpFlows;
  readonly #udp: UdpFlows;
  readonly #dnsOwners = new DnsOwners();
  readonly #dns: DnsServer;
  readonly #questions: Questions;
  readonly #changes: Changes;
  readonly #packages: PackageService | undefined;
  readonly #tools: ToolService | undefined;
  readonly #calls: CallService | undefined;
  /** what is answered here instead of outside */
  readonly #served: ServedAll;
  readonly #have = new Set<GatewaySocket>();
  #channel: SupervisorChannel | undefined;
  /** whether the contract's own addresses could be pinned */
  #pinned: Promise<boolean> | undefined;
  /** whether a rule of the contract looks inside TLS */
  readonly #terminates: boolean;
  #sweeps = 0;
  #starting = false;
  #failed = false;

  /** `send` carries messages to the controller; a `fatal` one ends the run. */
  constructor(config: GatewayConfig, send: Send) {
    this.#send = send;
    this.#budgets = new Budgets(config.network);
    this.#policy = new Policy(config, (rule) => this.#budgets.isSpent(rule));
    this.#pins = new Pins(
      (pin) => this.#channel?.pin(pin) ?? Promise.reject(new Error('pin before the channel')),
    );
    this.#reporter = new Reporter(send);
    const inspector = new Inspector(config);
    this.#terminates = config.network.some((rule) => inspector.rule(rule));
    this.#context = {
      pins: this.#pins,
      budgets: this.#budgets,
      reporter: this.#reporter,
      inspector,
      timeouts: config.timeouts,
      clock: { now: performance.now() },
      result: (flow, errno) => this.#channel?.result(flow, errno),
      fail: (error) => this.fail(error),
    };
    const resolver = new UpstreamResolver(config.resolvers);
    const questions = new Questions(send, config.approve?.patience ?? 0);
    this.#questions = questions;
    this.#packages = packageService({
      config,
      policy: this.#policy,
      resolver,
      reporter: this.#reporter,
      send,
      questions: config.approve?.effects.includes('packages.new') ? questions : undefined,
    });
    this.#tools = toolService({
      config,
      policy: this.#policy,
      resolver,
      reporter: this.#reporter,
      questions,
      send,
      fail: (error) => this.fail(error),
    });
    this.#calls = callService(config, this.#reporter);
    this.#served = new ServedAll([
      this.#packages,
      this.#tools,
      modelService({ config, policy: this.#policy, resolver, reporter: this.#reporter }),
      this.#calls,
    ]);
    this.#tcp = new TcpFlows(this.#context, this.#served);
    this.#udp = new UdpFlows(this.#context);
    this.#changes = new Changes({
      policy: this.#policy,
      pins: this.#pins,
      budgets: this.#budgets,
      reporter: this.#reporter,
      tcp: this.#tcp,
      udp: this.#udp,
      questions,
    });
    const learning = config.permissive && new Learning(this.#changes, this.#reporter);
    const asks = config.approve?.effects.includes('network.new-host');
    const ask: Ask | undefined = learning
      ? (name) => learning.take(name)
      : asks
        ? (name, query, owner) => questions.ask(newHost(name), query, owner)
        : undefined;
    this.#dns = new DnsServer(
      this.#policy,
      new CellResolver(this.#policy, this.#pins, resolver),
      this.#reporter,
      (transport, source, port) => this.#dnsOwners.find(transport, source, port),
      ask,
      this.#served,
    );
    this.#packages?.start();
    setInterval(() => this.#sweep(), SWEEP_MS);
  }

  /** Does what an operator said. */
  obey(order: GatewayOrder): void {
    if (order.order === 'kept') this.#packages?.kept(order);
    else if (order.order === 'gone') this.#questions.gone(order.pid);
    else if (order.order === 'server-gone') this.#tools?.gone(order);
    else if (order.order === 'recorded') this.#calls?.recorded(order.call);
    else this.#changes.obey(order).catch((error: Error) => this.fail(error));
  }

  /** Takes one of the streams of a tool server's process. */
  attachServer(stream: ServerStream, handle: GatewayHandle): void {
    this.#tools?.attach(stream, asSocket(handle));
  }

  /** Takes one of the sockets that were made inside the cell. */
  attach(name: GatewaySocket, handle: GatewayHandle): void {
    const fail = (error: Error) => this.fail(error);
    switch (name) {
      case 'channel':
        this.#attachChannel(asSocket(handle));
        break;
      case 'dns-udp':
        this.#dns.listenUdp(udpSocket(handle, 4, fail), fail);
        break;
      case 'dns-tcp':
        this.#listen(asServer(handle), (socket) => this.#dns.serveTcp(socket, fail));
        break;
      case 'tcp4':
        this.#listen(asServer(handle), (socket) => this.#tcp.accept(4, socket));
        break;
      case 'tcp6':
        this.#listen(asServer(handle), (socket) => this.#tcp.accept(6, socket));
        break;
      case 'udp4':
      case 'udp6':
        this.#udp.listen(name === 'udp4' ? 4 : 6, udpSocket(handle, name === 'udp4' ? 4 : 6, fail));
        break;
    }
    this.#have.add(name);
    if (!REQUIRED.every((required) => this.#have.has(required))) return;
    const start = () => {
      if (this.#starting) return;
      this.#starting = true;
      this.#start().catch(fail);
    };
    if (IPV6.every((optional) => this.#have.has(optional))) start();
    else setTimeout(start, IPV6_PATIENCE);
  }

  async #start(): Promise<void> {
    if (!(await this.#pinned)) {
      throw new Error('the contract names more addresses than can be pinned');
    }
    if (this.#terminates) await this.#context.inspector.terminator();
    this.#dns.open();
    this.#send({ type: 'ready' });
  }

  #attachChannel(socket: Socket): void {
    this.#channel = new SupervisorChannel(socket, {
      register: (flow) => this.#register(flow),
      withdraw: (flow) => {
        this.#tcp.withdraw(flow);
        this.#udp.withdraw(flow);
      },
      end: () => this.#drain(),
      fail: (error) => this.fail(error),
    });
    // known here before the first flow: the supervisor has them from the plan, and a program may not wait for us
    this.#pinned = this.#pins.add(this.#policy.staticPins());
  }

  /** The cell is over: every flow ends and is accounted. The process goes when the controller lets it. */
  #drain(): void {
    this.#tcp.close('the cell ended');
    this.#udp.close('the cell ended');
    this.#served.close();
    this.#reporter.flush();
    this.#reportBudgets();
    this.#send({ type: 'drained' });
  }

  #register(flow: FlowRegistration): void {
    if (isResolver(flow)) {
      this.#dnsOwners.register(flow);
      if (flow.wait) this.#channel?.result(flow.flow, 0);
    } else if (flow.type === 'tcp') this.#tcp.register(flow);
    else this.#udp.register(flow);
  }

  #listen(server: Server, accept: (socket: Socket) => void): void {
    const options: ServerOptions = { allowHalfOpen: true, pauseOnConnect: true, noDelay: true };
    Object.assign(server, options);
    server.on('connection', accept);
    server.on('error', (error) => this.fail(error));
  }

  #sweep(): void {
    this.#context.clock.now = performance.now();
    this.#tcp.sweep();
    this.#udp.sweep();
    this.#dnsOwners.sweep();
    this.#sweeps += 1;
    if (this.#sweeps % SWEEPS_PER_BUDGET === 0) this.#reportBudgets();
  }

  #reportBudgets(): void {
    for (const { rule, bytes, connections } of this.#budgets.changes()) {
      this.#reporter.budget(rule, bytes, connections);
    }
  }

  /** Something is wrong with the gateway itself: the run must end. Said once. */
  fail(error: Error): void {
    if (this.#failed) return;
    this.#failed = true;
    this.#reporter.flush();
    this.#send({ type: 'fatal', reason: error.message });
  }
}
