/**
 * The servers of `tools`: read from the contract or from files as MCP clients have them, with the operator's variables
 * put in. Nothing is started here.
 *
 * @module
 */
import { dirname, resolve } from 'node:path';
import { expandPath } from '../../../cell/view/index.ts';
import { type Contract, readBounded, type ToolRule, type ToolServer } from '../../../contract/index.ts';
import { toolServer } from '../../../contract/schema-tools.ts';
import { compileCondition } from '../../../gateway/tools/condition.ts';

export interface ServersInput {
  contract: Contract;
  /** folder that relative paths of the contract start at */
  base: string;
  home: string;
  env: Readonly<Record<string, string | undefined>>;
}

/** How a server's process is started. */
export interface Launch {
  command: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  /** contract of the cell that it runs in; absent: it runs as the operator */
  cell?: string;
}

export interface FoundServer {
  server: Omit<ToolServer, 'pins'>;
  /** absent where it is reached over HTTP */
  launch?: Launch;
  /** file with its pins, where the contract names one */
  pins?: string;
}

type Refusal = { ok: false; field: string; problem: string; hint: string };
export type Servers =
  | { ok: true; servers: FoundServer[] /** values that no text of ours may show */; secrets: string[] }
  | Refusal;

const NAME = /^[A-Za-z0-9]([A-Za-z0-9-]{0,38}[A-Za-z0-9])?$/;
const SECRET_NAME = /KEY|TOKEN|SECRET|PASSW|CREDENTIAL|AUTH|COOKIE/i;
const SHORTEST_SECRET = 8;
/** Variables that programs need to run at all; as the SDKs of MCP hand them to servers. */
const ORDINARY = ['PATH', 'HOME', 'USER', 'LOGNAME', 'SHELL', 'LANG', 'TERM', 'TZ', 'TMPDIR'];

type Definition =
  | { command: string; args: string[]; env: Record<string, string>; cwd?: string | undefined }
  | { url: string; headers: Record<string, string>; ca?: string | undefined };

/** Everything of `tools`, or the first thing that is wrong with it. */
export function findServers(input: ServersInput): Servers {
  const servers: FoundServer[] = [];
  const secrets = new Set<string>();
  for (const [index, rule] of input.contract.tools.entries()) {
    const found = serversOf(rule, index, input, secrets);
    if (!found.ok) return found;
    for (const one of found.servers) {
      const twice = servers.some(({ server }) => server.name.toLowerCase() === one.server.name.toLowerCase());
      if (twice)
        return refuse(
          `tools[${index}].mcp`,
          `the server ${one.server.name} is named twice`,
          'give each server a name of its own',
        );
      servers.push(one);
    }
  }
  return { ok: true, servers, secrets: [...secrets] };
}

const refuse = (field: string, problem: string, hint: string): Refusal => ({
  ok: false,
  field,
  problem,
  hint,
});

function serversOf(
  rule: ToolRule,
  index: number,
  input: ServersInput,
  secrets: Set<string>,
): { ok: true; servers: FoundServer[] } | Refusal {
  const field = `tools[${index}]`;
  const wrong = conditionProblem(rule, field);
  if (wrong) return wrong;
  const read = definitionsOf(rule, field, input);
  if (!read.ok) return read;
  const servers: FoundServer[] = [];
  for (const [name, definition] of Object.entries(read.definitions)) {
    if (rule.servers && !rule.servers.includes(name)) continue;
    const expand = (text: string): string => {
      const value = expandVariables(text, input.env);
      if (value.missing !== undefined) throw new Missing(value.missing);
      return value.text;
    };
    try {
      servers.push(serverOf(name, definition, { rule, index, folder: read.folder, expand, input, secrets }));
    } catch (error) {
      if (!(error instanceof Missing)) throw error;
      return refuse(
        `${field}.mcp`,
        `the server ${name} needs the variable ${error.message}, which is not set`,
        'set it where you start ringfence, or write a default for it after :- in the braces',
      );
    }
  }
  const absent = rule.servers?.find((name) => !Object.hasOwn(read.definitions, name));
  if (absent !== undefined)
    return refuse(
      `${field}.servers`,
      `there is no server ${absent}`,
      `there are: ${Object.keys(read.definitions).join(', ')}`,
    );
  return { ok: true, servers };
}

class Missing extends Error {}

interface About {
  rule: ToolRule;
  index: number;
  folder: string;
  expand: (text: string) => string;
  input: ServersInput;
  secrets: Set<string>;
}

