/**
 * Explores a system of state machines: every order of its moves, breadth first, so that what goes wrong is shown by the
 * fewest steps. States are told apart by 128 bits of SHA-256 over all that they hold.
 *
 * @module
 */
import { hash } from 'node:crypto';

export interface Move<State> {
  name: string;
  /** it happens by itself sooner or later: a message that arrives, a timer, the next step of a process */
  isDue: boolean;
  /** changes the state that it is given */
  apply: (state: State) => void;
}

export interface System<State> {
  start(): State;
  moves(state: State): Move<State>[];
  /** all of a state that the rest of its history depends on; absent: all of it */
  view?(state: State): unknown;
  /** what must hold always; returns what does not */
  always(state: State): string | undefined;
  /** what must hold where nothing is due any more */
  atRest(state: State): string | undefined;
}

export interface Explored {
  states: number;
  transitions: number;
  /** moves of the longest shortest way to a state */
  depth: number;
  /** states in which nothing is due */
  resting: number;
  counterexample?: { problem: string; steps: string[] };
}

/** A promise that is broken in the very step that breaks it. */
export class Broken extends Error {
  readonly code = 'broken';
}

/** Copies plain data, maps and sets; what is frozen is shared. */
export function copyOf<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  if (Array.isArray(value)) return value.map(copyOf) as Value;
  if (value instanceof Map) return new Map([...value].map(([key, item]) => [key, copyOf(item)])) as Value;
  if (value instanceof Set) return new Set(value) as Value;
  const copy: Record<string, unknown> = {};
  for (const key in value) copy[key] = copyOf(value[key]);
  return copy as Value;
}

const frozenText = new WeakMap<object, string>();

/** Freezes a value and all that it holds: it is shared from now on. */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value;
  for (const item of Object.values(value)) frozen(item);
  return Object.freeze(value);
}

/** All that a value holds, in one spelling. */
export function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'undefined';
  const known = frozenText.get(value);
  if (known !== undefined) return known;
  let text: string;
  if (Array.isArray(value)) text = `[${value.map(textOf).join()}]`;
  else if (value instanceof Map)
    text = `{${[...value].map(([key, item]) => `${textOf(key)}:${textOf(item)}`).join()}}`;
  else if (value instanceof Set) text = `{${[...value].map(textOf).sort().join()}}`;
  else {
    text = '{';
    for (const key in value) text += `${key}:${textOf((value as Record<string, unknown>)[key])},`;
  }
  if (Object.isFrozen(value)) frozenText.set(value, text);
  return text;
}

/** @param most states after which it gives up: an exploration that is cut short proves nothing */
export function explore<State>(system: System<State>, most = 2_000_000): Explored {
  const fingerprint = (state: State): string =>
    hash('sha256', textOf(system.view ? system.view(state) : state), 'base64').slice(0, 22);
  const first = system.start();
  const seen = new Set([fingerprint(first)]);
  const from: { parent: number; name: string }[] = [{ parent: -1, name: 'start' }];
  const explored: Explored = { states: 1, transitions: 0, depth: 0, resting: 0 };
  const way = (number: number): string[] => {
    const steps: string[] = [];
    for (let at = number; at > 0; at = from[at]?.parent ?? 0) steps.unshift(from[at]?.name ?? '');
    return steps;
  };
  let level = [{ state: first, number: 0 }];
  for (; level.length > 0; explored.depth += 1) {
    const next: typeof level = [];
    for (const { state, number } of level) {
      const broken = (problem: string, ...last: string[]): Explored => ({
        ...explored,
        counterexample: { problem, steps: [...way(number), ...last] },
      });
      const problem = system.always(state);
      if (problem !== undefined) return broken(problem);
      const moves = system.moves(state);
      if (!moves.some(({ isDue }) => isDue)) {
        explored.resting += 1;
        const left = system.atRest(state);
        if (left !== undefined) return broken(left);
      }
      for (const { name, apply } of moves) {
        const after = copyOf(state);
        explored.transitions += 1;
        try {
          apply(after);
        } catch (error) {
          if (error instanceof Broken) return broken(error.message, name);
          return broken(`it fails: ${(error as Error).message}`, name);
        }
        const print = fingerprint(after);
        if (seen.has(print)) continue;
        seen.add(print);
        if (seen.size > most) throw new Error(`more than ${most} states`);
        from.push({ parent: number, name });
        next.push({ state: after, number: from.length - 1 });
      }
    }
    explored.states = seen.size;
    level = next;
  }
  return explored;
}

/** A counterexample as numbered steps. */
export const stepsOf = ({ counterexample }: Explored): string =>
  counterexample === undefined
    ? 'none'
    : [...counterexample.steps.map((step, at) => `${at + 1}. ${step}`), `=> ${counterexample.problem}`].join(
        '\n',
      );
