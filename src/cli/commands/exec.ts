/**
 * `ringfence exec`: one more program in a cell that is running.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT, exitCodeOfSignal } from '../exit-codes.ts';
import { installation } from '../installation.ts';
import { safe } from '../text.ts';
import { askRun, servedRuns } from '../wiring/control-socket.ts';
import { sessionSocket, terminalStreams } from '../wiring/terminal.ts';

/** What the launcher's client deals with itself: it passes them on to the program. */
const LEFT_TO_CLIENT = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR1', 'SIGUSR2'] as const;

export async function run({ options, args }: Invocation<'exec'>): Promise<number> {
  const [named, command] = args[1] === '--' ? [args[0], args.slice(2)] : [undefined, args];
  if (command.length === 0) {
    throw new CommandError(
      'usage',
      'no program is named',
      'write: ringfence exec RUN -- COMMAND [ARG…]',
      125,
    );
  }
  const id = await findServed(named);
  const streams = terminalStreams({ tty: options.tty, noTty: options['no-tty'] });
  const client = spawn(
    installation().launcher,
    ['attach', sessionSocket(id), [...streams, options.clipboard ? 'clipboard' : '-'].join(','), ...command],
    { stdio: 'inherit' },
  );
  // at a terminal all of the job gets them; sent to us alone they are the client's all the same
  for (const name of LEFT_TO_CLIENT) process.on(name, () => client.kill(name));
  return await new Promise((resolve, reject) => {
    client.on('error', reject);
    client.on('exit', (code, signal) =>
      resolve(code ?? exitCodeOfSignal(constants.signals[signal as NodeJS.Signals])),
    );
  });
}

/** The run that is meant and answers. Without a name there must be just one. */
async function findServed(named: string | undefined): Promise<string> {
  const candidates = servedRuns().filter((id) => named === undefined || id.startsWith(named));
  const answers = await Promise.all(candidates.map((id) => askRun(id, { do: 'status' })));
  const alive = candidates.filter((_id, index) => answers[index] !== undefined);
  const [only] = alive;
  if (only !== undefined && (alive.length === 1 || only === named)) return only;
  const which = named === undefined ? '' : ` that begins with ${safe(named)}`;
  throw alive.length === 0
    ? new CommandError(
        'no-run',
        `no run${which} is going on`,
        'ringfence ps lists those that are; ringfence run -- COMMAND starts one',
        EXIT.notContained,
      )
    : new CommandError(
        'ambiguous-run',
        `${alive.length} runs${which} are going on: ${alive.slice(0, 4).join(', ')}`,
        'name one: ringfence exec RUN -- COMMAND',
        EXIT.notContained,
      );
}
