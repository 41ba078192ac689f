/**
 * What graders print outside of a run, without secrets.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import { loadKeys, makeRedactor } from '../../ledger/index.ts';
import { ensureFolder, folders } from '../folders.ts';
import { hostUser } from './machine-facts.ts';
import { knownSecrets } from './secrets.ts';

/** @param base folder that relative paths of the contract start at */
export function graderRedaction(contract: Contract, base: string): (text: string) => string {
  const { home } = hostUser(process.env);
  const secrets = knownSecrets({ contract, base, home, env: process.env });
  const redactor = makeRedactor(loadKeys(ensureFolder(folders().keys)).redactionKey, secrets);
  return (text) => redactor.text(text);
}
