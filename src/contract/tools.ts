/**
 * What a cell and its gateway agree on about tools: where servers are found inside, which patterns name which tools,
 * and how a definition's digest is taken.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { PeopleRule } from './schema.ts';

/** Below `.internal`, which is never delegated (ICANN board resolution of 29 July 2024). */
export const TOOL_DOMAIN = 'tools.internal';
/** The dummy address (RFC 7600 §4.8), as for packages, at a port of its own. */
export const TOOL_ADDRESS = '192.0.0.8';
export const TOOL_PORT = 8008;

/** Name of a server inside, and where it speaks MCP. */
export const toolHost = (server: string): string => `${server.toLowerCase()}.${TOOL_DOMAIN}`;
export const toolUrl = (server: string): string => `http://${toolHost(server)}:${TOOL_PORT}/mcp`;

/** Variable with the list of all servers, as MCP clients have it in files; and of one server, its address. */
export const TOOL_LIST_VARIABLE = 'RINGFENCE_MCP';
export const toolVariable = (server: string): string =>
  `${TOOL_LIST_VARIABLE}_${server.toUpperCase().replaceAll('-', '_')}`;

/** What MCP clients inside are told. */
export function toolVariables(servers: readonly string[]): Record<string, string> {
  if (servers.length === 0) return {};
  const list = Object.fromEntries(servers.map((name) => [name, { type: 'http', url: toolUrl(name) }]));
  return {
    [TOOL_LIST_VARIABLE]: JSON.stringify({ mcpServers: list }),
    ...Object.fromEntries(servers.map((name) => [toolVariable(name), toolUrl(name)])),
  };
}

/** Whether a variable tells of servers at our address, and of nothing else. */
export function isToolSetting(name: string, value: string): boolean {
  const servers = [...value.matchAll(/http:\/\/([a-z0-9-]{1,40})\.tools\.internal:/g)].map(
    (match) => match[1] ?? '',
  );
  if (servers.length === 0) return false;
  if (name !== TOOL_LIST_VARIABLE)
    return (
      servers.length === 1 && name.startsWith(`${TOOL_LIST_VARIABLE}_`) && value === toolUrl(servers[0] ?? '')
    );
  try {
    const { mcpServers } = JSON.parse(value) as { mcpServers: Record<string, unknown> };
    const names = Object.keys(mcpServers);
    return value === toolVariables(names)[TOOL_LIST_VARIABLE];
  } catch {
    return false;
  }
}

/** `*` stands for anything; without a dot before it a pattern is of the tool alone. */
export function matchesTool(pattern: string, server: string, tool: string): boolean {
  return glob(pattern, tool) || glob(pattern, `${server}.${tool}`);
}

/** Whether a text is what a pattern with `*` says, capitals apart where `fold` is set. Linear in the text's length. */
export function glob(pattern: string, text: string, fold = false): boolean {
  const [first = '', ...rest] = (fold ? pattern.toLowerCase() : pattern).split('*');
  const subject = fold ? text.toLowerCase() : text;
  if (rest.length === 0) return subject === first;
  if (!subject.startsWith(first)) return false;
  const last = rest.pop() as string;
  let at = first.length;
  for (const part of rest) {
    const found = subject.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return subject.length - last.length >= at && subject.endsWith(last);
}

/** What becomes of calls of a tool, before their arguments are looked at. */
export type ToolStanding = 'allowed' | 'approved' | 'denied';

export function standingOf(
  rule: { readonly [Key in 'allow' | 'approve' | 'deny']: readonly string[] },
  server: string,
  tool: string,
): ToolStanding {
  const named = (list: readonly string[]) => list.some((pattern) => matchesTool(pattern, server, tool));
  if (named(rule.deny)) return 'denied';
  if (named(rule.approve)) return 'approved';
  return named(rule.allow) ? 'allowed' : 'denied';
}

/** The rule of `people` that a tool's messages fall under, and its number. */
export function channelOf(
  people: readonly PeopleRule[],
  server: string,
  tool: string,
): { rule: PeopleRule; index: number } | undefined {
  const index = people.findIndex(({ tools }) => tools.some((pattern) => matchesTool(pattern, server, tool)));
  const rule = people[index];
  return rule && { rule, index };
}

/** A tool as its server defines it; all of it may be read by a model, so all of it is pinned. */
export type ToolDefinition = { name: string } & Record<string, unknown>;

/** SHA-256 in hexadecimal of a definition, whatever the order of its keys. */
export const definitionDigest = (definition: ToolDefinition): string =>
  createHash('sha256').update(canonicalJson(definition)).digest('hex');

/** JSON with its keys in order: one text for one value. Integers of any size are written in full. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.keys(value).sort();
  const written = members.map(
    (key) => `${JSON.stringify(key)}:${canonicalJson((value as Record<string, unknown>)[key])}`,
  );
  return `{${written.join(',')}}`;
}
