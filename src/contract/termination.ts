/**
 * Which rules need the gateway to look inside TLS, and which secrets belong to which host. Everything else stays
 * end-to-end encrypted.
 *
 * @module
 */
import { hostCovers } from './network-checks.ts';
import type { NetworkRule } from './schema.ts';

/** What cannot be known without reading requests, or without checking upstream's certificate ourselves. */
const INSIDE = ['methods', 'paths', 'headers', 'body', 'ca'] as const;

/** The part of a contract that decides with the rule. */
interface Rules {
  secrets: Record<string, { for: readonly string[] }>;
}

/** A secret shorter than this could not be told from ordinary text in a response, and so not be masked. Unit: bytes. */
export const SHORTEST_SECRET = 8;

/** Where a `websocket` rule means WebSocket over TLS although nothing else says so. */
const WSS_PORT = 443;

/**
 * Whether a secret for `hosts` is put into requests to `host`: a name, or the `host` of a rule, wildcard included.
 * A secret for `*.example.com` belongs to every name below; one for `a.example.com` to that name alone.
 */
export function secretIsFor(hosts: readonly string[], host: string): boolean {
  return hosts.some((named) => hostCovers(named, host));
}

/**
 * Whether the gateway terminates TLS for a rule: it is `https` and says something about requests or upstream's
 * certificate, or a secret is put into some of its requests. A `websocket` rule is over TLS on port 443, with `ca`, and
 * where a secret is put in; there only the inside shows that it is WebSocket.
 */
export function terminates(contract: Rules, rule: NetworkRule): boolean {
  if (rule.protocol === 'websocket') {
    if (rule.port === WSS_PORT || rule.ca !== undefined) return true;
  } else if (rule.protocol !== 'https') return false;
  else if (INSIDE.some((key) => rule[key] !== undefined)) return true;
  return Object.values(contract.secrets).some((secret) =>
    secret.for.some((named) => hostCovers(named, rule.host) || hostCovers(rule.host, named)),
  );
}
