/**
 * Rules of the network: each one of the configuration lies in what the contract's rules let pass together, for every host.
 *
 * @module
 */
import { isIP } from 'node:net';
import type { NetworkRule } from '../../../contract/index.ts';
import { includes, type Pattern, parseHost, parsePath } from '../../patterns/index.ts';
import { addressBytes } from '../plan/index.ts';
import type { EgressBreach } from './types.ts';

const LIMITS = ['body', 'bytes', 'connections'] as const;

/** Hosts that a rule names. An address is itself alone, however it is spelt. */
export function hostPattern(host: string): Pattern | undefined {
  const bytes = addressBytes(host);
  const parsed = parseHost(bytes === undefined ? host : (bytes.match(/.{4}/g) ?? []).join(':'));
  return parsed.ok ? parsed.pattern : undefined;
}

/** Why a rule passes more than another does, hosts aside; `undefined` where it does not. */
export function beyondRule(inner: NetworkRule, outer: NetworkRule): string | undefined {
  if (inner.port !== outer.port) return `port ${inner.port}`;
  if (inner.protocol !== outer.protocol) return `protocol ${inner.protocol}`;
  const methods = beyondList(inner.methods, outer.methods);
  if (methods !== undefined) return `method ${methods}`;
  const headers = beyondHeaders(inner.headers, outer.headers);
  if (headers !== undefined) return `header ${headers}`;
  for (const name of LIMITS) {
    const [most, given] = [outer[name], inner[name]];
    if (most !== undefined && !(given !== undefined && given <= most))
      return `${name} ${given ?? 'without a bound'}`;
  }
  const path = beyondPaths(inner.paths, outer.paths);
  if (path !== undefined) return `path ${path}`;
  return inner.ca === outer.ca ? undefined : `authorities of ${inner.ca ?? 'the machine'}`;
}

/** Something of the inner list that the outer one does not have; no list means everything. */
function beyondList(
  inner: readonly string[] | undefined,
  outer: readonly string[] | undefined,
): string | undefined {
  if (outer === undefined) return undefined;
  if (inner === undefined) return 'of any kind';
  return inner.find((one) => !outer.includes(one));
}

function beyondHeaders(
  inner: readonly string[] | undefined,
  outer: readonly string[] | undefined,
): string | undefined {
  if (outer === undefined) return undefined;
  if (inner === undefined) return 'of any name';
  const covered = (name: string) =>
    outer.some((one) => {
      const [a, b] = [name.toLowerCase(), one.toLowerCase()];
      return a === b || (b.endsWith('*') && a.startsWith(b.slice(0, -1)));
    });
  return inner.find((name) => !covered(name));
}

function beyondPaths(
  inner: readonly string[] | undefined,
  outer: readonly string[] | undefined,
): string | undefined {
  if (outer === undefined) return undefined;
  const [a, b] = [pathPatterns(inner ?? ['/**', '/']), pathPatterns(outer)];
  if (a === undefined || b === undefined) return 'that is no pattern';
  const found = includes(b, a);
  return found.ok ? found.except : 'that is too intricate to compare';
}

/** A path's pattern as the gateway reads it: below a folder means in it, too. */
function pathPatterns(texts: readonly string[]): Pattern[] | undefined {
  const parsed = texts.map((text) => parsePath(text));
  return parsed.every((one) => one.ok) ? parsed.map(({ pattern }) => pattern) : undefined;
}

/** What the rules of a configuration let pass beyond the contract's. */
export function ruleBreaches(
  rules: readonly NetworkRule[],
  contract: readonly NetworkRule[],
): EgressBreach[] {
  return rules.flatMap((rule, index): EgressBreach[] => {
    const same = contract.find((one) => one === rule);
    if (same) return [];
    const told = (says: string, witness: string): EgressBreach[] => [
      { says, witness, rule: index, clause: 'network' },
    ];
    const inner = hostPattern(rule.host);
    if (inner === undefined) return told(`${rule.host} is no host`, rule.host);
    const fitting = contract.filter((one) => beyondRule(rule, one) === undefined);
    const outer = fitting.flatMap((one) => hostPattern(one.host) ?? []);
    const found = includes(outer, [inner]);
    if (!found.ok) return told(`${rule.host}: ${found.message}`, rule.host);
    if (found.except === undefined) return [];
    // say what is too much where the host itself is one of the contract
    const near = contract.find((one) => {
      const pattern = hostPattern(one.host);
      const held = pattern && includes([pattern], [inner]);
      return held?.ok && held.except === undefined;
    });
    const more = near && beyondRule(rule, near);
    const host = isIP(rule.host) ? rule.host : found.except;
    return told(
      `${host}, port ${rule.port} (${rule.protocol}) could be reached${more === undefined ? '' : ` with ${more}`}`,
      host,
    );
  });
}
