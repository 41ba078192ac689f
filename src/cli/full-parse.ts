/**
 * The parser proper, by commander, built from the command table: help, abbreviations, suggestions, mistakes.
 *
 * @module
 */
import { Argument, Command, CommanderError, Option } from 'commander';
import type { CommandName, ParsedCommand } from './command.ts';
import { CommandError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { defaults } from './fast-parse.ts';
import { VERSION } from './installation.ts';
import { COMMANDS, type CommandSpec, GLOBAL_OPTIONS, GROUPS, type OptionSpec } from './table.ts';

/** Something to print instead of a command to run. */
export interface Printed {
  print: string;
  /** Standard output for help that was asked for, standard error where it answers a mistake. */
  to: 'out' | 'err';
  exitCode: number;
}

function makeOption(spec: OptionSpec): Option {
  const short = spec.short ? `-${spec.short}, ` : '';
  const option = new Option(`${short}--${spec.name}${spec.value ? ` <${spec.value}>` : ''}`, spec.summary);
  if (Array.isArray(spec.kind)) option.choices(spec.kind);
  if (spec.multiple) {
    const { parseArg: oneOfThem } = option;
    option.argParser((value: string, before: string[] | undefined) => {
      oneOfThem?.call(option, value, undefined);
      return [...(before ?? []), value];
    });
  }
  return option;
}

/** `--no-x` is to commander the negation of `x`; here it is a switch like others. */
function readOption(spec: OptionSpec, values: Record<string, unknown>): ParsedCommand['options'][string] {
  const value = values[makeOption(spec).attributeName()];
  if (spec.name.startsWith('no-')) return value === false;
  if (spec.value === undefined) return value === true;
  return value as string | string[] | undefined;
}

function afterHelp(spec: CommandSpec): string {
  const lines = ['', 'Examples:'];
  for (const { line, what } of spec.examples) lines.push(`  ${line}`, `      ${what}`);
  lines.push('', 'Exit codes:');
  const width = Math.max(...spec.exitCodes.map(({ code }) => code.length));
  for (const { code, when } of spec.exitCodes) lines.push(`  ${code.padEnd(width)}  ${when}`);
  return lines.join('\n');
}

function addCommand(
  parent: Command,
  word: string,
  spec: CommandSpec,
  found: (result: ParsedCommand) => void,
): void {
  const command = parent.command(word).summary(spec.summary);
  command.description([spec.summary, ...(spec.description ?? [])].join('\n\n'));
  for (const argument of spec.arguments) {
    const name = argument.rest ? `${argument.name}...` : argument.name;
    const made = new Argument(argument.optional ? `[${name}]` : `<${name}>`, argument.summary);
    if (Array.isArray(argument.kind)) made.choices(argument.kind);
    command.addArgument(made);
  }
  for (const option of [...spec.options, ...GLOBAL_OPTIONS]) command.addOption(makeOption(option));
  if (spec.passThrough) command.passThroughOptions();
  command.addHelpText('after', afterHelp(spec));
  command.action(() => {
    const values = command.opts<Record<string, unknown>>();
    const options = defaults(spec);
    for (const option of [...spec.options, ...GLOBAL_OPTIONS]) {
      options[option.name] = readOption(option, values) ?? options[option.name];
    }
    found({ name: spec.name as CommandName, options, args: command.args });
  });
}

function buildProgram(found: (result: ParsedCommand) => void, write: (text: string) => void): Command {
  const program = new Command('ringfence')
    .description('Runs an autonomous agent inside a contract.')
    .usage('COMMAND [OPTION...] [ARG...]')
    .version(`ringfence ${VERSION}`, '--version', 'Print the version.')
    .helpOption('-h, --help', 'Print help.')
    .helpCommand('help [COMMAND]', 'Print help for a command.')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write, outputError: () => {} });
  const groups = new Map<string, Command>();
  for (const spec of COMMANDS) {
    const [first, second] = spec.name.split(' ') as [string, string?];
    if (second === undefined) {
      addCommand(program, first, spec, found);
      continue;
    }
    let group = groups.get(first);
    if (!group) {
      group = program
        .command(first)
        .description(GROUPS[first] ?? '')
        .enablePositionalOptions();
      groups.set(first, group);
    }
    addCommand(group, second, spec, found);
  }
  return program;
}

/** The command that a mistake was made in, for the advice and the exit code. */
function commandOf(words: readonly string[]): CommandSpec | undefined {
  const specs: readonly CommandSpec[] = COMMANDS;
  return specs.find((spec) => spec.name.split(' ').every((word, index) => words[index] === word));
}

/**
 * @param words the command line after the program's name
 * @throws CommandError for a mistake in it
 */
export function fullParse(words: readonly string[]): ParsedCommand | Printed {
  let result: ParsedCommand | undefined;
  let written = '';
  const program = buildProgram(
    (parsed) => {
      result = parsed;
    },
    (text) => {
      written += text;
    },
  );
  try {
    program.parse(words, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode === 0) return { print: written.trimEnd(), to: 'out', exitCode: EXIT.ok };
    if (error.code === 'commander.help') return { print: written.trimEnd(), to: 'err', exitCode: EXIT.usage };
    const spec = commandOf(words);
    throw new CommandError(
      'usage',
      error.message.replace(/^error: /, '').replace(/\n\((.*)\)$/, ' ($1)'),
      `see: ringfence ${spec ? `${spec.name} ` : ''}--help`,
      spec?.failure.usage ?? EXIT.usage,
    );
  }
  if (!result) return { print: written.trimEnd(), to: 'err', exitCode: EXIT.usage };
  return result;
}
