/**
 * Writes heads of messages anew, from what was understood of them: one spelling, one framing, nothing copied that is
 * not a checked field.
 *
 * @module
 */
import type { InsertedSecret } from '../../contract/index.ts';
import type { Candidate } from '../policy/pins.ts';
import { canonicalName, connectionOptions, responseCrosses } from './fields.ts';
import type { Framing, RequestHead, ResponseHead } from './head.ts';
import type { Judged, RuleJudge } from './judge.ts';
import { maskText } from './mask.ts';
import { type HostSecrets, secretHeaders, secretQuery } from './secrets.ts';

const END = '\r\n\r\n';
const DEFAULT_PORT = { http: 80, https: 443 } as const;

const framingLine = (framing: Framing): string[] => {
  if (framing.kind === 'chunked') return ['Transfer-Encoding: chunked'];
  return framing.kind === 'length' ? [`Content-Length: ${framing.length}`] : [];
};

/** `Host` as the contract has it, not as the client wrote it. */
function hostLine({ name, match }: Candidate, scheme: 'http' | 'https'): string {
  const host = name.includes(':') ? `[${name}]` : name;
  const { port } = match.rule;
  return port === DEFAULT_PORT[scheme] ? `Host: ${host}` : `Host: ${host}:${port}`;
}

/** With a secret: what would let it come back in pieces or in a form that cannot be masked. */
const WITHOUT_SECRET = new Set([
  'accept-encoding',
  'accept-charset',
  'range',
  'if-range',
  // older and other names of Range
  'request-range',
  'x-ms-range',
  'sec-websocket-extensions',
]);

/** Made of the body's bytes, a secret among them: a guess could be checked against a hash, a length be read off. */
const MADE_OF_BODY =
  /^(etag|content-md5|digest|content-digest|repr-digest|want-.*digest|x-.*-(hash|checksum.*|content-sha256)|content-range)$/;

export interface Outgoing {
  head: RequestHead;
  judged: Judged;
  judge: RuleJudge;
  scheme: 'http' | 'https';
  secrets: HostSecrets | undefined;
}

/** A request head for the server. */
export function writeRequestHead({ head, judged, judge, scheme, secrets }: Outgoing): Buffer {
  const inserted: readonly InsertedSecret[] = secrets?.secrets ?? [];
  // `OPTIONS *` is about the server as a whole and has no query
  const query = judged.path === '*' ? undefined : secretQuery(inserted, judged.query);
  const target = query === undefined ? judged.path : `${judged.path}?${query}`;
  const lines = [`${head.method} ${target} HTTP/1.1`, hostLine(judged.candidate, scheme)];
  const websocket = head.upgrade === 'websocket';
  const about = { body: head.framing.kind !== 'none', websocket };
  const own = secretHeaders(inserted);
  const named = new Set(connectionOptions(head.fields));
  for (const [name, values] of head.fields) {
    if (named.has(name) || own.has(name.replaceAll('_', '-')) || !judge.crosses(name, about)) continue;
    if (secrets && WITHOUT_SECRET.has(name)) continue;
    for (const value of values) lines.push(`${canonicalName(name)}: ${value}`);
  }
  for (const [name, value] of own) lines.push(`${canonicalName(name)}: ${value}`);
  if (secrets) lines.push('Accept-Encoding: identity');
  if (head.fields.has('expect')) lines.push('Expect: 100-continue');
  lines.push(...framingLine(head.framing));
  if (websocket) lines.push('Connection: Upgrade', 'Upgrade: websocket');
  else if (head.minor === 0 || named.has('close')) lines.push('Connection: close');
  return Buffer.from(lines.join('\r\n') + END, 'latin1');
}

/** A response head for the agent. `close`: the connection ends with it. `body`: whether it describes one. */
export function writeResponseHead(
  head: ResponseHead,
  how: {
    framing: Framing;
    close: boolean;
    body: boolean;
    secrets: HostSecrets | undefined;
    length?: string;
  },
): Buffer {
  const named = new Set(connectionOptions(head.fields));
  const lines = [`HTTP/1.1 ${head.status} ${head.reason}`];
  for (const [name, values] of head.fields) {
    if (named.has(name) || !responseCrosses(name)) continue;
    if (how.secrets && how.body && MADE_OF_BODY.test(name)) continue;
    for (const value of values) lines.push(`${canonicalName(name)}: ${value}`);
  }
  const own: string[] = [];
  // HEAD and 304 tell the length of a body that does not follow
  if (how.length !== undefined) own.push(`Content-Length: ${how.length}`);
  else own.push(...framingLine(how.framing));
  if (how.close) own.push('Connection: close');
  return Buffer.from([...masked(lines, how.secrets), ...own].join('\r\n') + END, 'latin1');
}

/** Lines of a head without secrets; a field whose name holds one is left out, for no name would be its own. */
function masked(lines: readonly string[], secrets: HostSecrets | undefined): readonly string[] {
  if (!secrets) return lines;
  const forms = secrets.foldedForms;
  const text = lines.join('\r\n');
  if (maskText(forms, text) === text) return lines;
  return lines
    .filter((line, index) => {
      const name = line.split(':', 1)[0] as string;
      return index === 0 || maskText(forms, name) === name;
    })
    .map((line) => maskText(forms, line));
}

/** The answer to an accepted upgrade. */
export function writeUpgrade(head: ResponseHead, secrets: HostSecrets | undefined): Buffer {
  const lines: string[] = [];
  for (const name of [
    'sec-websocket-accept',
    'sec-websocket-protocol',
    'sec-websocket-extensions',
    'set-cookie',
  ]) {
    for (const value of head.fields.get(name) ?? []) lines.push(`${canonicalName(name)}: ${value}`);
  }
  const own = ['HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket'];
  return Buffer.from([...own, ...masked(lines, secrets)].join('\r\n') + END, 'latin1');
}

/** What the agent gets instead of an answer: nothing that explains. */
export function writeRefusal(status: 403 | 502, close: boolean): Buffer {
  const reason = status === 403 ? 'Forbidden' : 'Bad Gateway';
  const end = close ? '\r\nConnection: close' : '';
  return Buffer.from(`HTTP/1.1 ${status} ${reason}\r\nContent-Length: 0${end}${END}`, 'latin1');
}

export const CONTINUE = Buffer.from(`HTTP/1.1 100 Continue${END}`, 'latin1');
const LAST_CHUNK = Buffer.from(`0${END}`, 'latin1');
const CRLF = Buffer.from('\r\n', 'latin1');

/** A piece of a body in its framing. */
export function pushPiece(into: Uint8Array[], piece: Uint8Array, chunked: boolean): void {
  if (piece.length === 0) return;
  if (chunked) into.push(Buffer.from(`${piece.length.toString(16)}\r\n`, 'latin1'), piece, CRLF);
  else into.push(piece);
}

export function pushEnd(into: Uint8Array[], chunked: boolean): void {
  if (chunked) into.push(LAST_CHUNK);
}