function serverOf(name: string, definition: Definition, about: About): FoundServer {
  const { rule, index, folder, expand, input, secrets } = about;
  const { base, home, env } = input;
  const values = (record: Record<string, string>) =>
    Object.fromEntries(
      Object.entries(record).map(([key, written]) => {
        const value = expand(written);
        const bare = value.replace(/^(Bearer|Basic|token)\s+/i, '');
        if ((SECRET_NAME.test(key) || written.includes('${')) && bare.length >= SHORTEST_SECRET)
          secrets.add(bare);
        return [key, value];
      }),
    );
  const shared = {
    rule: index,
    name,
    allow: rule.allow,
    approve: rule.approve,
    deny: rule.deny,
    when: rule.when,
    confidential: rule.confidential,
    time: rule.time,
    result: rule.result,
    calls: rule.calls,
  };
  const pins = rule.pins === undefined ? {} : { pins: expandPath(rule.pins, home, base) };
  if ('url' in definition) {
    const { url, headers, ca } = definition;
    const authorities = ca === undefined ? undefined : readBounded(expandPath(ca, home, folder));
    const pem = authorities?.ok ? { ca: Buffer.from(authorities.content).toString() } : {};
    return {
      server: { ...shared, via: { kind: 'http', url: expand(url), headers: values(headers), ...pem } },
      ...pins,
    };
  }
  const ordinary = Object.fromEntries(
    ORDINARY.flatMap((key) => (env[key] === undefined ? [] : [[key, env[key] as string]])),
  );
  return {
    server: { ...shared, via: { kind: 'process' } },
    launch: {
      command: expand(definition.command),
      args: definition.args.map(expand),
      env: { ...ordinary, ...values(definition.env) },
      cwd: definition.cwd === undefined ? folder : expandPath(expand(definition.cwd), home, folder),
      ...(rule.cell !== 'outside' && { cell: expandPath(rule.cell, home, base) }),
    },
    ...pins,
  };
}

/** `${NAME}` and `${NAME:-default}`, as MCP clients write them. */
export function expandVariables(
  text: string,
  env: Readonly<Record<string, string | undefined>>,
): { text: string; missing?: string } {
  let missing: string | undefined;
  const expanded = text.replace(
    /\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}/g,
    (_whole, name: string, fallback: string | undefined) => {
      const value = env[name] || fallback;
      if (value === undefined) missing ??= name;
      return value ?? '';
    },
  );
  return { text: expanded, ...(missing !== undefined && { missing }) };
}

/** The definitions, and the folder that their relative paths start at. */
function definitionsOf(
  { mcp }: ToolRule,
  field: string,
  { base, home }: ServersInput,
): { ok: true; definitions: Record<string, Definition>; folder: string } | Refusal {
  const at = `${field}.mcp`;
  if (typeof mcp !== 'string') return { ok: true, definitions: mcp, folder: base };
  const path = resolve(expandPath(mcp, home, base));
  const read = readBounded(path);
  if (!read.ok) return refuse(at, `${mcp}: ${read.message}`, read.hint);
  let written: unknown;
  try {
    written = JSON.parse(Buffer.from(read.content).toString());
  } catch (error) {
    return refuse(at, `${mcp} is not JSON: ${(error as Error).message}`, 'write { "mcpServers": { … } }');
  }
  const entries = (written as { mcpServers?: unknown } | null)?.mcpServers;
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries))
    return refuse(at, `${mcp} has no mcpServers`, 'write { "mcpServers": { "NAME": { "command": … } } }');
  const definitions: Record<string, Definition> = {};
  for (const [name, value] of Object.entries(entries)) {
    if (!NAME.test(name))
      return refuse(
        at,
        `${JSON.stringify(name)} is no name of a server`,
        'use letters, digits and dashes, at most 40',
      );
    const checked = toolServer.safeParse(onlyKnown(value), { jitless: true });
    if (!checked.success)
      return refuse(
        at,
        `the server ${name} of ${mcp} is not understood`,
        'write command and args, or url, as strings',
      );
    definitions[name] = checked.data;
  }
  return { ok: true, definitions, folder: dirname(path) };
}

/** Clients keep keys of their own in these files. */
function onlyKnown(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value;
  const known = ['type', 'command', 'args', 'env', 'cwd', 'url', 'headers', 'ca'];
  return Object.fromEntries(Object.entries(value).filter(([key]) => known.includes(key)));
}

function conditionProblem({ when }: ToolRule, field: string): Refusal | undefined {
  for (const [tool, text] of Object.entries(when)) {
    const compiled = compileCondition(text);
    if (!compiled.ok)
      return refuse(
        `${field}.when.${tool}`,
        `the condition on ${tool} is none: ${compiled.why}`,
        `write CEL over args, such as: args.to.like('*@example.com')`,
      );
  }
  return undefined;
}
