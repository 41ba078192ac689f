/**
 * Destinations: every request that the contract lets out has to be one that the maximum lets out.
 *
 * @module
 */
import { type Contract, formatSize, type NetworkRule, terminates } from '../../contract/index.ts';
import { intersect, matchesHost, type Pattern, parseHost } from '../patterns/index.ts';
import { type Fit, fits, type Use } from './budgets.ts';
import { headersExcept } from './headers.ts';
import { type Coverage, coverageOf, HTTP, type Request } from './requests.ts';
import type { Findings } from './types.ts';

interface Numbered {
  readonly index: number;
  readonly rule: NetworkRule;
  readonly pattern: Pattern;
  /** Whether the bytes inside TLS are not looked at. */
  readonly isOpaque: boolean;
}

export function compareNetwork(contract: Contract, limit: Contract, findings: Findings): void {
  const given = numbered(contract);
  if (!findings.isAny('network')) {
    if (given.length < contract.network.length) findings.leave('network', 'not all hosts could be read');
    const allowed = numbered(limit);
    const covered = new Map<Numbered, Coverage>();
    for (const each of given) {
      const coverage = compareRule(each, allowed, findings);
      if (coverage !== undefined) covered.set(each, coverage);
    }
    for (const budget of ['bytes', 'connections'] as const) compareBudgets(covered, limit, budget, findings);
  }
  if (!findings.isAny('resolve')) compareResolve(contract, limit, given, findings);
}

function numbered(contract: Contract): Numbered[] {
  return contract.network.flatMap((rule, index) => {
    const parsed = parseHost(rule.host);
    const isTls = rule.protocol === 'https' || rule.protocol === 'tls';
    return parsed.ok
      ? [{ index, rule, pattern: parsed.pattern, isOpaque: isTls && !terminates(contract, rule) }]
      : [];
  });
}

/** What passes where one protocol is declared passes where the other is. */
const speaks = (outer: NetworkRule, inner: NetworkRule): boolean =>
  outer.protocol === inner.protocol ||
  (outer.protocol === 'tcp' && inner.protocol !== 'udp') ||
  (outer.protocol === 'tls' && inner.protocol === 'https');

const takesBytes = ({ rule, isOpaque }: Numbered): boolean => isOpaque || !HTTP.includes(rule.protocol);

interface Lack {
  readonly key: string;
  readonly text: string;
  readonly witness: string;
  readonly fix: string;
}

/** What a rule lets into requests that another one for the same requests does not: the largest request of all decides. */
function lackOf(outer: Numbered, inner: Numbered): Lack | undefined {
  const { rule } = inner;
  if (takesBytes(outer)) return rule.ca === outer.rule.ca ? undefined : lackOfAuthority(outer, inner);
  const header = headersExcept(outer.rule.headers, rule.headers);
  if (header !== undefined)
    return {
      key: 'headers',
      text: `requests to ${rule.host} may carry the header ${header}`,
      witness: `${header}: … to ${rule.host}`,
      fix:
        outer.rule.headers === undefined
          ? `remove ${header} from headers`
          : `write headers: [${outer.rule.headers.join(', ')}], or fewer`,
    };
  const most = outer.rule.body ?? Number.POSITIVE_INFINITY;
  if ((rule.body ?? Number.POSITIVE_INFINITY) > most)
    return {
      key: 'body',
      text: `requests to ${rule.host} may have ${rule.body === undefined ? 'a body of any size' : `a body of ${formatSize(rule.body)}`}`,
      witness: `a body of ${most + 1} bytes to ${rule.host}`,
      fix: `write body: ${formatSize(most).replace(' ', '')}`,
    };
  // methods and paths are compared by request: no list of either lets all of them pass
  if (inner.isOpaque && outer.rule.methods === undefined && outer.rule.paths === undefined)
    return {
      key: '',
      text: `what is said to ${rule.host} inside TLS is not looked at`,
      witness: `any bytes to ${rule.host}:${rule.port} inside TLS`,
      fix: 'name methods, paths, headers or a secret there, so that the gateway reads requests',
    };
  return rule.ca === outer.rule.ca ? undefined : lackOfAuthority(outer, inner);
}

