/**
 * What runs read back as effective, out of their own records: those are chained and signed by the key that signs statements, so there is no
 * second file. A run that recorded no digests of what it ran with, from before it did, says nothing here.
 *
 * @module
 */
import { LedgerError, readChained, type Verifier, verifyLedger } from '../../ledger/index.ts';
import { keyIdOf } from './envelope.ts';
import { fromInToto, type Subject, toInToto } from './statement.ts';
import type { Attested, Rejected } from './store.ts';

/** Among so many of its first events, a record says that the run started. */
const FIRST = 64;

/** A run, by the folder of its record. */
export interface RecordedRun {
  readonly id: string;
  readonly ledger: string;
}

export type ReadBack =
  | { ok: true; attested: Attested<'read-back'> }
  /** `rejected` is absent where nothing is wrong, and there is nothing to be said: nothing ran, or of another contract */
  | { ok: false; rejected?: Rejected };

function startOf(ledger: string) {
  let seen = 0;
  for (const { event } of readChained(ledger)) {
    if (event.kind === 'run.start') return { event, at: seen };
    seen += 1;
    if (seen >= FIRST) return undefined;
  }
  return undefined;
}

/**
 * The start of a run as a statement, when the record holds and the start is under its signatures. Never throws.
 *
 * @param isWanted asked before the record is verified, which takes as long as it is
 */
export function readBackOf(
  { id, ledger }: RecordedRun,
  verifier: Verifier,
  isWanted: (contract: { name: string; sha256: string }) => boolean = () => true,
): ReadBack {
  const reject = (why: Rejected['why'], detail: string): ReadBack => ({
    ok: false,
    rejected: { file: ledger, why, detail },
  });
  try {
    const start = startOf(ledger);
    if (start === undefined) return { ok: false };
    const { contract, isolation, version, effective, never, built, time } = start.event;
    if (built === undefined || !isWanted(contract)) return { ok: false };
    const found = verifyLedger(ledger, { publicKey: verifier, origin: `${verifier.name}/${id}` });
    if (found.status === 'broken') {
      const [first] = found.problems;
      return reject(
        'bad signature',
        `the record does not hold: ${first?.text ?? ''}; see ringfence log verify ${id}`,
      );
    }
    // a run that goes on has not signed all of it yet
    if (found.signed <= start.at) return { ok: false };
    const subjects: Subject[] = [
      { name: 'contract', digest: { sha256: contract.sha256 } },
      ...Object.entries(built.digests).map(([name, sha256]) => ({
        name,
        digest: { sha256 },
        ...(name === 'kernel' && { annotations: { words: built.words } }),
      })),
    ];
    const made = new Date(time).toISOString();
    const statement = {
      kind: 'read-back' as const,
      subjects,
      predicate: {
        ...{ made, ringfence: version, run: id, contract: contract.name, isolation, started: made },
        effective: { ...effective },
        never,
      },
    };
    // the same form as what comes from files
    const read = fromInToto(JSON.parse(JSON.stringify(toInToto(statement))));
    if (!read.ok || read.statement.kind !== 'read-back')
      return reject('not a statement', read.ok ? 'of another kind' : read.detail);
    return {
      ok: true,
      attested: {
        file: ledger,
        digest: found.head,
        signers: [keyIdOf(verifier)],
        others: [],
        statement: read.statement,
      },
    };
  } catch (error) {
    if (error instanceof LedgerError) return reject('unreadable', error.message);
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    // a run that is about to begin, or that never did, has no record
    return code === 'ENOENT' ? { ok: false } : reject('unreadable', code);
  }
}

/**
 * The read-backs of runs of a contract, in the order of `runs`: at most `most`, and the records of these that do not hold.
 */
export function readBacksOf(
  runs: readonly RecordedRun[],
  verifier: Verifier,
  isWanted: (contract: { name: string; sha256: string }) => boolean,
  most = 8,
): { attested: Attested<'read-back'>[]; rejected: Rejected[] } {
  const attested: Attested<'read-back'>[] = [];
  const rejected: Rejected[] = [];
  for (const run of runs) {
    if (attested.length >= most) break;
    const read = readBackOf(run, verifier, isWanted);
    if (read.ok) attested.push(read.attested);
    else if (read.rejected) rejected.push(read.rejected);
  }
  return { attested, rejected };
}
