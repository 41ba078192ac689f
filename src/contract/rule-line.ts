/**
 * A network rule as the line of a contract file that says it.
 *
 * @module
 */
import type { NetworkRule } from './schema.ts';

/** To be put under `network`. */
export function ruleLine({ host, port, protocol }: Pick<NetworkRule, 'host' | 'port' | 'protocol'>): string {
  const name = host.includes(':') || host.startsWith('*') ? JSON.stringify(host) : host;
  return `- { host: ${name}, port: ${port}, protocol: ${protocol} }`;
}
