/**
 * Formulas as they are evaluated: fewer operators, variables as slots, every quantifier with slots of its own.
 *
 * @module
 */
import type { Interval, Place } from './syntax.ts';
import type { Aggregate, Comparison, Value } from './values.ts';

export type CoreTerm =
  | { kind: 'slot'; slot: number }
  | { kind: 'constant'; value: Value }
  | { kind: 'arithmetic'; op: '+' | '-' | '*'; left: CoreTerm; right: CoreTerm };

/** A slot or a constant: what predicates take. */
export type CoreArgument = Exclude<CoreTerm, { kind: 'arithmetic' }>;

export type Core = { place: Place } & (
  | { kind: 'truth'; value: boolean }
  | { kind: 'atom'; name: string; args: { field: string; term: CoreArgument }[] }
  /** a function of the host, of bound variables alone */
  | { kind: 'external'; name: string; args: CoreArgument[] }
  /** the number of the time point, or its time in µs */
  | { kind: 'instant'; what: 'tp' | 'ts'; term: CoreArgument }
  | { kind: 'compare'; op: Comparison; left: CoreTerm; right: CoreTerm }
  | { kind: 'not'; body: Core }
  | { kind: 'and' | 'or'; parts: Core[] }
  | { kind: 'exists'; slots: number[]; body: Core }
  | { kind: 'previous'; interval: Interval; body: Core }
  | { kind: 'once'; interval: Interval; body: Core }
  | { kind: 'since'; interval: Interval; left: Core; right: Core }
  | { kind: 'aggregate'; result: number; op: Aggregate; over: number; groups: number[]; body: Core }
);

/** Slots of a term. */
export function slotsOf(term: CoreTerm): number[] {
  if (term.kind === 'slot') return [term.slot];
  return term.kind === 'constant' ? [] : [...slotsOf(term.left), ...slotsOf(term.right)];
}

/** Slots that are free in a formula, ascending: the columns of its relation. */
export function freeSlots(core: Core): number[] {
  return [...new Set(freeIn(core))].sort((left, right) => left - right);
}

function freeIn(core: Core): number[] {
  switch (core.kind) {
    case 'truth':
      return [];
    case 'atom':
      return core.args.flatMap(({ term }) => slotsOf(term));
    case 'external':
      return core.args.flatMap(slotsOf);
    case 'instant':
      return slotsOf(core.term);
    case 'compare':
      return [...slotsOf(core.left), ...slotsOf(core.right)];
    case 'not':
    case 'previous':
    case 'once':
      return freeIn(core.body);
    case 'and':
    case 'or':
      return core.parts.flatMap(freeIn);
    case 'exists':
      return freeIn(core.body).filter((slot) => !core.slots.includes(slot));
    case 'since':
      return [...freeIn(core.left), ...freeIn(core.right)];
    case 'aggregate':
      return [core.result, ...core.groups];
  }
}

/** What stands directly below. */
export function childrenOf(core: Core): Core[] {
  switch (core.kind) {
    case 'not':
    case 'previous':
    case 'once':
    case 'exists':
    case 'aggregate':
      return [core.body];
    case 'and':
    case 'or':
      return core.parts;
    case 'since':
      return [core.left, core.right];
    default:
      return [];
  }
}

/** Names of the predicates that a formula looks at. */
export function predicatesOf(core: Core): Set<string> {
  const below = childrenOf(core).flatMap((child) => [...predicatesOf(child)]);
  return new Set(core.kind === 'atom' ? [core.name, ...below] : below);
}
