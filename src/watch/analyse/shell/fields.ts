/**
 * A simple command as fields of an observation: rules speak of programs, options and effects, not of spellings.
 *
 * @module
 */
import type { FieldValue } from '../../observation.ts';
import type { SimpleCommand } from './commands.ts';
import { effectsOf } from './effects.ts';
import { parseArguments } from './options.ts';
import { absolute, type Surroundings, scopeOf } from './paths.ts';
import { basename } from './wrappers.ts';

/** Longest text in a field, characters; further ones are cut off. */
const LONGEST = 8192;
/** Longest list in a field. */
const MOST = 256;

const cut = (text: string): string => (text.length > LONGEST ? text.slice(0, LONGEST) : text);
const list = (values: readonly string[]): string[] => values.slice(0, MOST).map(cut);

/** Other names of the same program. */
const SAME: Readonly<Record<string, string>> = {
  'nc.traditional': 'nc',
  'nc.openbsd': 'nc',
  netcat: 'nc',
  slogin: 'ssh',
  gmake: 'make',
  nodejs: 'node',
  mawk: 'awk',
  gawk: 'awk',
  sqlite: 'sqlite3',
};

/** `/usr/bin/python3.11` is `python`. */
export function programName(word: string): string {
  const name = basename(word);
  if (/^python[\d.]*$/.test(name)) return 'python';
  if (/^(perl|ruby|php|lua|tclsh)[\d.]+$/.test(name)) return name.replace(/[\d.]+$/, '');
  return Object.hasOwn(SAME, name) ? (SAME[name] ?? name) : name;
}

/** Options of interpreters whose value is a program. */
const CODE: Readonly<Record<string, RegExp>> = {
  python: /^-[A-Za-z]*c$/,
  node: /^(-e|--eval|-p|--print|-pe)$/,
  deno: /^eval$/,
  bun: /^-e$/,
  perl: /^-[A-Za-z0-9]*[eE]$/,
  ruby: /^-[A-Za-z]*e$/,
  php: /^-r$/,
  lua: /^-e$/,
  awk: /^$/,
};

function codeOf(program: string, words: readonly string[], input: string | undefined): string | undefined {
  const pattern = CODE[program];
  if (pattern === undefined) return undefined;
  const at = words.findIndex((word, index) => index > 0 && pattern.test(word));
  if (at > 0) return words[at + 1];
  return words.slice(1).every((word) => word === '-') ? input : undefined;
}

export function fieldsOf(command: SimpleCommand, surroundings: Surroundings): Record<string, FieldValue> {
  const [first = '', ...rest] = command.words;
  const program = programName(first);
  const parsed = parseArguments(program, rest);
  const effects = effectsOf(program, command, parsed);
  const places = (paths: readonly string[]) =>
    list([...new Set(paths.map((path) => (isRemote(path) ? path : absolute(path, surroundings))))]);
  const deletes = places(effects.deletes);
  const writes = places(effects.writes);
  const scopes = effects.recursive ? [...new Set(deletes.map((path) => scopeOf(path, surroundings)))] : [];
  const code = codeOf(program, command.words, command.input);
  return {
    Program: cut(program),
    Arguments: list(rest),
    CommandLine: cut([program, ...rest].join(' ')),
    Subcommand: cut(parsed.operands[0] ?? ''),
    Flags: list(parsed.flags),
    Options: list(parsed.options),
    Operands: list(parsed.operands),
    Wrappers: list(command.wrappers),
    Environment: list(command.environment.map((assignment) => assignment.split('=')[0] ?? '')),
    PipedFrom: list(command.pipedFrom),
    PipedTo: list(command.pipedTo),
    Through: list(command.through),
    Reads: places(effects.reads),
    Writes: writes,
    HomeWrites: writes.flatMap((path) => fromHome(path, surroundings.home) ?? []),
    Deletes: deletes,
    Recursive: effects.recursive,
    DeleteScope: scopes,
    Constant: command.constant,
    ...(code !== undefined && { Code: cut(code) }),
    ...(command.input !== undefined && { Input: cut(command.input) }),
  };
}

/** `host:path` and addresses: not on this machine. */
const isRemote = (path: string): boolean => /^[^/]*:/.test(path);

/** The rest of a path in somebody's home. */
function fromHome(path: string, home: string | undefined): string | undefined {
  if (home !== undefined && path.startsWith(`${home}/`)) return path.slice(home.length + 1);
  return /^(?:\/root|\/home\/[^/]+|~|\$HOME)\/(.+)$/.exec(path)?.[1];
}
