/**
 * From words to an exit code: parse, load the command, run it, report what went wrong.
 *
 * @module
 */
import type { CommandModule, CommandName, Invocation, ParsedCommand } from './command.ts';
import { reportError } from './errors.ts';
import { EXIT } from './exit-codes.ts';
import { fastParse } from './fast-parse.ts';
import { LOADERS } from './loaders.ts';
import { COMMANDS, type CommandSpec } from './table.ts';
import { createTerminal, type Terminal } from './terminal.ts';

function specOf(name: CommandName): CommandSpec {
  return COMMANDS.find((spec) => spec.name === name) as CommandSpec;
}

/**
 * A reader that has seen enough (`| head`) ends the command quietly. Not so a command that runs another program: that
 * one goes on, unwatched by whoever closed the pipe.
 */
function tolerateClosedPipes(goOn: boolean): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      if (!goOn) process.exit(EXIT.ok);
    });
  }
}

async function dispatch(parsed: ParsedCommand, terminal: Terminal): Promise<number> {
  const spec = specOf(parsed.name);
  tolerateClosedPipes(spec.passThrough === true);
  try {
    // The table that types the options is the one that parsed them, so each command gets what it declares.
    const module = (await LOADERS[parsed.name]()) as CommandModule<CommandName>;
    return await module.run({ ...parsed, terminal } as Invocation<CommandName>);
  } catch (error) {
    return reportError(error, terminal, parsed.options.verbose === true, spec.failure.other);
  }
}

/**
 * Runs one command line.
 *
 * @param words the command line after the program's name
 * @returns the exit code
 */
export async function main(words: readonly string[]): Promise<number> {
  const output = (noColor: boolean) =>
    createTerminal({ stdout: process.stdout, stderr: process.stderr, environment: process.env, noColor });
  const fast = fastParse(words);
  if (fast) return dispatch(fast, output(fast.options['no-color'] === true));
  try {
    const { fullParse } = await import('./full-parse.ts');
    const parsed = fullParse(words);
    if ('print' in parsed) {
      output(true)[parsed.to](parsed.print);
      return parsed.exitCode;
    }
    return await dispatch(parsed, output(parsed.options['no-color'] === true));
  } catch (error) {
    return reportError(error, output(false), words.includes('--verbose'), EXIT.usage);
  }
}
