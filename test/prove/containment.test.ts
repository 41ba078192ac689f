/**
 * Containment is an order, and agrees with the gateway's own judgement of paths and with a plain reference that knows one
 * request, path or amount at a time.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { matchPath } from '../../src/contract/glob.ts';
import { type Contract, parseContract } from '../../src/contract/index.ts';
import type { Maximum } from '../../src/contract/maximum.ts';
import { canonicalPath, PathPatterns } from '../../src/gateway/http/path.ts';
import { fits } from '../../src/prove/maximum/budgets.ts';
import { asMaximum, type Containment, exceeds } from '../../src/prove/maximum/index.ts';
import { pathsInclude } from '../../src/prove/maximum/url-paths.ts';

const HOSTS = [
  'a.example.com',
  'b.example.com',
  'x.a.example.com',
  'example.com',
  '*.example.com',
  '*.a.example.com',
  '203.0.113.5',
];
const POINTS = [
  'a.example.com',
  'b.example.com',
  'x.a.example.com',
  'y.a.example.com',
  'c.example.com',
  'example.com',
  '203.0.113.5',
  'other.example',
];
const METHODS = ['GET', 'POST', 'DELETE'];
const PATHS = [
  '/**',
  '/v1/**',
  '/v1/*',
  '/v1/',
  '/v1/a',
  '/*/a',
  '/v1/**/b',
  '/**/b',
  '/v1/a*',
  '/v*/a%2Fb',
  '/',
];
const REQUESTED = [
  '/',
  '/v1',
  '/v1/',
  '/v1/a',
  '/v1/a/',
  '/v1/b',
  '/v1/a/b',
  '/v1/c/d/b',
  '/v2/a',
  '/b',
  '/v1/a%2Fb',
  '/a%2Fb/b',
  '/v1/ab',
];

const some = <T>(values: readonly T[], least = 0) =>
  fc.uniqueArray(fc.constantFrom(...values), { minLength: least, maxLength: 3 });
const maybe = <T>(of: fc.Arbitrary<T>) => fc.option(of, { nil: undefined });

const rule = fc.record({
  host: fc.constantFrom(...HOSTS),
  port: fc.constantFrom(443, 8443),
  protocol: fc.constantFrom('https', 'https', 'http', 'tls', 'tcp', 'ssh'),
  methods: maybe(some(METHODS, 1)),
  paths: maybe(some(PATHS, 1)),
  body: maybe(fc.constantFrom(10, 100)),
  bytes: maybe(fc.constantFrom(1000, 2000, 3000)),
});

const written = fc.record({
  network: fc.array(rule, { maxLength: 3 }),
  write: some(['**', 'src/**', 'src/a/**', 'docs/**']),
  read: some(['~/.config', '~/.config/tool', '/srv/data', '/srv/data/x']),
  hide: some(['.env', '**/.env', 'private/**', 'private', '**/*.pem']),
  programs: fc.oneof(fc.constant('any' as const), some(['node', 'git', 'sh'], 1)),
  pass: some(['A', 'B', 'C']),
  memory: fc.constantFrom('1GiB', '2GiB', '4GiB'),
  hard: fc.boolean(),
  violation: fc.constantFrom('note', 'freeze', 'stop', 'kill'),
  approve: some(['network.new-host']),
  mode: fc.constantFrom('overlay', 'direct'),
});

/** A contract of the parts; those that contradict each other are left out. */
function contractOf({
  network,
  write,
  read,
  hide,
  programs,
  pass,
  memory,
  hard,
  violation,
  approve,
  mode,
}: typeof written extends fc.Arbitrary<infer T> ? T : never): Contract | undefined {
  const rules = network.map(({ methods, paths, body, ...rest }) =>
    rest.protocol === 'https' || rest.protocol === 'http' ? { ...rest, methods, paths, body } : rest,
  );
  const parsed = parseContract(
    JSON.stringify({
      ringfence: 1,
      name: 't',
      network: rules,
      files: { write, read, hide, workspace: { path: '.', mode } },
      programs,
      environment: { pass },
      compute: { memory: { max: memory, hard } },
      oversight: { on: { violation }, approve },
    }),
    'c.yaml',
  );
  return parsed.ok ? parsed.contract : undefined;
}

const contract = written.map(contractOf).filter((made) => made !== undefined);
const OPTIONS = { home: '/home/operator' };
const isContained = ({ beyond, undecided }: Containment) => beyond.length === 0 && undecided.length === 0;
const within = (inner: Contract, outer: Contract) => isContained(exceeds(inner, asMaximum(outer), OPTIONS));

it('every contract contains itself', () => {
  fc.assert(
    fc.property(contract, (one) => {
      expect(exceeds(one, asMaximum(one), OPTIONS)).toEqual({ beyond: [], undecided: [] });
    }),
    { numRuns: 300 },
  );
});

