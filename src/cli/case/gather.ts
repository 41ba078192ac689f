/**
 * What a safety case is made from: contract, proofs, statements and claims, as they are here now.
 *
 * @module
 */
import { loadScenarios, type Scenario } from '../../attack/index.ts';
import {
  acceptancesOf,
  type Contract,
  formatProblem,
  HAZARD_NAMES,
  loadContract,
  neverCoverage,
} from '../../contract/index.ts';
import {
  ATTESTED_TARGETS,
  type Attested,
  type Changed,
  joinTrials,
  kernelWords,
  keyIdOf,
  type Present,
  readStatements,
  type StatementKind,
  staleIn,
} from '../../evidence/attest/index.ts';
import type { CaseInput, Held } from '../../evidence/case/index.ts';
import { sourcesOf, statusLine } from '../../evidence/index.ts';
import type { ValidContract } from '../contract-file.ts';
import { CommandError } from '../errors.ts';
import { knownVerifiers, present } from '../evidence/attestations.ts';
import { openBase } from '../evidence/base.ts';
import { EXIT } from '../exit-codes.ts';
import { folders } from '../folders.ts';
import { installation, VERSION } from '../installation.ts';
import { setUp } from '../prove/setup.ts';
import { subjectOf } from '../prove/subject.ts';
import { safe } from '../text.ts';
import { planDigest } from '../wiring/plan-digest.ts';
import { certificateWords, earlyWords } from './doubts.ts';
import { readBacks } from './read-back.ts';

/** Of a record, the run that it is of. */
const nameOf = (path: string): string =>
  path
    .replace(/\/ledger$/, '')
    .split('/')
    .at(-1) ?? path;

interface Judged<K extends StatementKind> {
  readonly attested: Attested<K>;
  readonly changed: readonly Changed[];
}

/** Statements of a kind that are about this, newest first, with what changed since. */
function judged<K extends StatementKind>(
  all: readonly Attested[],
  kind: K,
  isAbout: (statement: Attested<K>['statement']) => boolean,
  here: Present,
): Judged<K>[] {
  return all
    .filter((one): one is Attested<K> => one.statement.kind === kind)
    .filter(({ statement }) => isAbout(statement))
    .map((attested) => ({ attested, changed: staleIn(attested.statement, here) }));
}

const heldOf = <K extends StatementKind>(
  found: Judged<K> | undefined,
  command: readonly string[],
): Held<K> => {
  if (found === undefined) return { command };
  const { attested, changed } = found;
  const { subjects, predicate } = attested.statement;
  return {
    command,
    found: {
      file: nameOf(attested.file),
      sha256: attested.digest,
      subjects,
      changed,
      predicate: predicate as never,
    },
  };
};

/** A fresh one before any other, the newest of them. */
const best = <K extends StatementKind>(all: readonly Judged<K>[]): Judged<K> | undefined =>
  all.find(({ changed }) => changed.length === 0) ?? all[0];

/** The newest fresh statement with the attempts of all that are fresh; else the newest. */
function reproduction(all: readonly Judged<'reproduction'>[], id: string): Held<'reproduction'> {
  const newest = best(all);
  const fresh = all.filter(({ changed }) => changed.length === 0).map(({ attested }) => attested.statement);
  const seeds = Math.max(
    1,
    ...(newest?.attested.statement.predicate.results ?? []).map(({ trials }) => trials.length),
  );
  const command = ['attack', '--targets', 'ringfence', '--scenarios', id];
  const held = heldOf(newest, seeds > 1 ? [...command, '--seeds', String(seeds)] : command);
  if (held.found === undefined || fresh.length < 2) return held;
  const { predicate } = held.found;
  const results = ATTESTED_TARGETS.flatMap((target) => {
    const all = fresh.flatMap(({ predicate }) => predicate.results.filter((one) => one.target === target));
    const [one] = all;
    if (one === undefined) return [];
    const skipped = all.reduce((sum, each) => sum + each.skipped, 0);
    return [{ ...one, skipped, trials: joinTrials(fresh, target) }];
  });
  return { ...held, found: { ...held.found, predicate: { ...predicate, results } } };
}

