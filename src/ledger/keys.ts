/**
 * The keys of this installation: one that signs checkpoints, one that makes equal secrets recognisable in redactions.
 *
 * @module
 */
import { generateKeyPairSync, hash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  unlinkSync,
} from 'node:fs';
import { join } from 'node:path';
import { isSystemError, LedgerError, reasonOf } from './errors.ts';
import { placeFile, syncFolder, writeAll } from './files.ts';
import { type Signer, signerFromPem, verifierText } from './note.ts';

/** What {@link loadKeys} gives: the signer of checkpoints and 32 secret bytes for redaction. */
export interface LedgerKeys {
  signer: Signer;
  redactionKey: Buffer;
}

/**
 * Loads the keys from `folder` (in the state folder), making them at first use: `ledger.pem` (PKCS #8, 0600),
 * `ledger.vkey` (the verifier key, 0644), `redaction.key` (0600). Two processes that start at once get the same keys.
 *
 * @throws LedgerError `ledger-key` where a key is readable by others or cannot be read.
 */
export function loadKeys(folder: string): LedgerKeys {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const pem = loadOrMake(join(folder, 'ledger.pem'), () =>
    Buffer.from(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' })),
  );
  const redactionKey = loadOrMake(join(folder, 'redaction.key'), () => randomBytes(32));
  if (redactionKey.length !== 32) {
    throw new LedgerError(
      'ledger-key',
      `${join(folder, 'redaction.key')} does not hold 32 bytes`,
      'Move the file away; a new one is made. Redactions made before cannot be joined with new ones.',
    );
  }
  const signer = readSigner(join(folder, 'ledger.pem'), pem.toString());
  const text = `${verifierText(signer)}\n`;
  const publicFile = join(folder, 'ledger.vkey');
  try {
    if (readFileSync(publicFile, 'utf8') !== text) throw new Error('other key');
  } catch {
    placeFile(folder, 'ledger.vkey', Buffer.from(text), 0o644);
    chmodSync(publicFile, 0o644);
  }
  return { signer, redactionKey };
}

/** A key name that tells installations apart: `ringfence/` and the first eight hex digits of the key's SHA-256. */
function readSigner(path: string, pem: string): Signer {
  try {
    const digest = hash(
      'sha256',
      signerFromPem('ringfence', pem).key.export({ type: 'spki', format: 'der' }),
    );
    return signerFromPem(`ringfence/${digest.slice(0, 8)}`, pem);
  } catch (error) {
    throw new LedgerError(
      'ledger-key',
      `${path} does not hold an Ed25519 key: ${reasonOf(error)}`,
      'Restore it from a backup, or move it away: a new key is made, and older ledgers verify with the old public key only.',
      error,
    );
  }
}

function loadOrMake(path: string, make: () => Buffer): Buffer {
  for (;;) {
    try {
      const mode = statSync(path).mode & 0o777;
      if ((mode & 0o077) !== 0) {
        throw new LedgerError(
          'ledger-key',
          `${path} can be read by others (mode ${mode.toString(8)})`,
          `Run: chmod 600 ${path}. If others may have read it, move it away instead; a new key is made.`,
        );
      }
      return readFileSync(path);
    } catch (error) {
      if (!isSystemError(error, 'ENOENT')) throw error;
    }
    const beside = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
    const fd = openSync(beside, 'wx', 0o600);
    try {
      writeAll(fd, make());
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    try {
      // link(2) fails where another process was first: then its key is the key.
      linkSync(beside, path);
      syncFolder(join(path, '..'));
    } catch (error) {
      if (!isSystemError(error, 'EEXIST')) throw error;
    } finally {
      unlinkSync(beside);
    }
  }
}
