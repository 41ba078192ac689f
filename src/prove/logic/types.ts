/**
 * Worlds of facts and Horn rules, and what is said about them. Every term is a string or a variable; there is no negation and
 * there are no functions, so what follows from a world is one finite set (its least fixpoint).
 *
 * @module
 */

/** A statement that holds: a predicate's name and constants. A predicate has one number of arguments throughout a world. */
export type Fact = readonly [predicate: string, ...args: string[]];

/** A constant, or a variable by its name. */
export type Term = string | { readonly var: string };

/** A statement with variables. */
export type Literal = readonly [predicate: string, ...args: Term[]];

/** If all of `body` holds then `head` holds. Every variable of the head must occur in the body. */
export interface HornRule {
  /** Unique within a world. */
  readonly id: string;
  readonly head: Literal;
  readonly body: readonly Literal[];
  /** What the rule says, for people. */
  readonly text: string;
  /** Where it comes from: a manual page, a contract's line, a CVE. */
  readonly source: string;
}

export interface World {
  /** What holds from the start. */
  readonly facts: readonly Fact[];
  readonly rules: readonly HornRule[];
  /** What must not be derivable. */
  readonly bad: readonly Fact[];
}

/**
 * Why a fact holds. The nodes of one solution are shared: the same fact is the same object wherever it is used, so that a
 * proof with much repetition stays small in memory.
 */
export interface ProofTree {
  readonly fact: Fact;
  /** The rule applied last; `undefined` where the fact is one of the world's own. */
  readonly rule: HornRule | undefined;
  /** Proofs of the rule's body, in its order. */
  readonly from: readonly ProofTree[];
  /** Rule applications in the whole tree, repetitions counted. Exact up to 2^53, `Infinity` beyond 2^1024. */
  readonly steps: number;
}

/** Everything that follows from a world. */
export interface Solution {
  /** Number of facts, the world's own included. */
  readonly size: number;
  /** The bad facts that were derived, in the world's order; empty means none. */
  readonly reached: readonly Fact[];
  has(fact: Fact): boolean;
  /** All facts, those with the shortest proofs first. */
  facts(): Generator<Fact, void, void>;
  /** The facts of one predicate, those with the shortest proofs first. */
  factsOf(predicate: string): Fact[];
  /**
   * The proof with the fewest rule applications. Among equals it is the one by the rule written first, then by the facts that were
   * derived first; the same world always gives the same proof.
   */
  proof(fact: Fact): ProofTree | undefined;
}

/** How much a solver may use before it gives up. */
export interface Limits {
  /** Facts, derived and own. Default 1,000,000: some 100 MB. */
  readonly facts: number;
  /** Facts looked at while rules are joined. Default 100,000,000: some seconds. */
  readonly joins: number;
}

/** `ok: false` means that nothing is known: never that something cannot be derived. */
export type Solved =
  | { readonly ok: true; readonly solution: Solution }
  | { readonly ok: false; readonly limit: keyof Limits; readonly message: string };

/** A world that means nothing: a mistake in rules or in what makes facts, not in a contract. */
export class WorldError extends Error {
  readonly code = 'prove.world';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.name = 'WorldError';
    this.hint = hint;
  }
}
