import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Contract, type Hazard, parseContract } from '../../contract/index.ts';
import { loadCatalogue } from '../catalogue/index.ts';
import { modelOf } from '../model/index.ts';
import { prove } from '../report/index.ts';
import {
  compare,
  type Difference,
  differenceJson,
  differenceText,
  givenBeyond,
  givenByFacts,
  isOpened,
  isUnknown,
  type Side,
} from './index.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const loaded = loadCatalogue(join(ROOT, 'rules', 'affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
const { catalogue } = loaded;
const home = '/home/operator';

function contractOf(text: string): Contract {
  const parsed = parseContract(`ringfence: 1\nname: t\n${text}\n`, 'c.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.contract;
}

/** Made once each: most of the time goes there. */
const sides = new Map<string, Side>();

function sideOf(contract: Contract): Side {
  const key = JSON.stringify(contract);
  const input = { contract, catalogue, home };
  const side = sides.get(key) ?? { model: modelOf(input), report: prove(input) };
  sides.set(key, side);
  return side;
}

function difference(before: string, now: string): Difference {
  const [old, contract] = [contractOf(before), contractOf(now)];
  return compare(sideOf(old), sideOf(contract), {
    opened: givenBeyond(contract, old, { home }),
    closed: givenBeyond(old, contract, { home }),
  });
}

const changes = ({ hazards }: Difference) =>
  Object.fromEntries(hazards.map(({ hazard, change }) => [hazard, change]));

const of = ({ hazards }: Difference, name: Hazard) => {
  const found = hazards.find(({ hazard }) => hazard === name);
  if (found === undefined) throw new Error(`${name} did not change`);
  return found;
};

describe('a change of a contract', () => {
  it('that gives nothing new opens nothing', () => {
    const text = 'network: [{ host: api.example.com }]\nfiles: { write: [src/**] }';
    const same = difference(text, text);
    expect(changes(same)).toEqual({});
    expect([isOpened(same), isUnknown(same)]).toEqual([false, false]);
  });

  it('that only moves and renames things opens nothing', () => {
    const moved = difference(
      'network: [{ host: a.example.com }, { host: b.example.com, port: 22, protocol: ssh }]',
      'network: [{ host: b.example.com, port: 22, protocol: ssh }, { host: a.example.com }]',
    );
    expect(changes(moved)).toEqual({});
    expect(isOpened(moved)).toBe(false);
    expect(moved.opened.reached).toEqual([]);
  });

  it('that has success decided by another command is not known to open nothing', () => {
    const objective = (run: string) => `objective: { success: { run: ${run} } }`;
    const other = difference(objective('npm test'), objective('npm run nothing'));
    expect([isOpened(other), isUnknown(other)]).toEqual([false, true]);
    expect(other.undecided).toMatchObject([{ clause: 'objective.success.run' }]);
    expect(isUnknown(difference(objective('npm test'), objective('npm test')))).toBe(false);
  });

  it('that adds a host opens what that leads to, with its path', () => {
    const added = difference('', 'network: [{ host: api.example.com }]');
    expect(of(added, 'exfiltration')).toMatchObject({ change: 'opened', before: 'PROVED', now: 'REFUTED' });
    expect(of(added, 'exfiltration').way?.steps.map(({ by }) => by)).toContain('network[0]');
    expect(added.opened.grants.map(({ clause }) => clause)).toEqual(['network[0]']);
    expect(of(added, 'collusion').change).toBe('unknown');
  });

  it('that adds a second host tells the path through that one', () => {
    const added = difference(
      'network: [{ host: a.example.com }]',
      'network: [{ host: a.example.com }, { host: z.example.com }]',
    );
    const { change, way } = of(added, 'exfiltration');
    expect(change).toBe('another way');
    expect(way?.steps.map(({ by }) => by)).toContain('network[1]');
    expect(way?.steps.map(({ by }) => by)).not.toContain('network[0]');
    expect(way?.steps.map(({ number }) => number)).toEqual(way?.steps.map((_, at) => at + 1));
    expect(way?.command).toContain('z.example.com');
  });

  it('that lets another variable be read tells the path of that variable', () => {
    const added = difference(
      'network: [{ host: a.example.com }]\nenvironment: { pass: [A] }',
      'network: [{ host: a.example.com }]\nenvironment: { pass: [A, B] }',
    );
    expect(of(added, 'exfiltration').way?.command).toMatch(/^printenv B /);
    expect(changes(added)['remote-control']).toBeUndefined();
  });

  it('that narrows what may be written opens nothing, whatever word stands for it', () => {
    const narrowed = difference('files: { write: ["**"] }', 'files: { write: [src/**, docs/**] }');
    expect(isOpened(narrowed)).toBe(false);
    expect(narrowed.closed.grants.map(({ clause }) => clause)).toEqual(['files.write[0]']);
    const direct = 'workspace: { path: ., mode: direct }';
    const live = difference(`files: { write: ["**"], ${direct} }`, `files: { write: [src/**], ${direct} }`);
    expect(isOpened(live)).toBe(false);
  });

  it('that widens it names what comes within reach', () => {
    const direct = 'workspace: { path: ., mode: direct }';
    const widened = difference(
      `files: { write: [], ${direct} }`,
      `files: { write: [.github/**], ${direct} }`,
    );
    expect(widened.opened.grants.map(({ witness }) => witness)).toEqual(['.github/a']);
    expect(widened.opened.reached.map(({ where }) => where).some((path) => path.startsWith('.github/'))).toBe(
      true,
    );
    expect(isOpened(widened)).toBe(true);
  });

  it('that drops a host closes it', () => {
    const dropped = difference('network: [{ host: a.example.com }]', '');
    expect(of(dropped, 'exfiltration').change).toBe('closed');
    expect(of(dropped, 'collusion').change).toBe('proved');
    expect([isOpened(dropped), isUnknown(dropped)]).toEqual([false, false]);
  });

  it('that makes a proof rest on something else says so', () => {
    const packages = 'packages: [{ ecosystem: npm, from: "https://p.example.com", only: ["a@1.0.0"] }]';
    const added = difference('', packages);
    const rests = added.hazards.find(({ change }) => change === 'rests');
    expect(rests?.rests?.added.map(({ name }) => name)).toContain('index');
  });

  it('that asks a person instead of denying leaves things unknown', () => {
    const asks = difference('', 'oversight: { approve: [network.new-host] }');
    expect(of(asks, 'intrusion')).toMatchObject({ change: 'unknown', now: 'UNKNOWN' });
    expect(isUnknown(asks)).toBe(true);
  });
});

describe('forms', () => {
  const added = difference(
    '',
    'network: [{ host: "*.example.com", port: 8443 }]\nenvironment: { pass: [TOKEN] }',
  );

  it('for people keep to 80 columns but for commands', () => {
    const text = differenceText(added, { file: 'new.yaml' }, { file: 'old.yaml' });
    expect(text).toMatch(/^new\.yaml against old\.yaml: something is opened\n/);
    expect(text.split('\n').filter((line) => [...line].length > 80 && !line.startsWith('      $ '))).toEqual(
      [],
    );
  });

  it('for programs say the verdict', () => {
    expect(differenceJson(added)).toMatchObject({ format: 1, verdict: 'opened' });
    expect(differenceJson(difference('', ''))).toMatchObject({ verdict: 'nothing opened', hazards: [] });
  });
});

const SOME = [
  'network: [{ host: a.example.com }]',
  'network: [{ host: a.example.com, methods: [GET] }, { host: b.example.com, port: 22, protocol: ssh }]',
  'network: [{ host: "*.example.com" }]',
  'files: { write: [src/**] }',
  'files: { read: [~/.ssh] }',
  'files: { workspace: { path: ., mode: direct } }',
  'environment: { pass: [AWS_SECRET_ACCESS_KEY] }',
  'oversight: { approve: [network.new-host] }',
  'objective: { success: { run: npm test, protect: ["test/**"] }, hidden: { run: x } }',
  'packages: [{ ecosystem: npm, from: "https://p.example.com", only: ["a@1.0.0"] }]',
  'compute: { memory: 8GiB }',
];

const someContract = fc.uniqueArray(fc.constantFrom(...SOME), {
  selector: (line) => line.split(':', 1)[0],
  maxLength: 5,
});

describe('any two contracts', () => {
  it('open something one way where they close it the other way', () => {
    fc.assert(
      fc.property(someContract, someContract, (one, other) => {
        const [there, back] = [
          difference(one.join('\n'), other.join('\n')),
          difference(other.join('\n'), one.join('\n')),
        ];
        expect(there.opened).toEqual(back.closed);
        const worse = (each: Difference) =>
          each.hazards.filter(({ change }) => change === 'opened').map(({ hazard }) => hazard);
        const better = (each: Difference) =>
          each.hazards
            .filter(({ change }) => change === 'closed' || change === 'fewer')
            .map(({ hazard }) => hazard);
        expect(worse(there)).toEqual(better(back));
      }),
      { numRuns: 12 },
    );
  });

  it('open no hazard where nothing more is given', () => {
    fc.assert(
      fc.property(someContract, someContract, (one, other) => {
        const there = difference(one.join('\n'), other.join('\n'));
        if (there.opened.grants.length > 0) return;
        expect(
          there.hazards.filter(({ change }) => ['opened', 'another way', 'unknown'].includes(change)),
        ).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });
});

it('set-ups of other formats are compared by their facts, not by where these are written', () => {
  const [old, now] = [
    contractOf('network: [{ host: b.example.com }, { host: a.example.com }]'),
    contractOf('network: [{ host: a.example.com }, { host: c.example.com }]'),
  ].map((contract) => sideOf(contract as Contract)) as [ReturnType<typeof sideOf>, ReturnType<typeof sideOf>];
  const found = compare(old, now, { opened: givenByFacts(old.model), closed: givenByFacts(now.model) });
  expect(of(found, 'exfiltration')).toMatchObject({ change: 'another way' });
  expect(of(found, 'exfiltration').way?.command).toContain('c.example.com');
});
