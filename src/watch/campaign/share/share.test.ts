/**
 * Runs that meet in a folder: real files, real changes told by the kernel.
 */
import { createHmac } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
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
import { Tail } from './tail.ts';

let folder = '';
const links: CampaignLink[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'ringfence-campaigns-'));
});
afterEach(() => {
  for (const link of links.splice(0)) link.end();
  rmSync(folder, { recursive: true, force: true });
});

async function until(what: string, holds: () => boolean, within = 5000): Promise<void> {
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
  it('hear of their campaign within two seconds, wherever it is judged', async () => {
    const [a, b, c] = [run('run-a'), run('run-b'), run('run-c')];
    c.http('GET', '/objects/readme', undefined, 'hello'); // the first is the judge
    const last = await converse(a, b);
    await until('findings of both', () => a.found.length > 0 && b.found.length > 0);
    for (const { found } of [a, b]) expect((found[0]?.at ?? 0) - last).toBeLessThan(2000);
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
