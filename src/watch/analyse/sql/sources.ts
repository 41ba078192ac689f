/**
 * Where SQL is found: arguments and input of database clients, and arguments of tools.
 *
 * @module
 */
import { argumentsOf } from '../tool-commands.ts';

export interface SqlText {
  text: string;
  database: string;
}

const list = (value: unknown): string[] => (Array.isArray(value) ? (value as string[]) : []);

function values(options: readonly string[], ...names: string[]): string[] {
  return options.flatMap((option) => {
    const at = option.indexOf('=');
    return names.includes(option.slice(0, at)) ? [option.slice(at + 1)] : [];
  });
}

const CLIENTS: Readonly<Record<string, readonly string[]>> = {
  psql: ['c', 'command'],
  mysql: ['e', 'execute'],
  mariadb: ['e', 'execute'],
  'clickhouse-client': ['q', 'query'],
  duckdb: ['c'],
  sqlcmd: ['Q', 'q'],
  cockroach: ['e', 'execute'],
};

/** @param fields of a `shell_command` observation */
export function sqlOfCommand(fields: Readonly<Record<string, unknown>>): SqlText[] {
  const program = String(fields.Program ?? '');
  const options = list(fields.Options);
  const operands = list(fields.Operands);
  const input = typeof fields.Input === 'string' ? [fields.Input] : [];
  if (program === 'sqlite3' || program === 'duckdb') {
    const [database = '', ...scripts] = operands;
    const commands = values(options, 'c', 'cmd');
    return [...scripts, ...commands, ...(scripts.length === 0 ? input : [])].map((text) => ({
      text,
      database,
    }));
  }
  const names = Object.hasOwn(CLIENTS, program) ? CLIENTS[program] : undefined;
  if (names === undefined) return [];
  const database = values(options, 'd', 'dbname', 'D', 'database')[0] ?? operands[0] ?? '';
  const given = values(options, ...names);
  return [...given, ...(given.length === 0 ? input : [])].map((text) => ({ text, database }));
}

const ARGUMENTS = ['sql', 'query', 'statement', 'statements'];
const SQL_TOOL = /sql|query|postgres|sqlite|database|(^|[._-])db([._-]|$)/i;

/** SQL in the JSON arguments of a tool's call. */
export function sqlOfCall(tool: string, json: string): SqlText[] {
  if (!SQL_TOOL.test(tool)) return [];
  const given = argumentsOf(json);
  const database = typeof given.database === 'string' ? given.database : '';
  return ARGUMENTS.flatMap((name) => {
    const value = given[name];
    const texts = Array.isArray(value) ? value : [value];
    return texts.flatMap((text) => (typeof text === 'string' ? [{ text, database }] : []));
  });
}
