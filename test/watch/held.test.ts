/**
 * A cell that is held for what it did: nothing goes on, somebody is told at once, and each way out of it ends the run.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/ledger/index.ts';
import { identities, Place } from '../run/place.ts';
import { until } from '../run/wait.ts';
import { writeCanaryRule } from './canary.ts';

/** A busy machine takes its time. */
const PATIENCE = 45_000;
const FILES = 3000;

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  /** A quiet run, without a terminal, that is held by a rule's finding; `time` is the contract's. */
  function begin(contract: string, script: string) {
    const words = place.runWords(['bash', '-c', script], { contract, options: ['--quiet'] });
    const { child, result } = place.start(words, { within: 60 });
    const heard = { out: '', said: '' };
    child.stdout?.on('data', (data: Buffer) => {
      heard.out += data.toString();
    });
    child.stderr?.on('data', (data: Buffer) => {
      heard.said += data.toString();
    });
    return { pid: child.pid as number, result, heard };
  }

  function held(time: string) {
    writeCanaryRule(place, 'critical');
    const contract = `oversight: { rules: [./rules] }\ncompute: { time: ${time} }\n`;
    return begin(contract, 'env echo canary-word; sleep 3; echo went-on; sleep 600');
  }

  test('nobody comes: it says what to do, however quiet it is, and ends when its time is over', async () => {
    const { result, heard } = held('6s');
    const { code, stderr } = await result;
    expect(code, stderr).toBe(124);
    expect(stderr).toMatch(
      /it is held for what a rule found: ringfence thaw \S+ lets it go on, ringfence stop \S+ ends it/,
    );
    expect(heard.out).not.toContain('went-on');
    expect(place.lastRecord().reason).toBe('time');
  });

  test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends it', async (signal) => {
    const { pid, result, heard } = held('10m');
    await until('the word', () => heard.said.includes('it is held'), PATIENCE);
    process.kill(pid, signal);
    const { code, stderr } = await result;
    expect(code, stderr).not.toBe(0);
    expect(heard.out).not.toContain('went-on');
    expect(place.lastRecord().reason).toBe('finding');
  });

  test('ringfence stop ends it, and gives it no time', async () => {
    const { result, heard } = held('10m');
    await until('the word', () => heard.said.includes('it is held'), PATIENCE);
    const stopped = await place.command('stop', '--all');
    expect(stopped.code, stopped.stderr).toBe(0);
    const { code, stderr } = await result;
    expect(code, stderr).toBe(122);
    expect(heard.out).not.toContain('went-on');
    expect(place.lastRecord().reason).toBe('finding');
  });

  test('more than can be judged: the cell is frozen, and nothing that came before is missing', async () => {
    const script = `echo up; sleep 1; i=0; while [ $i -lt ${FILES} ]; do : >"f$i"; i=$((i + 1)); done; echo went-on; sleep 600`;
    const { pid, result, heard } = begin('compute: { time: 10m }\n', script);
    await until('the program', () => heard.out.includes('up'), PATIENCE);
    // who judges gets no time at all, as on a machine that is too slow: what happens meanwhile is judged too late
    process.kill(pid, 'SIGSTOP');
    await new Promise((resolve) => setTimeout(resolve, 4000));
    process.kill(pid, 'SIGCONT');
    await until('the word', () => heard.said.includes('it is held'), PATIENCE);
    expect(heard.said).toContain('it is held since more comes than can be judged');
    const stopped = await place.command('stop', '--all');
    expect(stopped.code, stopped.stderr).toBe(0);
    const { code, stderr } = await result;
    expect(code, stderr).toBe(122);
    expect(heard.out).not.toContain('went-on');
    const record = place.lastRecord();
    expect(record.reason).toBe('overload');
    expect(record.totals.losses).toBe(0);
    const made = new Set<string>();
    const controls: string[] = [];
    let limits = 0;
    for await (const event of readLedger(record.ledger)) {
      if (event.kind === 'file.change' && /\/f\d+$/.test(event.path)) made.add(event.path);
      if (event.kind === 'control') controls.push(`${event.action} ${event.by}`);
      if (event.kind === 'limit.reached' && event.limit === 'watch') limits += 1;
    }
    expect(limits).toBeGreaterThan(0);
    expect(controls).toContain('freeze overload');
    expect(controls).toContain('freeze supervisor');
    // it stood still before it was done, and each file that there is is on record
    const left = record.changes.map(({ path }) => path).filter((path) => /^f\d+$/.test(path));
    expect(left.length).toBeGreaterThan(0);
    expect(left.length).toBeLessThan(FILES);
    const names = new Set([...made].map((path) => path.slice(path.lastIndexOf('/') + 1)));
    expect(left.filter((path) => !names.has(path))).toEqual([]);
  });
});
