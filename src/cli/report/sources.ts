/**
 * What a report says beside the events: whether the record is whole, and which paths were changed.
 *
 * @module
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeRedactor, parseVerifier, verifyLedger } from '../../ledger/index.ts';
import { BOUNDS, type Changes, type Integrity } from '../../serve/report/index.ts';
import type { FoundRun } from '../find-run.ts';
import { folders } from '../folders.ts';
import { changeSetOf } from '../review/change-set.ts';
import type { RunFacts } from '../wiring/run-folder.ts';

/** What `log verify` says, with the installation’s own key; where that is gone, nothing vouches for the record. */
export function integrityOf({ id, ledger }: FoundRun): Integrity {
  try {
    const publicKey = readFileSync(join(folders().keys, 'ledger.vkey'), 'utf8').trim();
    const name = parseVerifier(publicKey)?.name;
    const found = verifyLedger(ledger, {
      publicKey,
      ...(name === undefined ? {} : { origin: `${name}/${id}` }),
    });
    return {
      state: found.status,
      problems: found.problems.map(({ file, line, text }) => `${file}:${line}: ${text}`),
      size: found.size,
      signed: found.signed,
      checkpoints: found.checkpoints,
      head: found.head,
      ...(found.pruned && { pruned: found.pruned.size }),
      recoveries: found.recoveries.length,
    };
  } catch (error) {
    const nothing = { size: 0, signed: 0, checkpoints: 0, head: '', recoveries: 0 };
    return { ...nothing, state: 'unknown', problems: [(error as Error).message] };
  }
}

/** The installation’s, so that equal secrets have equal marks; none is made here. */
function redactionKey(): Buffer {
  try {
    return readFileSync(join(folders().keys, 'redaction.key'));
  } catch {
    return randomBytes(32);
  }
}

/** Paths alone, without what looks like a secret in a name; contents are for the review. */
export function changesForReport(run: FoundRun, facts: RunFacts | undefined): Changes {
  if (!facts)
    return {
      missing: 'the run has no run.json that can be read: it never began, or somebody damaged the file',
    };
  // what is not there now would seem to be new
  if (!existsSync(facts.workspace)) return { missing: `its workspace ${facts.workspace} is gone` };
  try {
    const { items, digest, incomplete } = changeSetOf({ run, facts });
    const redactor = makeRedactor(redactionKey());
    return {
      items: items.slice(0, BOUNDS.changes).map(({ shown, kind, section, notes }) => ({
        ...{ kind, section },
        path: redactor.text(shown),
        notes: notes.map((note) => redactor.text(note)),
      })),
      all: items.length,
      digest,
      ...(incomplete !== undefined && { incomplete }),
    };
  } catch (error) {
    return { missing: (error as Error).message };
  }
}
