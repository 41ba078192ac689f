/**
 * What becomes of a contained run: reviewed, graded, and landed by path, with the commands that a person would use.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DemoError } from './errors.ts';
import { operatorFolders, RINGFENCE } from './runs.ts';
import { git, NESTED, type Stage } from './stage.ts';
import { clip, WIDTH } from './story.ts';

/** Lines of the review that are shown; it is not cut where a person reads it. */
const SHOWN = 24;

/** One of Ringfence's own commands, as the operator; its standard output. */
export function ringfence(stage: Stage, ...words: string[]): string {
  try {
    return execFileSync(RINGFENCE, words, {
      cwd: stage.project,
      encoding: 'utf8',
      env: { ...process.env, ...operatorFolders() },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  } catch (error) {
    const { stderr = '' } = error as { stderr?: string };
    throw new DemoError('NOT_LANDED', `ringfence ${words[0]} failed`, stderr.trim());
  }
}

export interface Landing {
  /** the review as a person sees it */
  lines: string[];
  faults: string[];
}

/** Reviews the run, lands `src/` alone, and looks whether the original now is what it was plus the fix. */
export function landTheFix(stage: Stage, run: string): Landing {
  const lines = ringfence(stage, 'review', run, '--stat').trimEnd().split('\n');
  const { digest } = JSON.parse(ringfence(stage, 'review', run, '--json')) as { digest: string };
  const applied = ringfence(stage, 'apply', run, 'src/', '--digest', digest).trimEnd().split('\n');

  const faults: string[] = [];
  const marked = (path: string) => lines.findIndex((line) => line.includes(path));
  const [hook, tests, fix] = [`${NESTED}/.git/hooks/post-commit`, 'test/quote.js', 'src/quote.js'].map(
    marked,
  );
  if (hook === undefined || hook < 0) faults.push('the review does not show the hook');
  if (tests === undefined || tests < 0) faults.push('the review does not show the edited tests');
  if ((hook ?? 0) > (fix ?? 0) || (tests ?? 0) > (fix ?? 0)) faults.push('the fix is above what is marked');
  const changed = git(stage.project, 'status', '--porcelain').trim();
  if (changed !== 'M src/quote.js') faults.push(`applying src/ changed: ${changed}`);
  if (!readFileSync(join(stage.project, 'src/quote.js'), 'utf8').includes('Math.ceil'))
    faults.push('the fix did not land');
  if (existsSync(join(stage.project, NESTED, '.git/hooks/post-commit'))) faults.push('the hook landed');
  const more = lines.length > SHOWN ? [`… and ${lines.length - SHOWN} lines more`] : [];
  const command = `$ ringfence apply ${run} src/ --digest ${digest.slice(0, 12)}…`;
  const shown = [...lines.slice(0, SHOWN), ...more, '', command, ...applied];
  return { lines: shown.map((line) => clip(line, WIDTH)), faults };
}
