import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HAZARD_NAMES, parseContract } from '../../contract/index.ts';
import { type Affordance, CONTAINER_WORDS, GAINS, keysOf, loadCatalogue } from '../catalogue/index.ts';
import { type Fact, solve, type World } from '../logic/index.ts';
import { type ContainerWord, type Setting, settingOf } from '../setting/index.ts';
import { TAKEN_BY } from './accepts.ts';
import { GRANTS } from './grants.fixture.ts';
import { gatesOf, hazardFact, modelOf, RULES, undecidedFact } from './index.ts';
import { CLOSED, destination, mount, USUAL } from './setting.fixture.ts';

const loaded = loadCatalogue(join(import.meta.dirname, '..', '..', '..', 'rules', 'affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
const { catalogue } = loaded;

/** Part of the catalogue, so that many worlds are made quickly; every kind of match is in it. */
const SOME = {
  families: catalogue.families,
  affordances: catalogue.affordances.filter(
    ({ kind, family }, at) => kind !== 'trigger' || (family === 'git' && at % 2 === 0) || at % 25 === 0,
  ),
};

function solved(setting: Setting, known = catalogue, more: readonly Fact[] = []) {
  const { world } = modelOf({ setting, catalogue: known, home: '/home/operator' });
  const found = solve({ ...world, facts: [...world.facts, ...more] });
  if (!found.ok) throw new Error(found.message);
  return found.solution;
}

const RANK = { PROVED: 0, UNKNOWN: 1, REFUTED: 2 } as const;

/** Hazard → how open it is. */
function verdicts(setting: Setting): Record<string, keyof typeof RANK> {
  const solution = solved(setting, SOME);
  return Object.fromEntries(
    HAZARD_NAMES.map((name) => [
      name,
      solution.has(hazardFact(name)) ? 'REFUTED' : solution.has(undecidedFact(name)) ? 'UNKNOWN' : 'PROVED',
    ]),
  );
}

const at = (clause: string) => ({ clause });

describe('a grant more', () => {
  const names = fc.uniqueArray(fc.constantFrom(...Object.keys(GRANTS)), { minLength: 1, maxLength: 6 });
  const grant = (setting: Setting, name: string): Setting =>
    (GRANTS[name] as (setting: Setting) => Setting)(setting);

  it('never closes a hazard', () => {
    fc.assert(
      fc.property(fc.constantFrom(CLOSED, USUAL), names, (base, given) => {
        const last = given.at(-1) as string;
        const before = given.slice(0, -1).reduce(grant, base);
        const [one, other] = [verdicts(before), verdicts(grant(before, last))];
        for (const name of HAZARD_NAMES)
          expect([name, last, RANK[other[name] as keyof typeof RANK]]).toEqual([
            name,
            last,
            Math.max(RANK[one[name] as keyof typeof RANK], RANK[other[name] as keyof typeof RANK]),
          ]);
      }),
      { numRuns: 150, seed: 11 },
    );
  }, 240_000);

  it('opens something, or at least does not pass for nothing that is known', () => {
    const idle = Object.keys(GRANTS).filter((name) => {
      const setting = grant(CLOSED, name);
      return (
        JSON.stringify(modelOf({ setting, catalogue: SOME }).world.facts).length ===
        JSON.stringify(modelOf({ setting: CLOSED, catalogue: SOME }).world.facts).length
      );
    });
    // with no other setting these change nothing: the first three need each other, the rest are about files that are not there
    expect(idle.sort()).toEqual([
      'allowPrivilegeEscalation',
      'hostUsers',
      'root inside',
      'runAsRoot',
      'the answers',
      'the contract itself',
      'writableRoot',
    ]);
  });
});

describe('a contract with a line more', () => {
  const RULES_OF_NETWORK = [
    { host: 'api.example.com' },
    { host: 'github.com', methods: ['GET'] },
    { host: '10.0.0.1', port: 22, protocol: 'ssh' },
  ];

  it('is as open as before, or more', () => {
    const part = <T>(list: readonly T[]) => fc.subarray([...list]);
    const written = fc.record({
      network: part(RULES_OF_NETWORK),
      read: part(['~/.aws', '/usr/share/doc']),
      write: part(['src/**', 'test/**', '**']),
      pass: part(['OPENAI_API_KEY', 'HOME_PAGE']),
      direct: fc.boolean(),
      asks: fc.boolean(),
    });
    const settingOfParts = ({ network, read, write, pass, direct, asks }: Parts): Setting => {
      const text = JSON.stringify({
        ringfence: 1,
        name: 't',
        network,
        files: { read, write, ...(direct && { workspace: { mode: 'direct' } }) },
        environment: { pass },
        ...(asks && { oversight: { approve: ['network.new-host'] } }),
      });
      const parsed = parseContract(text, 'c.yaml');
      if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
      return settingOf(parsed.contract);
    };
    interface Parts {
      network: unknown[];
      read: string[];
      write: string[];
      pass: string[];
      direct: boolean;
      asks: boolean;
    }
    const union = <T>(one: T[], other: T[]): T[] => [...new Set([...one, ...other])];
    fc.assert(
      fc.property(written, written, (one, more) => {
        const both = {
          network: union(one.network, more.network),
          read: union(one.read, more.read),
          write: union(one.write, more.write),
          pass: union(one.pass, more.pass),
          direct: one.direct || more.direct,
          asks: one.asks || more.asks,
        };
        const [less, all] = [verdicts(settingOfParts(one)), verdicts(settingOfParts(both))];
        for (const name of HAZARD_NAMES)
          expect(RANK[all[name] as keyof typeof RANK]).toBeGreaterThanOrEqual(
            RANK[less[name] as keyof typeof RANK],
          );
      }),
      { numRuns: 60, seed: 3 },
    );
  }, 240_000);
});

describe('each rule', () => {
  it('has an id of its own, says what it says in sentences, and where that comes from', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length);
    for (const { id, text, source } of RULES) {
      expect([id, /^\S.*[.]$/s.test(text)]).toEqual([id, true]);
      expect([id, source.length > 3]).toEqual([id, true]);
    }
  });

  it('follows for some set-up', () => {
    const contract = (text: string): Setting => {
      const parsed = parseContract(`ringfence: 1\nname: t\n${text}`, 'c.yaml');
      if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
      return settingOf(parsed.contract, { file: '/srv/project/conf/c.yaml' });
    };
    const kinds = (['cell', 'reduced', 'container', 'sandbox', 'vm', 'none'] as const).map((kind) => ({
      ...CLOSED,
      isolation: { ...CLOSED.isolation, kind },
    }));
    const controls = (['contract', 'ledger', 'supervisor', 'approvals', 'review', 'grader'] as const).map(
      (what) => ({
        ...at(what),
        what,
        space: 'machine' as const,
        path: `/srv/${what}`,
      }),
    );
    const services = (...words: Setting['destinations'][number]['services']): Setting => ({
      ...CLOSED,
      destinations: [destination('net', 'service.example.com', { services: words })],
      oversight: { ...CLOSED.oversight, recorded: false },
    });
    const samples: Setting[] = [
      ...Object.values(GRANTS).map((give) =>
        give({ ...USUAL, files: [mount('-v', '/srv/mail', { write: false, lands: 'never' })] }),
      ),
      ...Object.values(GRANTS).map((give) => give(CLOSED)),
      ...kinds,
      { ...CLOSED, files: [mount('-v', '/srv')], controls },
      services(
        'grader',
        'logging',
        'chat',
        'secret-manager',
        'payment-api',
        'database',
        'cluster-api',
        'model-api',
        'sandbox-manager',
      ),
      { ...services('grader'), grading: { ...at('x'), kind: 'none', protect: [] } },
      {
        ...services(
          'cluster-api',
          'model-api',
          'database',
          'container-registry',
          'mail',
          'mesh-vpn',
          'git-host',
        ),
        variables: [
          'KUBECONFIG',
          'OPENAI_API_KEY',
          'DATABASE_URL',
          'TS_AUTHKEY',
          'SMTP_PASSWORD',
          'DOCKER_AUTH_CONFIG',
          '*',
        ].map((name) => ({ ...at(name), name, from: 'passed' as const })),
        files: [mount('-v', '~', { write: false, lands: 'never' })],
        destinations: [
          destination('net', 'iam.amazonaws.com'),
          destination('git', 'github.com'),
          destination('db', 'db.example.com', {
            services: ['database', 'cluster-api', 'model-api', 'mesh-vpn', 'mail'],
          }),
          destination('near', '10.0.0.1', {
            services: ['database', 'cluster-api', 'notebook', 'shared-filesystem', 'compute-scheduler'],
          }),
          destination('engine', '127.0.0.1', { port: 2375, protocol: 'http' }),
        ],
      },
      {
        ...CLOSED,
        sockets: catalogue.affordances.flatMap(({ id, match }) =>
          (match.socket ?? []).map((path) => ({ ...at(id), path })),
        ),
        isolation: {
          ...USUAL.isolation,
          words: Object.keys(CONTAINER_WORDS).map((word) => ({ ...at(word), word: word as ContainerWord })),
        },
        files: [mount('-v', '/srv/mail', { write: false, lands: 'never' })],
      },
      contract('objective: { success: { run: npm test } }'),
      contract(
        'objective: { success: { run: npm test, protect: [x] }, hidden: { run: x, files: checks } }\nfiles: { workspace: .. }',
      ),
      contract(
        'objective: { success: { run: npm test, protect: [x] } }\nfiles: { workspace: { mode: direct } }',
      ),
      contract(
        'packages: [{ ecosystem: npm, from: "https://packages.example.com", only: ["a@1.0.0"] }]\noversight: { approve: [packages.new] }',
      ),
      contract(
        'network: [{ host: api.example.com }]\nsecrets: { TOKEN: { for: api.example.com, from: "env:TOKEN" } }',
      ),
      contract('isolation: landlock'),
      {
        ...CLOSED,
        files: [mount('-v', '/proc', { write: false })],
        destinations: [destination('side', 'localhost'), destination('?', 'a..b')],
        network: { ...at('net'), mode: 'named', by: 'engine' },
      },
      { ...CLOSED, unexpressed: [{ ...at('x'), text: 'what x does', hazards: HAZARD_NAMES }] },
    ];
    const fired = new Set<string>();
    for (const setting of samples) {
      for (const more of [[], gatesOf(setting).map(({ without }) => without)]) {
        const facts = [...solved(setting, catalogue, more).facts()];
        const rest = RULES.filter(({ id }) => !fired.has(id));
        const world: World = {
          facts,
          rules: rest.map((rule) => ({ ...rule, head: ['fired', rule.id] })),
          bad: [],
        };
        const found = solve(world);
        if (!found.ok) throw new Error(found.message);
        for (const [, id] of found.solution.factsOf('fired')) fired.add(id as string);
      }
    }
    // what no entry of the catalogue gives in this way today; one that will be added has its rule
    const waiting = ['escape.host-processes', /^own\.(money|grading|instructions)\./, /^planted\./];
    const isWaiting = (id: string) =>
      waiting.some((each) => (typeof each === 'string' ? each === id : each.test(id)));
    expect(RULES.map(({ id }) => id).filter((id) => !fired.has(id) && !isWaiting(id))).toEqual([]);
  }, 240_000);

  it('that could be about a gain is there: every gain leads somewhere', () => {
    const spoken = new Set(
      RULES.flatMap(({ body }) => body.flatMap((literal) => (literal[0] === 'gives' ? [literal[2]] : []))),
    );
    // sending needs no service that publishes: whoever answers has what was sent
    expect(keysOf(GAINS).filter((gain) => !spoken.has(gain))).toEqual(['publish']);
  });

  it('of a key is for entries that the catalogue has', () => {
    const ids = new Map(catalogue.affordances.map((entry): [string, Affordance] => [entry.id, entry]));
    for (const [kind, entries] of Object.entries(TAKEN_BY)) {
      expect(catalogue.affordances.some(({ gives }) => (gives as readonly string[]).includes(kind))).toBe(
        true,
      );
      for (const id of entries) expect([id, ids.has(id)]).toEqual([id, true]);
    }
  });
});
