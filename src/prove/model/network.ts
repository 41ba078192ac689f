/**
 * Destinations: what may be reached, what the catalogue knows of it, and what is asked about.
 *
 * @module
 */
import { addressKind, type Contract, mustBeWrittenOut, type NetworkRule } from '../../contract/index.ts';
import type { Affordance, Catalogue } from '../catalogue/index.ts';
import {
  intersect,
  matchesHost,
  type Pattern,
  parseHost,
  parsePath,
  shortestWord,
} from '../patterns/index.ts';
import type { Sheet } from './sheet.ts';
import type { Destination } from './types.ts';

export function addNetwork(sheet: Sheet, contract: Contract, catalogue: Catalogue): void {
  for (const [index, rule] of contract.network.entries()) {
    const clause = `network[${index}]`;
    const parsed = parseHost(rule.host);
    if (!parsed.ok) sheet.unread(clause, parsed.message);
    const patterns = parsed.ok ? [parsed.pattern] : [];
    const name = `${clause} ${rule.host}:${rule.port}/${rule.protocol}`;
    const where = destinationOf(rule, patterns);
    sheet.destinations.set(name, where);
    const bounds = describeBounds(rule);
    sheet.add(
      ['reaches', 'agent', name],
      clause,
      `the agent reaches ${rule.host}:${rule.port} over ${rule.protocol}${bounds}`,
    );
    for (const [address, by] of nearAddresses(contract, rule, patterns))
      sheet.add(['near', name], by ?? clause, `${where.host} is ${address}, an address that is not public`);
    for (const entry of catalogue.affordances) {
      if (entry.kind === 'trigger' || !serves(entry, rule, patterns, contract)) continue;
      sheet.add(['serves', name, entry.id], `catalogue ${entry.id}`, `${entry.title}: ${entry.prose}`);
      sheet.gives(entry);
    }
  }
  for (const [index, effect] of contract.oversight.approve.entries())
    if (effect !== 'packages.new' || contract.packages.length > 0)
      sheet.add(
        ['asks', effect],
        `oversight.approve[${index}]`,
        `a person may allow what ${effect} asks for`,
      );
  for (const [index, { from }] of contract.packages.entries())
    sheet.add(
      ['fetches', 'gateway', `packages[${index}] ${from}`],
      `packages[${index}]`,
      `the gateway fetches listed packages from ${from}`,
    );
}

function describeBounds({ methods, paths, headers, body, bytes, connections }: NetworkRule): string {
  const parts = [
    ...(methods === undefined ? [] : [`with ${methods.join(', ')}`]),
    ...(paths === undefined ? [] : [`at ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ' …' : ''}`]),
    ...(headers === undefined ? [] : [`headers ${headers.slice(0, 3).join(', ') || 'none'}`]),
    ...(body === undefined ? [] : [`bodies of at most ${body} bytes`]),
    ...(connections === undefined ? [] : [`at most ${connections} connections`]),
    ...(bytes === undefined ? [] : [`at most ${bytes} bytes`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

function destinationOf(
  { host, port, protocol, methods, paths }: NetworkRule,
  patterns: readonly Pattern[],
): Destination {
  const found = shortestWord({ all: [patterns] });
  const sends = (['POST', 'PUT', 'PATCH'] as const).find((method) => methods?.includes(method) ?? true);
  const read = (paths ?? []).flatMap((path) => {
    const parsed = parsePath(path);
    return parsed.ok ? [parsed.pattern] : [];
  });
  const path = shortestWord({ all: [read] });
  return {
    host: (found.ok ? found.word : undefined) ?? host,
    port,
    protocol,
    ...(sends !== undefined && { sends }),
    path: (path.ok ? path.word : undefined) ?? '/',
  };
}

/** Addresses that may be this machine's own or a neighbour's, with the clause that says so where it is not the rule itself. */
function* nearAddresses(
  contract: Contract,
  { host }: NetworkRule,
  patterns: readonly Pattern[],
): Generator<[address: string, clause: string | undefined]> {
  const isNear = (address: string): boolean => {
    const kind = addressKind(address);
    return kind !== undefined && mustBeWrittenOut(kind);
  };
  if (isNear(host)) yield [host, undefined];
  for (const [name, addresses] of Object.entries(contract.resolve))
    if (matchesHost(patterns, name))
      for (const address of addresses)
        if (isNear(address)) yield [address, `resolve[${JSON.stringify(name)}]`];
}

/** Whether an entry of the catalogue speaks of a destination: by its name, its protocol, or its port where that is not 443's. */
function serves(
  { match }: Affordance,
  rule: NetworkRule,
  patterns: readonly Pattern[],
  contract: Contract,
): boolean {
  const { host, port, protocol, methods } = { ...match, methods: rule.methods };
  const named = (host ?? []).flatMap((text) => {
    const parsed = parseHost(text);
    return parsed.ok ? [parsed.pattern] : [];
  });
  const common = intersect(patterns, named);
  // too large to find out counts as yes: no path is left out
  if (!common.ok || common.word !== undefined) return true;
  if (protocol?.includes(rule.protocol) && rule.protocol !== 'https') return true;
  if (port?.includes(rule.port) && rule.protocol !== 'https' && methods === undefined) return true;
  const service = match.service ?? [];
  if (service.includes('any-host') && /^\*\.[^.]+$/.test(rule.host)) return true;
  return (
    service.includes('link-local-metadata') &&
    addressesOf(contract, rule).some((address) => addressKind(address) === 'metadata')
  );
}

const addressesOf = ({ resolve }: Contract, { host }: NetworkRule): string[] => [
  host,
  ...(resolve[host] ?? []),
];
