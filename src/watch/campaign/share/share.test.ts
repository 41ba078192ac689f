/**
 * Runs that meet in a folder: real files, real changes told by the kernel.
 */
import { execFileSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ContentReader } from '../../../gateway/content/index.ts';
import type { Detection } from '../../detector.ts';
import { contentFields } from '../fields.ts';
import { JudgeBench } from './bench.ts';
import { Lease } from './lease.ts';
import { CampaignLink } from './link.ts';
import { Tail, TailFolder } from './tail.ts';
import { parseVerdict } from './verdict.ts';

let folder = '';
const links: CampaignLink[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-campaigns-'));
});
afterEach(() => {
  for (const link of links.splice(0)) link.end();
  rmSync(folder, { recursive: true, force: true });
});

async function until(what: string, holds: () => boolean, within = 30_000): Promise<void> {
  for (const deadline = Date.now() + within; !holds(); ) {
    if (Date.now() > deadline) throw new Error(`waited ${within} ms for: ${what}`);
    await pause(5);
  }
}

const keyed = (mark: string) => createHmac('sha256', 'k').update(mark).digest('base64url').slice(0, 12);

function run(name: string) {
  const found: (Detection & { at: number })[] = [];
  let seq = 0;
  const link = new CampaignLink({ run: name, folder: () => folder, keyed });
  links.push(link);
  const http = (method: string, target: string, body?: string, answer?: string) => {
    const reader = new ContentReader('cache.example.test', target);
    if (body !== undefined) reader.asked(Buffer.from(body));
    if (answer !== undefined) reader.answered(Buffer.from(answer));
    const content = reader.content();
    seq += 1;
    link.observe(
      {
        category: 'http_request',
        time: Date.now() * 1000,
        run: name,
        cell: name,
        cites: [seq],
        fields: {
          'cs-method': method,
          'cs-host': 'cache.example.test',
          'cs-uri-stem': target,
          'sc-status': 200,
          Allowed: true,
          ...contentFields(content),
        },
      },
      (detection) => found.push({ ...detection, at: Date.now() }),
    );
    return Date.now();
  };
  return { link, http, found };
}

/** Two runs pass names to each other; the time of the last act. */
async function converse(a: ReturnType<typeof run>, b: ReturnType<typeof run>): Promise<number> {
  a.http('PUT', '/objects/zz-route-wanted-1', 'one');
  await pause(5);
  b.http('GET', '/objects', undefined, 'zz-route-wanted-1');
  b.http('GET', '/objects/zz-route-wanted-1', undefined, 'one');
  b.http('PUT', '/objects/zz-route-given-2', 'two');
  await pause(5);
  a.http('GET', '/objects', undefined, 'zz-route-wanted-1 zz-route-given-2');
  return a.http('GET', '/objects/zz-route-given-2', undefined, 'two');
}

describe('runs that meet', () => {
  it('hear of their campaign while they go on, wherever it is judged', async () => {
    const [a, b, c] = [run('run-a'), run('run-b'), run('run-c')];
    c.http('GET', '/objects/readme', undefined, 'hello'); // the first is the judge
    const last = await converse(a, b);
    await until('findings of both', () => a.found.length > 0 && b.found.length > 0);
    for (const { found } of [a, b]) expect((found[0]?.at ?? 0) - last).toBeLessThan(30_000);
    expect(c.found).toEqual([]);
    expect(new Set([...a.found, ...b.found].map(({ campaign }) => campaign)).size).toBe(1);
    expect(a.found[0]?.text).toContain('cache.example.test');
    expect(a.found[0]?.text).toContain('run-b');
  });

  it('go on when the judge ends', async () => {
    const [a, b, c] = [run('run-a'), run('run-b'), run('run-c')];
    c.http('GET', '/objects/readme', undefined, 'hello');
    a.http('GET', '/objects/readme', undefined, 'hello');
    c.link.end();
    await converse(a, b);
    await until('findings of both', () => a.found.length > 0 && b.found.length > 0);
  });

  it('are judged when the last of them ends', async () => {
    const [a, b] = [run('run-a'), run('run-b')];
    await converse(a, b);
    b.link.end();
    a.link.end();
    expect(a.found.length).toBeGreaterThan(0);
    const [campaign] = new JudgeBench(folder).ranked(Date.now() * 1000);
    // a bench that only reads finds it again
    expect(campaign).toBeUndefined();
    const bench = new JudgeBench(folder);
    bench.judge(Date.now() * 1000, true);
    expect(bench.ranked(Date.now() * 1000).map(({ members }) => members.map((one) => one.run))).toEqual([
      ['run-a', 'run-b'],
    ]);
  });

  it('leave nothing that can be read', async () => {
    await converse(run('run-a'), run('run-b'));
    const text = readdirSync(folder)
      .map((name) => readFileSync(join(folder, name), 'latin1'))
      .join();
    expect(text).not.toMatch(/route|objects|example/);
  });
});

