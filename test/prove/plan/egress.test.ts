/**
 * What a gateway is told is what its contract says: the configuration by containment, for every host; and what the gateway makes of it, on
 * a host of each class that the patterns cut names into.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gatewayConfiguration } from '../../../src/cli/wiring/gateway-process.ts';
import {
  type Contract,
  type GatewayConfig,
  type NetworkRule,
  parseContract,
} from '../../../src/contract/index.ts';
import { Policy } from '../../../src/gateway/policy/policy.ts';
import {
  type EgressFacts,
  egressText,
  proveEgress,
  proveJudges,
} from '../../../src/prove/artefacts/egress/index.ts';
import { atomsOf, type Pattern, parseHost } from '../../../src/prove/patterns/index.ts';

function contractOf(lines: string): Contract {
  const loaded = parseContract(`ringfence: 1\nname: case\n${lines}\n`, 'test');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.contract;
}

const configOf = (contract: Contract, learning?: 'network'): GatewayConfig =>
  structuredClone(
    gatewayConfiguration({ run: 'run', contract, inspection: {}, packages: undefined, learning }),
  );

const said = (config: GatewayConfig, facts: EgressFacts): string[] => {
  const verdict = proveEgress(config, facts);
  return verdict.verdict === 'proved' ? [] : verdict.breaches.map(egressText);
};

const hosts = fc.constantFrom(
  ...['api.example.com', 'example.com', '*.example.com', 'a.b.example.com', '*.b.example.com'],
  ...['files.example.net', '*.example.net', '203.0.113.7', '2001:db8::7'],
);
const rule = fc.record(
  {
    host: hosts,
    port: fc.constantFrom(443, 8443, 5432),
    protocol: fc.constantFrom('https', 'tls', 'postgres', 'tcp', 'udp'),
    bytes: fc.constantFrom(1000, 1_000_000),
    connections: fc.constantFrom(3, 30),
  },
  { requiredKeys: ['host', 'port', 'protocol'] },
);
const inspected = fc.record({
  host: fc.constantFrom('api.example.com', '*.example.net'),
  methods: fc.subarray(['GET', 'HEAD', 'POST'], { minLength: 1 }),
  paths: fc.subarray(['/v1/**', '/repos/*/issues', '/health'], { minLength: 1 }),
  headers: fc.subarray(['accept', 'x-api-*'], { minLength: 1 }),
});
const contracts = fc
  .array(fc.oneof(rule, inspected), { minLength: 1, maxLength: 5 })
  .map((network) => {
    const loaded = parseContract(`ringfence: 1\nname: case\nnetwork: ${JSON.stringify(network)}\n`, 'test');
    return loaded.ok ? loaded.contract : undefined; // rules that contradict each other
  })
  .filter((contract) => contract !== undefined);

