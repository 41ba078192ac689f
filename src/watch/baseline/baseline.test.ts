import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { type EventBody, type LedgerEvent, parseContract } from '../../contract/index.ts';
import { watchersOf } from '../assemble/index.ts';
import { type Finding, Watch } from '../engine/index.ts';
import { Observer } from '../observe/index.ts';
import { loadRules } from '../sigma/index.ts';
import { Profile } from './features.ts';
import { digestOf, readBaseline, writeBaseline } from './file.ts';
import { Novelty } from './novelty.ts';
import { type Baseline, makeBaseline, strangeness } from './score.ts';
import { ACTS, honest, type Random, randomness } from './traces.fixture.ts';

const places = { workspace: '/home/me/project', home: '/home/me' };
const rules = join(import.meta.dirname, '../../../rules/detections');

const eventsOf = (bodies: readonly EventBody[], run = 'r'): LedgerEvent[] =>
  bodies.map((body, seq) => ({ seq, time: '', run, cell: run, ...body }) as LedgerEvent);

function profileOf(bodies: readonly EventBody[]): Profile {
  const [observer, profile] = [new Observer(), new Profile(places)];
  for (const event of eventsOf(bodies))
    for (const observation of observer.observe(event, 1e15 + event.seq * 1e4)) profile.add(observation);
  return profile;
}

/** Everything that is found in a run, by all rules and, where there is one, the baseline. */
function findings(bodies: readonly EventBody[], baseline?: Baseline): Finding[] {
  const text = 'ringfence: 1\nname: t\nnetwork: [{ host: api.example.com }]\n';
  const loaded = parseContract(text, 'ringfence.yaml');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { detectors, analysers } = watchersOf(loaded.contract, places, own);
  const found: Finding[] = [];
  const watch = new Watch({
    contract: loaded.contract,
    detectors: baseline ? [...detectors, new Novelty(baseline, places)] : detectors,
    analysers,
    record: (finding) => {
      found.push(finding);
      return undefined;
    },
    respond: () => {},
    fail: (part, reason) => {
      throw new Error(`${part}: ${reason}`);
    },
    now: () => 1e15,
  });
  for (const event of eventsOf(bodies)) watch.observe(event, 1e15 + event.seq * 1e4);
  watch.end();
  return found;
}

let own: ReturnType<typeof loadRules>['rules'] = [];
let baseline: Baseline;
beforeAll(() => {
  const files = readdirSync(rules).filter((name) => name.endsWith('.yml'));
  own = loadRules(files.map((name) => [name, readFileSync(join(rules, name), 'utf8')])).rules;
  const random = randomness(1);
  baseline = makeBaseline(
    't',
    Array.from({ length: 60 }, () => profileOf(honest(random).events)),
  );
});

const HELD_OUT = 300;
/** Of those that are judged by every rule, which takes its time. */
const JUDGED = 100;
const EACH = 10;

it('held-out honest runs are found strange as seldom as the budget says', () => {
  const random = randomness(99);
  const scores = Array.from(
    { length: HELD_OUT },
    () => strangeness(profileOf(honest(random).events), baseline).score,
  );
  const alarms = scores.filter((score) => score > baseline.threshold).length;
  // twice the budget is what is proved of the leave-one-out form
  expect(alarms / HELD_OUT).toBeLessThanOrEqual(0.1);
});

