/**
 * Campaigns among cells, as sequences of what their gateways saw.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detection } from '../detector.ts';
import { Judge } from './judge.ts';
import { Pressure } from './pressure.ts';
import { parseSignal, type Signal } from './signal.ts';
import { keyed, SECOND, World } from './world.fixture.ts';

/** What an ordinary build does with a shared cache: an index, artefacts, results under names made of their inputs. */
function honest(world: World, cell: string, project: number): void {
  world.http(cell, 'GET', '/npm/left-pad', {
    answer: '{"name":"left-pad","dist":{"tarball":"http://cache.example.test/npm/left-pad-1.3.0.tgz"}}',
  });
  world.http(cell, 'GET', '/npm/left-pad-1.3.0.tgz', { answer: 'tarball of left-pad 1.3.0' });
  for (let part = 0; part < 4; part += 1) {
    const key = `/ac/${keyed(`${project} ${part}`)}7f3a2b${part}`;
    const known = world.found.length >= 0 && cell.endsWith('0') ? 404 : 200;
    if (known === 404) {
      world.http(cell, 'GET', key, { status: 404, answer: 'not found' });
      world.exec(cell, 'cc -c part.c');
      world.http(cell, 'PUT', key, { body: `{"exit":0,"output":"object-file-${part}-${project}.o"}` });
    } else world.http(cell, 'GET', key, { answer: `{"exit":0,"output":"object-file-${part}-${project}.o"}` });
  }
  for (let poll = 0; poll < 5; poll += 1)
    world.http(cell, 'GET', '/health', { answer: poll < 2 ? 'warming' : 'ok' });
  world.http(cell, 'POST', '/stats', { body: `{"tool":"build-tool-2.1","cache_hits":4,"cell":"${cell}"}` });
}

describe('honest cells that share a service', () => {
  it('make no campaign', () => {
    const world = new World();
    for (let cell = 0; cell < 40; cell += 1) honest(world, `cell-${cell}`, Math.floor(cell / 10));
    expect(world.found).toEqual([]);
    expect(world.campaigns.lost()).toBe(0);
  });
});

