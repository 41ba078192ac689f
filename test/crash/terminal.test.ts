/**
 * `kill -9` at random moments where a terminal is in use, and further programs run by `exec`: each process of Ringfence, and
 * all at once. Nothing of the cell survives, no group, mount or socket stays, the record verifies, and the terminals are
 * the operator's again.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { verifyLedger } from '../../src/ledger/index.ts';
import { type Identity, identities, Place, ROOT } from '../run/place.ts';
import { until } from '../run/wait.ts';
import { COOKED, untilModes } from '../terminal/look.ts';
import { Screen } from '../terminal/screen.ts';
import { familyOf, groupsOf, mountsHere, processesWith, runsOf, seeded, sleep } from './crash.ts';

const SEED = Number(process.env.RINGFENCE_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31));
/** How many crashes for each identity. */
const COUNT = Number(process.env.RINGFENCE_CRASH_TERMINAL_COUNT ?? 8);
/** Milliseconds in which everything of the cell must be gone, on a machine that does other work, too. */
const GONE = 30_000;

/** Of the run, and of the program that `exec` added. */
const RUN = ['controller', 'supervisor', 'init', 'warden', 'leader', 'all'] as const;
const EXEC = ['client', 'command'] as const;
type Victim = (typeof RUN)[number] | (typeof EXEC)[number];

describe.each(identities())('as %s', (identity) => {
  test(`${COUNT} crashes`, { timeout: 600_000 }, async () => {
    const random = seeded(SEED + (identity === 'user' ? 1 : 0));
    const mounts = mountsHere();
    const seen: Record<string, number> = {};
    for (let index = 0; index < COUNT; index += 1) {
      const victim = [...RUN, ...EXEC][index % (RUN.length + EXEC.length)] as Victim;
      const told = await suffer(identity, {
        victim,
        moment: random(),
        // at the moment of the blow there is an exec, or the run is about to start
        exec: EXEC.includes(victim as (typeof EXEC)[number]) || random() < 0.5,
        token: `terminal-crash-${SEED}-${identity}-${index}`,
      });
      seen[told] = (seen[told] ?? 0) + 1;
    }
    expect(mountsHere()).toEqual(mounts);
    console.log(`as ${identity}, seed ${SEED}: ${JSON.stringify(seen)}`);
  });
});

interface Crash {
  victim: Victim;
  /** 0 to 1, of the time that the start takes */
  moment: number;
  exec: boolean;
  token: string;
}

/** A program that has the whole screen, ignores what can be ignored, and has a daemon. */
const program = (token: string): string =>
  `printf "\\033[?1049h\\033[?1000h"; stty raw; trap "" HUP INT TERM; (setsid sh -c "while :; do sleep 1; done" ${token}) & echo up; while :; do sleep 0.2; done # ${token}`;

const quoted = (words: string[]): string =>
  words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');

async function suffer(identity: Identity, { victim, moment, exec, token }: Crash): Promise<string> {
  const place = new Place(identity);
  const screens: Screen[] = [];
  /**
   * A shell that waits for a line after the command, so that the terminal can be looked at. A read that had begun when
   * the modes came back returns nothing (n_tty).
   */
  const show = (words: string[]): Screen => {
    const screen = new Screen(place, [
      'sh',
      '-c',
      `${quoted(words)}; echo ended; read line || read line || read line`,
    ]);
    screens.push(screen);
    return screen;
  };
  const says = `${token}: ${victim}${exec ? ' with exec' : ''} at ${moment.toFixed(3)}`;
  try {
    const words = place.runWords(['sh', '-c', program(token)], { options: ['--quiet'] });
    const run = show(words);
    let second: Screen | undefined;
    if (exec) {
      await run.wrote('up');
      second = show([join(ROOT, 'ringfence'), 'exec', '--', 'sh', '-c', program(`${token}-exec`)]);
      await sleep(moment * 400);
    } else await sleep(moment * 600);
    const struck = strike(victim, await run.pid, await second?.pid);
    if (struck && EXEC.includes(victim as (typeof EXEC)[number])) {
      // its daemon has left the session: it belongs to the cell
      const left = () =>
        processesWith(`${token}-exec`).filter(
          ({ parent, arguments: words }) => parent > 1 && words.includes('stty') && !words.includes('ended'),
        );
      await until(`${says}: the session is gone`, () => left().length === 0, GONE);
      await ownAgain(second as Screen, says);
      expect(processesWith(token).length, `${says}: the run goes on`).toBeGreaterThan(0);
    }
    // the blow may have come before there was anybody
    for (
      const deadline = performance.now() + GONE;
      !run.bytes.includes('ended') && performance.now() < deadline;
    ) {
      strike('all', await run.pid, undefined);
      await sleep(20);
    }
    for (const screen of second ? [run, second] : [run]) await ownAgain(screen, says);
    const inside = () => processesWith(token).filter(({ arguments: words }) => !words.includes('read line'));
    await until(`${says}: nothing of the cell is left`, () => inside().length === 0, GONE);
    await clean(place, says);
    return `${victim} ${struck ? 'killed' : 'was not there'}`;
  } finally {
    for (const screen of screens) screen.close();
    place.remove();
  }
}

