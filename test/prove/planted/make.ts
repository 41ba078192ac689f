/**
 * Makes the planted contracts: small ones in which a step of the catalogue is left open on purpose, each with a twin in
 * which it is not. The answers are written here by hand, from what was planted and from what the twin takes away; the
 * model that is tested with them has no part in it. `node test/prove/planted/make.ts` writes the files in `cases/`.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { Hazard } from '../../../src/contract/index.ts';
import * as families from './families.ts';

export interface Planted {
  name: string;
  /** Entry of the catalogue that is planted, or that the twin has closed. */
  about: string;
  /** Whether it is the twin in which nothing is planted. */
  safe: boolean;
  /** Contract below its first two lines. */
  contract: Record<string, unknown>;
  /** What can happen, by what was planted. */
  open: Hazard[];
  /** What cannot. Of hazards in neither list planting says nothing. */
  closed: Hazard[];
}

export interface Family {
  family: string;
  /** How the answers follow. */
  about: string;
  cases: Planted[];
}

const HEAD = '# Made by make.ts from families.ts, where the answers are: change them there.\n';

/** The text of a family's file: a line for each part of a case. */
export function textOf({ family, about, cases }: Family): string {
  const flow = (value: unknown) =>
    stringify(value, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: true }).trim();
  const lines = cases.flatMap(({ name, about: entry, safe, contract, open, closed }) => [
    `  - name: ${name}`,
    `    about: ${entry}`,
    `    safe: ${safe}`,
    `    contract: ${flow(contract)}`,
    `    open: ${flow(open)}`,
    `    closed: ${flow(closed)}`,
  ]);
  return `${HEAD}family: ${family}\nabout: ${flow(about)}\ncases:\n${lines.join('\n')}\n`;
}

/** All families, in the order of their names. */
export const allFamilies = (): Family[] =>
  Object.values(families.FAMILIES).toSorted((one, other) => one.family.localeCompare(other.family));

if (import.meta.main)
  for (const family of allFamilies())
    writeFileSync(join(import.meta.dirname, 'cases', `${family.family}.yaml`), textOf(family));
