/**
 * Statements of this installation: what is here to hold them against, which keys are known, and how one is made and kept.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  type AnyStatement,
  type Here,
  keepStatement,
  type Present,
  presentDigests,
} from '../../evidence/attest/index.ts';
import { loadKeys, parseVerifier, type Verifier } from '../../ledger/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { ensureFolder, folders } from '../folders.ts';
import { installation } from '../installation.ts';
import { safe } from '../text.ts';
import { codeHere } from '../wiring/built.ts';

/** Digests of what is here; `contract` and `plan` where the question is about one. */
export function present(about: Pick<Here, 'contract' | 'plan'> = {}): Present {
  return presentDigests({ ...codeHere(), launcher: installation().launcher, ...about });
}

/**
 * The keys that statements are checked with: those of `file`, a verifier key on each line; else that of this installation, or none where
 * there is none yet. Nothing is made.
 *
 * @throws CommandError where a file is named or there, and is no verifier key
 */
export function knownVerifiers(file?: string): Verifier[] {
  const path = file ?? join(folders().keys, 'ledger.vkey');
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (file === undefined && code === 'ENOENT') return [];
    throw new CommandError(
      'no-key',
      `${safe(path)} cannot be read: ${code}`,
      'name a file with a verifier key, such as keys/ledger.vkey in the state folder of the installation that signed',
      EXIT.usage,
    );
  }
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const verifiers = lines.flatMap((line) => parseVerifier(line) ?? []);
  if (verifiers.length === 0 || verifiers.length !== lines.length)
    throw new CommandError(
      'no-key',
      `${safe(path)} does not hold verifier keys`,
      'a line of it is NAME+ID+KEY, as ringfence writes keys/ledger.vkey in its state folder',
      EXIT.usage,
    );
  return verifiers;
}

/** Signs a statement by the key of this installation and keeps it. @returns the file */
export const keep = (statement: AnyStatement): string =>
  keepStatement(ensureFolder(folders().attestations), statement, loadKeys(folders().keys).signer);
