/**
 * An operator's desk for tests: a run that is going on, what it asks, and the commands of a second terminal.
 *
 * @module
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import type { PendingQuestion } from '../../src/cli/wiring/approvals.ts';
import type { EventKind, LedgerEvent } from '../../src/contract/index.ts';
import type { Options, Place, Result } from '../run/place.ts';

export type Event<Kind extends EventKind> = Extract<LedgerEvent, { kind: Kind }>;

/** A server on the host's loopback: what the agent asks for. */
export interface Origin {
  server: Server;
  port: number;
  /** paths that were asked for */
  asked: string[];
}

/** `/hold` is answered in part and then kept open. */
export async function startOrigin(): Promise<Origin> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/hold') response.write('held\n');
    else response.end('reached\n');
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { server, port: (server.address() as AddressInfo).port, asked };
}

export class Desk {
  readonly place: Place;

  constructor(place: Place) {
    this.place = place;
  }

  /** Starts a shell script in a cell that may ask. */
  start(script: string, contract = '', options: Options = {}): Promise<Result> {
    const whole = `oversight: { approve: [network.new-host], patience: 25s }\n${contract}`;
    const terms = /^oversight:/m.test(contract) ? contract : whole;
    return this.place.start(
      this.place.runWords(['sh', '-c', script], { ...options, contract: terms }),
      options,
    ).result;
  }

  /** Waits until so many questions wait, and returns them with their run. */
  async questions(count = 1): Promise<{ run: string; questions: PendingQuestion[] }> {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(50)) {
      const { stdout } = await this.place.command('questions', '--json');
      const [found] = JSON.parse(stdout) as { run: string; questions: PendingQuestion[] }[];
      if (found && found.questions.length >= count) return found;
    }
    throw new Error(`there were no ${count} questions within 30 s`);
  }

  /** Waits until a run is going on; its id. */
  async running(): Promise<string> {
    for (const deadline = Date.now() + 30_000; Date.now() < deadline; await pause(50)) {
      const { stdout } = await this.place.command('ps', '--json');
      const [found] = JSON.parse(stdout) as { id: string; processes: number }[];
      if (found) return found.id;
    }
    throw new Error('nothing ran within 30 s');
  }

  /** Events of the latest run, after it was found whole. */
  async events(): Promise<LedgerEvent[]> {
    const verified = await this.place.command('log', 'verify');
    if (verified.code !== 0) throw new Error(`the record is not whole: ${verified.stdout}${verified.stderr}`);
    const { stdout } = await this.place.command('log', 'show', '--json');
    return stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LedgerEvent);
  }

  async eventsOf<Kind extends EventKind>(kind: Kind): Promise<Event<Kind>[]> {
    return (await this.events()).filter((event): event is Event<Kind> => event.kind === kind);
  }
}
