/**
 * Whether a program that was executed is what a tool call told to run.
 *
 * @module
 */
import { readScript, type SimpleCommand, type ToolCommand } from '../analyse/index.ts';

/** A call's script, read once. */
export interface Announced {
  readonly script: string;
  readonly commands: readonly SimpleCommand[];
}

/** Shorter ones stand by chance in the arguments of other programs. */
const SHORTEST_INSIDE = 6;
/** The supervisor tells at most so much of one argument, bytes. */
const ARGUMENT_CUT = 4000;
/** Commands of one script that are compared. */
const COMPARED = 200;

export function announce({ script }: ToolCommand): Announced {
  const { commands } = readScript(script, undefined);
  return { script: script.trim(), commands: commands.slice(0, COMPARED) };
}

/**
 * How sure it is that these arguments come of that script, 0 to 1. The script itself as an argument is nearly certain; one of
 * its commands word by word is likely; the program and some of the words, where the rest is known only to the shell, is a
 * guess.
 */
export function likeness(announced: Announced, path: string, argv: readonly string[]): number {
  const { script, commands } = announced;
  let best = 0;
  if (script !== '')
    for (const argument of argv.slice(1)) {
      if (argument.trim() === script) return 0.99;
      const isInside =
        script.length >= SHORTEST_INSIDE &&
        (argument.includes(script) || argument.includes(script.replaceAll("'", "'\\''")));
      const isCut =
        argument.length >= ARGUMENT_CUT && script.startsWith(argument.trim().slice(0, ARGUMENT_CUT));
      if (isInside || isCut) best = 0.95;
    }
  if (best > 0) return best;
  for (const command of commands) best = Math.max(best, ofCommand(command, path, argv));
  return best;
}

function ofCommand({ words, constant }: SimpleCommand, path: string, argv: readonly string[]): number {
  const [program = '', ...rest] = words;
  const name = baseOf(program);
  if (name === '' || (name !== baseOf(argv[0] ?? '') && name !== baseOf(path))) return 0;
  const given = argv.slice(1);
  if (constant) {
    if (rest.length !== given.length || rest.some((word, index) => word !== given[index])) return 0;
    return rest.join('').length + name.length >= SHORTEST_INSIDE ? 0.9 : 0.7;
  }
  const told = rest.filter((word) => word.length >= 3 && !/[$`*?[{~]/.test(word));
  if (told.length === 0) return 0.4;
  return told.every((word) => given.includes(word)) ? 0.7 : 0;
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1);