/** Narrower in some of its parts, so that containment is not rare. */
const narrower = (outer: Contract, inner: Contract, parts: readonly boolean[]): Contract => {
  const kept = (['network', 'files', 'programs', 'environment', 'compute', 'oversight'] as const).filter(
    (_, at) => parts[at],
  );
  return { ...outer, ...Object.fromEntries(kept.map((key) => [key, inner[key]])) };
};
const parts = fc.array(fc.constantFrom(false, false, false, true), { minLength: 6, maxLength: 6 });

it('what a contained contract contains is contained', () => {
  let seen = 0;
  fc.assert(
    fc.property(contract, contract, contract, parts, parts, (c, other, third, one, two) => {
      const b = narrower(c, other, one);
      const a = narrower(b, third, two);
      if (!within(a, b) || !within(b, c)) return;
      seen += 1;
      expect(exceeds(a, asMaximum(c), OPTIONS)).toEqual({ beyond: [], undecided: [] });
    }),
    { numRuns: 500 },
  );
  expect(seen).toBeGreaterThan(20);
});

it('a smaller maximum contains no more, and `any` is above all', () => {
  const sections = [
    'network',
    'resolve',
    'files',
    'programs',
    'environment',
    'compute',
    'oversight',
    'secrets',
    'packages',
    'objective',
    'isolation',
    'never',
  ];
  const everything = new Set(sections);
  fc.assert(
    fc.property(contract, contract, contract, parts, (a, outer, other, some) => {
      const inner = narrower(outer, other, some);
      const top: Maximum = { contract: inner, any: everything };
      expect(exceeds(a, top, OPTIONS).beyond).toEqual([]);
      if (within(inner, outer) && !within(a, outer)) expect(within(a, inner)).toBe(false);
    }),
    { numRuns: 500 },
  );
});

/** One request at a time, by the gateway's own reading of patterns. */
interface Asked {
  readonly host: string;
  readonly port: number;
  readonly method: string;
  readonly path: string;
  readonly body: number;
  readonly protocol: 'https' | 'http' | 'ssh' | 'tcp' | 'tls';
}

const isOf = (pattern: string, host: string): boolean =>
  pattern.startsWith('*.')
    ? host.endsWith(pattern.slice(1)) && host.length >= pattern.length
    : pattern === host;

function allows({ network }: Contract, { host, port, method, path, body, protocol }: Asked): boolean {
  return network.some((each) => {
    if (!isOf(each.host, host) || each.port !== port) return false;
    if (each.protocol === 'tcp') return true;
    if (each.protocol === 'tls') return protocol === 'tls' || protocol === 'https';
    if (each.protocol !== protocol) return false;
    if (protocol === 'ssh') return true;
    return (
      (each.methods?.includes(method) ?? true) &&
      (each.paths === undefined || new PathPatterns(each.paths).allow(path)) &&
      body <= (each.body ?? Number.POSITIVE_INFINITY)
    );
  });
}

const asked: fc.Arbitrary<Asked> = fc.record({
  host: fc.constantFrom(...POINTS),
  port: fc.constantFrom(443, 8443),
  method: fc.constantFrom(...METHODS, 'PUT'),
  path: fc.constantFrom(...REQUESTED),
  body: fc.constantFrom(5, 50, 500),
  protocol: fc.constantFrom('https', 'http', 'ssh', 'tcp', 'tls'),
});

it('agrees with the requests one by one, and each case that it names is one', () => {
  let [contained, named] = [0, 0];
  fc.assert(
    fc.property(
      contract,
      contract,
      fc.array(asked, { minLength: 40, maxLength: 40 }),
      (inner, outer, requests) => {
        const plain = { ...inner, network: inner.network.map(({ bytes: _, ...each }) => each) };
        const limit = { ...plain, network: outer.network.map(({ bytes: _, ...each }) => each) };
        const found = exceeds(plain as Contract, asMaximum(limit as Contract), OPTIONS);
        expect(found.undecided).toEqual([]);
        const open = requests.filter(
          (each) => allows(plain as Contract, each) && !allows(limit as Contract, each),
        );
        if (found.beyond.length === 0) contained += 1;
        else named += 1;
        if (open.length > 0) expect(found.beyond.length).toBeGreaterThan(0);
        for (const { witness } of found.beyond) {
          const [, method, protocol, host, port, path] =
            /^([A-Z]+) (https?):\/\/([^/]+):(\d+)(\/.*)$/.exec(witness) ?? [];
          if (host === undefined) continue;
          expect(canonicalPath(path as string)).toMatchObject({ ok: true });
          const request = {
            host,
            port: Number(port),
            method: method as string,
            path: path as string,
            body: 1e9,
            protocol: protocol as 'https',
          };
          const small = { ...request, body: 1 };
          expect([allows(plain as Contract, small), allows(limit as Contract, request)]).toEqual([
            true,
            false,
          ]);
        }
      },
    ),
    { numRuns: 400 },
  );
  expect([contained > 20, named > 20]).toEqual([true, true]);
});