describe('what lies in the folder', () => {
  const signal = (run: string, seq: number) =>
    `${JSON.stringify({ does: 'use', time: Date.now() * 1000, run, cell: run, seq, service: keyed('s'), object: keyed(`${seq}`) })}\n`;

  it('is read only where it is a plain file of this user', async () => {
    const elsewhere = mkdtempSync(join(tmpdir(), 'ringfence-elsewhere-'));
    writeFileSync(join(elsewhere, 'x'), signal('run-x', 1));
    symlinkSync(join(elsewhere, 'x'), join(folder, 'run-x.signals'));
    execFileSync('mkfifo', [join(folder, 'run-p.signals')]);
    mkdirSync(join(folder, 'run-d.signals'));
    expect([...new TailFolder(folder, '.signals', 1e6).lines()].flat()).toEqual([]);
    const [a, b] = [run('run-a'), run('run-b')];
    await converse(a, b);
    await until('findings of both', () => a.found.length > 0 && b.found.length > 0);
    // nor is anything written to where a link leads
    symlinkSync(join(elsewhere, 'x'), join(folder, 'run-y.signals'));
    expect(() => run('run-y').http('GET', '/objects', undefined, 'x')).toThrow(/run-y/);
    expect(readFileSync(join(elsewhere, 'x'), 'utf8')).toContain('run-x');
    rmSync(elsewhere, { recursive: true });
  });

  it('may be torn, or no line at all, and the others are heard', async () => {
    writeFileSync(join(folder, 'verdicts'), '{"campaign":"c-torn","kind":"lea');
    writeFileSync(join(folder, 'run-torn.signals'), `${signal('run-torn', 1)}{"does":"use","ti`);
    writeFileSync(join(folder, 'run-huge.signals'), '');
    truncateSync(join(folder, 'run-huge.signals'), 64 * 1024 * 1024);
    const [a, b] = [run('run-a'), run('run-b')];
    await converse(a, b);
    await until('findings of both', () => a.found.length > 0 && b.found.length > 0);
    // a judge that begins later reads what was told, the torn line left out
    expect(new JudgeBench(folder).judge(Date.now() * 1000, true)).toEqual([]);
  });

  it('of one run makes no judge forget the others', async () => {
    const [a, b] = [run('run-a'), run('run-b')];
    await converse(a, b);
    for (const { link } of [a, b]) link.end();
    rmSync(join(folder, 'verdicts'));
    const flood = signal('run-c', 1).repeat(80_000);
    expect(flood.length).toBeGreaterThan(9 * 1024 * 1024);
    writeFileSync(join(folder, 'run-c.signals'), flood);
    const bench = new JudgeBench(folder);
    expect(bench.skipped).toBeGreaterThan(8 * 1024 * 1024);
    const told = bench.judge(Date.now() * 1000, true).map((verdict) => verdict.run);
    expect(new Set(told)).toEqual(new Set(['run-a', 'run-b']));
  });

  it('stays bounded whatever a run tells, and what it removes is told as lost', () => {
    const a = run('run-a');
    const Told = Array.from({ length: 250 }, (_, index) => keyed(`word ${index}`));
    const fields = {
      'cs-method': 'PUT',
      'cs-host': 'cache.example.test',
      'cs-uri-stem': '/o',
      'sc-status': 200,
      Told,
    };
    const about = { run: 'run-a', cell: 'run-a', cites: [1], fields };
    for (let act = 0; act < 5000; act += 1)
      a.link.observe({ category: 'http_request', time: Date.now() * 1000, ...about }, () => {});
    const names = readdirSync(folder).filter((name) => name.endsWith('.signals'));
    expect(names.length).toBeLessThanOrEqual(6);
    expect(names).toContain('run-a.signals');
    for (const name of names)
      expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(2 * 1024 * 1024 + 64 * 1024);
    expect(a.link.lost()).toBeGreaterThan(0);
  });

  it('keeps the name of a campaign, whoever judges it and in whatever order', async () => {
    const [a, b] = [run('run-a'), run('run-b')];
    await converse(a, b);
    await until('findings of both', () => a.found.length > 0 && b.found.length > 0);
    const [name] = a.found.map(({ campaign }) => campaign);
    for (const { link } of [a, b]) link.end();
    const path = join(folder, 'run-a.signals');
    writeFileSync(path, readFileSync(path, 'utf8').replaceAll('"time":17', '"time":16'));
    const bench = new JudgeBench(folder);
    bench.judge(Date.now() * 1000, true);
    for (const campaign of bench.ranked(Date.now() * 1000)) expect(campaign.id).toBe(name);
  });

  it('holds verdicts of known kinds only', () => {
    const good = {
      campaign: 'c-1',
      kind: 'learned',
      level: 'high',
      service: keyed('s'),
      time: 1,
      run: 'r',
      cell: 'r',
      cites: [1],
      turns: [],
      calls: [],
      peers: ['s'],
      points: 6,
    };
    expect(parseVerdict(JSON.stringify(good))).toEqual(good);
    for (const bad of [
      { kind: 'constructor' },
      { kind: 'later' },
      { level: 'grave' },
      { cites: ['x'] },
      { time: 1e300 },
      { points: null },
      { run: '../x' },
      { campaign: '\u001b[31m' },
    ])
      expect([bad, parseVerdict(JSON.stringify({ ...good, ...bad }))]).toEqual([bad, undefined]);
    expect(parseVerdict(JSON.stringify({ ...good, peers: ['a b', 7, 's'] }))?.peers).toEqual(['s']);
  });
});

