/**
 * From when on a formula must be followed. Until an observation comes that could make it hold, or that it would remember,
 * it has no solution and no memory: a monitor that is made only then says the same as one that saw everything.
 *
 * @module
 */
import type { FieldValue, Observation } from '../observation.ts';
import { type Core, type CoreArgument, childrenOf, slotsOf } from './core.ts';
import type { External } from './evaluate.ts';
import type { Value } from './values.ts';

/** Observations of a category that have these fields, with these values, and fulfil these functions of the host. */
export interface Wake {
  readonly category: string;
  readonly has: readonly string[];
  readonly where: readonly (readonly [field: string, value: Value])[];
  readonly tests: readonly { readonly name: string; readonly args: readonly (Value | { field: string })[] }[];
}

/** What is known of a formula without compiling it; goes through JSON unchanged. */
export interface Brief {
  /** names of the predicates that it speaks of; nothing else concerns it */
  readonly hears: readonly string[];
  readonly wakes: readonly Wake[];
}

type Atom = Core & { kind: 'atom' };

/** Undefined where it must be followed from the beginning. */
export function wakesOf(core: Core): readonly Wake[] | undefined {
  const memory = rememberedBy(core);
  const wakes = memory && neededBy(core, memory);
  return wakes && [...memory, ...wakes.filter((wake) => !includes(memory, wake))];
}

/** What puts something into the memory of an operator; undefined where one remembers of itself. */
function rememberedBy(core: Core): Wake[] | undefined {
  if (core.kind === 'previous' || (core.kind === 'instant' && core.what === 'tp')) return undefined;
  const all: Wake[] = [];
  for (const child of childrenOf(core)) {
    const below = rememberedBy(child);
    if (!below) return undefined;
    all.push(...below.filter((wake) => !includes(all, wake)));
  }
  if (core.kind !== 'once' && core.kind !== 'since') return all;
  const entering = neededBy(core.kind === 'once' ? core.body : core.right, all);
  return entering && [...all, ...entering.filter((wake) => !includes(all, wake))];
}

/**
 * One of these must be there where a formula holds, while nothing is remembered; undefined: it may hold without.
 *
 * @param known those that wake it anyway
 */
function neededBy(core: Core, known: readonly Wake[]): Wake[] | undefined {
  switch (core.kind) {
    case 'truth':
      return core.value ? undefined : [];
    case 'atom':
      return [wakeOf(core, [])];
    case 'and': {
      const parts = core.parts.flatMap((part) => {
        const wakes = part.kind === 'atom' ? [wakeOf(part, core.parts)] : neededBy(part, known);
        return wakes ? [wakes] : [];
      });
      const cost = (wakes: readonly Wake[]) => wakes.filter((wake) => !includes(known, wake)).length;
      return parts.toSorted((left, right) => cost(left) - cost(right))[0];
    }
    case 'or': {
      const parts = core.parts.map((part) => neededBy(part, known));
      return parts.every((part) => part !== undefined) ? parts.flat() : undefined;
    }
    case 'exists':
    case 'once':
      return neededBy(core.body, known);
    case 'since':
      return neededBy(core.right, known);
    case 'aggregate':
      return core.groups.length > 0 ? neededBy(core.body, known) : undefined;
    default:
      return undefined;
  }
}

/** @param beside what must hold together with it: functions of what it binds narrow it */
function wakeOf({ name, args }: Atom, beside: readonly Core[]): Wake {
  const fieldOf = (slot: number) =>
    args.find(({ term }) => term.kind === 'slot' && term.slot === slot)?.field as string;
  const bound = new Set(args.flatMap(({ term }) => slotsOf(term)));
  const argument = (term: CoreArgument) =>
    term.kind === 'constant' ? term.value : { field: fieldOf(term.slot) };
  return {
    category: name,
    has: args.flatMap(({ field, term }) => (term.kind === 'slot' ? [field] : [])),
    where: args.flatMap(({ field, term }) =>
      term.kind === 'constant' ? [[field, term.value] as const] : [],
    ),
    tests: beside.flatMap((part) =>
      part.kind === 'external' && part.args.flatMap(slotsOf).every((slot) => bound.has(slot))
        ? [{ name: part.name, args: part.args.map(argument) }]
        : [],
    ),
  };
}

const includes = (wakes: readonly Wake[], wake: Wake): boolean => {
  const text = JSON.stringify(wake);
  return wakes.some((other) => JSON.stringify(other) === text);
};

const plain = (value: Exclude<FieldValue, undefined | readonly string[]>): Value =>
  typeof value === 'boolean' ? String(value) : value;

/** Whether an observation could make a formula begin; where that is not certain, it does. */
export function isWokenBy(
  { category, has, where, tests }: Wake,
  observation: { category: string; fields: Observation['fields'] },
  externals: Readonly<Record<string, External>> = {},
): boolean {
  if (category !== observation.category) return false;
  const { fields } = observation;
  const valueIn = (field: string): FieldValue => (Object.hasOwn(fields, field) ? fields[field] : undefined);
  if (has.some((field) => valueIn(field) === undefined)) return false;
  for (const [field, wanted] of where) {
    const value = valueIn(field);
    if (value === undefined) return false;
    if (typeof value === 'object' ? !value.some((one) => one === wanted) : plain(value) !== wanted)
      return false;
  }
  return tests.every(({ name, args }) => {
    const test = externals[name];
    const values: Value[] = [];
    for (const arg of args) {
      const value = typeof arg === 'object' ? valueIn(arg.field) : arg;
      // of several values any may be meant
      if (value === undefined || typeof value === 'object') return true;
      values.push(plain(value));
    }
    return test === undefined || test(...values);
  });
}
