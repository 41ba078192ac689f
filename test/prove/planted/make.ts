/**
 * Makes the planted contracts: small ones in which a step of the catalogue is left open on purpose, each with a twin in
 * which it is not. The answers are written here by hand, from what was planted and from what the twin takes away; the
 * model that is tested with them has no part in it. `node test/prove/planted/make.ts` writes the files in `cases/`.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Document, isMap, isScalar, parse, visit } from 'yaml';
import type { Hazard } from '../../../src/contract/index.ts';
import type { Family, Planted } from './answers.ts';
import { FAMILIES } from './families.ts';

const HEAD = '# Made by make.ts from families.ts, where the answers are: change them there.\n';

/** The text of a family's file; hazards as words, so that a case is six lines. */
export function textOf({ family, about, cases }: Family): string {
  const written = cases.map((each) => ({
    ...each,
    open: each.open.join(' '),
    closed: each.closed.join(' '),
  }));
  const document = new Document({ family, about, cases: written });
  visit(document, {
    Pair: (_, { key, value }) => {
      if (isScalar(key) && key.value === 'contract' && isMap(value)) value.flow = true;
    },
  });
  return HEAD + document.toString({ lineWidth: 0 });
}

type Written = Omit<Planted, 'open' | 'closed'> & { open: string; closed: string };

/** A family as its file has it. */
export function familyIn(text: string): Family {
  const { cases, ...family } = parse(text) as Omit<Family, 'cases'> & { cases: Written[] };
  const words = (list: string) => list.split(' ').filter((word) => word !== '') as Hazard[];
  return {
    ...family,
    cases: cases.map((each) => ({ ...each, open: words(each.open), closed: words(each.closed) })),
  };
}

/** All families, in the order of their names. */
export const allFamilies = (): Family[] =>
  Object.values(FAMILIES).toSorted((one, other) => one.family.localeCompare(other.family));

if (import.meta.main)
  for (const family of allFamilies())
    writeFileSync(join(import.meta.dirname, 'cases', `${family.family}.yaml`), textOf(family));