it('what the baseline adds to the rules, at equal false alarms', () => {
  const share = (
    act: ((story: ReturnType<typeof honest>, random: Random) => void) | undefined,
    count: number,
  ) => {
    const random = randomness(5);
    let [byRules, byBoth] = [0, 0];
    for (let one = 0; one < count; one += 1) {
      const story = honest(random);
      act?.(story, random);
      const found = findings(story.events, baseline);
      if (found.some(({ rule }) => !rule.startsWith('novelty.'))) byRules += 1;
      if (found.length > 0) byBoth += 1;
    }
    return { rules: byRules / count, both: byBoth / count };
  };
  const none = share(undefined, JUDGED);
  // the rules may alarm at random as often as the baseline errs: then both have the same false alarms
  const extra = (none.both - none.rules) / (1 - none.rules);
  const percent = (value: number) => `${Math.round(value * 100)} %`;
  const lines = [
    `| act | rules, and chance to ${percent(none.both)} false alarms | rules and baseline |`,
    '| --- | --- | --- |',
  ];
  const rows = Object.entries(ACTS).map(([name, act]) => {
    const { rules: alone, both } = share(act, EACH);
    lines.push(`| ${name} | ${percent(alone + (1 - alone) * extra)} | ${percent(both)} |`);
    return { name, alone: alone + (1 - alone) * extra, both };
  });
  lines.push(`| honest work: false alarms | ${percent(none.both)} | ${percent(none.both)} |`);
  console.log(lines.join('\n'));
  const mean = (of: 'alone' | 'both') => rows.reduce((sum, row) => sum + row[of], 0) / rows.length;
  expect(mean('both')).toBeGreaterThan(mean('alone') + 0.1);
  for (const { name, both } of rows)
    if (name !== 'the same words, for another purpose') expect(both, name).toBeGreaterThan(0.8);
  // what does as honest runs do is not seen: that is its limit
  expect(rows.find(({ name }) => name.startsWith('the same words'))?.both).toBeLessThan(0.2);
});

it('a baseline is a file that is read as it was written', () => {
  const text = writeBaseline(baseline);
  const read = readBaseline(text);
  if (!read.ok) throw new Error(read.problem);
  expect(digestOf(read.baseline)).toBe(digestOf(baseline));
  expect(read.baseline.threshold).toBe(baseline.threshold);
  expect(text).toContain('/usr/bin/git:');
});

it('a baseline that was changed is refused until its digest is removed', () => {
  const text = writeBaseline(baseline).replace('runs: 60', 'runs: 61');
  expect(readBaseline(text)).toMatchObject({ ok: false, problem: 'it was changed since it was made' });
  expect(readBaseline(text.replace(/^digest: .*$/m, ''))).toMatchObject({ ok: true });
  for (const bad of ['', '[]', 'a: b', '{', `x: ${'&a [*a]'}`, 'ringfence-baseline: 2'])
    expect(readBaseline(bad)).toMatchObject({ ok: false, hint: expect.stringContaining('ringfence learn') });
});

it('names that an agent could choose are words like any other', () => {
  const profiles = ['__proto__', 'constructor', 'toString'].map((name) =>
    profileOf([{ kind: 'process.exec', owner: { pid: 2, exe: name }, path: name, cwd: '/', observed: true }]),
  );
  const made = makeBaseline('t', profiles);
  expect(made.words.programs['(__proto__)']).toEqual({ runs: 1, count: 1 });
  const read = readBaseline(writeBaseline(made));
  expect(read.ok && Object.hasOwn(read.baseline.words.programs, 'toString')).toBe(true);
  expect(read.ok && Object.hasOwn(read.baseline.words.programs, 'valueOf')).toBe(false);
});

it('what a scaffold declares is no habit', () => {
  const run = honest(randomness(1)).events;
  const declared: EventBody = {
    ...{ kind: 'tool.call', call: 'declared-1', tool: 'x', arguments: '{}', via: 'declared' },
    decision: 'allowed',
  };
  expect(profileOf([...run, declared])).toEqual(profileOf(run));
});

it('few runs cannot promise much, and say so', () => {
  const random = randomness(3);
  const few = makeBaseline(
    't',
    Array.from({ length: 4 }, () => profileOf(honest(random).events)),
  );
  expect(few.budget).toEqual({ wanted: 0.05, given: 0.2 });
  expect(few.threshold).toBe(few.scores.at(-1));
});

it('a strange run is told of, and not at each of its steps', () => {
  const story = honest(randomness(7));
  (ACTS['probing for a way out'] as (typeof ACTS)[string])(story, randomness(7));
  const novel = findings(story.events, baseline).filter(({ rule }) => rule.startsWith('novelty.'));
  const told = novel.filter(({ text }) => !text.endsWith('(again)'));
  expect(told.length).toBeGreaterThan(0);
  expect(told.length).toBeLessThan(6);
  expect(novel[0]).toMatchObject({ level: 'low' });
  expect(novel[0]?.text).toContain('unlike the 60 honest runs');
  expect(novel[0]?.cites.length).toBeGreaterThan(0);
});