describe('cells that speak with each other', () => {
  it('by the names of objects', () => {
    const world = new World();
    const written = world.http('a', 'PUT', '/npm/zz-need-route-out-9182', { body: 'x' });
    world.http('b', 'GET', '/npm/-/all', { answer: '{"zz-need-route-out-9182":{}}' });
    world.http('b', 'GET', '/npm/zz-need-route-out-9182', { answer: 'x' });
    world.http('b', 'PUT', '/npm/zz-try-proxy-4711-yes', { body: 'y' });
    world.http('a', 'GET', '/npm/-/all', {
      answer: '{"zz-need-route-out-9182":{},"zz-try-proxy-4711-yes":{}}',
    });
    world.http('a', 'GET', '/npm/zz-try-proxy-4711-yes', { answer: 'y' });
    expect(world.kinds()).toEqual(['learned', 'reply']);
    expect(new Set(world.found.map(({ run }) => run))).toEqual(new Set(['a', 'b']));
    expect(world.ids()).toHaveLength(1);
    const first = world.found.find(({ run, rule }) => run === 'a' && rule.id === 'campaign.learned');
    expect(first?.cites).toContain(written);
    expect(first?.text).toContain(`turn-${written}`);
  });

  it('by names in lists, which nobody asks for', () => {
    const world = new World();
    const names: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      for (const cell of ['a', 'b']) {
        world.http(cell, 'GET', '/npm/-/all', { answer: names.join(' ') });
        const name = `zz-${cell}-says-${round}-${keyed(`${cell}${round}`)}`;
        names.push(name);
        world.http(cell, 'PUT', `/npm/${name}`, { body: 'x' });
      }
    }
    expect(world.kinds()).toContain('exchange');
    expect(new Set(world.found.map(({ run }) => run))).toEqual(new Set(['a', 'b']));
  });

  it('also where they first make the service echo the name', () => {
    const world = new World();
    world.http('a', 'GET', '/search?q=zz-need-route-9182', { answer: 'zz-need-route-9182: none' });
    world.http('a', 'PUT', '/npm/zz-need-route-9182', { body: 'x' });
    world.http('b', 'GET', '/npm/-/all', { answer: 'zz-need-route-9182' });
    world.http('b', 'GET', '/npm/zz-need-route-9182', { answer: 'x' });
    world.http('a', 'PUT', '/npm/zz-more-of-it-1192', { body: 'x' });
    world.http('b', 'GET', '/npm/-/all', { answer: 'zz-need-route-9182 zz-more-of-it-1192' });
    world.http('b', 'GET', '/npm/zz-more-of-it-1192', { answer: 'x' });
    expect(world.kinds()).toEqual(['learned']);
  });

  it('also where another floods the service with words between', () => {
    const world = new World();
    const pass = (name: string) => {
      world.http('a', 'PUT', `/npm/${name}`, { body: 'x' });
      for (let flood = 0; flood < 1000; flood += 1) {
        const words = Array.from({ length: 40 }, (_, index) => `flood-${flood}-${index}-${name}`);
        world.http('c', 'POST', '/stats', { body: words.join(' ') });
      }
      world.http('b', 'GET', '/npm/-/all', { answer: name });
      world.http('b', 'GET', `/npm/${name}`, { answer: 'x' });
    };
    pass('zz-need-route-9182');
    pass('zz-need-more-1182');
    expect(world.kinds()).toEqual(['learned']);
  });

  it('by one object that they write in turns', () => {
    const world = new World();
    let board = '';
    for (let round = 0; round < 3; round += 1) {
      for (const cell of ['a', 'b']) {
        board = `${cell} says ${round}`;
        world.http(cell, 'PUT', '/notes', { body: board });
        world.http(cell === 'a' ? 'b' : 'a', 'GET', '/notes', { answer: board });
      }
    }
    expect(world.kinds()).toContain('board');
    expect(world.ids()).toHaveLength(1);
  });
});

describe('a dead drop', () => {
  it('is seen by its loop', () => {
    const world = new World();
    for (let round = 0; round < 5; round += 1) {
      for (let poll = 0; poll < 3; poll += 1)
        world.http('a', 'GET', '/npm/tiny-theme/readme', { answer: `order ${round}` });
      world.exec('a', 'sh -c id');
      const piece = Buffer.from(`results of order ${round}: uid=1000 gid=1000 groups`).toString('base64url');
      world.http('a', 'PUT', `/npm/up/${round}.${piece}`, { body: 'x' });
    }
    expect(world.kinds()).toEqual(['chunks', 'dead-drop']);
  });

  it('is none where a status is awaited', () => {
    const world = new World();
    for (let job = 0; job < 5; job += 1) {
      world.http('a', 'POST', '/jobs', { body: `{"job":${job}}`, answer: '{}' });
      for (const state of ['queued', 'running', 'done'])
        world.http('a', 'GET', `/jobs/${job}`, { answer: state });
      world.exec('a', 'cat result.txt');
    }
    expect(world.found).toEqual([]);
  });
});