function scenariosHere(): Scenario[] {
  const loaded = loadScenarios(installation().root);
  if (loaded.ok) return loaded.scenarios;
  const [first] = loaded.problems;
  throw new CommandError(
    'scenarios',
    `the scenarios cannot be read: ${first ? formatProblem(first) : ''}`,
    'mend the file, or install Ringfence anew',
    EXIT.failed,
  );
}

function claimsHere(): CaseInput['claims'] {
  const base = openBase({ claims: undefined, on: undefined });
  return base.evidence.claims.map((claim) => ({
    id: claim.id,
    title: claim.title,
    hazards: claim.hazards,
    status: statusLine(base.statusOf(claim)),
    coverage: base.coverageOf(claim).state,
    subjects: [`claims/${claim.id}`, ...sourcesOf(claim).map((id) => `claims/sources/${id}`)],
  }));
}

const hasContract =
  (sha256: string, { name }: Contract) =>
  ({ subjects, predicate }: Attested<'proof'>['statement']): boolean =>
    predicate.contract === name ||
    subjects.some((one) => one.name === 'contract' && one.digest.sha256 === sha256);

/** Reads the text itself, not what was kept of it. @throws CommandError whose exit code is not that of a case */
function contractAt(file: string): ValidContract {
  const loaded = loadContract(file);
  if (loaded.ok) return loaded;
  throw new CommandError(
    'invalid-contract',
    `the contract is invalid, so there is no case of it\n${loaded.problems.map(formatProblem).join('\n')}`,
    'mend it, then ask again',
    EXIT.usage,
  );
}

/**
 * Looks at everything; runs nothing.
 *
 * @param file of the contract, as the caller named it
 * @throws CommandError where it is not valid
 */
export async function gatherCase(file: string): Promise<CaseInput> {
  const loaded = contractAt(file);
  const { contract, source } = loaded;
  const verifiers = knownVerifiers();
  const folder = folders().attestations;
  const stored = readStatements(folder, verifiers);
  const here = present({ contract: source.sha256, plan: planDigest(contract, file) });
  const isOwn = hasContract(source.sha256, contract);
  const { report } = subjectOf(loaded, await setUp());
  const { task } = contract.objective;
  const readBack = readBacks({ name: contract.name, sha256: source.sha256 }, verifiers[0]);
  const now = new Date();
  const isEarly = (one: Attested) => earlyWords(one, now.getTime()) !== undefined;
  const attested = stored.attested.filter((one) => !isEarly(one));
  const runs = readBack.attested.filter((one) => !isEarly(one));
  const proof = best(judged(attested, 'proof', isOwn, here));
  const uncertain = proof && certificateWords(folder, proof.attested);
  return {
    made: now.toISOString(),
    ringfence: VERSION,
    contract: {
      name: contract.name,
      file,
      sha256: source.sha256,
      ...(task !== undefined && { task: task.trim() }),
    },
    coverage: neverCoverage({ ...contract, never: { aim: [...HAZARD_NAMES], require: [] } }),
    verdicts: report.verdicts,
    accepted: acceptancesOf(contract),
    proof: heldOf(uncertain === undefined ? proof : undefined, ['prove', '--loaded', file]),
    readBack: heldOf(best(judged(runs, 'read-back', () => true, here)), [
      'run',
      '--contract',
      file,
      '--no-grade',
      '--no-input',
      '--',
      'true',
    ]),
    review: heldOf(best(judged(attested, 'review', () => true, here)), ['evidence', 'lint']),
    reproductions: scenariosHere().map(({ id, hazard, title }) => ({
      scenario: { id, hazard, title },
      held: reproduction(
        judged(attested, 'reproduction', ({ predicate }) => predicate.scenario === id, here),
        id,
      ),
    })),
    claims: claimsHere(),
    damaged: [
      ...[...stored.rejected, ...readBack.rejected].map(({ file, why, detail }) => ({
        ...{ file, why: `${why}: ${safe(detail)}` },
      })),
      ...[...stored.attested, ...readBack.attested].flatMap((one) => {
        const why = earlyWords(one, now.getTime());
        return why === undefined ? [] : [{ file: one.file, why }];
      }),
      ...(proof === undefined || uncertain === undefined
        ? []
        : [{ file: proof.attested.file, why: safe(uncertain) }]),
    ],
    kernel: kernelWords(),
    key: verifiers.map(keyIdOf).join(', ') || 'no key yet',
  };
}
