/**
 * What follows from a world, and why.
 *
 * @module
 */
import { Engine, LimitReached, OWN } from './engine.ts';
import type { Fact, Limits, ProofTree, Solution, Solved, World } from './types.ts';

export const DEFAULT_LIMITS: Limits = { facts: 1_000_000, joins: 100_000_000 };

const WORDS = { facts: 'facts', joins: 'facts to look at while joining' } as const;

/** What a solver says that gave up: the world may still have any fact. */
export function gaveUp(limit: keyof Limits, limits: Limits): Solved & { ok: false } {
  const count = limits[limit].toLocaleString('en');
  return { ok: false, limit, message: `more than ${count} ${WORDS[limit]}: nothing is known of this world` };
}

/**
 * Derives everything that follows from a world.
 *
 * Time grows with the ways in which rules can be applied: 50,000 facts take less than 200 ms. Memory is bounded by the limits.
 *
 * @throws WorldError where the world means nothing: one predicate with two lengths, a head variable without a value, one id twice
 * @example
 * const x = { var: 'x' };
 * const solved = solve({
 *   facts: [['write', 'hook']],
 *   rules: [{ id: 'r', head: ['control', x], body: [['write', x]], text: 'who writes controls', source: 'example' }],
 *   bad: [['control', 'hook']],
 * });
 * solved.ok && solved.solution.reached.length === 1
 */
export function solve(world: World, limits: Partial<Limits> = {}): Solved {
  const used = { ...DEFAULT_LIMITS, ...limits };
  try {
    return { ok: true, solution: new EngineSolution(world, new Engine(world, used)) };
  } catch (error) {
    if (error instanceof LimitReached) return gaveUp(error.limit, used);
    throw error;
  }
}

/** What an engine has settled so far; what it settles later is not part of it. */
export class EngineSolution implements Solution {
  readonly reached: readonly Fact[];
  readonly size: number;
  readonly #engine: Engine;
  readonly #proofs = new Map<number, ProofTree>();

  constructor(world: World, engine: Engine) {
    this.#engine = engine;
    this.size = engine.settled.length;
    this.reached = world.bad.filter((fact) => this.has(fact));
  }

  has(fact: Fact): boolean {
    const id = this.#engine.compiled.findFact(fact);
    return id >= 0 && this.#engine.holds(id, this.size);
  }

  *facts(): Generator<Fact, void, void> {
    for (const id of this.#settled()) yield this.#engine.compiled.factOf(id);
  }

  factsOf(predicate: string): Fact[] {
    const { compiled } = this.#engine;
    const wanted = compiled.predicates.indexOf(predicate);
    return this.#settled()
      .filter((id) => compiled.store.predicate[id] === wanted)
      .map((id) => compiled.factOf(id));
  }

  proof(fact: Fact): ProofTree | undefined {
    const root = this.#engine.compiled.findFact(fact);
    if (root < 0 || !this.#engine.holds(root, this.size)) return undefined;
    // Proofs can be as deep as there are facts: a stack of its own instead of recursion.
    const stack = [root];
    for (let id = stack.at(-1); id !== undefined; id = stack.at(-1)) {
      const open = [...this.#engine.bodyOf(id)].filter((part) => !this.#proofs.has(part));
      if (open.length > 0) {
        stack.push(...open);
        continue;
      }
      stack.pop();
      if (!this.#proofs.has(id)) this.#proofs.set(id, this.#node(id));
    }
    return this.#proofs.get(root);
  }

  #settled(): readonly number[] {
    const { settled } = this.#engine;
    return settled.length === this.size ? settled : settled.slice(0, this.size);
  }

  #node(id: number): ProofTree {
    const { compiled, rule, cost } = this.#engine;
    const number = rule[id] as number;
    return {
      fact: compiled.factOf(id),
      rule: number === OWN ? undefined : compiled.rules[number]?.rule,
      from: [...this.#engine.bodyOf(id)].map((part) => this.#proofs.get(part) as ProofTree),
      steps: cost[id] as number,
    };
  }
}