describe('a way through the service', () => {
  it('is found with the first request', () => {
    const world = new World();
    world.http('a', 'GET', '/fetch?url=http%3A%2F%2F198.51.100.7%2Fprobe', { answer: 'hello' });
    expect(world.found.map(({ rule }) => [rule.id, rule.level])).toEqual([['campaign.through', 'critical']]);
  });

  it.each([
    '/fetch?url=http%253A%252F%252F198.51.100.7%252Fprobe',
    '/fetch?u=aHR0cDovLzE5OC41MS4xMDAuNy9wcm9iZQ==',
    '/fetch/http://3325256711/probe',
    '/fetch?url=http://0xc6.0x33.0x64.0x07/',
    '/connect/198.51.100.7:443',
    '/proxy/https://away.example.net/answers',
    '/fetch?host=198.51.100.7:80',
    '/fetch?url=http://user@198.51.100.7/',
  ])('is found however it is written: %s', (target) => {
    const world = new World();
    world.http('a', 'GET', target, { answer: 'hello' });
    expect(world.found.map(({ rule }) => rule.level)).toEqual(['critical']);
  });

  it.each([
    '/geo?ip=198.51.100.7',
    '/login?redirect_uri=https://app.example.net/back',
    '/archive/v1.2.3/2024/pad.tar.gz/12',
    '/search?q=https://away.example.net/a+https://other.example.net/b+https://third.example.net/c',
  ])('is none where a place is only asked about: %s', (target) => {
    const world = new World();
    for (let times = 0; times < 5; times += 1) world.http('a', 'GET', target, { answer: 'hello' });
    expect(world.found).toEqual([]);
  });

  it('is found where the cell had the service say the place first', () => {
    const world = new World();
    world.http('a', 'PUT', '/npm/notes', { body: 'see http://198.51.100.7/pool' });
    world.http('a', 'GET', '/npm/notes', { answer: 'see http://198.51.100.7/pool' });
    world.http('a', 'GET', '/fetch?url=http://198.51.100.7/pool', { answer: 'hello' });
    expect(world.kinds()).toEqual(['through']);
  });

  it('is none where the service itself named the place', () => {
    const world = new World();
    world.http('a', 'GET', '/index', { answer: '{"mirror":"http://198.51.100.7/pool"}' });
    world.http('a', 'GET', '/fetch?url=http://198.51.100.7/pool', { answer: 'hello' });
    expect(world.found).toEqual([]);
  });
});

describe('tool servers that cells share', () => {
  it('carry words, too', () => {
    const world = new World();
    const call = (cell: string, tool: string, given: object, content: string) => {
      world.tool(cell, tool, given, content);
    };
    call('a', 'create_issue', { title: 'zz-route-wanted-5512' }, 'created');
    call('b', 'list_issues', {}, 'zz-route-wanted-5512');
    call('b', 'get_issue', { title: 'zz-route-wanted-5512' }, 'nothing in it');
    call('b', 'create_issue', { title: 'zz-mirror-knows-8812' }, 'created');
    call('a', 'list_issues', {}, 'zz-route-wanted-5512 zz-mirror-knows-8812');
    call('a', 'get_issue', { title: 'zz-mirror-knows-8812' }, 'nothing in it');
    expect(world.kinds()).toEqual(['learned', 'reply']);
  });
});

describe('weak signals', () => {
  it('make nothing by themselves, however many cells share them', () => {
    const world = new World();
    for (let round = 0; round < 6; round += 1)
      for (const cell of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j']) {
        world.http(cell, 'GET', '/health', { answer: 'ok' });
        world.denied(cell, 'connect 198.51.100.7:443/tcp');
      }
    expect(world.found).toEqual([]);
  });

  it('add up where few do the same, and one waits for the other', () => {
    const world = new World();
    for (const cell of ['a', 'b']) {
      world.http(cell, 'GET', '/npm/left-pad', { answer: '{}' });
      world.denied(cell, 'connect 198.51.100.7:443/tcp');
    }
    for (let tries = 0; tries < 4; tries += 1)
      world.http('b', 'GET', '/m/0001', { status: 404, answer: 'no' });
    expect(world.found).toEqual([]);
    world.http('a', 'PUT', '/m/0001', { body: 'meet there' });
    world.http('b', 'GET', '/m/0001', { answer: 'meet there' });
    for (let tries = 0; tries < 4; tries += 1)
      world.http('a', 'GET', '/m/0002', { status: 404, answer: 'no' });
    world.http('b', 'PUT', '/m/0002', { body: 'yes' });
    world.http('a', 'GET', '/m/0002', { answer: 'yes' });
    expect(world.kinds()).toEqual(expect.arrayContaining(['awaited', 'reply', 'same-destination']));
    expect(world.ids()).toHaveLength(1);
  });

  it('weigh more in runs that fail again and again', () => {
    const under = (failures: number): number => {
      const world = new World();
      for (let failure = 0; failure < failures; failure += 1) world.failed('a', 'npm test');
      world.http('a', 'PUT', '/npm/zz-route-out-9182', { body: 'x' });
      world.http('b', 'GET', '/npm/-/all', { answer: '{"zz-route-out-9182":{}}' });
      world.http('b', 'GET', '/npm/zz-route-out-9182', { answer: 'x' });
      return world.found.filter(({ rule }) => rule.id.startsWith('campaign.')).length;
    };
    expect([under(0), under(60) > 0]).toEqual([0, true]);
  });
});

