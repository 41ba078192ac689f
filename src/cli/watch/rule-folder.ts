/**
 * Rules of somebody's own, from folders.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatProblem } from '../../contract/index.ts';
import { type LoadedRules, loadRules } from '../../watch/sigma/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';

/** So many files, of so many bytes in all, are read: a folder named by mistake must not fill memory. */
const FILES = 20_000;
const BYTES = 256 << 20;

/**
 * Every `.yml` and `.yaml` below these folders.
 *
 * @throws CommandError where a folder cannot be read, or a rule has a problem: none is left out silently
 */
export function readRuleFolders(paths: readonly string[]): LoadedRules {
  const texts: [string, string][] = [];
  let bytes = 0;
  for (const folder of paths) {
    const names = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /\.ya?ml$/.test(name))
      .sort();
    for (const name of names) {
      const path = join(folder, name);
      const text = readFileSync(path, 'utf8');
      bytes += text.length;
      if (texts.length >= FILES || bytes > BYTES)
        throw new CommandError(
          'too-many-rules',
          `${folder} holds more than ${FILES} rule files, or more than ${BYTES >> 20} MiB of them`,
          'name the folder that holds the rules alone',
          EXIT.usage,
        );
      texts.push([path, text]);
    }
  }
  if (texts.length === 0)
    throw new CommandError(
      'no-rules',
      `there are no rules in ${paths.join(', ')}`,
      'rules are files that end in .yml or .yaml',
      EXIT.usage,
    );
  const loaded = loadRules(texts);
  if (loaded.problems.length > 0)
    throw new CommandError(
      'bad-rules',
      loaded.problems.slice(0, 10).map(formatProblem).join('\n'),
      `mend ${loaded.problems.length === 1 ? 'it' : 'them'}, and check: ringfence rules check DIR`,
      EXIT.usage,
    );
  return loaded;
}
