/**
 * What the schema cannot say about `network` and `resolve`: addresses, wildcards, and rules that contradict each other.
 *
 * @module
 */
import { isIP } from 'node:net';
import { addressKind, canonicalAddress } from './addresses.ts';
import { modelEndpoint } from './models.ts';
import type { Finding } from './problem.ts';
import { checkRequests } from './request-checks.ts';
import type { Contract, NetworkRule } from './schema.ts';

/** Whether the name or address of one rule is covered by the host of another: `*.a.example` covers `b.a.example`. */
export function hostCovers(pattern: string, host: string): boolean {
  if (pattern === host) return true;
  return pattern.startsWith('*.') && host.replace(/^\*\./, '.').endsWith(pattern.slice(1));
}

const transport = (rule: NetworkRule): string => (rule.protocol === 'udp' ? 'udp' : 'tcp');

function checkHost(rule: NetworkRule, index: number): Finding[] {
  const path = ['network', index, 'host'];
  const { host } = rule;
  if (host.length > 253)
    return [
      { path, message: 'host names have at most 253 characters (RFC 1035)', hint: 'Write a shorter name.' },
    ];
  if (host === 'localhost' || host.endsWith('.localhost'))
    return [
      {
        path,
        message: 'localhost, inside, is the cell itself and needs no rule',
        hint: 'For a service of this machine choose a name and write its address out: { host: service.example.com } and resolve: { service.example.com: [127.0.0.1] }.',
      },
    ];
  const bare = host.replace(/^\*\./, '');
  if (isIP(host) === 0) {
    // The last label of a name is never a number (RFC 3696 §2); what looks so is a mistyped address.
    if (/(^|\.)(\d+|0x[0-9a-f]*)$/i.test(bare) || host.includes(':'))
      return [
        {
          path,
          message: `${host} is not a valid address`,
          hint: 'Write for example 203.0.113.5 or 2001:db8::5.',
        },
      ];
    return [];
  }
  return [...checkAddress(host, path), ...checkResolver(host, [rule.port], path)];
}

/** What a program inside connects to for every look-up leads to the gateway's resolver, whatever a rule says. */
function checkResolver(address: string, ports: readonly number[], path: (string | number)[]): Finding[] {
  if (address !== '127.0.0.1' || !ports.includes(53)) return [];
  return [
    {
      path,
      message: '127.0.0.1 port 53 is, inside, the resolver of the cell itself',
      hint: 'Remove the rule: look-ups need none. For a name server of this machine write another address of it, such as 127.0.0.53.',
    },
  ];
}

function checkAddress(address: string, path: (string | number)[]): Finding[] {
  const kind = addressKind(address);
  if (kind === undefined)
    return [
      {
        path,
        message: `${address} is not a valid address`,
        hint: 'Write for example 203.0.113.5 or 2001:db8::5.',
      },
    ];
  if (kind === 'mapped')
    return [
      { path, message: `${address} is an IPv4 address in IPv6 form`, hint: 'Write it in its IPv4 form.' },
    ];
  if (kind === 'unspecified' || kind === 'multicast' || kind === 'reserved')
    return [
      {
        path,
        message: `${address} is no address to connect to (${kind})`,
        hint: 'Write the address of one host.',
      },
    ];
  if (canonicalAddress(address) !== address.toLowerCase())
    return [
      { path, message: `${address} is not in its usual form`, hint: `Write ${canonicalAddress(address)}.` },
    ];
  return [];
}

function checkOverlaps(rules: readonly NetworkRule[]): Finding[] {
  const findings: Finding[] = [];
  // Rules that can overlap share port and transport, so only those are compared.
  const groups = new Map<string, { rule: NetworkRule; index: number }[]>();
  for (const [index, rule] of rules.entries()) {
    const key = `${rule.port}/${transport(rule)}`;
    const group = groups.get(key) ?? [];
    const earlier = group.find(
      (other) => hostCovers(other.rule.host, rule.host) || hostCovers(rule.host, other.rule.host),
    );
    if (earlier) {
      const same = earlier.rule.protocol === rule.protocol;
      const first = `network[${earlier.index}] (${earlier.rule.host}:${rule.port}, ${earlier.rule.protocol})`;
      findings.push({
        path: ['network', index],
        message: same
          ? `${rule.host}:${rule.port} is covered twice: also by ${first}`
          : `${rule.host}:${rule.port} as ${rule.protocol} contradicts ${first}`,
        hint: 'Keep one rule for each host and port: it has one protocol and one budget.',
      });
    }
    group.push({ rule, index });
    groups.set(key, group);
  }
  return findings;
}

function checkResolve(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  const seen = new Set<string>();
  for (const [name, addresses] of Object.entries(contract.resolve)) {
    const path = ['resolve', name];
    const host = name.toLowerCase().replace(/\.$/, '');
    if (seen.has(host)) {
      findings.push({ path, at: 'key', message: `${host} is written twice`, hint: 'Keep one of them.' });
      continue;
    }
    seen.add(host);
    if (host.includes('*') || isIP(host) !== 0) {
      findings.push({
        path,
        at: 'key',
        message: `${name} is not one name`,
        hint: 'Write a full name, for example api.example.com: [203.0.113.5].',
      });
      continue;
    }
    // an index may send on to hosts that no rule names
    const named =
      contract.packages.length > 0 ||
      [...contract.models, ...contract.oversight.judges].some(
        (rule) => new URL(modelEndpoint(rule)).hostname === host,
      ) ||
      contract.network.some((rule) => hostCovers(rule.host, host));
    if (!named)
      findings.push({
        path,
        at: 'key',
        message: `${name} is not a host of network, so its addresses would never be used`,
        hint: `Add a rule: network: [{ host: ${host} }], or remove the line.`,
      });
    if (addresses.length === 0)
      findings.push({ path, message: 'no address is given', hint: 'Write at least one: [203.0.113.5].' });
    const ports = contract.network.flatMap((rule) => (hostCovers(rule.host, host) ? [rule.port] : []));
    for (const [index, address] of addresses.entries())
      findings.push(
        ...checkAddress(address, [...path, index]),
        ...checkResolver(address, ports, [...path, index]),
      );
  }
  return findings;
}

/** Everything wrong with `network` and `resolve`; `overlaps`: several rules may be for one host and port. */
export function checkNetwork(contract: Contract, { overlaps = false } = {}): Finding[] {
  return [
    ...contract.network.flatMap(checkHost),
    ...(overlaps ? [] : checkOverlaps(contract.network)),
    ...checkRequests(contract),
    ...checkResolve(contract),
  ];
}
