import fc from 'fast-check';
import { expect, it } from 'vitest';
import { embed } from './embed.ts';
import { busyRun, gather } from './events.fixture.ts';
import { columnsOf, pack } from './pack.ts';
import { readEvents } from './script/events.ts';

it('what is packed is read again as it was', () => {
  const gathered = gather(busyRun(3_000), 3_000);
  const { written, processes } = embed('run-1', gathered);
  const { data, seq, time } = readEvents(JSON.stringify(written));
  expect(data.processes).toEqual(processes);
  expect(data.flows).toEqual(gathered.flows.rows);
  expect([...seq]).toEqual(gathered.columns.seq);
  expect([...time]).toEqual(gathered.columns.time);
  expect(data.flow).toEqual(gathered.columns.flow);
  expect(data.kind.map((kind) => data.kinds[kind])).toEqual(gathered.columns.kind);
});

it('also rows of any kind', () => {
  const { written } = embed('run-1', gather([], 0));
  const value = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.boolean(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
  );
  const row = fc.record(
    { a: value, b: fc.constantFrom('x', 'y', ''), c: fc.nat(), d: fc.constant(7) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(fc.array(row, { maxLength: 20 }), (rows) => {
      const text = JSON.stringify({ ...written, flows: pack(columnsOf(rows)) });
      // JSON has no negative zero
      expect(readEvents(text).data.flows).toEqual(JSON.parse(JSON.stringify(rows)));
    }),
    { numRuns: 2_000 },
  );
});