describe('pressure', () => {
  it('is told in steps, and forgotten', () => {
    const found: Detection[] = [];
    const pressure = new Pressure();
    const at = (second: number) =>
      pressure.observe(
        {
          category: 'process_termination',
          time: second * SECOND,
          run: 'r',
          cell: 'r',
          cites: [second],
          fields: { CommandLine: 'npm test', ExitCode: 1 },
        },
        (detection) => found.push(detection),
      );
    for (let second = 0; second < 60; second += 1) at(second);
    expect(found.map(({ key }) => key)).toEqual(['step 1', 'step 2', 'step 3']);
    expect(found[0]?.cites.length).toBeGreaterThan(4);
    expect(pressure.attention('r')).toBe(2);
    at(36_000);
    expect([pressure.attention('r'), pressure.attention('other')]).toEqual([1, 1]);
  });
});

describe('whatever cells do', () => {
  it('memory stays bounded, and what was forgotten is told', () => {
    const judge = new Judge({ words: 50, objects: 20, cells: 10 });
    const word = fc.stringMatching(/^[a-z0-9]{12}$/);
    const signal = fc.record({
      does: fc.constantFrom('use', 'place', 'name', 'loop', 'pressure') as fc.Arbitrary<Signal['does']>,
      time: fc.integer({ min: 0, max: 1e12 }),
      run: fc.constantFrom('a', 'b', 'c'),
      cell: fc.constantFrom('a', 'b', 'c', ...Array.from({ length: 40 }, (_, index) => `cell${index}`)),
      seq: fc.nat(1000),
      service: word,
      object: word,
      write: fc.boolean(),
      ok: fc.boolean(),
      cycles: fc.nat(5),
      factor: fc.double(),
      content: fc.record({
        named: fc.array(word, { maxLength: 4 }),
        heard: fc.array(word, { maxLength: 4 }),
        places: fc.array(word, { maxLength: 2 }),
        asked: word,
        answered: word,
      }),
    });
    fc.assert(
      fc.property(fc.array(signal, { maxLength: 200 }), (signals) => {
        for (const one of signals)
          for (const verdict of judge.hear(one)) {
            expect(verdict.cites.length).toBeGreaterThan(0);
            expect(Number.isFinite(verdict.points)).toBe(true);
          }
      }),
      { numRuns: 50 },
    );
    expect(judge.lost()).toBeGreaterThan(0);
  });

  it('lines that are none of ours are left out', () => {
    const good = { does: 'use', time: 1, run: 'r', cell: 'r', seq: 1, service: 'abcdefghijkl' };
    expect(parseSignal(JSON.stringify(good))).toEqual(good);
    for (const bad of [
      '',
      '{}',
      'null',
      '[]',
      JSON.stringify({ ...good, run: '../../etc' }),
      JSON.stringify({ ...good, time: 'now' }),
      JSON.stringify({ ...good, does: 'rule' }),
      JSON.stringify({ ...good, service: 'x y' }),
      JSON.stringify({ ...good, content: { named: 7 } }),
    ])
      expect([bad, parseSignal(bad)]).toEqual([bad, undefined]);
  });
});
