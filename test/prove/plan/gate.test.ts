/**
 * The gate: a plan passes with its own filter alone, and what is not proved is refused by the name of the promise.
 */
import { afterAll, describe, expect, it } from 'vitest';
import {
  cellPolicy,
  compileSeccomp,
  deniedCalls,
  filterText,
  HELPER_POLICY,
  type Policy,
  type PolicyOptions,
  specificationOf,
} from '../../../src/cell/seccomp/index.ts';
import { confinedPlan } from '../../../src/cell/supervise/index.ts';
import type { Plan } from '../../../src/contract/index.ts';
import { checkFilter } from '../../../src/prove/artefacts/filter/index.ts';
import { admitCell, admitHelper, type Gate } from '../../../src/prove/artefacts/gate/index.ts';
import type { Solver } from '../../../src/prove/artefacts/solver/index.ts';
import { openProofs } from '../../../src/prove/artefacts/store/index.ts';
import { makeBench, makeCase } from './cases.ts';

const bench = makeBench();
afterAll(() => bench.remove());

const ARCHITECTURE = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
const PLAIN: PolicyOptions = { fileEvents: 'on', affinity: 'deny', fileTables: 'separate', setIds: 'allow' };
const policy = cellPolicy(PLAIN);
const refused = new Map(deniedCalls(policy, ARCHITECTURE).map(({ number, errno }) => [number, errno]));
const proofs = openProofs({ folder: `${bench.state}/proofs` });

const gate = (of: Policy = policy): Gate => ({
  table: { specification: specificationOf(of, ARCHITECTURE), refused },
  filters: (program, specification) => checkFilter(program, specification, proofs),
});
const { plan, facts } = makeCase(bench, 'compute: { cpus: 1 }');
const swap = (name: string, value: string): Plan =>
  plan.map((op) => (op[0] === name ? ([name, value] as unknown as Plan[number]) : op));
const hex = (of: Policy) => Buffer.from(compileSeccomp(of, ARCHITECTURE)).toString('hex');

describe('a cell', { timeout: 60_000 }, () => {
  it('passes with the filter of its contract, and the proof is found the next time', async () => {
    expect(await admitCell(plan, facts, gate())).toEqual({ ok: true, plan });
    const silent: Solver = {
      ask: async () => ({ answer: 'unknown', reason: 'it was not to be asked' }),
      pid: undefined,
      [Symbol.asyncDispose]: async () => {},
    };
    const quiet: Gate = {
      ...gate(),
      filters: (program, table) => checkFilter(program, table, proofs, '', silent),
    };
    expect(await admitCell(plan, facts, quiet)).toMatchObject({ ok: true });
  });

  it('passes with what the installation knows, and nobody is asked; with anything else somebody is', async () => {
    const known = filterText(policy, ARCHITECTURE);
    let asked = 0;
    const shipped: Gate = {
      ...gate(),
      known,
      filters: () => {
        asked += 1;
        return { verdict: 'unknown', reason: 'asked' };
      },
    };
    expect(await admitCell(plan, facts, shipped)).toMatchObject({ ok: true });
    expect(asked).toBe(0);
    for (const name of ['seccomp', 'refused', 'answers']) {
      const value = plan.find(([each]) => each === name)?.[1] ?? '';
      const digit = value.at(-2) === '1' ? '2' : '1';
      const other = swap(name, value.slice(0, -2) + digit + value.slice(-1));
      expect(await admitCell(other, facts, shipped), name).toMatchObject({ ok: false });
    }
    expect(asked).toBe(1);
    // a plan that gives more than the contract does not pass for its filter's sake
    const more = plan.filter(([name]) => name !== 'landlock');
    expect(await admitCell(more, facts, shipped)).toMatchObject({ ok: false, promise: 'landlock' });
  });

  it.each([
    [
      'the filter of a contract that lets set-user-id files be made',
      cellPolicy({ ...PLAIN, affinity: 'allow' }),
    ],
    ['the filter of a helper', cellPolicy(HELPER_POLICY)],
  ])('does not pass with %s', async (_, other) => {
    const answer = await admitCell(swap('seccomp', hex(other)), facts, gate());
    expect(answer).toMatchObject({
      ok: false,
      promise: 'filter',
      problem: expect.stringContaining('system calls are filtered by the policy of this contract: call '),
    });
  });

  it('does not pass with a filter of which nothing is known', async () => {
    const answer = await admitCell(plan, facts, {
      ...gate(),
      filters: () => ({ verdict: 'unknown', reason: 'no answer within 30 s' }),
    });
    expect(answer).toMatchObject({
      ok: false,
      promise: 'filter',
      problem: expect.stringContaining('nothing is known of the filter: no answer within 30 s'),
    });
  });

  it.each([
    ['another errno', (text: string) => text.replace(/:1,/, ':13,')],
    ['no error at all', (text: string) => text.replace(/:1,/, ':0,')],
    ['a call less', (text: string) => text.replace(/,\d+:\d+,/, ',')],
    ['a call more', (text: string) => `${text}999:1,`],
    ['a call twice', (text: string) => `${text}${text.split(',')[1]},`],
    ['no list', () => ','],
  ])('does not pass where the supervisor would answer by %s', async (_, change) => {
    const text = plan.find(([name]) => name === 'refused')?.[1] ?? '';
    expect(await admitCell(swap('refused', change(text)), facts, gate())).toMatchObject({
      ok: false,
      promise: 'filter',
    });
  });

  it('is refused by the first promise that it breaks, before anything is asked about its filter', async () => {
    const asked: string[] = [];
    const open = plan.filter(([name]) => name !== 'landlock');
    const answer = await admitCell(open, facts, {
      ...gate(),
      filters: () => {
        asked.push('filter');
        return { verdict: 'proved' };
      },
    });
    expect(answer).toMatchObject({
      ok: false,
      promise: 'landlock',
      problem: expect.stringMatching(/^not proved, so not started: Landlock lets nothing be written/),
    });
    expect(asked).toEqual([]);
  });
});

