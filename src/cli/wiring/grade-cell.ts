/**
 * One execution of a grader in a cell of its own: started, watched, ended, its output caught.
 *
 * @module
 */
import { launchCell } from '../../cell/supervise/index.ts';
import type { Contract, EventBody, SupervisorEvent } from '../../contract/index.ts';
import { type Attempt, Tail } from '../../grade/index.ts';
import type { ProvedPlan } from '../../prove/artefacts/gate/index.ts';
import { brokenPromise } from '../../prove/artefacts/plan/index.ts';
import { type GatewayProcess, type ProvedGateway, startGateway } from './gateway-process.ts';
import type { PackageSupply } from './packages/supply.ts';

export interface GraderCell {
  run: string;
  plan: ProvedPlan;
  contract: Contract;
  /** copies of listed packages; nothing is fetched */
  packages: PackageSupply | undefined;
  launcher: string;
  /** the gateway's, where the contract needs one */
  gateway: ProvedGateway | undefined;
  /** ends it */
  signal: AbortSignal;
  /** what is put on record of it: network use where the contract gives it some, attacks on its isolation */
  onEvent: (event: EventBody) => void;
  /** output without secrets */
  redact: (text: string) => string;
}

/** How the record's lines on a grader begin that are otherwise as those on the run itself. */
export const WHILE_GRADED = 'while graded: ';

/** Why a grading that was ended gives no verdict. */
const ENDED: Record<string, string> = {
  time: 'it did not end within its time',
  'cpu-time': 'its CPU time ran out',
  memory: 'its memory ran out',
  disk: 'its disk space ran out',
  tampering: 'its isolation was attacked',
  probe: 'its isolation did not hold',
  state: 'its isolation did not hold',
  gateway: 'the gateway failed',
  violation: 'it violated the contract',
};

export async function runGrader(cell: GraderCell): Promise<Attempt> {
  const started = performance.now();
  const tail = new Tail();
  let problem: string | undefined;
  let done: Extract<SupervisorEvent, { ev: 'done' }> | undefined;
  let running = false;
  let gateway: GatewayProcess | undefined;
  let end: (reason: string) => void = () => {};
  const ended = new Promise<void>((resolve) => {
    const launched = launchCell({
      launcher: cell.launcher,
      plan: cell.plan,
      onOutput: (chunk) => tail.add(chunk),
      onSocket: (name, handle) => gateway?.attach(name, handle),
      onExit: () => resolve(),
      onError: (error) => {
        problem = `the launcher cannot be started: ${error.code}`;
        resolve();
      },
      onEvent: (event) => {
        if (event.ev === 'ready') {
          running = true;
          launched.send('go');
        } else if (event.ev === 'done') done = event;
        else if (event.ev === 'fail') problem = event.text;
        else if (event.ev === 'tamper') {
          cell.onEvent({ kind: 'tampering', what: `${WHILE_GRADED}${event.what}`, action: 'kill' });
          end('tampering');
        } else if (event.ev === 'probe' && !event.ok) {
          const what = [...event.changed, ...event.reached.map((name) => `a probe reached ${name}`)];
          problem ??= `${what.join('; ')}; the promise that fails: ${brokenPromise(event.changed, event.reached)}`;
        }
      },
    });
    end = (reason) => {
      problem ??= ENDED[reason] ?? reason;
      launched.send(`kill ${reason}`);
    };
  });
  if (cell.gateway) {
    gateway = startGateway({
      packages: cell.packages,
      launcher: cell.launcher,
      proved: cell.gateway,
      onEvent: (event) => {
        cell.onEvent(event);
        if (event.kind === 'violation' || event.kind === 'tampering') end(event.kind);
      },
      onAsk: () => {}, // a grader's contract asks nobody
      onFatal: () => end('gateway'),
    });
  }
  const interrupt = () => end('interrupted');
  if (cell.signal.aborted) interrupt();
  cell.signal.addEventListener('abort', interrupt);
  await ended;
  cell.signal.removeEventListener('abort', interrupt);
  await gateway?.stop();
  const ms = Math.round(performance.now() - started);
  const output = tail.text(cell.redact);
  const reason = done?.reason;
  // a program that could not be started is the grader's own failure: 126 or 127, as in a shell
  if (reason !== undefined && !/^E[A-Z]+$/.test(reason)) problem ??= ENDED[reason] ?? reason;
  if (!running) problem ??= 'it could not be contained';
  if (!done) problem ??= 'its supervisor ended';
  if (problem !== undefined) return { ok: false, failed: problem, ms, output };
  const { code, signal } = done ?? {};
  return {
    ok: true,
    exit: { ...(code !== undefined && { code }), ...(signal !== undefined && { signal }) },
    ms,
    output,
  };
}
