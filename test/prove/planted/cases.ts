/**
 * The planted contracts, as they are committed.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Contract, type Hazard, parseContract } from '../../../src/contract/index.ts';
import { type Catalogue, loadCatalogue } from '../../../src/prove/catalogue/index.ts';
import { prove, type Report } from '../../../src/prove/report/index.ts';
import type { Planted } from './answers.ts';
import { familyIn } from './make.ts';

const CASES = join(import.meta.dirname, 'cases');
const ROOT = resolve(import.meta.dirname, '../../..');
/** No home that a contract names in full. */
export const HOME = '/home/operator';

export interface Case extends Planted {
  family: string;
  /** Whole, as a file would have it. */
  written: Record<string, unknown>;
  loaded: Contract;
}

export const caseFiles = (): Map<string, string> =>
  new Map(
    readdirSync(CASES)
      .sort()
      .map((name) => [name, readFileSync(join(CASES, name), 'utf8')]),
  );

/** All cases; every contract is valid. */
export function loadCases(): Case[] {
  return [...caseFiles().values()].flatMap((text) => {
    const { family, cases } = familyIn(text);
    return cases.map((each): Case => {
      const written = { ringfence: 1, name: each.name, ...each.contract };
      const loaded = parseContract(JSON.stringify(written), each.name);
      if (!loaded.ok)
        throw new Error(`${each.name}: ${loaded.problems.map(({ message }) => message).join('; ')}`);
      return { ...each, family, written, loaded: loaded.contract };
    });
  });
}

export function openCatalogue(): Catalogue {
  const loaded = loadCatalogue(join(ROOT, 'rules', 'affordances'));
  if (!loaded.ok) throw new Error('the catalogue is not valid');
  return loaded.catalogue;
}

export const proveCase = (one: Case, catalogue: Catalogue): Report =>
  prove({ contract: one.loaded, catalogue, home: HOME });

export const verdictOf = (report: Report, hazard: Hazard): string =>
  report.verdicts.find((verdict) => verdict.hazard === hazard)?.verdict ?? 'absent';
