/**
 * Recovery: closes a ledger whose writer died, and states in it what was lost, torn or not yet signed.
 *
 * @module
 */
import { hash } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
} from 'node:fs';
import { join } from 'node:path';
import type { EventBody } from '../contract/index.ts';
import { CHECKPOINTS, listSegments, placeFile, segmentName, syncFolder } from './files.ts';
import { takeLock } from './lock.ts';
import type { Problem } from './problem.ts';
import { type Verification, verifyLedger } from './verify.ts';
import type { Recovery } from './walk.ts';
import { ChainWriter, type LedgerOptions } from './writer.ts';

export interface RecoverOptions
  extends Pick<LedgerOptions, 'signer' | 'redactionKey' | 'origin' | 'secrets'> {
  /** for a ledger without a single record; otherwise taken from its last one */
  run?: string;
  cell?: string;
  /** events to record between the recovery's own and the closing record, such as `run.stop` with `incomplete` */
  events?: readonly EventBody[];
}

export type Recovered =
  /** it was closed already; nothing was changed */
  | { state: 'intact'; size: number }
  | { state: 'recovered'; size: number; unsigned: number; torn: Recovery['torn']; checkpoint: string }
  /** signed records are damaged or missing: that is not what a crash does. Nothing was changed */
  | { state: 'damaged'; problems: Problem[] };

/**
 * Recovers the ledger in `dir`. What cannot be read behind the last intact record is moved to `*.torn` files whose
 * digests are recorded; then the recovery is recorded and the ledger closed. Can be repeated after a crash of its own.
 *
 * @throws LedgerError `ledger-busy` while its writer lives; `ledger-missing`; `ledger-failed` where it cannot write
 */
export async function recoverLedger(dir: string, options: RecoverOptions): Promise<Recovered> {
  const lock = takeLock(dir);
  let handedOver = false;
  try {
    const found = verifyLedger(dir, { publicKey: options.signer });
    if (found.status === 'ok') return { state: 'intact', size: found.size };
    const damage = signedDamage(found);
    if (damage.length > 0) return { state: 'damaged', problems: damage };
    setAside(dir, found);
    const torn = unrecorded(dir, found.recoveries);
    const unsigned = found.intact.size - found.signed;
    let failure: Error | undefined;
    const writer = new ChainWriter(
      {
        dir,
        run: found.run ?? options.run ?? 'unknown',
        cell: found.cell ?? options.cell ?? 'unknown',
        signer: options.signer,
        redactionKey: options.redactionKey,
        ...(options.secrets ? { secrets: options.secrets } : {}),
        ...((found.origin ?? options.origin) ? { origin: found.origin ?? options.origin } : {}),
        onFailure: (error) => {
          failure = error;
        },
      },
      lock,
      {
        segment: found.intact.segment,
        bytes: found.intact.offset,
        size: found.intact.size,
        head: found.intact.head,
        checkpoints: found.checkpoints,
        fresh: false,
      },
    );
    handedOver = true;
    writer.append({ kind: 'ledger.recover', unsigned, torn, text: explain(unsigned, torn) });
    for (const event of options.events ?? []) writer.append(event);
    const closed = await writer.finish('recovery');
    if (failure) throw failure;
    return { state: 'recovered', size: closed.size, unsigned, torn, checkpoint: closed.checkpoint };
  } finally {
    if (!handedOver) lock.release();
  }
}

function explain(unsigned: number, torn: Recovery['torn']): string {
  const bytes = torn.reduce((sum, piece) => sum + piece.bytes, 0);
  const parts = [
    'the writer ended without closing; records of its last batch that never reached the disk are missing',
    `${unsigned} records were intact but not yet signed`,
    torn.length > 0 ? `${bytes} bytes were torn and are kept in ${torn.length} files` : 'nothing was torn',
  ];
  return parts.join('; ');
}

/** Problems with what was signed. Whatever lies behind the last signed record may have been torn by a crash. */
function signedDamage(found: Verification): Problem[] {
  const { intact } = found;
  const cut = intact.size < found.claimed;
  return found.problems.filter((problem) => {
    if (problem.file === CHECKPOINTS) return problem.offset !== found.tornCheckpoint?.offset;
    if (problem.segment === undefined) return true;
    const behind =
      problem.segment > intact.segment ||
      (problem.segment === intact.segment && problem.offset >= intact.offset);
    return cut || !behind;
  });
}

/** Moves what is not intact into files of its own; each step leaves either the old or the new state behind. */
function setAside(dir: string, found: Verification): void {
  const { segment, offset } = found.intact;
  for (const later of listSegments(dir).filter((other) => other > segment)) {
    const digest = hash('sha256', readFileSync(join(dir, segmentName(later)))).slice(0, 8);
    renameSync(join(dir, segmentName(later)), join(dir, `${segmentName(later)}-${digest}.torn`));
    syncFolder(dir);
  }
  cutFile(dir, segmentName(segment), offset);
  if (found.tornCheckpoint) cutFile(dir, CHECKPOINTS, found.tornCheckpoint.offset);
}

function cutFile(dir: string, name: string, offset: number): void {
  const fd = openSync(join(dir, name), 'a+', 0o600);
  try {
    const rest = readFileSync(join(dir, name)).subarray(offset);
    if (rest.length === 0) return;
    const digest = hash('sha256', rest).slice(0, 8);
    placeFile(dir, `${name}-${offset}-${digest}.torn`, rest);
    ftruncateSync(fd, offset);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

/** Pieces kept aside that no recovery has recorded yet: those of now, and of a recovery that was cut short. */
function unrecorded(dir: string, recoveries: Recovery[]): Recovery['torn'] {
  const known = new Set(recoveries.flatMap((recovery) => recovery.torn.map((piece) => piece.file)));
  return readdirSync(dir)
    .filter((name) => name.endsWith('.torn') && !known.has(name))
    .sort()
    .map((file) => {
      const bytes = readFileSync(join(dir, file));
      return { file, bytes: bytes.length, sha256: hash('sha256', bytes) };
    });
}
