/** Who fills the record hides nothing: what is left out of a page is never the worst, and always said. */
import { expect, it } from 'vitest';
import type { EventBody } from '../../contract/index.ts';
import { BOUNDS, slim } from './bounds.ts';
import { busyRun, gather, inputOf, numbered, startOf } from './events.fixture.ts';
import { reportPage } from './page.ts';

const pageOf = (bodies: readonly EventBody[]): string =>
  reportPage(inputOf(gather(numbered([startOf('true'), ...bodies]), bodies.length + 1)));

const finding = (text: string, level: 'low' | 'critical'): EventBody => ({
  ...{ kind: 'finding', rule: 'sabotage.example', hazard: 'sabotage', text, cites: [0], level },
});

it('ten thousand small findings do not hide a great one that comes after them', () => {
  const page = pageOf([
    ...Array.from({ length: 10_000 }, (_, index) => finding(`small ${index}`, 'low')),
    finding('the great one', 'critical'),
  ]);
  const [first = ''] = /<li class="finding[\s\S]*?<\/li>/.exec(page) ?? [];
  expect(first).toContain('the great one');
  expect(page).toContain('<span class="big">10,001</span> findings');
  expect(page).toContain('1 high or critical');
  expect(page).toContain('500 of 10,001 findings are listed here');
});

it('what was refused is counted, also where it is not listed', () => {
  const page = pageOf(
    Array.from(
      { length: BOUNDS.listed + 1_000 },
      (_, index): EventBody => ({ kind: 'denial', layer: 'network', what: `connect ${index}`, count: 2 }),
    ),
  );
  expect(page).toContain('<span class="big">12,000</span> refused');
  expect(page).toContain('4,700 other things, and 1,000 refusals beyond those that were looked at, are not');
  expect(page).toContain('6,000 refused acts without a process that is known');
});

it.each([
  ['violation', { kind: 'violation', what: 'x', action: 'note' }, '300 of 400 violations'],
  ['limit', { kind: 'limit.reached', limit: 'x', used: 2, max: 1, action: 'note' }, '300 of 400 limits'],
  ['question', { kind: 'approval.ask', question: 1, effect: 'x', what: 'x' }, '300 of 400 questions'],
  ['loss', { kind: 'sensor.loss', sensor: 'x', reason: 'x', count: 1 }, '300 of 400 losses'],
  ['change', { kind: 'contract.change', clause: 'x', rule: 'x', by: 'x' }, '300 of 400 changes'],
] as [string, EventBody, string][])('a table of each %s says how many it leaves out', (_, body, said) => {
  expect(pageOf(Array.from({ length: 400 }, () => body))).toContain(`${said} are listed here`);
  expect(pageOf(Array.from({ length: 300 }, () => body))).not.toContain('are listed here');
});

it('what is kept of a record to be listed is small, however long the record', () => {
  const long = 'A'.repeat(1_000_000);
  const kept = slim({ a: long, b: { c: Array.from({ length: 10_000 }, () => long) }, __proto__: null });
  expect(JSON.stringify(kept).length).toBeLessThan(2_500_000);
  const deep = slim(JSON.parse(`${'['.repeat(5_000)}1${']'.repeat(5_000)}`));
  expect(JSON.stringify(deep).length).toBeLessThan(50);
  const gathered = gather(
    numbered(Array.from({ length: 50 }, () => ({ kind: 'denial', layer: 'network', what: long }))),
    50,
  );
  expect(JSON.stringify(gathered.list('denial')).length).toBeLessThan(50 * 10_000);
});

it('each link to an event leads to a row that is there without a script', () => {
  for (const events of [5_000, BOUNDS.events + 30_000]) {
    const page = reportPage(inputOf(gather(busyRun(events), events)));
    const rows = new Set([...page.matchAll(/<tr id="event-(\d+)"/g)].map(([, seq]) => seq));
    const links = [...page.matchAll(/ href="#event-(\d+)"/g)].map(([, seq]) => seq);
    expect(links.length).toBeGreaterThan(100);
    expect(links.filter((seq) => !rows.has(seq))).toEqual([]);
    expect(new Set(rows).size).toBe([...page.matchAll(/<tr id="event-/g)].length);
  }
});

it('of more processes and flows than a page holds the page says so', () => {
  const events = (BOUNDS.flows + 10) * 8;
  const gathered = gather(busyRun(events), events);
  const page = reportPage(inputOf(gathered));
  expect(page).toContain(
    `${BOUNDS.flows.toLocaleString('en')} of ${gathered.flows.all.toLocaleString('en')} flows are listed here`,
  );
});

it('what was seen again stands with what was seen first, and what only looks so stands alone', () => {
  const page = pageOf([
    finding('one', 'low'),
    finding('unlike', 'critical'),
    { ...finding('one (again)', 'low'), count: 3 } as EventBody,
    { ...finding('two (again)', 'low'), count: 3 } as EventBody,
    { ...finding('unlike (again)', 'low'), count: 3 } as EventBody,
  ]);
  expect(page.match(/<li class="finding /g)).toHaveLength(4);
  expect(page.match(/Seen again 3 times/g)).toHaveLength(1);
  expect(page).not.toContain('one (again)</bdi></h3>');
  expect(page).not.toContain('are listed here');
});

it('a finding whose level is none of those there are is not the least', () => {
  const page = pageOf([
    finding('small', 'low'),
    { ...finding('strange', 'low'), level: 'none' } as unknown as EventBody,
  ]);
  expect(page.indexOf('strange</bdi></h3>')).toBeLessThan(page.indexOf('small</bdi></h3>'));
});

it('findings that all cite the same events make no page that cannot be opened', () => {
  const cites = Array.from({ length: 250 }, (_, index) => index);
  const page = pageOf(
    Array.from({ length: 2 * BOUNDS.listed }, (_, index) => ({
      ...finding(`f ${index}`, index % 2 === 0 ? 'critical' : 'low'),
      cites,
    })),
  );
  expect(page.length).toBeLessThan(16_000_000); // the most of it is what the findings say themselves
});
