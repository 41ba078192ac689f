/**
 * The solver's process: z3, asked one question at a time. It is started by `solver.ts`, which ends it when it takes too long or too much;
 * it ends itself, at any point of a computation, when whoever started it is gone.
 *
 * Only calls that are over when they return are used: the calls of z3-solver that go on in another thread read texts that may be gone by then.
 * So z3's own compiled module is loaded, without the package's wrapper.
 *
 * @module
 */
import { createRequire } from 'node:module';
import { Worker } from 'node:worker_threads';
import type { Asked, Told } from './protocol.ts';

/** What is used of z3's C interface (z3_api.h): pointers are numbers. */
interface Z3 {
  _Z3_mk_config(): number;
  _Z3_mk_context(config: number): number;
  _Z3_del_context(context: number): void;
  _Z3_tactic_inc_ref(context: number, tactic: number): void;
  _Z3_tactic_and_then(context: number, first: number, second: number): number;
  _Z3_mk_solver_from_tactic(context: number, tactic: number): number;
  _Z3_solver_inc_ref(context: number, solver: number): void;
  /** −1 unsatisfiable, 0 unknown, 1 satisfiable */
  _Z3_solver_check(context: number, solver: number): number;
  _Z3_solver_get_model(context: number, solver: number): number;
  _Z3_model_inc_ref(context: number, model: number): void;
  _Z3_model_to_string(context: number, model: number): number;
  _Z3_solver_get_reason_unknown(context: number, solver: number): number;
  _Z3_get_error_code(context: number): number;
  _Z3_get_error_msg(context: number, code: number): number;
  _Z3_get_full_version(): number;
  _set_noop_error_handler(context: number): void;
  UTF8ToString(pointer: number): string;
  ccall(name: string, returns: 'number' | null, types: readonly string[], values: readonly unknown[]): number;
}

const tell = (message: Told): void => {
  process.send?.(message);
};

/** Says why, and ends once that is said. */
function giveUp(failed: string): void {
  const message: Told = { failed };
  if (process.send === undefined) process.exit(1);
  process.send(message, () => process.exit(1));
}

/** A thread of its own looks after the parent, because this one is busy for as long as a question takes. */
function endWithParent(): void {
  const code = `const { workerData } = require('node:worker_threads');
    setInterval(() => { if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL'); }, 100);`;
  new Worker(code, { eval: true, workerData: process.ppid }).unref();
  process.on('disconnect', () => process.exit());
}

/** Values of bit-vector constants, as z3 prints a model: `name -> #x…`. */
function readModel(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/^(\S+) -> (#[xb][0-9a-f]+)$/gm)].map(([, name, value]) => [name, value]),
  );
}

function answer(z3: Z3, context: number, { id, text }: Asked): Told {
  // twenty times as fast as the solver for everything, and twice as fast as z3's own choice for bit-vectors
  const [simplify, blast, sat] = ['simplify', 'bit-blast', 'sat'].map((name) => {
    const tactic = z3.ccall('Z3_mk_tactic', 'number', ['number', 'string'], [context, name]);
    z3._Z3_tactic_inc_ref(context, tactic);
    return tactic;
  }) as [number, number, number];
  const first = z3._Z3_tactic_and_then(context, simplify, blast);
  z3._Z3_tactic_inc_ref(context, first);
  const whole = z3._Z3_tactic_and_then(context, first, sat);
  z3._Z3_tactic_inc_ref(context, whole);
  const solver = z3._Z3_mk_solver_from_tactic(context, whole);
  z3._Z3_solver_inc_ref(context, solver);
  const failure = (): string | undefined => {
    const code = z3._Z3_get_error_code(context);
    return code === 0 ? undefined : z3.UTF8ToString(z3._Z3_get_error_msg(context, code)).trim();
  };
  const unknown = (reason: string): Told => ({ id, answer: 'unknown', reason });

  z3.ccall('Z3_solver_from_string', null, ['number', 'number', 'string'], [context, solver, text]);
  const malformed = failure();
  if (malformed !== undefined) return unknown(`z3 does not read the formula: ${malformed}`);
  const found = z3._Z3_solver_check(context, solver);
  const failed = failure();
  if (failed !== undefined) return unknown(`z3 failed: ${failed}`);
  if (found < 0) return { id, answer: 'unsatisfiable' };
  if (found === 0) return unknown(z3.UTF8ToString(z3._Z3_solver_get_reason_unknown(context, solver)));
  const model = z3._Z3_solver_get_model(context, solver);
  z3._Z3_model_inc_ref(context, model);
  const values = readModel(z3.UTF8ToString(z3._Z3_model_to_string(context, model)));
  return { id, answer: 'satisfiable', model: values };
}

async function main(): Promise<void> {
  endWithParent();
  // the wrapper's entry would load 4 MB of code that is not used
  const path = createRequire(import.meta.url).resolve('z3-solver/build/z3-built.js');
  const load = createRequire(import.meta.url)(path) as () => Promise<Z3>;
  const z3 = await load();
  process.on('message', (asked: Asked) => {
    try {
      // a context of its own leaves nothing of a question to the next
      const context = z3._Z3_mk_context(z3._Z3_mk_config());
      z3._set_noop_error_handler(context);
      tell(answer(z3, context, asked));
      z3._Z3_del_context(context);
    } catch (error) {
      // what threw inside of the module leaves it in no known state
      giveUp(`z3 broke off: ${error instanceof Error ? error.message : String(error)}`);
    }
  });
  tell({ ready: true, version: z3.UTF8ToString(z3._Z3_get_full_version()) });
}

main().catch((error: unknown) => {
  const reason = error instanceof Error ? error.message.split('\n')[0] : String(error);
  giveUp(`z3 does not start: ${reason} (is the package z3-solver installed?)`);
});
