/**
 * Which of the programs that a run tried to execute there are, and how they are named in a file that others get.
 *
 * @module
 */
import { lstatSync } from 'node:fs';
import { basename } from 'node:path';
import { programRules } from '../../cell/plan/index.ts';
import type { Observed, Seen } from './observe.ts';

/** Whether the host has it: then the cell may have seen it. */
export const isThere = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false }) !== undefined;

/**
 * What was executed: a search along PATH also tries what is nowhere, and that needs no line. What the run made itself is
 * there no more.
 */
export const executed = ({ programs, made }: Pick<Observed, 'programs' | 'made'>): [string, Seen][] =>
  [...programs].filter(([path]) => made.has(path) || isThere(path));

/** A text with a folder in it, the home, as a sign: whose it is, is not for everybody who reads a contract. */
export function withTilde(text: string, home: string, sign: '~' | '.' = '~'): string {
  const escaped = home.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return text.replace(new RegExp(`(?<![\\w.~/-])${escaped}(?=/|$|[\\s'":,])`, 'g'), sign);
}

/** A program in the home folder by its name alone, where PATH leads to the same file; else its path, from there. */
export function portableName(path: string, home: string, search = process.env.PATH ?? ''): string {
  if (!path.startsWith(`${home}/`)) return path;
  const [named, written] = [programRules([basename(path)], search, home), programRules([path], search, home)];
  return named.ok && written.ok && named.paths.join() === written.paths.join()
    ? basename(path)
    : withTilde(path, home);
}
