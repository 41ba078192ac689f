/**
 * What a run runs with, by digest, for its record.
 *
 * @module
 */
import { join } from 'node:path';
import type { Contract } from '../../contract/index.ts';
import { digestOfFile, kernelDigest, kernelWords, programDigest } from '../../evidence/identity/index.ts';
import { installation } from '../installation.ts';
import { planDigest } from './plan-digest.ts';

/** Which code runs: that of `dist`, or `src` itself. */
export function codeHere(): { root: string; code: 'dist' | 'src' } {
  const { root } = installation();
  return { root, code: import.meta.dirname.startsWith(join(root, 'dist')) ? 'dist' : 'src' };
}

/** What cannot be read has no digest: then the record is no evidence of what ran. */
export function builtFrom({
  launcher,
  contract,
  start,
}: {
  readonly launcher: string;
  readonly contract: Contract;
  readonly start: { readonly contract: { readonly path: string } };
}): { digests: Record<string, string>; words: string } {
  const here = codeHere();
  const digests = {
    plan: planDigest(contract, start.contract.path),
    program: programDigest(here),
    launcher: digestOfFile(launcher),
    kernel: kernelDigest(),
    'compiled/rules.json': digestOfFile(join(here.root, 'dist', 'rules.json')),
  };
  const known = Object.entries(digests).flatMap(([name, digest]) =>
    digest === undefined ? [] : [[name, digest] as const],
  );
  return { digests: Object.fromEntries(known), words: kernelWords() };
}
