/**
 * Starts the launcher with a plan and speaks the supervisor's protocol (src/contract/supervisor.ts).
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';
import type { ControllerCommand, GatewaySocket, SupervisorEvent } from '../../contract/index.ts';
import type { ProvedPlan } from '../../prove/artefacts/gate/index.ts';
import { encodePlan } from '../plan/wire.ts';

export interface LaunchOptions {
  /** path of the launcher's file */
  launcher: string;
  /** a plan that passed the gate */
  plan: ProvedPlan;
  onEvent: (event: SupervisorEvent) => void;
  /** takes what the program prints; without it, its streams are this process's own */
  onOutput?: (chunk: Buffer) => void;
  /** a socket of the cell's network namespace, meant for the gateway */
  onSocket: (name: GatewaySocket, handle: unknown) => void;
  /** the launcher is gone; `undefined` code: killed by `signal` */
  onExit: (code: number | undefined, signal: string | undefined) => void;
  /** the launcher could not be started at all */
  onError: (error: NodeJS.ErrnoException) => void;
}

export interface Launched {
  pid: number | undefined;
  send(command: ControllerCommand | 'go'): void;
}

type Message = SupervisorEvent | { ev: 'socket'; socket: GatewaySocket };

/** The program's standard streams are handed to the supervisor, which relays them. */
export function launchCell(options: LaunchOptions): Launched {
  const { onOutput } = options;
  const child: ChildProcess = spawn(options.launcher, ['run'], {
    stdio: onOutput
      ? ['ignore', 'pipe', 'pipe', 'ipc', 'pipe']
      : ['inherit', 'inherit', 'inherit', 'ipc', 'pipe'],
    env: launcherEnvironment(process.env),
  });
  child.on('error', options.onError);
  if (onOutput) {
    child.stdout?.on('data', onOutput);
    child.stderr?.on('data', onOutput);
  }
  child.on('message', (message: Message, handle: unknown) => {
    if (message.ev === 'socket') options.onSocket(message.socket, handle);
    else options.onEvent(message);
  });
  child.on('close', (code, signal) => options.onExit(code ?? undefined, signal ?? undefined));
  givePlan(child, options.plan);
  return {
    pid: child.pid,
    send: (command) => {
      if (child.connected) child.send(command, () => {});
    },
  };
}

/** Writes the plan to the pipe that a launcher reads it from: its fifth descriptor. */
export function givePlan(child: ChildProcess, plan: ProvedPlan): void {
  const pipe = child.stdio[4] as Writable | null;
  pipe?.on('error', () => {}); // the launcher died first; its exit tells
  pipe?.end(encodePlan(plan));
}

/** The supervisor needs nothing of the environment but how the terminal spells text; test builds read their switches from it. */
export function launcherEnvironment(host: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(host).filter(([name]) =>
      /^(RINGFENCE_(FAULT|SABOTAGE)|(LC_ALL|LC_CTYPE|LANG)$)/.test(name),
    ),
  );
}
