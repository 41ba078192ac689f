/**
 * Messages of commits: what a program tells whoever reads the history.
 *
 * @module
 */
import { basename } from '../shell/wrappers.ts';

/** Options of git itself whose value is the next word (git(1)). */
const VALUES = new Set([
  '-C',
  '-c',
  '--git-dir',
  '--work-tree',
  '--namespace',
  '--exec-path',
  '--config-env',
]);
const SPEAKS = new Set(['commit', 'tag', 'merge', 'notes']);

/** The texts of `git commit -m`, `git tag -m` and their like; empty for other programs, and where a file or an editor holds them. */
export function messagesIn(argv: readonly string[]): string[] {
  if (basename(argv[0] ?? '') !== 'git') return [];
  let at = 1;
  while (argv[at]?.startsWith('-')) at += VALUES.has(argv[at] ?? '') ? 2 : 1;
  if (!SPEAKS.has(argv[at] ?? '')) return [];
  const texts: string[] = [];
  for (at += 1; at < argv.length; at++) {
    const word = argv[at] ?? '';
    const attached = /^(?:--message=|-[a-zA-LN-Z]*m)([\s\S]+)$/.exec(word)?.[1];
    if (word === '--') break;
    if (/^(--message|-[A-Za-z]*m)$/.test(word)) texts.push(argv[++at] ?? '');
    else if (attached !== undefined && !/^--(?!message=)/.test(word)) texts.push(attached);
  }
  return texts;
}

/** At the end of a sentence; `Pass the test name on` and `Fix tests passing nothing` say something else. */
const STATED =
  /(\b(pass(es|ed)?|green|succeed(s|ed)?|successful(ly)?|clean(ly)?)|✅|✓)(\s+(now|again|locally|everywhere))?[.!)\s]*$/i;
/** `Make the tests pass`: what a commit is for, as its subject line says it. */
const ORDERED = /^(make|get|let|have|help|keep|pass|fix)\b[^,;:]*$/i;

/** Whether a sentence of a commit's message states something, and is not what the commit is to do. */
export const isStated = (sentence: string): boolean => STATED.test(sentence) && !ORDERED.test(sentence);
