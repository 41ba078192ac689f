/**
 * Which proofs have been made: by the hash of what was proved, of what it was proved to be, and of what proved it.
 *
 * Two places are looked at. The installation brings a list that was made when it was built; it is part of the installation like the prover
 * itself, and whoever can change the one can change the other. What is proved later is kept in the operator's state folder, a file a proof.
 * Nothing in a cell sees either. Only what nobody but the operator (or root) can have written is believed; everything else is proved again.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a proof is about. */
export interface Claim {
  /** what was made, byte for byte */
  artefact: Uint8Array | string;
  /** what it was proved to be, in a text that is the same for the same meaning */
  specification: string;
  /** the prover's own hash: another prover's proofs are none */
  verifier: string;
}

export type ProofKey = string;

export interface ProofStore {
  /** where a proof of this is found; undefined where there is none that can be believed */
  find(key: ProofKey): 'installation' | 'state' | undefined;
  /** Keeps a proof that was just made. Failing to is no error: it is made again the next time. */
  keep(key: ProofKey, what: string): void;
}

/** The list that an installation brings. */
export interface ShippedProofs {
  verifier: string;
  /** key → what was proved, for people */
  proofs: Record<ProofKey, string>;
}

/** A hash over the three parts of a claim, each with its length, so that no two claims have the same. */
export function proofKey({ artefact, specification, verifier }: Claim): ProofKey {
  const hash = createHash('sha256').update('ringfence proof 1\n');
  for (const part of [verifier, specification, artefact]) {
    const digest = createHash('sha256').update(part).digest();
    hash.update(digest);
  }
  return hash.digest('hex');
}

const KEY = /^[0-9a-f]{64}$/;

/** Whether only root or this user can have written a file or folder. */
function isOurs(path: string, kind: 'file' | 'folder'): boolean {
  const status = lstatSync(path, { throwIfNoEntry: false });
  if (status === undefined || (kind === 'file' ? !status.isFile() : !status.isDirectory())) return false;
  return (status.uid === process.getuid?.() || status.uid === 0) && (status.mode & 0o022) === 0;
}

function readShipped(path: string): ReadonlySet<ProofKey> {
  try {
    const { proofs } = JSON.parse(readFileSync(path, 'utf8')) as ShippedProofs;
    return new Set(Object.keys(proofs));
  } catch {
    return new Set(); // absent or damaged: everything is proved here
  }
}

export interface ProofPlaces {
  /** the installation's list, `dist/proofs.json`; none: nothing is taken from there */
  shipped?: string;
  /** folder of the operator's own proofs, made when first needed; none: nothing is kept */
  folder?: string;
}

export function openProofs({ shipped, folder }: ProofPlaces): ProofStore {
  let known: ReadonlySet<ProofKey> | undefined;
  return {
    find: (key) => {
      if (!KEY.test(key)) return undefined;
      known ??= shipped === undefined ? new Set() : readShipped(shipped);
      if (known.has(key)) return 'installation';
      if (folder === undefined || !isOurs(folder, 'folder')) return undefined;
      return isOurs(join(folder, key), 'file') ? 'state' : undefined;
    },
    keep: (key, what) => {
      if (folder === undefined || !KEY.test(key)) return;
      try {
        mkdirSync(folder, { recursive: true, mode: 0o700 });
      } catch {
        return;
      }
      if (!isOurs(folder, 'folder')) return;
      const temporary = join(folder, `.${key}.${process.pid}`);
      try {
        writeFileSync(temporary, `${what}\n`, { mode: 0o600, flag: 'wx' });
        renameSync(temporary, join(folder, key));
      } catch {
        rmSync(temporary, { force: true });
      }
    },
  };
}
