/**
 * Tools that run commands: which of a call's arguments is the script.
 *
 * @module
 */

/** Names of tools that take a shell command, as scaffolds name them; letters of either case. */
const SHELL_TOOLS =
  /(^|[._-])(bash|shell|sh|terminal|run_command|execute_command|exec|run_shell_command|local_shell|run_terminal_cmd|command)([._-]|$)/i;
const ARGUMENTS = ['command', 'cmd', 'script', 'code', 'input', 'commands'];

export interface ToolCommand {
  script: string;
  cwd?: string;
}

/** Values of a call's JSON arguments as an object; empty where they are none. */
export function argumentsOf(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : {};
  } catch {
    return {};
  }
}

/** The scripts in a call of a tool that runs commands; none for other tools. */
export function commandsOfCall(tool: string, json: string): ToolCommand[] {
  if (!SHELL_TOOLS.test(tool)) return [];
  const values = argumentsOf(json);
  const cwd = [values.cwd, values.workdir, values.working_directory].find(
    (value) => typeof value === 'string',
  );
  return ARGUMENTS.flatMap((name): ToolCommand[] => {
    const value = values[name];
    const script = Array.isArray(value) ? scriptOfList(value) : value;
    if (typeof script !== 'string' || script === '') return [];
    return [{ script, ...(cwd !== undefined && { cwd: cwd as string }) }];
  });
}

/** `["bash", "-lc", "ls"]` is `bash -lc 'ls'`; a list of words is one command. */
function scriptOfList(words: readonly unknown[]): string | undefined {
  if (!words.every((word) => typeof word === 'string')) return undefined;
  return words.map((word) => `'${(word as string).replaceAll("'", `'\\''`)}'`).join(' ');
}
