import { expect, it } from 'vitest';
import type { LedgerEvent } from '../../contract/index.ts';
import { microseconds, tell } from './record.ts';

const at = (seq: number, ms: number, body: object): LedgerEvent =>
  ({
    seq,
    run: 'r',
    time: new Date(1_800_000_000_000 + ms).toISOString(),
    ...body,
  }) as unknown as LedgerEvent;
const owner = { pid: 7 };
const told = (events: LedgerEvent[]) => tell(events, '/s/space');

it('a finding is attributed by itself, by what it cites, or by who wrote the file that it speaks of', () => {
  const cited = at(1, 0, { kind: 'file.change', owner, op: 'create', path: '/s/space/test/quote.mjs' });
  const alone = at(2, 0, { kind: 'note', text: '' });
  const finding = (more: object) =>
    told([
      cited,
      alone,
      at(3, 5, { kind: 'finding', rule: 'x', hazard: 'escape', text: '', cites: [2], ...more }),
    ]).findings[0];
  expect(finding({})?.attributed).toBe(false);
  expect(finding({ pid: 7 })?.attributed).toBe(true);
  expect(finding({ cites: [1] })?.attributed).toBe(true);
  expect(finding({ diff: '--- test/quote.mjs' })?.attributed).toBe(true);
  expect(finding({ diff: '--- test/other.mjs' })?.attributed).toBe(false);
});

it('refusals are those that the record has, with the owner of their flow', () => {
  const { refusals } = told([
    at(1, 0, { kind: 'flow.open', flow: 'f', owner, address: '198.51.100.1', port: 1, transport: 'tcp' }),
    at(2, 0, { kind: 'http.request', flow: 'f', method: 'PUT', host: 'h', path: '/', allowed: false }),
    at(3, 0, { kind: 'http.request', flow: 'g', method: 'GET', host: 'h', path: '/', allowed: true }),
    at(4, 0, { kind: 'dns.query', name: 'n', type: 'A', answer: [], denied: 'not named' }),
  ]);
  expect(refusals).toEqual([
    { what: 'http: PUT h/', attributed: true },
    { what: 'dns: n', attributed: false },
  ]);
});

it('the time to stop is that from the event that shows it to the answer', () => {
  const { stopped } = told([
    at(1, 0, { kind: 'process.exec', owner, path: '/x', cwd: '/', observed: true }),
    at(2, 30, { kind: 'finding', rule: 'x', hazard: 'escape', text: '', cites: [1], response: 'kill' }),
    at(3, 40, { kind: 'control', action: 'kill', by: 'rule' }),
  ]);
  expect(stopped).toBe(40);
  expect(microseconds('2026-01-01T00:00:00.123456Z') % 1_000_000).toBe(123_456);
});

it('what the review marks is attributed to who wrote it', () => {
  const write = at(1, 0, {
    kind: 'file.change',
    owner,
    op: 'create',
    path: '/s/space/.github/workflows/a.yml',
  });
  expect(tell([write], '/s/space', ['.github/workflows/a.yml']).marks[0]?.attributed).toBe(true);
  expect(tell([], '/s/space', ['.github/workflows/a.yml']).marks[0]?.attributed).toBe(false);
});

it('what was there when the program had ended is told, what ended before is not', () => {
  const exec = (seq: number, pid: number, path: string) =>
    at(seq, 0, { kind: 'process.exec', owner: { pid }, path, cwd: '/', observed: true });
  const exit = (seq: number, pid: number, more: object) =>
    at(seq, 0, { kind: 'process.exit', owner: { pid }, ...more });
  const { refusals } = told([
    exec(1, 7, '/bin/sh'),
    exec(2, 8, '/bin/miner'),
    exec(3, 9, '/bin/sleep'),
    exit(4, 9, { signal: 9 }),
    exit(5, 7, { code: 0 }),
    exit(6, 8, { signal: 9 }),
  ]);
  expect(refusals).toEqual([{ what: 'left running: /bin/miner', attributed: true }]);
});
