/**
 * A third opinion: z3's Datalog engine (Hoder, Bjørner, de Moura, "µZ", CAV 2011), asked in SMT-LIB whether a set of facts is exactly
 * what follows from a world of `worlds.fixture.ts`. For tests only, and only where z3-solver is installed.
 *
 * @module
 */

import type { Fact, Literal, Term, World } from './types.ts';
import { CONSTANTS, PREDICATES } from './worlds.fixture.ts';

/** What is used of z3-solver, which need not be there: names and meanings of z3's C interface. */
interface Z3 {
  mk_config(): unknown;
  mk_context(config: unknown): unknown;
  del_context(context: unknown): void;
  mk_params(context: unknown): unknown;
  params_inc_ref(context: unknown, params: unknown): void;
  mk_string_symbol(context: unknown, name: string): unknown;
  params_set_symbol(context: unknown, params: unknown, name: unknown, value: unknown): void;
  params_set_bool(context: unknown, params: unknown, name: unknown, value: boolean): void;
  mk_fixedpoint(context: unknown): unknown;
  fixedpoint_inc_ref(context: unknown, fixedpoint: unknown): void;
  fixedpoint_set_params(context: unknown, fixedpoint: unknown, params: unknown): void;
  /** Returns the program's queries. */
  fixedpoint_from_string(context: unknown, fixedpoint: unknown, program: string): unknown;
  ast_vector_get(context: unknown, vector: unknown, at: number): unknown;
  fixedpoint_query(context: unknown, fixedpoint: unknown, query: unknown): Promise<number>;
}

interface Z3Module {
  init(): Promise<{ Z3: Z3; em: { PThread?: { terminateAllThreads(): void } } }>;
}

export interface Claim {
  readonly world: World;
  /** All that follows, it is claimed. */
  readonly facts: readonly Fact[];
}

export interface ThirdOpinion extends Disposable {
  /** Whether every claim is right. */
  agrees(claims: readonly Claim[]): Promise<boolean>;
}

/** Starts z3, or says why it cannot. */
export async function openZ3(): Promise<ThirdOpinion | string> {
  // By a variable, so that types are not looked for where it is not installed.
  const name: string = 'z3-solver';
  const loaded = await import(name).catch(() => undefined);
  if (loaded === undefined) return 'z3-solver is not installed';
  const { Z3, em } = await (loaded as Z3Module).init();
  return {
    agrees: async (claims) => {
      const [all, extra] = await ask(Z3, programFor(claims));
      if (all === UNKNOWN || extra === UNKNOWN) throw new Error('z3 does not know');
      return all === YES && extra === NO;
    },
    [Symbol.dispose]: () => em.PThread?.terminateAllThreads(),
  };
}

const [NO, UNKNOWN, YES] = [-1, 0, 1];

/**
 * The answers to a program's two queries. Texts are handed over by calls that are over when they return: those of the package that
 * go on in another thread read a text that may be gone by then.
 */
async function ask(z3: Z3, program: string): Promise<[number, number]> {
  const context = z3.mk_context(z3.mk_config());
  const fixedpoint = z3.mk_fixedpoint(context);
  z3.fixedpoint_inc_ref(context, fixedpoint);
  const symbol = (name: string): unknown => z3.mk_string_symbol(context, name);
  const params = z3.mk_params(context);
  z3.params_inc_ref(context, params);
  z3.params_set_symbol(context, params, symbol('engine'), symbol('datalog'));
  for (const name of ['xform.slice', 'xform.inline_eager', 'xform.inline_linear'])
    z3.params_set_bool(context, params, symbol(name), false);
  z3.fixedpoint_set_params(context, fixedpoint, params);
  const queries = z3.fixedpoint_from_string(context, fixedpoint, program);
  const [all, extra] = [z3.ast_vector_get(context, queries, 0), z3.ast_vector_get(context, queries, 1)];
  const answers: [number, number] = [
    await z3.fixedpoint_query(context, fixedpoint, all),
    await z3.fixedpoint_query(context, fixedpoint, extra),
  ];
  z3.del_context(context);
  return answers;
}

const SORT = '(_ BitVec 2)';
const VARIABLES = ['x', 'y', 'z'];

/** One program for all claims: `all` is derivable when every claimed fact is, `extra` when any other is. */
function programFor(claims: readonly Claim[]): string {
  const lines = [
    ...VARIABLES.map((name) => `(declare-var ${name} ${SORT})`),
    '(declare-rel all ())',
    '(declare-rel extra ())',
  ];
  claims.forEach(({ world, facts }, at) => {
    const write = (literal: Literal): string => writeLiteral(literal, at);
    for (const [name, arity] of Object.entries(PREDICATES))
      lines.push(`(declare-rel ${name}${at} (${Array(arity).fill(SORT).join(' ')}))`);
    for (const fact of world.facts) lines.push(`(rule ${write(fact)})`);
    for (const { head, body } of world.rules) lines.push(rule(body.map(write), write(head)));
    const claimed = new Set(facts.map((fact) => JSON.stringify(fact)));
    lines.push(`(declare-rel all${at} ())`, rule(facts.map(write), `all${at}`));
    for (const [name, arity] of Object.entries(PREDICATES)) {
      // `other…` holds what was not claimed: no such fact may follow.
      const variables = VARIABLES.slice(0, arity).map((variable): Term => ({ var: variable }));
      lines.push(`(declare-rel other${name}${at} (${Array(arity).fill(SORT).join(' ')}))`);
      lines.push(rule([write([name, ...variables]), write([`other${name}`, ...variables])], 'extra'));
      for (const [, ...values] of everyFact(name, arity))
        if (!claimed.has(JSON.stringify([name, ...values])))
          lines.push(`(rule ${write([`other${name}`, ...values])})`);
    }
  });
  lines.push(
    rule(
      claims.map((_claim, at) => `all${at}`),
      'all',
    ),
    '(query all)',
    '(query extra)',
  );
  return lines.join('\n');
}

function rule(body: readonly string[], head: string): string {
  return body.length === 0 ? `(rule ${head})` : `(rule (=> (and ${body.join(' ')}) ${head}))`;
}

function writeLiteral([name, ...terms]: Literal, world: number): string {
  const relation = `${name}${world}`;
  return terms.length === 0 ? relation : `(${[relation, ...terms.map(writeTerm)].join(' ')})`;
}

function writeTerm(term: Term): string {
  if (typeof term !== 'string') return term.var;
  return `#b${CONSTANTS.indexOf(term).toString(2).padStart(2, '0')}`;
}

function everyFact(name: string, arity: number): Fact[] {
  let facts: Fact[] = [[name]];
  for (let column = 0; column < arity; column++)
    facts = facts.flatMap((fact) => CONSTANTS.map((constant): Fact => [...fact, constant]));
  return facts;
}
