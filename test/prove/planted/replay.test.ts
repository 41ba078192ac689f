/**
 * Planted contracts in real cells: the paths that are found work there, and what is said to be proved is not reached by
 * running witnesses of the catalogue. Effects are judged from outside of the cell.
 *
 * A sample of them as root, a smaller one as an ordinary user, and every witness in either; `RINGFENCE_PLANTED=all` or a number says otherwise:
 * how many contracts are run, each time the same ones.
 */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { replayPaths, tryWitnesses } from '../../../src/cli/wiring/replay/index.ts';
import type { Affordance } from '../../../src/prove/catalogue/index.ts';
import type { Report } from '../../../src/prove/report/index.ts';
import { ROOT } from '../../run/place.ts';
import { type Case, HOME, loadCases, openCatalogue, proveCase, verdictOf } from './cases.ts';

const catalogue = openCatalogue();
const cases = loadCases();
const programs = {
  launcher: join(ROOT, 'dist', 'native', `linux-${process.arch}`, 'ringfence-cell'),
  inside: [process.execPath, join(ROOT, 'dist', 'replay.js')],
  ringfence: [process.execPath, join(ROOT, 'dist', 'cli.js')],
};
/** Replays at once: a cell mostly waits. */
const AT_ONCE = 3;

const knob = process.env.RINGFENCE_PLANTED ?? (process.getuid?.() === 0 ? '60' : '20');
const wanted = knob === 'all' ? cases.length : Number(knob);

/** Evenly spread over the families. */
const sample = <Item>(all: readonly Item[]): Item[] =>
  all.filter(
    (_, index) =>
      Math.floor((index * wanted) / cases.length) !== Math.floor(((index + 1) * wanted) / cases.length),
  );

async function forEach<Item>(
  items: readonly Item[],
  act: (item: Item, index: number) => Promise<void>,
): Promise<void> {
  const waiting = [...items.entries()];
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await act(next[1], next[0]);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}

const inputOf = (one: Case) => ({ contract: one.loaded, written: one.written, home: HOME, programs });

it('paths that are found work in a real cell', async () => {
  // several hazards of a contract can end one path: it is tried once, and counted by itself, too
  const paths = new Set<string>();
  const count = { yes: 0, no: 0, 'not replayable': 0 };
  const failed: string[] = [];
  const chosen = sample(cases);
  await forEach(chosen, async (one) => {
    const report = proveCase(one, catalogue);
    const outcomes = await replayPaths({ ...inputOf(one), report, catalogue });
    for (const verdict of report.verdicts) {
      if (verdict.verdict !== 'REFUTED') continue;
      const outcome = outcomes.get(verdict.hazard);
      count[outcome?.replayed ?? 'not replayable'] += 1;
      const { writes, destination, knows } = verdict.trail;
      paths.add(JSON.stringify([one.name, writes, destination, knows, outcome?.why]));
      if (outcome?.replayed !== 'yes')
        failed.push(`${one.name}: ${verdict.hazard} ${outcome?.replayed}: ${outcome?.why}`);
    }
  });
  const all = count.yes + count.no + count['not replayable'];
  console.log(
    `replayed: ${((100 * count.yes) / all).toFixed(1)} % of ${all} hazards (${paths.size} distinct paths) of ${chosen.length} contracts (no ${count.no}, not replayable ${count['not replayable']})\n${failed.map((line) => `  ${line}`).join('\n')}`,
  );
  expect(count.yes / all, failed.join('\n')).toBeGreaterThanOrEqual(0.95);
}, 900_000);

/** Hazards that an effect of the witness shows, whatever the model says. */
function shownBy({ witness, hazards, kind }: Affordance): string[] {
  if (witness?.shows === 'reached') return ['exfiltration', 'self-replication'];
  return kind === 'trigger' ? [...hazards, 'persistence'] : [...hazards];
}

const contradictions = (report: Report, entry: Affordance): string[] =>
  shownBy(entry).filter((hazard) => verdictOf(report, hazard as 'escape') === 'PROVED');

it('witnesses do have effects where a contract gives the workspace itself', async () => {
  const one = cases.find(({ name }) => name === 'git-hooks-path-direct') as Case;
  for (const id of ['git.hook', 'build.make', 'git.alias']) {
    const entries = catalogue.affordances.filter((entry) => entry.id === id);
    const { ran, reached, output } = await tryWitnesses({ ...inputOf(one), entries });
    expect([ran, reached], output).toEqual([true, id]);
  }
}, 120_000);

it('no witness reaches what is said to be proved', async () => {
  const witnessed = catalogue.affordances.filter(({ witness }) => witness !== undefined);
  const tried = new Set<string>();
  let attempts = 0;
  let cells = 0;
  const wrong: string[] = [];
  const hasShell = ({ loaded: { programs: listed } }: Case) =>
    listed === 'any' || ['sh', 'bash'].some((name) => listed.includes(name));
  const chosen = sample(cases).filter(
    (one) => hasShell(one) && proveCase(one, catalogue).verdicts.some(({ verdict }) => verdict === 'PROVED'),
  );
  // so many that each witness has its turn, however small the sample is
  const each = Math.max(2, Math.ceil(witnessed.length / chosen.length));
  await forEach(chosen, async (one, index) => {
    const report = proveCase(one, catalogue);
    // the twin's own first; of the others each has its turn
    const own = catalogue.affordances.filter(({ id }) => id === one.about);
    const turn = Array.from(
      { length: each },
      (_, at) => witnessed[(index * each + at) % witnessed.length] as Affordance,
    );
    const entries = [...new Set([...own, ...turn])];
    const result = await tryWitnesses({ ...inputOf(one), entries });
    if (!result.ran) wrong.push(`${one.name}: the cell did not run: ${result.output.slice(-300)}`);
    cells += 1;
    attempts += result.tried.length;
    for (const id of result.tried) tried.add(id);
    const reached = entries.find(({ id }) => id === result.reached);
    const against = reached === undefined ? [] : contradictions(report, reached);
    if (against.length > 0)
      wrong.push(`${one.name}: ${reached?.id} had an effect, and PROVED is ${against.join(', ')}`);
  });
  console.log(
    `held against what is proved: ${attempts} attempts of ${tried.size} witnesses (of ${witnessed.length}) in ${cells} cells, ${wrong.length} contradictions`,
  );
  expect(wrong).toEqual([]);
  expect(attempts).toBeGreaterThan(chosen.length);
}, 900_000);
