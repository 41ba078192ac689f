/**
 * `kill -9` of each process of Ringfence, and of all at once, at random moments from the start on: nothing of the cell
 * survives, and the next command leaves nothing of it behind but a record that verifies.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { verifyLedger } from '../../src/ledger/index.ts';
import { type Identity, identities, Place } from '../run/place.ts';
import { until } from '../run/wait.ts';
import {
  groupsOf,
  mountsHere,
  processesWith,
  runsOf,
  seeded,
  sleep,
  strike,
  VICTIMS,
  type Victim,
} from './crash.ts';

const SEED = Number(process.env.RINGFENCE_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** How many crashes as root, or as the only identity there is; an ordinary user besides root gets a fifth. */
const COUNT = Number(process.env.RINGFENCE_CRASH_COUNT ?? 200);
/** The blow comes between the start and so many times the time after which the program runs. */
const SPAN = 1.3;
const AT_ONCE = 2;
/** Milliseconds in which everything of the cell must be gone. */
const GONE = 3000;

/** The gateway runs only where the contract has a network. */
const CONTRACT = 'network: [{ host: example.com }]\nresolve: { example.com: [127.0.0.1] }\n';

interface Crash {
  victim: Victim;
  delay: number;
  token: string;
  /** its program ends by itself at once, so that the blow may come at the end, too */
  short: boolean;
}

const who = identities();
describe.each(who)('as %s', (identity) => {
  const places: Place[] = [];
  afterAll(() => {
    for (const place of places) place.remove();
  });

  const count = identity === 'user' && who.length > 1 ? Math.ceil(COUNT / 5) : COUNT;
  test(`${count} crashes`, { timeout: 300_000 }, async () => {
    const span = SPAN * (await startTime(identity));
    const random = seeded(SEED + (identity === 'user' ? 1 : 0));
    const crashes = Array.from(
      { length: count },
      (_, index): Crash => ({
        victim: VICTIMS[index % VICTIMS.length] as Victim,
        delay: Math.round(random() * span),
        token: `crash-${SEED}-${identity}-${index}`,
        short: index % 4 === 3,
      }),
    );
    const mounts = mountsHere();
    const seen: Record<string, number> = {};
    const note = (what: string) => {
      seen[what] = (seen[what] ?? 0) + 1;
    };
    const lanes = Array.from({ length: AT_ONCE }, async (_, lane) => {
      const place = new Place(identity);
      places.push(place);
      for (const [index, crash] of crashes.entries())
        if (index % AT_ONCE === lane) await suffer(place, crash, note);
      const recorded = runsOf(place).find((id) =>
        existsSync(join(place.state, 'ringfence/runs', id, 'ledger/000000.jsonl')),
      );
      if (recorded === undefined) return;
      const { code, stdout, stderr } = await place.command('log', 'verify', recorded);
      expect(code, `${stdout}${stderr}`).toBe(0);
    });
    await Promise.all(lanes);
    expect(mountsHere()).toEqual(mounts);
    console.log(`as ${identity}, seed ${SEED}: ${JSON.stringify(seen)}`);
    // moments before the program started and after it had: both were met
    expect(seen['before the program ran']).toBeGreaterThan(0);
    expect(seen['while the program ran']).toBeGreaterThan(0);
  });
});

/** Milliseconds until the program runs, on this machine, now. */
async function startTime(identity: Identity): Promise<number> {
  const place = new Place(identity);
  const { took, code, stderr } = await place.run(['true'], { contract: CONTRACT });
  place.remove();
  expect(code, stderr).toBe(0);
  return took;
}