it('proves what is made of any contract', () => {
  fc.assert(
    fc.property(contracts, (contract) => {
      expect(said(configOf(contract), { contract })).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

const widen: Record<string, (rule: NetworkRule) => NetworkRule> = {
  'a wider host': (one) => ({ ...one, host: one.host.startsWith('*.') ? '*.org' : `*.${one.host}` }),
  'another host': (one) => ({ ...one, host: 'sink.example.org' }),
  'another port': (one) => ({ ...one, port: 22 }),
  'any bytes': (one) => ({ ...one, protocol: 'ssh' }),
  'any path': ({ paths: _, ...one }) => one,
  'one more path': (one) => ({ ...one, paths: [...(one.paths ?? []), '/upload/**'] }),
  'a path with a wildcard more': (one) => ({
    ...one,
    paths: one.paths?.map((path) => path.replace('/v1/', '/*/')),
  }),
  'any method': ({ methods: _, ...one }) => one,
  'one more method': (one) => ({ ...one, methods: [...(one.methods ?? []), 'DELETE'] }),
  'any header': ({ headers: _, ...one }) => one,
  'more headers': (one) => ({ ...one, headers: one.headers?.map((name) => name.replace('x-api-*', 'x-*')) }),
  'no budget': ({ bytes: _, ...one }) => one,
  'a larger budget': (one) => ({ ...one, bytes: 10_000 }),
  'more connections': (one) => ({ ...one, connections: 100 }),
  'a larger body': (one) => ({ ...one, body: 4096 }),
  'other authorities': (one) => ({ ...one, ca: '/tmp/ca.pem' }),
};
const STRICT = contractOf(
  [
    'network:',
    '  - { host: api.example.com, methods: [GET], paths: [/v1/**], headers: [accept, x-api-*], body: 1KiB, bytes: 1kB, connections: 3 }',
    'resolve: { api.example.com: [203.0.113.9] }',
    'secrets: { TOKEN: { for: api.example.com } }',
    'packages: [{ ecosystem: npm, from: "https://packages.example.com", only: ["left@1.0.0"] }]',
  ].join('\n'),
);

describe('a configuration that lets more pass is refuted', () => {
  it.each(Object.entries(widen))('%s', (_, change) => {
    const config = configOf(STRICT);
    config.network = config.network.map(change);
    expect(said(config, { contract: STRICT })).toEqual([
      expect.stringMatching(/nothing can be reached but what the contract names: .* could be reached/),
    ]);
  });

  const secret = {
    name: 'TOKEN',
    hosts: ['api.example.com'],
    as: 'bearer',
    value: 'a value',
    placeholder: 'a placeholder',
  } as const;
  const index = {
    rule: 0,
    ecosystem: 'npm',
    from: 'https://packages.example.com',
    artefacts: [{ name: 'left', version: '1.0.0', digests: [] }],
  } as const;
  it.each<[string, Partial<GatewayConfig>, RegExp]>([
    [
      'a name that stands for another address',
      { resolve: { 'api.example.com': ['10.0.0.1'] } },
      /would stand for 10\.0\.0\.1/,
    ],
    [
      'a secret for another host',
      { secrets: [{ ...secret, hosts: ['sink.example.org'] }] },
      /TOKEN would be sent to sink\.example\.org/,
    ],
    [
      'a secret in another place',
      { secrets: [{ ...secret, as: 'query', parameter: 'q' }] },
      /TOKEN would be sent as query/,
    ],
    [
      'a secret that nobody named',
      { secrets: [{ ...secret, name: 'OTHER' }] },
      /OTHER is none of the contract/,
    ],
    ['a secret as its own placeholder', { secrets: [{ ...secret, placeholder: 'a value' }] }, /is its value/],
    ['every name', { permissive: true }, /every public name/],
    ['declarations that nobody wanted', { declarations: true }, /tool calls could be declared/],
    [
      'questions that nobody wanted',
      { approve: { effects: ['network.new-host'], patience: 1 } },
      /network\.new-host would be asked about/,
    ],
    [
      'another index',
      { packages: [{ ...index, from: 'https://sink.example.org', artefacts: [] }] },
      /the index of https:\/\/sink/,
    ],
    [
      'a package more',
      { packages: [{ ...index, artefacts: [{ name: 'right', version: '1.0.0', digests: [] }] }] },
      /right 1\.0\.0 is not one of the named set/,
    ],
    [
      'another version',
      { packages: [{ ...index, artefacts: [{ name: 'left', version: '2.0.0', digests: [] }] }] },
      /left 2\.0\.0 is not/,
    ],
    ['authorities of its own', { trusted: { machine: '', rules: { 0: 'PEM' } } }, /authorities for rule 0/],
    [
      'a flow that never ends',
      { timeouts: { dial: 1, verdict: 1, registration: 1, idle: 1e12 } },
      /idle may take/,
    ],
  ])('%s', (_, change, why) => {
    expect(said({ ...configOf(STRICT), ...change }, { contract: STRICT }).join('\n')).toMatch(why);
  });

  it('what was asked for passes', () => {
    const config = {
      ...configOf(STRICT),
      secrets: [{ ...secret, hosts: [...secret.hosts] }],
      packages: [{ ...index, artefacts: [...index.artefacts].map((one) => ({ ...one, digests: [] })) }],
    };
    expect(said(config, { contract: STRICT })).toEqual([]);
    expect(said(configOf(STRICT, 'network'), { contract: STRICT, learning: 'network' })).toEqual([]);
  });

  it('of a list, what it names by its digest passes, and nothing else', () => {
    const contract = contractOf(
      'packages: [{ ecosystem: npm, from: "https://packages.example.com", only: package-lock.json }]',
    );
    const digest = `sha512-${Buffer.alloc(64, 7).toString('base64')}`;
    const lists = {
      0: JSON.stringify({ packages: { 'node_modules/left': { version: '1.0.0', integrity: digest } } }),
    };
    const of = (name: string, digests: string[]) => ({
      ...configOf(contract),
      packages: [{ ...index, artefacts: [{ name, version: '1.0.0', digests }] }],
    });
    expect(said(of('left', [digest]), { contract, lists })).toEqual([]);
    expect(said(of('evil', [digest]), { contract, lists })).toHaveLength(1);
    expect(
      said(of('left', [`sha512-${Buffer.alloc(64, 8).toString('base64')}`]), { contract, lists }),
    ).toHaveLength(1);
  });
});

it('the gateway reads its rules as the automata do, on a host of every class', () => {
  let looked = 0;
  fc.assert(
    fc.property(contracts, (contract) => {
      const policy = new Policy(configOf(contract));
      const patterns = contract.network
        .map(({ host }) => parseHost(host))
        .flatMap((one) => (one.ok ? [one.pattern] : []));
      const atoms = atomsOf(patterns as Pattern[]);
      if (!atoms.ok) throw new Error(atoms.message);
      for (const { word, members } of atoms.atoms) {
        if (/^[0-9a-f.:]*:|^\d+\.\d+\.\d+\.\d+$/.test(word)) continue; // addresses are pins, not names
        looked += 1;
        const found = policy.rulesFor(word).map((match) => match.index);
        expect(found, word).toEqual([...members]);
      }
      for (const pin of policy.staticPins()) {
        const { host, port } = contract.network[pin.match.index] as NetworkRule;
        expect([pin.address.text, pin.port]).toEqual([host, port]);
      }
    }),
    { numRuns: 300 },
  );
  expect(looked).toBeGreaterThan(500);
});

describe('what judges are told', () => {
  const contract = contractOf(
    'oversight: { judges: [{ name: j, provider: openai, model: m, endpoint: "https://judge.example.com/v1", key: none, of: [tool-calls], asks: "Is it bad?", hazard: sabotage }] }',
  );
  const [rule] = contract.oversight.judges;
  if (!rule) throw new Error('there is one');
  const access = {
    ...{ rule: 0, provider: rule.provider, endpoint: 'https://judge.example.com/v1', models: ['m'] },
    ...{ features: [], budget: rule.budget, prices: {} },
  };
  const judge = { access, model: 'm', asks: rule.asks, timeout: rule.timeout };
  const told = (change: object, changed: object = {}) => {
    const config = { resolve: {}, resolvers: [], hosts: {} };
    const judges = [{ ...judge, ...change, access: { ...access, ...changed } }];
    const verdict = proveJudges({ ...config, judges }, contract);
    return verdict.verdict === 'proved' ? [] : verdict.breaches.map(({ says }) => says);
  };

  it('is what the contract says', () => expect(told({})).toEqual([]));

  it.each([
    [{}, { endpoint: 'https://elsewhere.example.com' }],
    [{}, { key: 'a-key' }],
    [{}, { rule: 1 }],
    [{}, { budget: {} }],
    [{}, { budget: { requests: 501 } }],
    [{}, { features: ['web-fetch'] }],
    [{ model: 'other' }, {}],
    [{ asks: 'Is it good?' }, {}],
    [{ timeout: 31_000 }, {}],
  ])('and nothing else: %j %j', (change, changed) => expect(told(change, changed)).toHaveLength(1));
});
