/**
 * What a run of a contract read back as effective, from the run's own record: chained, and signed by the key of this installation.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEvent } from '../../contract/index.ts';
import { changedSince, type Present, type Subject } from '../../evidence/attest/index.ts';
import type { CaseInput, Held } from '../../evidence/case/index.ts';
import { parseVerifier, readLedger, verifyLedger } from '../../ledger/index.ts';
import { type FoundRun, listRuns } from '../find-run.ts';
import { folders } from '../folders.ts';
import { readFacts } from '../wiring/leftovers.ts';

/** Runs whose records are looked at, newest first: reading one means to verify all of it. */
const MOST_READ = 12;
/** Runs that are looked for among, newest first. */
const MOST_LISTED = 500;

type Start = Extract<LedgerEvent, { kind: 'run.start' }> & {
  built?: { digests: Record<string, string>; words: string };
};
type Found = NonNullable<Held<'read-back'>['found']>;

async function startOf(ledger: string): Promise<Start | undefined> {
  for await (const event of readLedger(ledger, { kinds: ['run.start'], limit: 1 }))
    if (event.kind === 'run.start') return event;
  return undefined;
}

/** What of the record is wrong, or the hash of its last event. */
function verify({ id, ledger }: FoundRun): { ok: true; head: string } | { ok: false; why: string } {
  try {
    const publicKey = readFileSync(join(folders().keys, 'ledger.vkey'), 'utf8').trim();
    const name = parseVerifier(publicKey)?.name;
    const { status, head, problems } = verifyLedger(ledger, {
      publicKey,
      ...(name === undefined ? {} : { origin: `${name}/${id}` }),
    });
    return status === 'ok'
      ? { ok: true, head }
      : { ok: false, why: `its record is ${status}: ${problems[0]?.text ?? 'it was not closed'}` };
  } catch (error) {
    return { ok: false, why: (error as Error).message };
  }
}

const subjectsOf = ({ contract, built }: Start): Subject[] => [
  { name: 'contract', digest: { sha256: contract.sha256 } },
  ...Object.entries(built?.digests ?? {})
    .sort()
    .map(([name, sha256]) => ({
      ...{ name, digest: { sha256 } },
      ...(name === 'kernel' && built && { annotations: { words: built.words } }),
    })),
];

export interface ReadBack {
  readonly found?: Found;
  readonly damaged: CaseInput['damaged'];
}

/**
 * The newest run of this contract whose read-back is about what is here now; else the newest of all.
 *
 * @param name of the contract: a run of an older text of it is stale, not absent
 */
export async function readBackOf(
  { name, sha256 }: { readonly name: string; readonly sha256: string },
  here: Present,
): Promise<ReadBack> {
  const damaged: { file: string; why: string }[] = [];
  let newest: Found | undefined;
  let read = 0;
  for (const run of listRuns().slice(0, MOST_LISTED)) {
    const facts = readFacts(run);
    // one that goes on has no end that is signed
    if (facts?.ended === undefined) continue;
    if (facts.contract.sha256 !== sha256 && facts.contract.name !== name) continue;
    if (++read > MOST_READ) break;
    const verified = verify(run);
    if (!verified.ok) {
      damaged.push({ file: run.folder, why: verified.why });
      continue;
    }
    const start = await startOf(run.ledger);
    // without its digests a record tells of nothing that could be compared
    if (start?.built === undefined) continue;
    const subjects = subjectsOf(start);
    const found: Found = {
      ...{ file: run.id, sha256: verified.head, subjects },
      changed: changedSince({ subjects }, here),
      predicate: {
        ...{ made: start.time, ringfence: start.version, run: run.id, contract: start.contract.name },
        ...{ isolation: start.isolation, started: start.time, never: start.never },
        effective: { ...start.effective },
      },
    };
    if (found.changed.length === 0) return { found, damaged };
    newest ??= found;
  }
  return { ...(newest && { found: newest }), damaged };
}
