/**
 * What of a policy a plan holds, and the texts that an installation brings of each: they were compiled and proved when it was built, so
 * that a start need do neither.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PlanOp } from '../../contract/index.ts';
import { answeredCalls } from './answers.ts';
import { compileSeccomp } from './compile.ts';
import { deniedCalls } from './denied.ts';
import type { Architecture, Policy } from './policy.ts';
import type { PolicyOptions } from './rules.ts';

/** The operations `seccomp`, `refused` and `answers` of a plan (src/contract/plan.ts). */
export interface FilterText {
  readonly program: string;
  readonly refused: string;
  readonly answers: string;
}

/** What the installation has under a name; `undefined`: nothing that is of these sources. */
export type FilterSource = (name: string) => FilterText | undefined;

/** A text that lies in the installation. */
export interface ShippedFilter extends FilterText {
  /** hash of the sources of policies, compiler and proof that it was made by */
  readonly sources: string;
}

/** One name for each policy that {@link PolicyOptions} and the isolation come to. */
export function filterName(
  kind: 'cell' | 'reduced' | 'helper',
  architecture: Architecture,
  options: PolicyOptions,
): string {
  const {
    fileEvents,
    affinity,
    fileTables,
    memoryFiles = 'any',
    setIds = 'allow',
    supervisor = '',
  } = options;
  return [kind, architecture, fileEvents, affinity, fileTables, memoryFiles, setIds, supervisor].join('-');
}

export function filterText(policy: Policy, architecture: Architecture): FilterText {
  const refused = deniedCalls(policy, architecture).map(({ number, errno }) => `${number}:${errno}`);
  const answers = answeredCalls(policy, architecture).map((call) => call.join(':'));
  return {
    program: Buffer.from(compileSeccomp(policy, architecture)).toString('hex'),
    refused: `,${refused.join(',')},`,
    answers: `,${answers.join(',')},`,
  };
}

/** In the order in which a plan has them. */
export const filterOperations = ({ program, refused, answers }: FilterText): PlanOp[] => [
  ['refused', refused],
  ['answers', answers],
  ['seccomp', program],
];

/**
 * @param folder `dist/filters` of the installation: part of it like its code
 * @param sources hash of the sources that this program was built of; without one nothing is taken from there
 */
export function openFilters(folder: string, sources: string | undefined): FilterSource {
  const found = new Map<string, FilterText | undefined>();
  const read = (name: string): FilterText | undefined => {
    try {
      const filter = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as ShippedFilter;
      return filter.sources === sources ? filter : undefined;
    } catch {
      return undefined; // absent or damaged: compiled and proved here
    }
  };
  return (name) => {
    if (sources === undefined) return undefined;
    if (!found.has(name)) found.set(name, read(name));
    return found.get(name);
  };
}