const lackOfAuthority = ({ rule: { ca } }: Numbered, { rule }: Numbered): Lack => ({
  key: 'ca',
  text: `${rule.host} is believed where ${rule.ca ?? 'the machine’s certificate authorities'} vouch for it`,
  witness: `ca: ${rule.ca ?? 'the machine’s'}`,
  fix: ca === undefined ? 'remove ca' : `write ca: ${ca}`,
});

/** Which rules of the maximum cover each request; `undefined` where one is not covered, which is then found. */
function compareRule(
  inner: Numbered,
  allowed: readonly Numbered[],
  findings: Findings,
): Coverage | undefined {
  const { index, rule } = inner;
  const near = allowed.filter((outer) => outer.rule.port === rule.port && speaks(outer.rule, rule));
  const fitting = near.filter((outer) => lackOf(outer, inner) === undefined);
  const coverage = coverageOf(inner, fitting);
  if (!coverage.ok) findings.leave(`network[${index}]`, coverage.message);
  else if (coverage.except === undefined) return coverage;
  else findings.add({ limit: 'network', ...explain(inner, near, allowed, coverage.except) });
  return undefined;
}

function explain(
  inner: Numbered,
  near: readonly Numbered[],
  allowed: readonly Numbered[],
  request: Request,
): { clause: string; limit?: string; text: string; witness: string; fix: string } {
  const { rule, index } = inner;
  const clause = `network[${index}]`;
  const { host, method, path } = request;
  const at = `${host}:${rule.port}`;
  const named = near.filter(({ pattern }) => matchesHost([pattern], host));
  const [first] = named;
  const sent = method === undefined ? at : `${method} ${rule.protocol}://${at}${path ?? '/'}`;
  if (first === undefined) {
    const others = allowed.filter(({ pattern }) => matchesHost([pattern], host));
    const how = others.map((outer) => `port ${outer.rule.port}, protocol ${outer.rule.protocol}`);
    const hosts = allowed.filter((outer) => narrower(outer, inner)).map((outer) => outer.rule.host);
    return {
      clause,
      text: `${host} is reached on port ${rule.port} over ${rule.protocol}`,
      witness: `${at} over ${rule.protocol}`,
      fix:
        how.length > 0
          ? `write ${[...new Set(how)].join(', or ')}`
          : hosts.length > 0
            ? `write ${hosts.join(', ')} instead of ${rule.host}`
            : `remove ${clause}`,
    };
  }
  const limit = `network[${first.index}]`;
  const takes = (outer: Numbered): boolean =>
    outer.rule.methods === undefined || outer.rule.methods.includes(method ?? '');
  const lack = named
    .filter(takes)
    .map((outer) => lackOf(outer, inner))
    .find((each) => each !== undefined);
  const ofPath = named.filter(
    (outer) => takes(outer) && lackOf(outer, inner) === undefined && outer.rule.paths !== undefined,
  );
  if (ofPath.length === 0 && lack !== undefined)
    return { clause: lack.key === '' ? clause : `${clause}.${lack.key}`, limit, ...lack };
  if (ofPath.length > 0) {
    const paths = [...new Set(ofPath.flatMap((outer) => outer.rule.paths ?? []))];
    return {
      clause: `${clause}.paths`,
      limit: `network[${ofPath[0]?.index}].paths`,
      text: `${method ?? 'requests'} may go to the path ${path} of ${host}`,
      witness: sent,
      fix: `write paths: [${paths.join(', ')}], or narrower ones`,
    };
  }
  const methods = [...new Set(named.flatMap((outer) => outer.rule.methods ?? []))];
  return {
    clause: `${clause}.methods`,
    limit: `${limit}.methods`,
    text: `${method} may be sent to ${host}`,
    witness: sent,
    fix: `write methods: [${methods.filter((each) => rule.methods?.includes(each) ?? true).join(', ')}]`,
  };
}

