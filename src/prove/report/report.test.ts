import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import {
  type Contract,
  HAZARD_NAMES,
  type Hazard,
  neverCoverage,
  parseContract,
} from '../../contract/index.ts';
import { loadCatalogue } from '../catalogue/index.ts';
import { certificateFile, verifyCertificate, worldFile } from '../certificate/index.ts';
import { solve } from '../logic/index.ts';
import { hazardFact, modelOf } from '../model/index.ts';
import {
  COVERS_NOT,
  prove,
  type Refuted,
  type Report,
  reportJson,
  reportText,
  type Verdict,
} from './index.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const loaded = loadCatalogue(join(ROOT, 'rules', 'affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
const { catalogue } = loaded;

function contractOf(text: string): Contract {
  const parsed = parseContract(`ringfence: 1\nname: t\n${text}\n`, 'c.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.contract;
}

const proveText = (text: string): Report =>
  prove({ contract: contractOf(text), catalogue, home: '/home/operator' });

function verdictOf(report: Report, hazard: Hazard): Verdict {
  return report.verdicts.find((verdict) => verdict.hazard === hazard) as Verdict;
}

function refuted(report: Report, hazard: Hazard): Refuted {
  const verdict = verdictOf(report, hazard);
  if (verdict.verdict !== 'REFUTED') throw new Error(`${hazard} is ${verdict.verdict}`);
  return verdict;
}

const words = (report: Report): Record<string, string> =>
  Object.fromEntries(report.verdicts.map(({ hazard, verdict }) => [hazard, verdict]));

/** Where a proof and what `run` prints contradict each other. */
function contradictions(contract: Contract, report: Report): string[] {
  const coverage = neverCoverage({ ...contract, never: { aim: [...HAZARD_NAMES], require: [] } });
  return report.verdicts.flatMap(({ hazard, verdict }) => {
    const state = coverage[hazard]?.state;
    return (verdict === 'PROVED') === (state === 'prevented') ? [] : [`${hazard}: ${verdict}, but ${state}`];
  });
}

const READY = readdirSync(join(ROOT, 'contracts')).filter((name) => name.endsWith('.yaml'));

describe('a proof and what a run says of the same contract', () => {
  test.each(READY)('agree on %s', (name) => {
    const parsed = parseContract(readFileSync(join(ROOT, 'contracts', name)), name);
    if (!parsed.ok) throw new Error(name);
    expect(contradictions(parsed.contract, prove({ contract: parsed.contract, catalogue }))).toEqual([]);
  });

  const host = fc.constantFrom(
    'api.example.com',
    '*.example.com',
    'github.com',
    'pypi.org',
    '127.0.0.1',
    '10.1.2.3',
    '169.254.169.254',
    '203.0.113.5',
    '::1',
    'service.example.com',
  );
  const rule = fc.record(
    {
      host,
      port: fc.constantFrom(22, 80, 443, 514, 2375, 6379),
      protocol: fc.constantFrom('https', 'http', 'ssh', 'tcp', 'websocket'),
    },
    { requiredKeys: ['host'] },
  );
  const written = fc.record(
    {
      isolation: fc.constantFrom('process', 'landlock'),
      files: fc.record(
        {
          workspace: fc.constantFrom('.', { mode: 'direct' }),
          write: fc.constantFrom(['**'], [], ['src/**'], ['src/**', 'test/**']),
          hide: fc.constantFrom([], ['.env'], ['**/*.pem', 'private/**']),
          read: fc.constantFrom([], ['~/.gitconfig'], ['~/.aws'], ['/usr/share/doc']),
        },
        { requiredKeys: [] },
      ),
      programs: fc.constantFrom('any', ['sh'], []),
      network: fc.uniqueArray(rule, { maxLength: 3, selector: (each) => each.host }),
      resolve: fc.constantFrom(
        {},
        { 'service.example.com': ['127.0.0.1'] },
        { 'api.example.com': ['203.0.113.5'] },
      ),
      packages: fc.constantFrom(
        [],
        [{ ecosystem: 'npm', from: 'https://packages.example.com', only: ['a@1.0.0'] }],
      ),
      environment: fc.constantFrom({}, { pass: ['AWS_ACCESS_KEY_ID'] }, { set: { A: 'b' } }),
      oversight: fc.constantFrom({}, { approve: ['network.new-host'] }, { approve: ['packages.new'] }),
      objective: fc.constantFrom(
        {},
        { success: { run: 'npm test' } },
        { success: { run: 'make test', protect: ['test/**'] } },
        { success: { run: 'npm test', protect: ['test/**'] }, hidden: { run: 'true' } },
      ),
    },
    { requiredKeys: [] },
  );

  it('agree on contracts of any kind', () => {
    let valid = 0;
    fc.assert(
      fc.property(written, (each) => {
        // YAML 1.2 reads JSON
        const parsed = parseContract(JSON.stringify({ ringfence: 1, name: 't', ...each }), 'c.yaml');
        if (!parsed.ok) return;
        valid++;
        expect(contradictions(parsed.contract, prove({ contract: parsed.contract, catalogue }))).toEqual([]);
      }),
      { numRuns: 120, seed: 7 },
    );
    expect(valid).toBeGreaterThan(20);
  }, 120_000);
});

describe('a contract that gives nothing away', () => {
  const report = proveText('');

  it('is proved where the model has rules, and unknown where it has none', () => {
    expect(words(report)).toMatchObject({
      exfiltration: 'PROVED',
      persistence: 'PROVED',
      escape: 'PROVED',
      collusion: 'PROVED',
      deception: 'UNKNOWN',
      coercion: 'UNKNOWN',
      'grader-tampering': 'UNKNOWN',
      'compute-diversion': 'REFUTED',
    });
  });

  it('says on what the proofs rest', () => {
    const verdict = verdictOf(report, 'persistence');
    expect(verdict.verdict === 'PROVED' && verdict.rests.map(({ name }) => name)).toEqual([
      'review',
      'file-view',
      'namespaces',
    ]);
    expect(reportText(report)).toContain('review of the change set');
  });

  it('rests on no layer that the isolation has not', () => {
    const reduced = proveText('isolation: landlock');
    expect(words(reduced)).toMatchObject({
      escape: 'PROVED',
      exfiltration: 'PROVED',
      persistence: 'UNKNOWN',
    });
    for (const verdict of reduced.verdicts)
      if (verdict.verdict === 'PROVED')
        expect(verdict.rests.map(({ name }) => name)).not.toContain('namespaces');
  });

  it('has a certificate that the checker accepts, and not for another world', () => {
    const { world, certificate } = report.proof as NonNullable<Report['proof']>;
    expect(world.bad).toContainEqual(hazardFact('exfiltration'));
    expect(verifyCertificate(worldFile(world), certificateFile(certificate)).valid).toBe(true);
    const open = { ...world, facts: [...world.facts, ['reaches', 'agent', 'x'] as const] };
    expect(verifyCertificate(worldFile(open), certificateFile(certificate)).valid).toBe(false);
  });
});

describe('paths', () => {
  it('lead through a hook of a direct workspace to everything that its operator can do', () => {
    const report = proveText('files: { workspace: { mode: direct } }');
    const { steps, command, closed } = refuted(report, 'escape');
    expect(steps.map(({ by }) => by)).toEqual(
      expect.arrayContaining([
        'files.workspace.mode',
        'files.write[0]',
        'rule land.direct',
        'rule control.trigger',
      ]),
    );
    expect(command).toContain('.git');
    expect(closed).toEqual({
      changes: ['write files.workspace as an overlay'],
      clauses: ['files.workspace.mode'],
      leaves: 'PROVED',
      minimal: true,
    });
    for (const hazard of [
      'exfiltration',
      'persistence',
      'oversight-tampering',
      'sabotage',
      'collusion',
    ] as const)
      expect(verdictOf(report, hazard).verdict).toBe('REFUTED');
  });

  it('do not go through files that may not be written, and do through hidden names that are made anew', () => {
    const report = proveText('files: { workspace: { mode: direct }, write: [] }');
    for (const { hazard, verdict } of report.verdicts)
      if (hazard !== 'compute-diversion') expect([hazard, verdict]).toEqual([hazard, 'UNKNOWN']);
    const pathsOf = (text: string) =>
      modelOf({ contract: contractOf(text), catalogue })
        .world.facts.filter(([predicate]) => predicate === 'writes')
        .map(([, , file]) => file as string);
    const paths = pathsOf('files: { write: [src/**] }');
    expect(paths.length).toBeGreaterThan(20);
    for (const path of paths) expect(path).toMatch(/^file:src\//);
    // a mask lies on what is there when the run starts
    const hidden = 'files: { workspace: { mode: direct }, hide: ["**/.git/**", "**/hooks/**"] }';
    expect(pathsOf(hidden)).toContain('file:.git/hooks/a');
  });

  it('end at the host, with a command that keeps to methods and paths', () => {
    const get = proveText('network: [{ host: api.example.com, methods: [GET], paths: [/v1/**] }]');
    expect(refuted(get, 'exfiltration').command).toMatch(
      /^curl -s -G .* https:\/\/api\.example\.com\/v1\/\w+$/,
    );
    const ssh = proveText('network: [{ host: "*.example.com", port: 22, protocol: ssh }]');
    expect(refuted(ssh, 'remote-control').command).toMatch(/^ssh -p 22 -N -R \S+ \w+\.example\.com$/);
  });

  it('know what the catalogue knows of a host: boards, tokens, services of this machine', () => {
    const board = proveText('network: [{ host: gist.github.com }]');
    expect(refuted(board, 'collusion').steps.map(({ by }) => by)).toContain('catalogue relays.git-hosts');
    expect(refuted(board, 'collusion').closed?.leaves).toBe('PROVED');
    const token = proveText(
      'network: [{ host: api.example.com }]\nenvironment: { pass: [AWS_ACCESS_KEY_ID] }',
    );
    expect(refuted(token, 'resource-acquisition').closed).toMatchObject({
      changes: ['remove AWS_ACCESS_KEY_ID from environment.pass'],
      leaves: 'UNKNOWN',
    });
    const keys = proveText('network: [{ host: api.example.com }]\nfiles: { read: [~/.aws] }');
    expect(refuted(keys, 'resource-acquisition').steps.map(({ by }) => by)).toContain('files.read[0]');
    const engine = proveText('network: [{ host: 127.0.0.1, port: 2375, protocol: http }]');
    expect(verdictOf(engine, 'escape').verdict).not.toBe('PROVED');
  });

  it('that the model cannot read are not said to be closed', () => {
    const contract = contractOf('');
    for (const section of ['tools', 'people'] as const) {
      const report = prove({ contract: { ...contract, [section]: [{}] }, catalogue });
      expect(report.verdicts.filter(({ verdict }) => verdict === 'PROVED')).toEqual([]);
      expect(report.proof).toBeUndefined();
    }
    const files = { ...contract.files, write: ['src/../**'] };
    expect(verdictOf(prove({ contract: { ...contract, files }, catalogue }), 'escape').verdict).toBe(
      'UNKNOWN',
    );
  });

  it('exist for each file of the catalogue that a direct workspace lets the agent write', () => {
    const contract = contractOf('files: { workspace: { mode: direct } }');
    const triggers = catalogue.affordances.filter(
      ({ kind, match }) => kind === 'trigger' && match.path?.some((path) => path.startsWith('**/')),
    );
    expect(triggers.length).toBeGreaterThan(100);
    for (const entry of triggers) {
      const report = prove({ contract, catalogue: { families: [], affordances: [entry] } });
      const hazard = entry.gives.includes('code-execution') || entry.gives.includes('persistence');
      if (hazard)
        expect(refuted(report, 'persistence').steps.map(({ by }) => by)).toContain(`catalogue ${entry.id}`);
      expect(report.proof).toBeUndefined();
    }
  });

  it('of a question are not decided', () => {
    const verdict = verdictOf(proveText('oversight: { approve: [network.new-host] }'), 'exfiltration');
    expect(verdict).toMatchObject({ verdict: 'UNKNOWN', reasons: [{ by: ['oversight.approve[0]'] }] });
  });

  it('through the grader are found without a hidden check alone', () => {
    const visible = 'success: { run: npm test, protect: [test/**] }';
    expect(refuted(proveText(`objective: { ${visible} }`), 'grader-tampering').closed).toMatchObject({
      leaves: 'UNKNOWN',
    });
    expect(
      verdictOf(proveText(`objective: { ${visible}, hidden: { run: x } }`), 'grader-tampering').verdict,
    ).toBe('UNKNOWN');
    expect(
      refuted(proveText('objective: { success: { run: npm test } }'), 'grader-tampering').command,
    ).toContain('package.json');
  });
});

describe('each change that closes a path', () => {
  test.each([
    'network: [{ host: api.example.com }, { host: pypi.org }]',
    'files: { workspace: { mode: direct } }\nnetwork: [{ host: api.example.com }]',
  ])('closes it: %s', (text) => {
    const model = modelOf({ contract: contractOf(text), catalogue });
    for (const verdict of proveText(text).verdicts) {
      if (verdict.verdict !== 'REFUTED' || verdict.closed === undefined) continue;
      const gone = model.changes
        .filter(({ label }) => verdict.closed?.changes.includes(label))
        .flatMap(({ removes }) => removes);
      const solved = solve({
        ...model.world,
        facts: model.world.facts.filter((fact) => !gone.includes(fact)),
      });
      expect(solved.ok && solved.solution.has(hazardFact(verdict.hazard))).toBe(false);
    }
  });
});

describe('the text', () => {
  it('says what no proof covers, whatever was proved', () => {
    for (const report of [proveText(''), proveText('files: { workspace: { mode: direct } }')]) {
      const text = reportText(report).replace(/\s+/g, ' ');
      for (const each of COVERS_NOT) expect(text).toContain(each);
      expect(reportJson(report).coversNot).toEqual(COVERS_NOT);
    }
  });

  it('drives no terminal, and fits 80 columns but for commands', () => {
    const name = '\u001b]0;x\u0007\u202eevil';
    const contract = contractOf(
      'network: [{ host: api.example.com }]\nfiles: { workspace: { mode: direct } }',
    );
    const files = {
      ...contract.files,
      read: [`/opt/${name}`, `/usr/share/${'long'.repeat(40)}`],
      write: [`${name}/**`],
    };
    // a contract's loader refuses such names; the report does not rely on it
    const text = reportText(prove({ contract: { ...contract, files }, catalogue }));
    expect(text).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
    for (const line of text.split('\n'))
      if (!line.startsWith('      $ ')) expect([...line].length).toBeLessThanOrEqual(80);
  });

  it('is the same each time', () => {
    const text = 'network: [{ host: github.com }]';
    expect(reportText(proveText(text))).toBe(reportText(proveText(text)));
  });
});