it('agrees with the paths one by one', () => {
  const words = ['src', 'a', 'docs', '.env', 'private', 'x.pem', 'b'];
  const path = fc
    .array(fc.constantFrom(...words), { minLength: 1, maxLength: 4 })
    .map((names) => names.join('/'));
  const hides = (patterns: readonly string[], at: string): boolean => {
    const whole = matchPath(patterns.flatMap((each) => [each, each.replace(/\/\*\*$/, '')]));
    const names = at.split('/');
    return names.some((_, length) => whole(names.slice(0, length + 1).join('/')));
  };
  fc.assert(
    fc.property(
      contract,
      contract,
      fc.array(path, { minLength: 20, maxLength: 20 }),
      (inner, outer, paths) => {
        const { beyond } = exceeds(inner, asMaximum(outer), OPTIONS);
        const has = (clause: string) => beyond.some((each) => each.clause.startsWith(clause));
        const [writes, may] = [matchPath(inner.files.write), matchPath(outer.files.write)];
        if (!has('files.write')) expect(paths.filter((each) => writes(each) && !may(each))).toEqual([]);
        if (!has('files.hide'))
          expect(
            paths.filter((each) => hides(outer.files.hide, each) && !hides(inner.files.hide, each)),
          ).toEqual([]);
        for (const { clause, witness } of beyond) {
          if (clause.startsWith('files.write'))
            expect([writes(witness), may(witness)]).toEqual([true, false]);
          if (clause === 'files.hide')
            expect([hides(inner.files.hide, witness), hides(outer.files.hide, witness)]).toEqual([
              false,
              true,
            ]);
        }
      },
    ),
    { numRuns: 500 },
  );
});

it('reads the paths of requests as the gateway does', () => {
  fc.assert(
    fc.property(some(PATHS, 1), maybe(some(PATHS, 1)), (outer, inner) => {
      const found = pathsInclude(outer, inner);
      if (!found.ok) throw new Error('too large');
      const [outside, inside] = [
        new PathPatterns(outer),
        inner === undefined ? undefined : new PathPatterns(inner),
      ];
      const isInside = (path: string) => inside?.allow(path) ?? true;
      const open = REQUESTED.filter((path) => isInside(path) && !outside.allow(path));
      if (open.length > 0) expect(found.except).toBeDefined();
      if (found.except === undefined) return;
      expect(canonicalPath(found.except)).toEqual({ ok: true, path: found.except });
      expect([isInside(found.except), outside.allow(found.except)]).toEqual([true, false]);
    }),
    { numRuns: 1_000 },
  );
});

it('adds budgets up as if each use were spent in the worst way', () => {
  const budgets = fc.array(fc.constantFrom(1, 2, 3, Number.POSITIVE_INFINITY), {
    minLength: 1,
    maxLength: 3,
  });
  const use = (count: number) =>
    fc.record({
      amount: fc.constantFrom(1, 2, 3),
      chargedTo: fc.array(fc.uniqueArray(fc.nat(count - 1), { minLength: 1, maxLength: count }), {
        minLength: 1,
        maxLength: 2,
      }),
    });
  const both = budgets.chain((room) =>
    fc.tuple(fc.constant(room), fc.array(use(room.length), { maxLength: 3 })),
  );
  /** Whether units can be spread, one after another, over what they may be charged to. */
  const spreads = (units: readonly (readonly number[])[], room: readonly number[], at = 0): boolean => {
    const unit = units[at];
    if (unit === undefined) return true;
    return unit.some((budget) => {
      const left = room[budget] as number;
      return left >= 1 && spreads(units, room.with(budget, left - 1), at + 1);
    });
  };
  /** Every way in which each use may spend its units. */
  function* worst(
    uses: readonly { amount: number; chargedTo: readonly (readonly number[])[] }[],
  ): Generator<(readonly number[])[]> {
    const [first, ...rest] = uses;
    if (first === undefined) return yield [];
    for (const set of first.chargedTo)
      for (const others of worst(rest)) yield [...Array.from({ length: first.amount }, () => set), ...others];
  }
  fc.assert(
    fc.property(both, ([room, uses]) => {
      const fit = [...worst(uses)].every((units) => spreads(units, room));
      expect(fits(uses, room).ok).toBe(fit);
    }),
    { numRuns: 1_000 },
  );
});