/** Whether a rule of the maximum is for a part of what another one is for. */
function narrower(outer: Numbered, inner: Numbered): boolean {
  const common = intersect([inner.pattern], [outer.pattern]);
  return (
    common.ok &&
    common.word !== undefined &&
    outer.rule.port === inner.rule.port &&
    speaks(outer.rule, inner.rule)
  );
}

/** Whatever the agent spends its budgets on, those of the maximum cover it. */
function compareBudgets(
  covered: ReadonlyMap<Numbered, Coverage>,
  limit: Contract,
  budget: 'bytes' | 'connections',
  findings: Findings,
): void {
  const room = limit.network.map((rule) => rule[budget] ?? Number.POSITIVE_INFINITY);
  const used = [...covered].map(([each, coverage]) => ({
    each,
    use: { amount: each.rule[budget] ?? Number.POSITIVE_INFINITY, chargedTo: coverage.sets } satisfies Use,
  }));
  const fit: Fit = fits(
    used.map(({ use }) => use),
    room,
  );
  if (fit.ok === true) return;
  if (fit.ok === undefined) {
    findings.leave('network', `too many budgets of ${budget} overlap to be added up`);
    return;
  }
  const write = (amount: number) => (budget === 'bytes' ? formatSize(amount) : `${amount} connections`);
  const rules = fit.uses.map((at) => used[at]?.each).filter((each) => each !== undefined);
  const [first] = rules;
  const together =
    rules.length > 1 ? `${rules.map(({ index }) => `network[${index}]`).join(' and ')} together ` : '';
  findings.add({
    clause: `network[${first?.index}].${budget}`,
    text: Number.isFinite(fit.used)
      ? `${together}${write(fit.used)} may go to ${rules.map(({ rule }) => rule.host).join(', ')}, and ${write(fit.room)} at most`
      : `${together}any number of ${budget} may go to ${rules.map(({ rule }) => rule.host).join(', ')}, and ${write(fit.room)} at most`,
    witness: write(Math.min(fit.room + 1, fit.used)),
    limit: fit.budgets.map((at) => `network[${at}].${budget}`).join(', '),
    fix: `write ${budget}: ${write(fit.room).replace(' connections', '').replace(' ', '')}${rules.length > 1 ? ' for all of them together' : ''}`,
  });
}

/** Addresses of names that are reached: written out ones have to be the maximum's, and where that writes some, no others. */
function compareResolve(
  contract: Contract,
  limit: Contract,
  given: readonly Numbered[],
  findings: Findings,
): void {
  const clean = (name: string) => name.toLowerCase().replace(/\.$/, '');
  const known = new Map(Object.entries(limit.resolve).map(([name, addresses]) => [clean(name), addresses]));
  for (const [name, addresses] of Object.entries(contract.resolve)) {
    const allowed = known.get(clean(name)) ?? [];
    const other = addresses.find((address) => !allowed.includes(address));
    if (other === undefined) continue;
    findings.add({
      clause: `resolve[${JSON.stringify(name)}]`,
      text: `${name} is the address ${other}`,
      witness: `${name} at ${other}`,
      limit: 'resolve',
      fix: allowed.length === 0 ? `remove ${name} from resolve` : `write ${name}: [${allowed.join(', ')}]`,
    });
  }
  const own = new Set(Object.keys(contract.resolve).map(clean));
  for (const [name, addresses] of known) {
    const rule = given.find(({ pattern }) => matchesHost([pattern], name));
    const index = contract.packages.findIndex(({ from }) => clean(new URL(from).hostname) === name);
    if (own.has(name) || (rule === undefined && index < 0)) continue;
    findings.add({
      clause: rule === undefined ? `packages[${index}].from` : `network[${rule.index}].host`,
      text: `${name} is whatever address the machine’s resolver gives`,
      witness: `${name} at another address than ${addresses.join(', ')}`,
      limit: `resolve[${JSON.stringify(name)}]`,
      fix: `write resolve: { ${name}: [${addresses.join(', ')}] }`,
    });
  }
}
