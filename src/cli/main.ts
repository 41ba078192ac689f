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
import { createTerminal, descriptorSink, type Terminal } from './terminal.ts';

function specOf(name: CommandName): CommandSpec {
  return COMMANDS.find((spec) => spec.name === name) as CommandSpec;
}

/**
 * A reader that has seen enough (`| head`) ends the command quietly. Not so a command that runs another program, or whose
 * exit code is a verdict: that one goes on, whoever closed the pipe.
 */
function standardTerminal(noColor: boolean, goesOn: boolean): Terminal {
  const onClosed = () => {
    if (!goesOn) process.exit(EXIT.ok);
  };
  const out = descriptorSink(1, onClosed);
  const err = descriptorSink(2, onClosed);
  return createTerminal({ out, err, environment: process.env, noColor });
}

async function dispatch(parsed: ParsedCommand): Promise<number> {
  const spec = specOf(parsed.name);
  const terminal = standardTerminal(
    parsed.options['no-color'] === true,
    (spec.passThrough ?? spec.judges) === true,
  );
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
  const fast = fastParse(words);
  if (fast) return dispatch(fast);
  try {
    const { fullParse } = await import('./full-parse.ts');
    const parsed = fullParse(words);
    if ('print' in parsed) {
      standardTerminal(true, false)[parsed.to](parsed.print);
      return parsed.exitCode;
    }
    return await dispatch(parsed);
  } catch (error) {
    return reportError(
      error,
      standardTerminal(words.includes('--no-color'), false),
      words.includes('--verbose'),
      EXIT.usage,
    );
  }
}
