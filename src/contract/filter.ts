/**
 * What a system call filter is to decide: the table that its compiler reads and its proof is about.
 *
 * The table says nothing of how a filter is built. Numbers stand for names, so that whoever reads it needs no other table.
 *
 * @module
 */

/** How two unsigned 64-bit integers compare. */
export type Comparison = 'equal' | 'not-equal' | 'less' | 'at-most' | 'at-least' | 'greater';

/** A test of one of the six arguments (0–5) of a call. */
export type ArgumentTest =
  /** any bit of `mask` is set in the low 32 bits */
  | { arg: number; is: 'any-bit'; mask: number }
  /** the low 32 bits, masked, are `value` */
  | { arg: number; is: 'equal'; mask: number; value: number }
  /** all 64 bits, masked where there is a mask, compare so with `value`, unsigned */
  | { arg: number; is: 'wide'; compares: Comparison; to: bigint; mask?: bigint }
  /** each of these holds */
  | { is: 'all'; of: readonly ArgumentTest[] };

/** An answer, or what to ask the arguments before there is one. */
export type Choice<Answer> = Answer | { test: ArgumentTest; yes: Choice<Answer>; no: Choice<Answer> };

/** What the kernel is to do with a call. */
export type FilterAnswer =
  /** the call runs */
  | { do: 'allow' }
  /** the supervisor is asked */
  | { do: 'notify' }
  /** the call fails with this Linux errno (1–4095) */
  | { do: 'errno'; errno: number };

/** A call that no filter may let run, whatever its table says. */
export interface NeverRuns {
  /** on the table's architecture */
  number: number;
  /** on these arguments; without it on any */
  when?: ArgumentTest;
  /** in words: `mount(2)` */
  what: string;
}

/** What a filter answers to every call of every architecture. */
export interface FilterSpecification {
  /** AUDIT_ARCH_* value (linux/audit.h) of the architecture whose numbers `calls` holds */
  readonly architecture: number;
  /** call number → what it gets; each number once */
  readonly calls: readonly (readonly [number: number, choice: Choice<FilterAnswer>])[];
  /** what every other number gets, and every call of another architecture */
  readonly otherwise: FilterAnswer;
  /** what the table itself is held against */
  readonly never?: readonly NeverRuns[];
}
