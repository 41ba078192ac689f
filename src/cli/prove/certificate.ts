/**
 * `prove --certificate`: the two files that the separate checker takes.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { certificateFile, worldFile } from '../../prove/certificate/index.ts';
import type { Report } from '../../prove/report/index.ts';
import { CommandError } from '../errors.ts';
import { installation } from '../installation.ts';
import { commandLine } from '../text.ts';

/**
 * Writes the files of a report.
 *
 * @returns a sentence for people: how to check them
 * @throws CommandError where the folder cannot be written
 */
export function writeProof({ proof }: Report, folder: string): string {
  if (proof === undefined) return 'nothing is proved of this, so there is no certificate';
  const [world, certificate] = [join(folder, 'world.json'), join(folder, 'certificate.json')];
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(world, worldFile(proof.world));
    writeFileSync(certificate, certificateFile(proof.certificate));
  } catch (error) {
    throw new CommandError(
      'certificate',
      `the certificate cannot be written: ${error instanceof Error ? error.message : error}`,
      'name another folder',
    );
  }
  const checker = join(installation().root, 'dist', 'check-certificate.mjs');
  return `check it: ${commandLine(['node', checker, world, certificate])}`;
}
