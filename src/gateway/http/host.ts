/**
 * Whom a request is for: the Host header and, in absolute form, the target must name the same permitted host and port.
 *
 * @module
 */
import { canonical } from '../policy/addresses.ts';
import type { Candidate } from '../policy/pins.ts';
import type { RequestHead } from './head.ts';

interface Authority {
  host: string;
  port: number | undefined;
}

const AUTHORITY = /^(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9_.-]+)(?::([0-9]{1,5}))?$/;

/** `HOST[:PORT]` with nothing else in it: no user, no space, no percent-encoding, no list. */
export function readAuthority(text: string): Authority | undefined {
  const [, host, port] = AUTHORITY.exec(text) ?? [];
  if (host === undefined) return undefined;
  const bare = host.startsWith('[') ? host.slice(1, -1) : host;
  const address = canonical(bare);
  if (host.startsWith('[') && address === undefined) return undefined;
  // one final dot means the same name (RFC 1034 §3.1)
  const name = address ?? bare.toLowerCase().replace(/\.$/, '');
  return { host: name, port: port === undefined ? undefined : Number(port) };
}

function matches(authority: Authority, candidate: Candidate): boolean {
  const { port } = candidate.match.rule;
  return authority.host === candidate.name && (authority.port === undefined || authority.port === port);
}

/** The candidates that a request is for; or why it is for none of them. `scheme`: of a target in absolute form. */
export function chooseByHost(
  candidates: readonly Candidate[],
  head: RequestHead,
  scheme: 'http' | 'https' = 'http',
): Candidate[] | string {
  const authority = readAuthority(head.host);
  if (!authority) return 'malformed Host header';
  if (head.method === 'CONNECT') return 'CONNECT';
  const found = candidates.filter((candidate) => matches(authority, candidate));
  if (found.length === 0) return `Host is ${head.host.slice(0, 255)}`;
  if (head.target.startsWith('/')) return found;
  if (head.target === '*') return head.method === 'OPTIONS' ? found : 'malformed request target';
  const [, written, absolute] = /^(https?):\/\/([^/?#]*)(?:[/?][^#]*)?$/i.exec(head.target) ?? [];
  const same = absolute !== undefined && written?.toLowerCase() === scheme;
  const target = same ? readAuthority(absolute) : undefined;
  if (!target) return 'malformed request target';
  return found.every((candidate) => matches(target, candidate)) ? found : 'request target and Host differ';
}