async function suffer(
  place: Place,
  { victim, delay, token, short }: Crash,
  note: (what: string) => void,
): Promise<void> {
  const before = new Set(runsOf(place));
  // two processes, one of them a daemon; both carry the token
  const script = `setsid sh -c 'while :; do sleep 1; done' ${token} & while :; do echo x >>file; sleep 0.02; done`;
  const words = place.runWords(['sh', '-c', short ? 'echo x >file' : script, token], {
    contract: CONTRACT,
    options: ['--quiet'],
  });
  const { child, result } = place.start(words);
  const root = child.pid as number;
  const says = `${token}: ${victim} after ${delay} ms`;
  await sleep(delay);
  const ran = insideWith(token);
  const struck = strike(root, victim);
  note(`${victim} ${struck ? 'killed' : 'was not there'}`);
  note(ran ? 'while the program ran' : 'before the program ran');
  // a controller that has lost a part of it ends by itself; one that has lost nothing goes on until all is killed
  if (!struck) await killAll(root);
  const ended = await result.catch((error: Error) => {
    throw new Error(`${says}: ${error.message}`);
  });
  await until(`${says}: nothing of the cell is left`, () => processesWith(token).length === 0, GONE);
  const survivor = struck && !['controller', 'all'].includes(victim);
  if (survivor)
    expect(
      short ? [0, 122, 125] : [122, 125],
      `${says}: ${ended.code} ${ended.signal} ${ended.stderr}`,
    ).toContain(ended.code);

  const made = runsOf(place).filter((id) => !before.has(id));
  expect(made.length, says).toBeLessThanOrEqual(1);
  const [id] = made;
  if (id === undefined) return note('before there was a run');
  const listed = await place.command('runs');
  expect(listed.code, `${says}: ${listed.stderr}`).toBe(0);
  const folder = join(place.state, 'ringfence/runs', id);
  expect(groupsOf(id), `${says}: groups`).toEqual([]);
  if (!existsSync(join(folder, 'run.json'))) return note('before the run was announced');
  const facts = JSON.parse(readFileSync(join(folder, 'run.json'), 'utf8')) as {
    ended?: string;
    reason?: string;
  };
  expect(
    facts.ended,
    `${says}: ${ended.code} ${ended.signal} ${ended.stderr} ${listed.stdout}`,
  ).toBeDefined();
  expect(existsSync(join(folder, 'marker')), `${says}: marker`).toBe(false);
  expect(existsSync(join(folder, 'cell/work')), `${says}: the overlay's work folder`).toBe(false);
  const ledger = join(folder, 'ledger');
  const segments = existsSync(ledger) ? readdirSync(ledger).filter((name) => name.endsWith('.jsonl')) : [];
  if (segments.length === 0) return note('before the first record');
  const publicKey = readFileSync(join(place.state, 'ringfence/keys/ledger.vkey'), 'utf8').trim();
  const verified = verifyLedger(ledger, { publicKey }); // what `log verify` does, which is asked for at the end
  expect(verified.problems, says).toEqual([]);
  expect(verified.status, says).toBe('ok');
  const events = segments
    .sort()
    .flatMap((name) => readFileSync(join(ledger, name), 'utf8').trimEnd().split('\n'))
    .map((line) => JSON.parse(line) as { kind: string; incomplete?: boolean; reason?: string });
  const started = events.some(({ kind }) => kind === 'run.start');
  const stop = events.find(({ kind }) => kind === 'run.stop');
  // the program starts only when its start is durable: what ran is on record
  if (ran) expect(started, `${says}: run.start`).toBe(true);
  if (started) expect(stop, `${says}: run.stop`).toBeDefined();
  if (facts.reason === 'crash') {
    note('mended by the next command');
    expect(stop, says).toMatchObject({ incomplete: true, reason: 'crash' });
  }
}

/** Whether a process with the token runs inside a cell, and not only as the words of the command that starts it. */
const insideWith = (token: string): boolean =>
  processesWith(token).some(
    ({ arguments: words }) => words.startsWith('sh\0') && !words.includes('--contract'),
  );

async function killAll(root: number): Promise<void> {
  for (const deadline = Date.now() + GONE; Date.now() < deadline; await sleep(5)) {
    strike(root, 'all');
    try {
      process.kill(root, 0);
      process.kill(-root, 'SIGKILL');
    } catch {
      return; // nobody is left to be killed
    }
  }
}
