/**
 * What a command is given and gives back, typed from the command table.
 *
 * @module
 */
import type { COMMANDS, GLOBAL_OPTIONS, OptionSpec } from './table.ts';
import type { Terminal } from './terminal.ts';

type Specs = (typeof COMMANDS)[number];
export type CommandName = Specs['name'];

type ValueOf<Option extends OptionSpec> = Option extends { value: string }
  ? Option extends { multiple: true }
    ? string[]
    : string | undefined
  : boolean;

type OptionsOf<Name extends CommandName> =
  | Extract<Specs, { name: Name }>['options'][number]
  | (typeof GLOBAL_OPTIONS)[number];

/** Option values by long name. Switches are false, values undefined and lists empty where they were not given. */
export type OptionValues<Name extends CommandName> = {
  [Option in OptionsOf<Name> as Option['name']]: ValueOf<Option>;
};

/** A command line, understood. */
export interface Invocation<Name extends CommandName = CommandName> {
  name: Name;
  options: OptionValues<Name>;
  /** Arguments in order; for a command that passes through, the other program and its arguments. */
  args: string[];
  terminal: Terminal;
}

/** A command line before it meets a terminal; what parsing makes. */
export interface ParsedCommand {
  name: CommandName;
  options: Record<string, string | string[] | boolean | undefined>;
  args: string[];
}

/** What each file in `commands/` exports. */
export interface CommandModule<Name extends CommandName> {
  /**
   * Does it.
   *
   * @returns the exit code
   * @throws errors that the frame prints by `reportError`
   */
  run(invocation: Invocation<Name>): Promise<number> | number;
}
