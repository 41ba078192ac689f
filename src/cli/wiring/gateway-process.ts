/**
 * Starts the gateway, confined, and hands it the cell's sockets.
 *
 * @module
 */
import { type ChildProcess, type SendHandle, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import { type ConfinedInput, givePlan } from '../../cell/supervise/index.ts';
import {
  type Contract,
  type EventBody,
  type GatewayConfig,
  type GatewayMessage,
  type GatewayOrder,
  type GatewaySocket,
  takesDeclarations,
} from '../../contract/index.ts';
import type { ProvedConfig, ProvedPlan } from '../../prove/artefacts/gate/index.ts';
import type { Heard } from './approvals.ts';
import { machineHosts, machineResolvers } from './machine-facts.ts';
import type { PackageSupply } from './packages/supply.ts';
import type { ToolSupply } from './tools/supply.ts';

/** A gateway that passed the gate: {@link gatewayInput} as a plan, and {@link gatewayConfiguration}. */
export interface ProvedGateway {
  plan: ProvedPlan;
  config: ProvedConfig;
}

export interface GatewayOptions {
  launcher: string;
  proved: ProvedGateway;
  /** indexes and copies, where the contract has packages */
  packages: PackageSupply | undefined;
  /** servers of tools, where the contract has some */
  tools?: ToolSupply | undefined;
  onEvent: (event: EventBody, time: number) => void;
  onAsk: (message: Heard) => void;
  /** the gateway is gone or says that it cannot go on; without it nothing is decided, so the run ends */
  onFatal: (reason: string) => void;
}

export interface GatewayProcess {
  pid: number | undefined;
  attach(name: GatewaySocket, handle: unknown): void;
  /** passes an operator's word on */
  tell(order: GatewayOrder): void;
  /** resolves when the gateway has reported what was left and is gone */
  stop(): Promise<void>;
}

const MEMORY = 1 << 30;
/** Milliseconds for its last events; a gateway that hears the supervisor's channel end sends them at once. */
const DRAIN = 500;
const TIMEOUTS = { dial: 10_000, verdict: 10_000, registration: 2_000, idle: 15 * 60_000 };

/**
 * What the gateway's plan is made from, and held against.
 *
 * @param script the gateway's bundled file
 * @param packages folder with copies of packages, where the contract has some
 */
export function gatewayInput(
  script: string,
  packages: string | undefined,
  host: { uid: number; gid: number },
  unprivileged: number,
): ConfinedInput {
  return {
    name: 'gateway',
    // SIGUSR1 would open Node's debugger on a port of the host, secrets and all
    command: [process.execPath, '--max-old-space-size=256', '--disable-sigusr1', script],
    needs: [dirname(script), ...(packages === undefined ? [] : [packages])],
    host: { uid: host.uid, gid: host.gid },
    unprivileged,
    memory: MEMORY,
  };
}

/** What the gateway is told, before it is proved to be no more than the contract says. */
export function gatewayConfiguration(about: {
  run: string;
  contract: Contract;
  /** what it needs to look into requests */
  inspection: Pick<GatewayConfig, 'authority' | 'trusted' | 'secrets' | 'models'>;
  packages: PackageSupply | undefined;
  tools?: ToolSupply | undefined;
  learning?: 'names' | 'network' | undefined;
}): GatewayConfig {
  const { run, contract, inspection, packages, tools, learning } = about;
  return {
    run,
    network: contract.network,
    resolve: contract.resolve,
    resolvers: machineResolvers(),
    hosts: machineHosts(),
    timeouts: TIMEOUTS,
    approve: { effects: learning ? [] : contract.oversight.approve, patience: contract.oversight.patience },
    permissive: learning === 'network',
    ...inspection,
    ...packages?.configuration(),
    ...tools?.configuration(),
    ...(takesDeclarations(contract) && { declarations: true }),
  };
}

export function startGateway(options: GatewayOptions): GatewayProcess {
  let stopping = false;
  let stderr = '';
  const child: ChildProcess = spawn(options.launcher, ['run'], {
    stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe'],
    env: {},
  });
  givePlan(child, options.proved.plan);
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-2000);
  });
  let up = false;
  child.on('message', (message: GatewayMessage) => {
    up = true;
    if (message.type === 'event') options.onEvent(message.event, message.time);
    if (message.type === 'ask' || message.type === 'closed' || message.type === 'amended')
      options.onAsk(message);
    if (message.type === 'fatal' && !stopping) options.onFatal(message.reason);
    if (message.type === 'drained') drained();
    try {
      options.tools?.receive(message);
      const order = options.packages?.receive(message);
      if (order && child.connected) child.send(order, () => {});
    } catch (error) {
      // a gateway that says what it cannot mean is not ours any more
      if (!stopping) options.onFatal((error as Error).message);
    }
  });
  /** closes what waits to be handed over: Node forgets it, callbacks and all, when the channel ends, and it would keep us alive */
  const waiting = new Set<() => void>();
  let drained = () => {};
  const reported = new Promise<void>((resolve) => {
    drained = resolve;
  });
  const gone = new Promise<void>((resolve) => {
    child.on('error', (error) => {
      if (!stopping) options.onFatal(error.message);
      resolve();
    });
    child.on('exit', (code, signal) => {
      if (!stopping) options.onFatal(`it ended with ${signal ?? code}${stderr ? `: ${stderr.trim()}` : ''}`);
      resolve();
    });
  });
  child.send(options.proved.config, () => {});
  const give = (message: object, handle: unknown) => {
    const done = () => {
      if (!waiting.delete(done)) return;
      // once sent, it is the gateway's alone
      (handle as { close(): void }).close();
    };
    waiting.add(done);
    if (child.connected) child.send(message, handle as SendHandle, done);
    else done();
  };
  const tell = (order: GatewayOrder) => {
    if (child.connected) child.send(order, () => {});
  };
  options.tools?.start(give, tell);
  return {
    pid: child.pid,
    attach: (name, handle) => give({ socket: name }, handle),
    tell,
    async stop() {
      stopping = true;
      // a gateway that never got up decided nothing: there is nothing to wait for
      if (!up) child.kill('SIGKILL');
      const patience = setTimeout(drained, DRAIN);
      await Promise.race([reported, gone]);
      clearTimeout(patience);
      if (child.connected) child.disconnect();
      // whatever holds it up, the run is over
      const force = setTimeout(() => child.kill('SIGKILL'), DRAIN);
      await gone;
      clearTimeout(force);
      for (const done of waiting) done();
      await options.tools?.stop();
      options.packages?.close();
    },
  };
}
