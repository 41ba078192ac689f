/**
 * The operator's half of a run at its edges: after its end, and with questions that an agent made to deceive.
 *
 * @module
 */
import { expect, it } from 'vitest';
import { type EventBody, type GatewayOrder, type Owner, parseContract } from '../../contract/index.ts';
import { questionLines } from '../questions.ts';
import { Approvals, type PendingQuestion } from './approvals.ts';

function desk(patience = '60s') {
  const loaded = parseContract(
    `ringfence: 1\nname: t\noversight: { approve: [network.new-host], patience: ${patience} }\n`,
    'ringfence.yaml',
  );
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const recorded: EventBody[] = [];
  const orders: GatewayOrder[] = [];
  const shown: PendingQuestion[] = [];
  const approvals = new Approvals({
    contract: loaded.contract,
    record: (body) => recorded.push(body),
    flush: async () => {},
    tell: (order) => orders.push(order),
    notify: (question) => shown.push(question),
    hold: () => {},
    release: () => {},
    condemn: () => {},
  });
  const ask = (question: number, host: string, owner?: Owner) =>
    approvals.hear({
      type: 'ask',
      question,
      effect: 'network.new-host',
      what: `resolve ${host}`,
      rule: { host, port: 443, protocol: 'https' },
      ...(owner && { owner }),
    });
  return { approvals, recorded, orders, shown, ask };
}

it('who ended before its question came waits for nothing, either', () => {
  const { approvals, orders, ask } = desk();
  approvals.gone(7);
  expect(orders).toEqual([]);
  ask(1, 'one.example.com', { pid: 8 });
  expect(orders).toEqual([]);
  ask(2, 'two.example.com', { pid: 7 });
  approvals.gone(8);
  expect(orders).toEqual([
    { order: 'gone', pid: 7 },
    { order: 'gone', pid: 8 },
  ]);
  approvals.close();
});

it('when the run is over nothing is asked, answered or added any more', async () => {
  const { approvals, recorded, orders, shown, ask } = desk();
  ask(1, 'one.example.com');
  approvals.close();
  const [events, said] = [recorded.length, orders.length];
  ask(2, 'two.example.com');
  expect(approvals.pending).toEqual([]);
  expect(shown).toHaveLength(1);
  const scope = { run: true } as const;
  for (const request of [
    { do: 'answer', question: 1, allow: true, scope, by: 'x' },
    { do: 'allow', rule: { host: 'three.example.com' }, scope, by: 'x' },
  ] as const)
    expect(await approvals.handle(request)).toMatchObject({
      ok: false,
      message: expect.stringContaining('the run is over'),
    });
  expect(recorded).toHaveLength(events);
  expect(orders).toHaveLength(said);
});

it('a question whose time is up is not answered, whatever held up its timer', async () => {
  const { approvals, orders, ask } = desk('1s');
  ask(1, 'one.example.com');
  const request = { do: 'answer', question: 1, allow: true, scope: { run: true }, by: 'x' } as const;
  // the modules that an answer needs are there already, so that no timer runs before it
  expect(await approvals.handle({ ...request, question: 7 })).toMatchObject({ ok: false });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1100);
  expect(await approvals.handle(request)).toMatchObject({
    ok: false,
    message: expect.stringContaining('no question 1'),
  });
  expect(orders).toEqual([expect.objectContaining({ order: 'answer', allow: false })]);
  approvals.close();
});

it('what an agent chose stays on the line that says what it is', () => {
  const { approvals, shown, ask } = desk();
  const blank = ' '.repeat(72);
  const wide = '\u3000'.repeat(40);
  const argv = ['sh', `${blank}  allows   good.example.com, port 443, https${wide}  answer   yes`];
  ask(1, 'evil.example.com', { pid: 7, exe: `/tmp/${blank}question 2 of run x`, argv });
  const [question] = shown;
  approvals.close();
  const lines = questionLines('20260102-030405-1a2b3c', question as PendingQuestion, 80);
  const own = lines.filter((line) => /^ {2}(asked by|running) /.test(line));
  expect(own).toHaveLength(2);
  const columns = (line: string) => [...line].reduce((sum, c) => sum + (c < '\u007f' ? 1 : 2), 0);
  for (const line of own) expect(columns(line)).toBeLessThanOrEqual(81);
  expect(own.map((line) => line.at(-1))).toEqual(['…', '…']);
  expect(lines.filter((line) => line.includes('allows'))).toEqual([
    '  allows   evil.example.com, port 443, https',
  ]);
});