/** The terminal has its modes, and shows what it showed before. */
async function ownAgain(screen: Screen, says: string): Promise<void> {
  await screen.wrote('ended');
  await untilModes(screen, COOKED);
  const deadline = performance.now() + GONE;
  while (screen.full) {
    expect(performance.now(), `${says}: ${JSON.stringify(screen.bytes.slice(-200))}`).toBeLessThan(deadline);
    await sleep(10);
  }
  if (screen.bytes.includes('\u001b[?1000h')) expect(screen.bytes, says).toContain('\u001b[?1000l');
}

/** What the next command leaves. */
async function clean(place: Place, says: string): Promise<void> {
  const listed = await place.command('runs');
  expect(listed.code, `${says}: ${listed.stderr}`).toBe(0);
  const sockets = join(place.root, 'runtime/ringfence');
  for (const id of runsOf(place)) {
    expect(groupsOf(id), `${says}: groups`).toEqual([]);
    if (existsSync(sockets))
      expect(
        readdirSync(sockets).filter((name) => name.startsWith(id)),
        says,
      ).toEqual([]);
    const folder = join(place.state, 'ringfence/runs', id, 'ledger');
    if (!existsSync(folder) || !readdirSync(folder).some((name) => name.endsWith('.jsonl'))) continue;
    const publicKey = readFileSync(join(place.state, 'ringfence/keys/ledger.vkey'), 'utf8').trim();
    expect(verifyLedger(folder, { publicKey }), says).toMatchObject({ status: 'ok', problems: [] });
  }
}

/** Kills; returns false where that process is not there (yet, or any more). */
function strike(victim: Victim, run: number, exec: number | undefined): boolean {
  const family = familyOf(run);
  const childrenOf = (pid: number | undefined) => family.filter(({ parent }) => parent === pid);
  const controller = family.find(({ arguments: words }) => words.includes('cli.js'));
  const supervisor = childrenOf(controller?.pid).find(({ pid }) => childrenOf(pid).length > 0);
  const [init] = childrenOf(supervisor?.pid);
  const [warden] = childrenOf(init?.pid);
  const [leader] = childrenOf(warden?.pid).filter(({ pid }) => childrenOf(pid).length > 0);
  const added = exec === undefined ? [] : familyOf(exec);
  const found: Record<Exclude<Victim, 'all'>, { pid: number } | undefined> = {
    controller,
    supervisor,
    init,
    warden,
    leader,
    client: added.find(({ arguments: words }) => words.includes('attach\0')),
    command: added.find(({ arguments: words }) => words.includes('cli.js')),
  };
  const chosen =
    victim === 'all'
      ? [controller, supervisor, init, warden, leader].map((one) => one?.pid)
      : [found[victim]?.pid];
  let struck = false;
  for (const pid of chosen) {
    if (pid === undefined) continue;
    try {
      process.kill(pid, 'SIGKILL');
      struck = true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }
  return struck;
}
