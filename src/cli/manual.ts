/**
 * The manual page, written from the command table in man(7) macros.
 *
 * @module
 */
import { VERSION } from './installation.ts';
import { type ArgumentSpec, COMMANDS, type CommandSpec, GLOBAL_OPTIONS, type OptionSpec } from './table.ts';

/** Text that roff prints as it is: backslashes, leading dots and quotes, hyphens that must stay hyphens. */
function roff(text: string): string {
  return text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replaceAll('’', '\\(cq')
    .replaceAll('…', '...')
    .replace(/^([.'])/, '\\&$1');
}

const bold = (text: string): string => `\\fB${roff(text)}\\fR`;
const italic = (text: string): string => `\\fI${roff(text)}\\fR`;

function argument(spec: ArgumentSpec): string {
  const name = spec.rest ? `${italic(spec.name)}...` : italic(spec.name);
  return spec.optional ? `[${name}]` : name;
}

function option(spec: OptionSpec): string[] {
  const short = spec.short ? `${bold(`-${spec.short}`)}, ` : '';
  return [
    '.TP',
    `${short}${bold(`--${spec.name}`)}${spec.value ? ` ${italic(spec.value)}` : ''}`,
    roff(spec.summary),
  ];
}

function command(spec: CommandSpec): string[] {
  const synopsis = [bold(`ringfence ${spec.name}`), '[\\fIOPTION\\fR...]', ...spec.arguments.map(argument)];
  const lines = [`.SS ringfence ${roff(spec.name)}`, '.PP', synopsis.join(' '), '.PP', roff(spec.summary)];
  for (const paragraph of spec.description ?? []) lines.push('.PP', roff(paragraph));
  for (const item of spec.arguments) lines.push('.TP', italic(item.name), roff(item.summary));
  for (const item of spec.options) lines.push(...option(item));
  lines.push('.PP', 'Exit codes:');
  for (const { code, when } of spec.exitCodes) lines.push('.TP', bold(code), roff(when));
  for (const { line, what } of spec.examples)
    lines.push('.PP', roff(what), '.PP', '.nf', `    ${roff(line)}`, '.fi');
  return lines;
}

/** The whole page `ringfence(1)`. */
export function writeManual(): string {
  const specs: readonly CommandSpec[] = COMMANDS;
  const lines = [
    `.TH RINGFENCE 1 "" "ringfence ${VERSION}" "User Commands"`,
    '.SH NAME',
    'ringfence \\- run an autonomous agent inside a contract',
    '.SH SYNOPSIS',
    `${bold('ringfence')} \\fICOMMAND\\fR [\\fIOPTION\\fR...] [\\fIARG\\fR...]`,
    '.SH DESCRIPTION',
    'A contract says what an agent is for and what it may use. Ringfence runs the agent in a cell that holds it to that,',
    'and records what it does.',
    '.SH COMMANDS',
    ...specs.flatMap(command),
    '.SH OPTIONS OF EVERY COMMAND',
    ...GLOBAL_OPTIONS.flatMap(option),
    '.SH ENVIRONMENT',
    '.TP',
    bold('NO_COLOR'),
    'If set and not empty, no colour.',
    '.TP',
    bold('FORCE_COLOR'),
    'If set, colour even where the output is no terminal; 0: none.',
    '.TP',
    bold('XDG_STATE_HOME'),
    'Runs and keys are kept in its folder ringfence. Default: ~/.local/state.',
    '.TP',
    bold('XDG_CACHE_HOME'),
    'What can be made again. Default: ~/.cache.',
    '.TP',
    bold('XDG_RUNTIME_DIR'),
    'Sockets. Default: a private folder in the temporary folder.',
    '.SH FILES',
    '.TP',
    italic('ringfence.yaml'),
    'The contract, looked for in the current folder and those above it, up to the repository root.',
    '.SH SEE ALSO',
    '.BR namespaces (7),',
    '.BR seccomp (2),',
    '.BR landlock (7)',
  ];
  return `${lines.join('\n')}\n`;
}
