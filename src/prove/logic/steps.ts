/**
 * A proof as a numbered list: what people read.
 *
 * @module
 */
import type { Fact, HornRule, ProofTree } from './types.ts';

/** One line of a proof. */
export interface ProofStep {
  /** From 1; every step comes after those it uses. */
  readonly number: number;
  readonly fact: Fact;
  /** `undefined` where the fact is one of the world's own. */
  readonly rule: HornRule | undefined;
  /** Numbers of the steps it uses. */
  readonly from: readonly number[];
}

/** The distinct steps of a proof, the last one being what is proved; each fact is listed once, however often it is used. */
export function listSteps(proof: ProofTree): ProofStep[] {
  const numbers = new Map<ProofTree, number>();
  const steps: ProofStep[] = [];
  const stack = [proof];
  for (let tree = stack.at(-1); tree !== undefined; tree = stack.at(-1)) {
    const open = tree.from.filter((part) => !numbers.has(part));
    if (open.length > 0) {
      stack.push(...open.reverse());
      continue;
    }
    stack.pop();
    if (numbers.has(tree)) continue;
    const number = steps.length + 1;
    numbers.set(tree, number);
    const from = tree.from.map((part) => numbers.get(part) as number);
    steps.push({ number, fact: tree.fact, rule: tree.rule, from });
  }
  return steps;
}

/** The world's own facts that a proof rests on, each once, in the order they are used. */
export function premisesOf(proof: ProofTree): Fact[] {
  return listSteps(proof).flatMap(({ fact, rule }) => (rule === undefined ? [fact] : []));
}
