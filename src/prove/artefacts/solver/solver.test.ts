/**
 * The solver's process: its answers, its limits, and that nothing is left of it.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openSolver } from './index.ts';

/** Two factors of a product of two primes of 31 bits: nothing that z3 finds while a test waits. */
const HARD = `(declare-const a (_ BitVec 64)) (declare-const b (_ BitVec 64))
  (assert (= (bvmul a b) (_ bv4611685975477714963 64)))
  (assert (bvult a #x00000000ffffffff)) (assert (bvult b #x00000000ffffffff))
  (assert (bvugt a #x0000000000000001)) (assert (bvugt b #x0000000000000001))`;
const FALSE = { text: '(assert false)' };

/** Whether a process is there, and is not merely waiting to be collected. */
const lives = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

async function until(condition: () => boolean, what: string, deadline = 45_000): Promise<void> {
  const end = Date.now() + deadline;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`waited in vain: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

describe('a solver', () => {
  it('answers, with a model where there is one, in the order in which it is asked', async () => {
    await using solver = openSolver();
    expect(solver.pid).toBeUndefined();
    const answers = await Promise.all([
      solver.ask(FALSE),
      solver.ask({
        text: '(declare-const a (_ BitVec 8)) (assert (= (bvadd a a) #x2a)) (assert (bvult a #x20))',
      }),
      solver.ask({ text: '(declare-const a Bool) (assert a) (assert (not a))' }),
    ]);
    expect(answers).toEqual([
      { answer: 'unsatisfiable' },
      { answer: 'satisfiable', model: { a: '#x15' } },
      { answer: 'unsatisfiable' },
    ]);
  });

  it('does not know what it cannot read, and then answers again', async () => {
    await using solver = openSolver();
    expect(await solver.ask({ text: '(assert (= a b))' })).toMatchObject({
      answer: 'unknown',
      reason: expect.stringContaining('z3 does not read the formula'),
    });
    expect(await solver.ask(FALSE)).toEqual({ answer: 'unsatisfiable' });
  });

  it('is ended when it takes too long, and another one answers the next question', async () => {
    await using solver = openSolver({ deadline: 500 });
    const asked = solver.ask({ text: HARD });
    const next = solver.ask(FALSE);
    expect(await asked).toEqual({ answer: 'unknown', reason: 'it took longer than 500 ms' });
    expect(await next).toEqual({ answer: 'unsatisfiable' });
  });

  it('is ended when it takes too much memory', async () => {
    await using solver = openSolver({ memory: 2 ** 20 });
    expect(await solver.ask({ text: HARD })).toEqual({
      answer: 'unknown',
      reason: 'it took more than 1 MiB of memory',
    });
  });

  it('that is killed did not prove anything', async () => {
    await using solver = openSolver();
    await solver.ask(FALSE);
    const first = solver.pid as number;
    const asked = solver.ask({ text: HARD });
    process.kill(first, 'SIGKILL');
    expect(await asked).toEqual({ answer: 'unknown', reason: 'the solver ended (SIGKILL)' });
    expect(await solver.ask(FALSE)).toEqual({ answer: 'unsatisfiable' });
    expect(solver.pid).not.toBe(first);
  });

  it('whose program is missing, or says nonsense, did not prove anything', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'ringfence-solver-'));
    const program = join(folder, 'child.mjs');
    try {
      await using absent = openSolver({ program });
      expect(await absent.ask(FALSE)).toEqual({
        answer: 'unknown',
        reason: 'the solver ended (exit code 1)',
      });
      writeFileSync(program, `process.send({ id: 1, answer: 'unsatisfiable' })`);
      await using hasty = openSolver({ program });
      expect(await hasty.ask(FALSE)).toMatchObject({ answer: 'unknown' });
      writeFileSync(
        program,
        `process.send({ ready: true }); process.on('message', () => process.send({ id: 7, answer: 'unsatisfiable' }))`,
      );
      await using other = openSolver({ program });
      expect(await other.ask(FALSE)).toEqual({
        answer: 'unknown',
        reason: 'its answer is to another question',
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is gone when it is disposed of', async () => {
    const solver = openSolver();
    await solver.ask(FALSE);
    const pid = solver.pid as number;
    expect(lives(pid)).toBe(true);
    await solver[Symbol.asyncDispose]();
    expect(lives(pid)).toBe(false);
  });
});

describe.skipIf(!existsSync('/proc/self/status'))('nothing is left', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringfence-solver-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** A program in a process group of its own that asks what takes for ever; and the solver's process id. */
  async function startAsking(): Promise<{ parent: ChildProcess; solver: number }> {
    const script = join(folder, 'ask.mts');
    const index = JSON.stringify(join(import.meta.dirname, 'index.ts'));
    writeFileSync(
      script,
      `import { openSolver } from ${index};
       const solver = openSolver();
       await solver.ask({ text: '(assert false)' });
       console.log(solver.pid);
       await solver.ask({ text: ${JSON.stringify(HARD)} });`,
    );
    const parent = spawn(process.execPath, [script], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let said = '';
    parent.stdout?.on('data', (part: Buffer) => {
      said += part.toString();
    });
    await until(() => said.includes('\n'), 'the solver’s process id');
    return { parent, solver: Number(said) };
  }

  it.each([
    ['the one who asked is killed', 'SIGKILL', (pid: number) => pid],
    ['the one who asked is ended', 'SIGTERM', (pid: number) => pid],
    ['somebody presses Ctrl-C', 'SIGINT', (pid: number) => -pid],
  ] as const)('when %s', async (_, signal, target) => {
    const { parent, solver } = await startAsking();
    expect(lives(solver)).toBe(true);
    process.kill(target(parent.pid as number), signal);
    await until(() => !lives(solver), 'the solver’s end');
    await until(() => parent.exitCode !== null || parent.signalCode !== null, 'the end of the one who asked');
  });

  it('when a program has its answer and ends without disposing of anything', async () => {
    const script = join(folder, 'end.mts');
    const index = JSON.stringify(join(import.meta.dirname, 'index.ts'));
    writeFileSync(
      script,
      `import { openSolver } from ${index};
       const solver = openSolver();
       console.log((await solver.ask({ text: '(assert false)' })).answer, solver.pid);`,
    );
    const parent = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
    let said = '';
    parent.stdout?.on('data', (part: Buffer) => {
      said += part.toString();
    });
    await until(() => parent.exitCode === 0, 'the end of the one who asked');
    const [answer, pid] = said.trim().split(' ');
    expect(answer).toBe('unsatisfiable');
    await until(() => !lives(Number(pid)), 'the solver’s end');
  });
});