describe('pressure', () => {
  it('that was there before a run met others is known to the judge', async () => {
    const a = run('run-a');
    for (let failure = 0; failure < 40; failure += 1)
      a.link.observe(
        {
          category: 'process_termination',
          time: Date.now() * 1000,
          run: 'run-a',
          cell: 'run-a',
          cites: [failure],
          fields: { CommandLine: 'npm test', ExitCode: 1 },
        },
        () => {},
      );
    expect(readdirSync(folder)).toEqual([]);
    a.http('GET', '/objects/readme', undefined, 'hello');
    const [first] = readFileSync(join(folder, 'run-a.signals'), 'utf8').split('\n');
    expect(JSON.parse(first ?? '')).toMatchObject({ does: 'pressure', factor: 2 });
  });
});

describe('a disk that is full', () => {
  it('loses no verdict that can be told later', () => {
    const bench = new JudgeBench(folder);
    const verdict = parseVerdict(
      JSON.stringify({
        campaign: 'c-1',
        kind: 'learned',
        level: 'high',
        service: keyed('s'),
        time: 1,
        run: 'r',
        cell: 'r',
        cites: [1],
        points: 6,
      }),
    );
    if (!verdict) throw new Error('no verdict');
    // what cannot be written is not written: here as a folder is in its place
    mkdirSync(join(folder, 'verdicts'));
    expect(() => bench.tell([verdict])).toThrow();
    rmSync(join(folder, 'verdicts'), { recursive: true });
    appendFileSync(join(folder, 'verdicts'), '{"torn":');
    bench.tell([]);
    expect(new Tail(join(folder, 'verdicts')).lines().flatMap((line) => parseVerdict(line) ?? [])).toEqual([
      verdict,
    ]);
  });
});

describe('the judge', () => {
  it('is one, until it is not heard of any more', () => {
    const [one, other] = [new Lease(folder), new Lease(folder)];
    expect([one.renew(), other.renew()]).toEqual([true, false]);
    utimesSync(join(folder, 'judge'), 0, 0);
    expect([other.renew(), one.renew()]).toEqual([true, false]);
    other.release();
    expect(one.renew()).toBe(true);
    // whose clock was set back is not waited for
    expect(other.renew(Date.now() - 3_600_000)).toBe(true);
    expect(readdirSync(folder)).toEqual(['judge']);
  });
});

describe('following a file', () => {
  it('waits for the ends of lines, and leaves out what is none of ours', () => {
    const path = join(folder, 'lines');
    const tail = new Tail(path);
    expect(tail.lines()).toEqual([]);
    writeFileSync(path, 'one\ntw');
    expect(tail.lines()).toEqual(['one']);
    writeFileSync(path, `o\n${'x'.repeat(100_000)}\nthree\n`, { flag: 'a' });
    expect(tail.lines()).toEqual(['two', 'three']);
    writeFileSync(path, 'new\n');
    expect(tail.lines()).toEqual(['new']);
  });
});
