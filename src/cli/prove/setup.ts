/**
 * What every question needs: the catalogue, and whose home `~` is.
 *
 * @module
 */
import { join } from 'node:path';
import { openCatalogue } from '../../prove/catalogue/index.ts';
import { CommandError } from '../errors.ts';
import { installation } from '../installation.ts';
import { hostUser } from '../wiring/machine-facts.ts';
import type { Setup } from './types.ts';

/** @throws CommandError where the catalogue is broken */
export async function setUp(): Promise<Setup> {
  const { root } = installation();
  const opened = await openCatalogue(
    join(root, 'rules', 'affordances'),
    join(root, 'dist', 'affordances.json'),
  );
  if (!opened.ok)
    throw new CommandError(
      'catalogue',
      `the catalogue is not valid: ${opened.problems[0]?.message ?? ''}`,
      'mend the file in rules/affordances, or install again',
    );
  const { catalogue, digest } = opened;
  return { catalogue, digest, home: hostUser(process.env).home };
}
