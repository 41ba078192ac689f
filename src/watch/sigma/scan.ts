/**
 * Which of many literals a field's value holds. The first values are asked for each literal in turn: most fields have few
 * values, and a table for one pass over a text takes longer to make than those take to read.
 *
 * @module
 */
import type { FieldValue } from '../observation.ts';
import { Automaton, type Literal } from './automaton.ts';
import { fold } from './pattern.ts';

/** Something that is looked for: one of some literals in a field. */
export interface Atom {
  readonly field: string;
  /** folded, as {@link literalKey} writes them */
  readonly literals: readonly string[];
}

type Literals = readonly (readonly [id: number, literals: readonly Literal[]])[];

export type Scan = (value: Exclude<FieldValue, undefined>) => void;

/** So many texts of a field, and each so long (UTF-16 code units) at most, are read without a table. */
const FEW = 24;
const SHORT = 512;

/** A literal as a text; the same for the same. */
export const literalKey = ({ text, begin, end }: Literal): string =>
  `${begin ? '^' : '-'}${end ? '$' : '-'}${text}`;

/** The inverse of {@link literalKey}. */
export const literalOfKey = (key: string): Literal => ({
  text: key.slice(2),
  begin: key[0] === '^',
  end: key[1] === '$',
});

function holds(text: string, { text: literal, begin, end }: Literal): boolean {
  if (begin) return end ? text === literal : text.startsWith(literal);
  return end ? text.endsWith(literal) : text.includes(literal);
}

/** @param found told of each atom that a value holds, perhaps more than once */
export function scanner(
  atoms: readonly (readonly [id: number, literals: readonly string[]])[],
  found: (atom: number) => void,
): Scan {
  // many fields are never there
  let read: Literals | undefined;
  let few = FEW;
  let table: ((text: string) => void) | undefined;
  const scan = (text: string): void => {
    read ??= atoms.map(([id, literals]) => [id, literals.map(literalOfKey)]);
    if (table === undefined && few > 0 && text.length <= SHORT) {
      few -= 1;
      const folded = fold(text);
      for (const [id, literals] of read)
        for (const literal of literals)
          if (holds(folded, literal)) {
            found(id);
            break;
          }
      return;
    }
    table ??= tableOf(read, found);
    table(text);
  };
  return (value) => {
    if (typeof value === 'string') scan(value);
    else if (typeof value === 'object') for (const one of value) scan(one);
    else scan(String(value));
  };
}

function tableOf(atoms: Literals, found: (atom: number) => void): (text: string) => void {
  const entries = new Map<string, { literal: Literal; atoms: number[] }>();
  for (const [id, literals] of atoms)
    for (const literal of literals) {
      const key = literalKey(literal);
      const entry = entries.get(key) ?? { literal, atoms: [] };
      entries.set(key, entry);
      entry.atoms.push(id);
    }
  const automaton = new Automaton([...entries.values()].map(({ literal }) => literal));
  const ids = [...entries.values()].map((entry) => entry.atoms);
  const tell = (literal: number): void => {
    for (const atom of ids[literal] as readonly number[]) found(atom);
  };
  return (text) => automaton.scan(text, tell);
}
