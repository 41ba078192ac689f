/**
 * The fast way through the usual command line, without loading the parser proper (7 ms of a start of 45): known
 * options, then arguments. Whatever is not plain — help, a mistake, an abbreviation, an option written `-qc FILE` — is
 * left to `full-parse.ts`, which alone decides about mistakes. A test holds the two to the same answers.
 *
 * @module
 */
import type { CommandName, ParsedCommand } from './command.ts';
import { COMMANDS, type CommandSpec, GLOBAL_OPTIONS, type OptionSpec } from './table.ts';

const ALL: readonly (CommandSpec & { name: CommandName })[] = COMMANDS;

/** The values that options have when they are not given. */
export function defaults(spec: CommandSpec): ParsedCommand['options'] {
  const entries = [...spec.options, ...GLOBAL_OPTIONS].map((option: OptionSpec) => [
    option.name,
    option.value === undefined ? false : option.multiple ? [] : undefined,
  ]);
  return Object.fromEntries(entries);
}

/** The command at the beginning of the words, and how many words its name takes. */
function findCommand(words: readonly string[]): { spec: (typeof ALL)[number]; length: number } | undefined {
  for (const spec of ALL) {
    const name = spec.name.split(' ');
    if (name.every((word, index) => words[index] === word)) return { spec, length: name.length };
  }
  return undefined;
}

function findOption(spec: CommandSpec, word: string): OptionSpec | undefined {
  return [...spec.options, ...GLOBAL_OPTIONS].find(
    (option: OptionSpec) => word === `--${option.name}` || (option.short && word === `-${option.short}`),
  );
}

function allowedValue(option: OptionSpec, value: string): boolean {
  return !Array.isArray(option.kind) || option.kind.includes(value);
}

function validCount(spec: CommandSpec, args: readonly string[]): boolean {
  const least = spec.arguments.filter((argument) => !argument.optional).length;
  const most = spec.arguments.some((argument) => argument.rest)
    ? Number.POSITIVE_INFINITY
    : spec.arguments.length;
  return args.length >= least && args.length <= most;
}

/**
 * @param words the command line after the program's name
 * @returns undefined where the full parser must decide
 */
export function fastParse(words: readonly string[]): ParsedCommand | undefined {
  const command = findCommand(words);
  if (!command) return undefined;
  const { spec } = command;
  const options = defaults(spec);
  let index = command.length;
  for (; index < words.length; index += 1) {
    const word = words[index] as string;
    if (word === '--') {
      index += 1;
      break;
    }
    if (!word.startsWith('-') || word === '-') break;
    const equals = word.startsWith('--') ? word.indexOf('=') : -1;
    const option = findOption(spec, equals < 0 ? word : word.slice(0, equals));
    if (!option) return undefined;
    if (option.value === undefined) {
      if (equals >= 0) return undefined;
      options[option.name] = true;
      continue;
    }
    if (equals < 0) index += 1;
    const value = equals < 0 ? words[index] : word.slice(equals + 1);
    if (value === undefined || value.startsWith('-') || !allowedValue(option, value)) return undefined;
    const before = options[option.name];
    options[option.name] = Array.isArray(before) ? [...before, value] : value;
  }
  const args = words.slice(index);
  // Only a command that passes through takes what looks like an option, or a second `--`, as an argument.
  if (!spec.passThrough && words.slice(index).some((word) => word.startsWith('-'))) return undefined;
  const listed = spec.arguments.every((argument, place) => {
    const value = args[place];
    return !Array.isArray(argument.kind) || value === undefined || argument.kind.includes(value);
  });
  return validCount(spec, args) && listed ? { name: spec.name, options, args } : undefined;
}
