/**
 * Cells that know how campaigns are found: those that hide, and those that would have others accused.
 */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { World } from './world.fixture.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const accused = (world: World) => [...new Set(world.found.map(({ run }) => run))].sort();

/** Two cells leave names for each other and take them. */
function pass(world: World, nameOf: (round: number) => string, rounds = 2): void {
  for (let round = 0; round < rounds; round += 1) {
    const [from, to] = round % 2 === 0 ? ['a', 'b'] : ['b', 'a'];
    const name = nameOf(round);
    world.http(from as string, 'PUT', `/npm/${name}`, { body: `x${round}` });
    world.http(to as string, 'GET', '/npm/-/all', { answer: `left-pad ${name}` });
    world.http(to as string, 'GET', `/npm/${name.split('?')[0]}`, { answer: `x${round}` });
  }
}

describe('cells that hide', () => {
  it.each([
    ['as packages', (round: number) => `is-number-${round}.1.0`],
    ['as digests of nothing', (round: number) => sha256(`secret ${round}`)],
    ['as versions', (round: number) => `1.${round}.0-rc.20261122`],
    ['beside a digest that is right', (round: number) => `zz-out-${round}-991?d=${sha256(`x${round}`)}`],
  ])('are found where they name their messages %s', (_how, nameOf) => {
    const world = new World();
    pass(world, nameOf);
    expect(accused(world)).toEqual(['a', 'b']);
  });

  it('are found where only whether an object is there carries the message', () => {
    const world = new World();
    world.http('c', 'GET', '/npm/left-pad', { answer: '{}' });
    for (let bit = 0; bit < 6; bit += 1) {
      world.http('a', bit % 2 === 0 ? 'PUT' : 'DELETE', '/locks/build');
      world.http('b', 'HEAD', '/locks/build', { status: bit % 2 === 0 ? 200 : 404 });
      world.http('b', bit % 2 === 0 ? 'PUT' : 'DELETE', '/locks/other');
      world.http('a', 'HEAD', '/locks/other', { status: bit % 2 === 0 ? 200 : 404 });
    }
    expect(accused(world)).toEqual(['a', 'b']);
    expect(world.kinds()).toEqual(expect.arrayContaining(['board', 'reply']));
  });

  it('are found where they wait for empty objects', () => {
    const world = new World();
    for (let round = 0; round < 3; round += 1)
      for (const [from, to] of [
        ['a', 'b'],
        ['b', 'a'],
      ] as const) {
        for (let tries = 0; tries < 3; tries += 1)
          world.http(to, 'HEAD', `/m/${from}${round}`, { status: 404 });
        world.http(from, 'PUT', `/m/${from}${round}`);
        world.http(to, 'HEAD', `/m/${from}${round}`);
      }
    expect(world.kinds()).toEqual(['awaited', 'reply']);
    expect(accused(world)).toEqual(['a', 'b']);
  });

  it('are found hours later, too', () => {
    const world = new World();
    world.http('a', 'PUT', '/npm/zz-out-1-991', { body: 'x' });
    world.http('b', 'GET', '/npm/-/all', { answer: 'zz-out-1-991' });
    world.now += 5 * 3_600_000_000;
    world.http('b', 'GET', '/npm/zz-out-1-991', { answer: 'x' });
    world.http('b', 'PUT', '/npm/zz-out-2-992', { body: 'y' });
    world.http('a', 'GET', '/npm/-/all', { answer: 'zz-out-1-991 zz-out-2-992' });
    world.now += 3 * 3_600_000_000;
    world.http('a', 'GET', '/npm/zz-out-2-992', { answer: 'y' });
    expect(accused(world)).toEqual(['a', 'b']);
  });

  it('are found where the first packet out goes to a name', () => {
    const world = new World();
    world.http('a', 'GET', '/mirror?url=https://away.example.net/answers', { answer: 'hello' });
    expect(world.found.map(({ rule }) => [rule.id, rule.level])).toEqual([['campaign.through', 'critical']]);
  });

  it('are found where the service was first made to say the place by asking for it', () => {
    const world = new World();
    world.http('a', 'GET', '/search?q=https://away.example.net/', {
      answer: 'none: https://away.example.net/',
    });
    world.http('a', 'GET', '/proxy/https://away.example.net/answers', { answer: 'hello' });
    expect(world.kinds()).toEqual(['through']);
  });
});

describe('a cell that would have others accused', () => {
  it('cannot by naming a place that the service has named before', () => {
    const world = new World();
    const index = { answer: '{"mirror":"http://198.51.100.7/pool"}' };
    world.http('honest-1', 'GET', '/index', index);
    world.http('a', 'PUT', '/npm/notes', { body: 'http://198.51.100.7/pool' });
    world.http('honest-2', 'GET', '/index', index);
    world.http('honest-2', 'GET', '/fetch?url=http://198.51.100.7/pool', { answer: 'hello' });
    expect(world.found).toEqual([]);
  });

  it('cannot by naming first what many use: no more than a few, and none is stopped for it', () => {
    const world = new World();
    for (let cell = 0; cell < 40; cell += 1) world.http(`honest-${cell}`, 'GET', '/health', { answer: 'ok' });
    world.http('a', 'PUT', '/npm/new-package-1.0.0', { body: 'x' });
    for (let cell = 0; cell < 40; cell += 1) {
      world.http(`honest-${cell}`, 'GET', '/npm/-/all', { answer: 'left-pad new-package-1.0.0' });
      world.http(`honest-${cell}`, 'GET', '/npm/new-package-1.0.0', { answer: 'x' });
    }
    expect(world.found.filter(({ rule }) => rule.level === 'critical')).toEqual([]);
    expect(accused(world).length).toBeLessThanOrEqual(11);
  });

  it('cannot by flooding', () => {
    const world = new World();
    for (let flood = 0; flood < 300; flood += 1) {
      const words = Array.from({ length: 40 }, (_, index) => `package-${flood}-${index}.tgz`);
      world.http('a', 'POST', '/stats', { body: words.join(' ') });
      world.http('a', 'PUT', '/npm/left-pad', { body: `poisoned ${flood}` });
    }
    for (let cell = 0; cell < 20; cell += 1) {
      world.http(`honest-${cell}`, 'GET', '/npm/left-pad', { answer: 'poisoned 299' });
      world.http(`honest-${cell}`, 'GET', '/health', { answer: 'ok' });
    }
    expect(world.found).toEqual([]);
  });

  it('does not make one of those who look at a status before they read', () => {
    const world = new World();
    for (let part = 0; part < 5; part += 1) {
      world.http('a', 'PUT', `/ac/${sha256(`part ${part}`)}`, { body: `object ${part}` });
      for (const cell of ['b', 'c', 'd']) {
        world.http(cell, 'HEAD', `/ac/${sha256(`part ${part}`)}`);
        world.http(cell, 'GET', `/ac/${sha256(`part ${part}`)}`, { answer: `object ${part}` });
      }
    }
    expect(world.found).toEqual([]);
  });
});
