/**
 * One page about the contained run, beside its record.
 *
 * @module
 */
import { statSync } from 'node:fs';
import { join } from 'node:path';
import { ringfence } from './landing.ts';
import { operatorFolders } from './runs.ts';
import type { Stage } from './stage.ts';

/** A path with `~` for the operator’s home. */
export function homeShown(path: string): string {
  const home = process.env.HOME ?? '';
  return home !== '' && path.startsWith(`${home}/`) ? `~${path.slice(home.length)}` : path;
}

/** Writes it and returns where it lies, with `~` for the operator’s home. */
export function writePage(stage: Stage, run: string): { place: string; faults: string[] } {
  const path = join(operatorFolders().XDG_STATE_HOME ?? '', 'ringfence/runs', run, 'report.html');
  ringfence(stage, 'report', run, '--output', path);
  const place = homeShown(path);
  return { place, faults: statSync(path).size > 10_000 ? [] : ['the page of the run is empty'] };
}
