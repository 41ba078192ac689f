/**
 * Which header fields cross, and how they are spelled. Framing, routing and the connection itself are the gateway's own:
 * they are written anew and never copied.
 *
 * @module
 */
import { isOverrideHeader } from '../../contract/index.ts';
import type { Fields } from './head.ts';

/** Meant for one connection only (RFC 9110 §7.6.1), or about framing, which is written anew. */
const CONNECTION = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'proxy-authenticate',
  'proxy-authentication-info',
  'te',
  'trailer',
  'transfer-encoding',
  'content-length',
  'upgrade',
  'http2-settings',
  'host',
  'expect',
]);

/** Describe a body, so they cross with one. */
const OF_BODY = new Set(['content-type', 'content-encoding']);
const OF_WEBSOCKET = new Set([
  'sec-websocket-key',
  'sec-websocket-version',
  'sec-websocket-protocol',
  'sec-websocket-extensions',
]);

/** Twice means that two servers may take different ones. */
const SINGLE = ['authorization', 'content-type', 'content-encoding', 'expect', 'upgrade', 'range', 'origin'];

/** Fields that Connection cannot name: taking them away would change whom or what the request is for. */
const NEVER_NAMED = [
  'host',
  'content-length',
  'transfer-encoding',
  'content-type',
  'authorization',
  'cookie',
];

/** What Connection names. */
export function connectionOptions(fields: Fields): string[] {
  return (fields.get('connection') ?? [])
    .join(',')
    .toLowerCase()
    .split(',')
    .map((option) => option.trim())
    .filter((option) => option !== '');
}

/** What is wrong with the fields of a request, beyond their framing. */
export function confusion(fields: Fields): string | undefined {
  const repeated = SINGLE.find((name) => (fields.get(name)?.length ?? 0) > 1);
  if (repeated !== undefined) return `more than one ${repeated} header`;
  const options = connectionOptions(fields);
  const named = NEVER_NAMED.find((name) => options.includes(name));
  if (named !== undefined) return `Connection names ${named}`;
  // CGI and its heirs read X_Y as X-Y (CVE-2013-2765 and others)
  for (const name of fields.keys()) {
    const dashed = name.replaceAll('_', '-');
    if (dashed !== name && (CONNECTION.has(dashed) || NEVER_NAMED.includes(dashed)))
      return `header ${name.slice(0, 64)}`;
  }
  return undefined;
}

/** `x-api-*` and the like, as a test. */
function listed(patterns: readonly string[]): (name: string) => boolean {
  const exact = new Set<string>();
  const beginnings: string[] = [];
  for (const pattern of patterns) {
    const lower = pattern.toLowerCase();
    if (lower.endsWith('*')) beginnings.push(lower.slice(0, -1));
    else exact.add(lower);
  }
  return (name) => exact.has(name) || beginnings.some((beginning) => name.startsWith(beginning));
}

/** Decides which request fields cross. `headers` is the rule's list; without it all well-formed ones do. */
export function requestFilter(
  headers: readonly string[] | undefined,
): (name: string, about: { body: boolean; websocket: boolean }) => boolean {
  const inList = listed(headers ?? []);
  // a beginning such as `x-*` is not meant for these: they must be written out
  const written = new Set((headers ?? []).map((name) => name.toLowerCase()));
  return (name, { body, websocket }) => {
    if (CONNECTION.has(name)) return false;
    if (isOverrideHeader(name)) return written.has(name);
    if (name.startsWith('sec-websocket-')) return websocket && OF_WEBSOCKET.has(name);
    if (OF_BODY.has(name) && body) return true;
    return headers === undefined || inList(name);
  };
}

/** Whether a response field crosses; `alt-svc` would send clients to ports that nobody allowed. */
export const responseCrosses = (name: string): boolean =>
  !CONNECTION.has(name) && name !== 'alt-svc' && !name.startsWith('sec-websocket-');

/** The one spelling of a field name: `X-Api-Key`. */
export function canonicalName(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_all, dash: string, letter: string) => dash + letter.toUpperCase());
}
