/**
 * Grading a run that is over: its layer is kept, the original is where it was.
 *
 * @module
 */
import { existsSync, lstatSync, readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { attributesByLauncher, readChanges } from '../../cell/changes/index.ts';
import { readLedger } from '../../ledger/index.ts';
import type { ValidContract } from '../contract-file.ts';
import { CommandError } from '../errors.ts';
import { installation } from '../installation.ts';
import { readChangeList } from './change-list.ts';
import { directChanges } from './direct.ts';
import { type ResultPlace, resultOf } from './grade-after.ts';
import { WHILE_GRADED } from './grade-cell.ts';
import { graderRedaction } from './grade-redaction.ts';
import { keptOf } from './grade-result.ts';
import { gradeRun } from './grade-run.ts';
import { type RunGrade, toRunGrade } from './grade-summary.ts';
import { hostUser, unprivilegedIds } from './machine-facts.ts';
import { type RunFacts, runPaths } from './run-folder.ts';

async function contractOf(facts: RunFacts, named: string | undefined): Promise<ValidContract> {
  const { requireContract } = await import('../contract-file.ts');
  if (named !== undefined) return requireContract(named);
  const loaded = requireContract(facts.contract.path);
  if (loaded.source.sha256 !== facts.contract.sha256) {
    throw new CommandError(
      'contract-changed',
      `${facts.contract.path} is not what it was when the run began`,
      `to grade with it all the same: ringfence grade ${facts.id} --contract ${facts.contract.path}`,
    );
  }
  return loaded;
}

/** What a run changed, as far as it is still there; as it ran, whatever the contract at hand says. */
function changesOf(facts: RunFacts, paths: ReturnType<typeof runPaths>): ResultPlace | undefined {
  const { workspace, copy } = facts;
  const place = { direct: facts.direct === true, reduced: copy !== undefined, copy };
  if (place.reduced) {
    if (!existsSync(paths.changes)) return undefined;
    const changes = readChangeList(readFileSync(paths.changes, 'utf8'));
    const isKept = keptOf(copy, changes).folder === undefined || existsSync(copy as string);
    return isKept ? { ...place, changes } : undefined;
  }
  const { upper } = paths;
  if (!lstatSync(upper, { throwIfNoEntry: false })?.isDirectory()) return undefined;
  const changes = place.direct
    ? directChanges(paths, workspace)
    : readChanges({
        lower: workspace,
        upper,
        attributes: attributesByLauncher(installation().launcher),
        startedAt: Date.parse(facts.started),
      });
  return { ...place, changes };
}

const unprivilegedId = (): number => {
  const ids = unprivilegedIds();
  return ids.ok ? ids.id : 0;
};

/**
 * C of a run that was never graded, from its ledger; of one that was, what was counted then: graders’ events came later.
 *
 * @throws LedgerError where the ledger cannot be read
 */
async function violationsOf(facts: RunFacts, ledger: string): Promise<number> {
  const known = facts.grade?.reward?.violations;
  if (known !== undefined) return known;
  let count = 0;
  for await (const event of readLedger(ledger, { kinds: ['violation', 'tampering'] })) {
    if (!(event.kind === 'tampering' && event.what.startsWith(WHILE_GRADED))) count += 1;
  }
  return count;
}

/** @throws CommandError where the run's result is not there any more, or the contract cannot be used */
export async function gradeAgain(
  facts: RunFacts,
  folder: string,
  named: string | undefined,
): Promise<RunGrade> {
  const { contract, source } = await contractOf(facts, named);
  if (!contract.objective.success) {
    throw new CommandError(
      'no-success',
      `${source.path} does not say how success is decided`,
      'write objective: { success: { run: COMMAND, protect: [test/**] } }',
    );
  }
  const paths = runPaths(folder);
  const { scratch } = paths;
  const found = changesOf(facts, paths);
  const layer = lstatSync(facts.copy ?? paths.upper, { throwIfNoEntry: false });
  if (!found || !lstatSync(facts.workspace, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CommandError(
      'no-result',
      `what run ${facts.id} changed, or the folder that it changed, is not there any more`,
      'only a run whose changes are still kept can be graded',
    );
  }
  const { launcher, gateway } = installation();
  const base = dirname(resolve(source.path));
  const violations = await violationsOf(facts, paths.ledger);
  const interrupted = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => interrupted.abort());
  const graded = await gradeRun(
    {
      run: facts.id,
      contract,
      source: resolve(source.path),
      base,
      workspace: facts.workspace,
      host: hostUser(process.env),
      unprivileged: layer?.uid ?? unprivilegedId(),
      launcher,
      gatewayScript: gateway,
      scratch,
      signal: interrupted.signal,
      onEvent: () => {},
      redact: graderRedaction(contract, base),
    },
    { ...resultOf(paths, found), changes: found.changes, violations },
  );
  if (!graded.ok) return { flaky: false, text: '', altered: [], problem: graded.problem };
  return toRunGrade(graded.event, graded.altered, graded.finding);
}