describe('a helper', () => {
  const input = {
    name: 'gateway',
    command: [process.execPath, '/usr/lib/gateway.js'],
    needs: [`${bench.home}/tools`],
    host: { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 },
    unprivileged: 1_900_000_001,
    memory: 1 << 30,
    own: [`${bench.state}/keys`],
  };
  const helper = confinedPlan(input);
  const open: Gate = {
    table: { ...gate().table, refused: new Map() },
    filters: () => ({ verdict: 'proved' }),
  };
  const add = (...fields: string[]): Plan => [
    ...helper.slice(0, -1),
    fields as unknown as Plan[number],
    ['end'],
  ];
  const change = (name: string, to: (fields: readonly string[]) => readonly string[]): Plan =>
    helper.map((op) => (op[0] === name ? (to(op) as unknown as Plan[number]) : op));

  it('passes as it is made', async () => {
    expect(await admitHelper(helper, input, open)).toMatchObject({ ok: true });
  });

  it.each<[string, string, Plan]>([
    ['the workspace', 'read', add('bind', bench.project, bench.project, 'ro,nosuid,nodev,rec', '-')],
    ['keys', 'records', add('bind', bench.state, bench.state, 'ro,nosuid,nodev,rec', '-')],
    [
      'a writable library',
      'write',
      change('bind', (fields) => fields.map((field) => field.replace('ro,', ''))),
    ],
    [
      'set-user-id files',
      'flags',
      change('bind', (fields) => fields.map((field) => field.replace('nosuid,', ''))),
    ],
    ['a root that can be written', 'write', helper.filter(([name]) => name !== 'readonly')],
    ['no Landlock', 'landlock', helper.filter(([name]) => name !== 'landlock')],
    ['a folder to write', 'landlock', add('allow', '/tmp', 'write')],
    ['no filter', 'filter', helper.filter(([name]) => name !== 'seccomp')],
    [
      'the host’s root user',
      'namespaces',
      change('identity', ([name, ...ids]) => [name as string, ...ids.slice(0, 2), '0', '0']),
    ],
    [
      'files of its own making',
      'limits',
      change('rlimit', (fields) =>
        fields.map((field) => (fields[1] === 'fsize' && field === '0' ? '1000' : field)),
      ),
    ],
    ['a variable', 'environment', add('env', 'NODE_OPTIONS=--require /tmp/a.js')],
    [
      'another script',
      'command',
      change('arg', (fields) => (fields[1]?.endsWith('.js') ? ['arg', '=/tmp/a.js'] : fields)),
    ],
    ['a workspace of a cell', 'form', add('tmpfs', '/tmp', '0', '755', '-')],
  ])('does not pass with %s', async (_, promise, wrong) => {
    const answer = await admitHelper(wrong, input, open);
    expect(answer.ok ? [] : answer.breaches.map((breach) => breach.promise)).toContain(promise);
  });
});
