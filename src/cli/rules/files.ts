/**
 * Rule files, by paths that somebody gave.
 *
 * @module
 */
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { readBounded } from '../../contract/index.ts';
import type { RuleTexts } from '../../watch/sigma/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { installation } from '../installation.ts';

/** So many files, of so many bytes in all, are read: a folder named by mistake must not fill memory. */
const FILES = 20_000;
const BYTES = 256 << 20;
const LONGEST = 4 << 20;

/**
 * Every `.yml` and `.yaml` at or below these paths, in order; symbolic links below a folder are not followed.
 *
 * @throws CommandError where one cannot be read, or there are none
 */
export function readRuleFiles(paths: readonly string[]): RuleTexts {
  const texts: (readonly [string, string])[] = [];
  let bytes = 0;
  const read = (path: string): void => {
    const content = readBounded(path, LONGEST);
    if (!content.ok) throw new CommandError('unreadable', `${path}: ${content.message}`, '', EXIT.usage);
    bytes += content.content.length;
    if (texts.length >= FILES || bytes > BYTES)
      throw new CommandError(
        'too-many-rules',
        `${path}: more than ${FILES} rule files, or more than ${BYTES >> 20} MiB of them`,
        'name the folder that holds the rules alone',
        EXIT.usage,
      );
    texts.push([path, Buffer.from(content.content).toString('utf8')]);
  };
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat)
      throw new CommandError(
        'unreadable',
        `${path}: there is no such file or folder`,
        'name a folder with rules, or a rule',
        EXIT.usage,
      );
    if (stat.isDirectory()) {
      const names = readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /\.ya?ml$/.test(entry.name))
        .map((entry) => join(entry.parentPath, entry.name));
      for (const name of names.sort()) read(name);
    } else read(path);
  }
  if (texts.length === 0)
    throw new CommandError(
      'no-rules',
      `there are no rules in ${paths.join(', ')}`,
      'rules are files that end in .yml or .yaml',
      EXIT.usage,
    );
  return texts;
}

/** Where the rules lie that come with this installation. */
const ownRuleFolders = (): string[] =>
  ['detections', 'monitors'].map((name) => join(installation().root, 'rules', name));

/** What `rules …` works on. */
export const rulesOf = (paths: readonly string[]): RuleTexts =>
  readRuleFiles(paths.length === 0 ? ownRuleFolders() : paths);
