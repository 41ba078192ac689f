/**
 * The run record against its published schema: real records of an ordinary run, a limit, a denial and a flow.
 */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fromJSONSchema } from 'zod';
import { identities, Place, ROOT } from './place.ts';

const schema = fromJSONSchema(
  JSON.parse(readFileSync(join(ROOT, 'docs/reference/run-record.schema.json'), 'utf8')),
);

/** What contradicts the schema, as `path: message`. */
function faults(record: unknown): string[] {
  const checked = schema.safeParse(record);
  return checked.success
    ? []
    : checked.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
}

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  test('a run with changes, denials, flows and a limit that ran out', async () => {
    const server = createServer((_, response) => response.end('hello\n'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const contract = `network: [{ host: allowed.example.com, port: ${port}, protocol: http }]
resolve: { allowed.example.com: [127.0.0.1] }
compute: { time: 2s }
`;
    const script = `curl -s http://allowed.example.com:${port}/; curl -s http://198.51.100.7/; unshare -r true 2>/dev/null; echo x >added; sleep 30`;
    const { code, stdout, stderr } = await place.run(['sh', '-c', script], { contract });
    await new Promise((resolve) => server.close(resolve));
    expect(stdout, stderr).toBe('hello\n');
    expect(code).toBe(124);
    const record = place.lastRecord();
    expect(faults(record)).toEqual([]);
    expect(record).toMatchObject({ version: 1, reason: 'time', exit: { status: 124 }, totals: { flows: 1 } });
    expect(record.flows[0]).toMatchObject({
      host: 'allowed.example.com',
      port,
      owner: { argv: ['curl', '-s', `http://allowed.example.com:${port}/`] },
    });
    expect(record.denials.map(({ what }) => what)).toContain('connect 198.51.100.7:80/tcp');
    expect(record.denials.length).toBeLessThanOrEqual(record.totals.denials);
    expect(record.totals.received).toBeGreaterThan(0);
    expect(record.reached).toMatchObject([{ limit: 'time', max: 2000 }]);
    expect(record.changes).toMatchObject([{ path: 'added', kind: 'added', type: 'file' }]);
  });

  test('a run that was graded, with a finding', async () => {
    const contract =
      'objective: { success: { run: "! grep no answer", protect: [answer] }, hidden: { run: "false" } }\n';
    place.file('answer', 'no\n');
    await place.run(['sh', '-c', 'echo yes >answer'], { contract });
    const record = place.lastRecord();
    expect(faults(record)).toEqual([]);
    expect(record.grade).toMatchObject({
      reward: { visible: 1, true: 0 },
      finding: { rule: 'grade.protected-files' },
    });
    expect(faults({ ...record, grade: { ...record.grade, reward: { visible: 2 } } })).not.toEqual([]);
  });

  test('a record that is not one is refused', async () => {
    await place.run(['true']);
    const record = place.lastRecord();
    expect(faults(record)).toEqual([]);
    expect(faults({ ...record, version: 2 })).not.toEqual([]);
    expect(faults({ ...record, totals: { ...record.totals, flows: -1 } })).not.toEqual([]);
    expect(faults({ ...record, exit: {} })).not.toEqual([]);
    expect(faults({ ...record, denials: [{ kind: 'denial' }] })).not.toEqual([]);
  });
});
