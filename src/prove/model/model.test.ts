import { join } from 'node:path';
import { describe, expect, it, test } from 'vitest';
import { type Contract, type Hazard, parseContract } from '../../contract/index.ts';
import { type Catalogue, loadCatalogue } from '../catalogue/index.ts';
import { prove, type Refuted, type Report, type Verdict } from '../report/index.ts';
import type { ContainerWord, Setting } from '../setting/index.ts';
import { CLOSED, destination, mount, USUAL } from './setting.fixture.ts';

const loaded = loadCatalogue(join(import.meta.dirname, '..', '..', '..', 'rules', 'affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
const { catalogue } = loaded;
const NOTHING: Catalogue = { families: [], affordances: [] };

function contractOf(text: string): Contract {
  const parsed = parseContract(`ringfence: 1\nname: t\n${text}\n`, 'c.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.contract;
}

const ofContract = (text: string, more: { catalogue?: Catalogue; file?: string } = {}): Report =>
  prove({ contract: contractOf(text), catalogue, home: '/home/operator', ...more });
const of = (more: Partial<Setting>, base: Setting = CLOSED, known: Catalogue = catalogue): Report =>
  prove({ setting: { ...base, ...more }, catalogue: known, home: '/home/operator' });

const verdictOf = (report: Report, hazard: Hazard): Verdict =>
  report.verdicts.find((verdict) => verdict.hazard === hazard) as Verdict;
const word = (report: Report, hazard: Hazard): string => verdictOf(report, hazard).verdict;

function steps(report: Report, hazard: Hazard): readonly string[] {
  const verdict = verdictOf(report, hazard);
  if (verdict.verdict !== 'REFUTED') throw new Error(`${hazard} is ${verdict.verdict}`);
  return (verdict as Refuted).steps.map(({ by }) => by);
}

/** A container whose root is the machine's, with these settings besides. */
const words = (...all: (ContainerWord | { word: ContainerWord; detail: string })[]): Partial<Setting> => ({
  isolation: {
    ...USUAL.isolation,
    words: [
      { clause: 'image', word: 'hostUsers' },
      ...all.map((each) => ({ clause: 'option', ...(typeof each === 'string' ? { word: each } : each) })),
    ],
  },
});

describe('a container', () => {
  it('that is given nothing is proved, resting on its engine', () => {
    const report = of({});
    for (const hazard of ['exfiltration', 'escape', 'persistence', 'collusion', 'remote-control'] as const)
      expect([hazard, word(report, hazard)]).toEqual([hazard, 'PROVED']);
    const verdict = verdictOf(report, 'escape');
    expect(verdict.verdict === 'PROVED' && verdict.rests.map(({ text }) => text).join()).toContain('engine');
  });

  it('as engines make it is not said to be escaped, nor to hold', () => {
    const report = of({ network: CLOSED.network }, USUAL);
    expect([word(report, 'escape'), word(report, 'exfiltration')]).toEqual(['UNKNOWN', 'UNKNOWN']);
    expect(steps(report, 'resource-acquisition')).toContain('image');
  });

  it('whose user is nobody, and can become nobody else, holds though the engine maps no users', () => {
    const isolation = { ...CLOSED.isolation, words: [{ clause: 'image', word: 'hostUsers' as const }] };
    expect(word(of({ isolation }), 'escape')).toBe('PROVED');
  });

  it('with all privileges and a port to its shell has a way in and the machine’s disks', () => {
    const report = of({
      ...words('privileged', 'hostPort'),
      inbound: [{ clause: 'option', port: 2222, inside: 22, protocol: 'tcp', from: 'anyone' }],
    });
    expect(steps(report, 'remote-control')).toEqual(['option', 'rule remote.anyone']);
    expect(steps(report, 'escape')).toEqual(
      expect.arrayContaining(['option', expect.stringMatching(/^catalogue machine\./), 'rule have.setting']),
    );
    const out = verdictOf(report, 'escape') as Refuted;
    expect(out.steps.map(({ text }) => text).join(' ')).toMatch(/disks/);
    for (const hazard of ['persistence', 'oversight-tampering', 'exfiltration', 'sabotage'] as const)
      expect(word(report, hazard)).toBe('REFUTED');
  });

  test.each<[ContainerWord, Hazard]>([
    ['hostPID', 'escape'],
    ['hostIPC', 'collusion'],
    ['hostNetwork', 'remote-control'],
    ['cap:SYS_ADMIN', 'escape'],
    ['cap:DAC_READ_SEARCH', 'escape'],
    ['restartAlways', 'persistence'],
    ['noLimits', 'resource-acquisition'],
    ['sharedVolume', 'collusion'],
    ['unmaskedProc', 'escape'],
    ['hostCgroup', 'escape'],
  ])('with %s opens %s', (name, hazard) => {
    expect(steps(of(words(name)), hazard)).toContain('option');
  });

  test.each<[ContainerWord, ContainerWord | undefined]>([
    ['unconfinedSeccomp', undefined],
    ['unconfinedLsm', undefined],
    ['cap:SYS_PTRACE', 'hostPID'],
    ['cap:NET_ADMIN', 'hostNetwork'],
    ['cap:MKNOD', undefined],
  ])('with %s alone loses a layer, and opens nothing unless there is %s', (name, other) => {
    expect(word(of({ ...words(name), network: CLOSED.network }), 'escape')).toBe('UNKNOWN');
    if (other !== undefined) expect(word(of(words(name, other)), 'escape')).toBe('REFUTED');
  });

  it('whose root is not the machine’s is not opened by privileges of its own', () => {
    const isolation = { ...CLOSED.isolation, words: [{ clause: 'option', word: 'privileged' as const }] };
    expect(word(of({ isolation }), 'escape')).toBe('UNKNOWN');
  });

  it('with a device is opened by what the device is', () => {
    const gpu = of(words({ word: 'hostDevice', detail: '/dev/nvidia0' }));
    expect(steps(gpu, 'escape')).toContain('catalogue machine.gpu-devices');
    const disk = of(words({ word: 'hostDevice', detail: '/dev/sda' }));
    expect(steps(disk, 'escape')).toContain('catalogue machine.raw-disks');
    expect(steps(gpu, 'escape').join()).not.toContain('raw-disks');
  });

  const reading = (path: string, more: Parameters<typeof mount>[2] = {}) =>
    of({ files: [mount('-v', path, { write: false, ...more })] });

  it.each<[string, Parameters<typeof mount>[2]]>([
    ['/proc', {}],
    ['**', { space: 'workspace' }],
    ['**', { space: 'volume', volume: 'run', lands: 'kept', shared: true }],
  ])('that reads %s of others meets what they run, so nothing of it is proved', (path, more) => {
    for (const hazard of ['escape', 'exfiltration', 'persistence', 'collusion'] as const)
      expect([hazard, word(reading(path, more), hazard)]).toEqual([hazard, 'UNKNOWN']);
  });

  it('that reads a volume of its own meets nobody', () => {
    expect(word(reading('**', { space: 'volume', volume: 'own', lands: 'kept' }), 'escape')).toBe('PROVED');
  });

  it('that sees the machine’s processes is not said to hold, and the reason is theirs', () => {
    const verdict = verdictOf(reading('/proc'), 'escape');
    expect(verdict.verdict === 'UNKNOWN' && verdict.reasons.map(({ text }) => text).join()).toMatch(
      /processes of the same user/,
    );
  });

  it.each(['localhost', 'host.docker.internal'])('that reaches %s reaches what runs beside it', (host) => {
    const report = of({
      network: { clause: 'network', mode: 'named', by: 'engine' },
      destinations: [destination('sidecar', host)],
    });
    for (const hazard of ['escape', 'persistence', 'oversight-tampering'] as const)
      expect([hazard, word(report, hazard)]).toEqual([hazard, 'UNKNOWN']);
  });

  it('with a token of its cluster and a way to send it has a key too many', () => {
    const isolation = {
      ...CLOSED.isolation,
      words: [{ clause: 'token', word: 'serviceAccountToken' as const }],
    };
    expect(word(of({ isolation }), 'exfiltration')).toBe('PROVED');
    const report = of({
      isolation,
      network: { clause: 'policy', mode: 'named', by: 'engine' },
      destinations: [destination('egress', 'api.example.com')],
    });
    expect(steps(report, 'resource-acquisition')).toContain('catalogue authorities.k8s-token');
  });
});

describe('a shared package cache as the only way out', () => {
  const pod: Partial<Setting> = {
    kind: 'k8s',
    network: { clause: 'policy', mode: 'named', by: 'engine' },
    destinations: [
      destination('egress[0]', 'packages.tools.svc', { port: 8081, services: ['package-cache'] }),
    ],
  };
  const report = of(pod);

  it('is a way out through it', () => {
    expect(steps(report, 'intrusion')).toEqual(
      expect.arrayContaining(['egress[0]', 'catalogue boundary.package-cache']),
    );
    expect(word(report, 'exfiltration')).toBe('REFUTED');
    expect(word(report, 'remote-control')).toBe('REFUTED');
  });

  it('is a board between runs, unless each run has its own', () => {
    expect(steps(report, 'collusion')).toEqual(
      expect.arrayContaining(['egress[0]', 'catalogue boundary.package-cache', 'rule collusion.board']),
    );
  });

  it('whose names can be chosen is a board even where it is only read', () => {
    const read = {
      ...destination('egress[0]', 'packages.example.com', { protocol: 'https', methods: ['GET'] }),
    };
    expect(steps(of({ ...pod, destinations: [read] }), 'collusion')).toContain('egress[0]');
  });

  it('is closed by an index of fixed artefacts', () => {
    const fixed = of({
      isolation: { ...CLOSED.isolation, kind: 'cell' },
      artefacts: [{ clause: 'packages[0]', from: 'https://packages.example.com', ecosystem: 'npm' }],
    });
    for (const hazard of ['exfiltration', 'collusion', 'intrusion'] as const) {
      const verdict = verdictOf(fixed, hazard);
      expect(verdict.verdict === 'PROVED' && verdict.rests.map(({ name }) => name)).toContain('index');
    }
  });
});

describe('what is mounted', () => {
  it('acts on the machine through what runs it there', () => {
    const report = of({ files: [mount('-v', '/etc')] });
    expect(steps(report, 'escape')).toEqual(expect.arrayContaining(['-v', 'rule control.trigger']));
  });

  it('is known, with the keys below it that are not taken out', () => {
    const open = of({
      files: [mount('-v', '~/.aws', { write: false, lands: 'never' })],
      network: { clause: '--network', mode: 'named', by: 'engine' },
      destinations: [destination('net', 'api.example.com')],
    });
    expect(steps(open, 'resource-acquisition')).toContain('catalogue authorities.cloud-files');
    const taken = of({
      files: [
        mount('-v', '~/.aws', {
          write: false,
          lands: 'never',
          except: [{ clause: 'deny', path: '~/.aws/**', what: 'hidden' }],
        }),
      ],
      network: { clause: '--network', mode: 'named', by: 'engine' },
      destinations: [destination('net', 'api.example.com')],
    });
    expect(JSON.stringify(verdictOf(taken, 'resource-acquisition'))).not.toContain('cloud-files');
  });

  it('is not written where it is taken out', () => {
    const files = [mount('-v', '/srv', { except: [{ clause: 'deny', path: '/srv', what: 'read-only' }] })];
    expect(word(of({ files }), 'escape')).not.toBe('REFUTED');
  });

  it('as a volume keeps what one run leaves for the next', () => {
    const files = [mount('-v', '**', { space: 'volume', volume: 'cache', lands: 'kept' })];
    for (const hazard of ['persistence', 'collusion', 'sabotage'] as const)
      expect(steps(of({ files }), hazard)).toContain('-v');
    const read = [mount('-v', '**', { space: 'volume', volume: 'cache', lands: 'kept', write: false })];
    expect(word(of({ files: read }), 'persistence')).toBe('PROVED');
  });
});

describe('sockets', () => {
  const socket = (path: string): Report => of({ sockets: [{ clause: '-v', path }] });

  it('of an engine are the machine', () => {
    expect(steps(socket('/var/run/docker.sock'), 'escape')).toEqual(
      expect.arrayContaining(['-v', 'catalogue sockets.docker', 'rule have.socket']),
    );
    expect(word(socket('/var/run/docker.sock'), 'persistence')).toBe('REFUTED');
  });

  it('of a name that is no path are told from paths', () => {
    expect(steps(socket('@/tmp/.X11-unix/X0'), 'exfiltration')).toContain('catalogue sockets.x11');
  });

  it('that nobody knows decide nothing', () => {
    const report = socket('/srv/app/app.sock');
    expect(report.verdicts.filter(({ verdict }) => verdict === 'PROVED')).toEqual([]);
    expect(word(report, 'escape')).toBe('UNKNOWN');
  });
});

describe('keys', () => {
  it('that are read and taken by what is reached lead on from there', () => {
    const report = ofContract(
      'network: [{ host: build.example.com, port: 22, protocol: ssh }]\nfiles: { read: [~/.ssh] }',
    );
    expect(word(report, 'intrusion')).toBe('REFUTED');
    const https = 'network: [{ host: api.example.com }]';
    expect(word(ofContract(`${https}\nfiles: { read: [~/.ssh] }`), 'intrusion')).toBe('UNKNOWN');
    const model = ofContract('network: [{ host: api.openai.com }]\nenvironment: { pass: [OPENAI_API_KEY] }');
    expect(word(model, 'resource-acquisition')).toBe('REFUTED');
  });

  it('that a service hands out are used where they are taken', () => {
    const report = of({
      network: { clause: 'net', mode: 'named', by: 'engine' },
      destinations: [
        destination('meta', '169.254.169.254', { port: 80, protocol: 'http' }),
        destination('cloud', 'ec2.eu-west-1.amazonaws.com', { protocol: 'https' }),
      ],
    });
    expect(word(report, 'resource-acquisition')).toBe('REFUTED');
  });
});

describe('requests that change nothing', () => {
  const host = (more: string) => ofContract(`network: [{ host: github.com${more} }]`);

  it('leave no message, and replace nothing that others fetch', () => {
    expect(word(host(''), 'collusion')).toBe('REFUTED');
    expect(word(host(''), 'sabotage')).toBe('REFUTED');
    expect(word(host(', methods: [GET, HEAD]'), 'collusion')).toBe('UNKNOWN');
    expect(word(host(', methods: [GET, HEAD]'), 'sabotage')).toBe('UNKNOWN');
    expect(word(host(', methods: [GET, POST]'), 'sabotage')).toBe('REFUTED');
  });

  it('carry data all the same, in their queries', () => {
    expect(word(host(', methods: [GET], paths: [/status]'), 'exfiltration')).toBe('REFUTED');
  });
});

describe('channels to people', () => {
  const speak = (approved: boolean) =>
    of({
      files: [mount('-v', '/etc/mail', { write: false, lands: 'never' })],
      people: [{ clause: 'people[0]', channel: 'mail', approved }],
    });

  it('are leverage where nobody else reads them', () => {
    expect(steps(speak(false), 'coercion')).toEqual(
      expect.arrayContaining(['people[0]', 'rule coercion.channel']),
    );
    expect(word(speak(false), 'exfiltration')).toBe('REFUTED');
  });

  it('pass on what a person read and allowed, and the proof says so', () => {
    expect(word(speak(true), 'coercion')).toBe('UNKNOWN');
    const verdict = verdictOf(speak(true), 'exfiltration');
    expect(verdict.verdict === 'PROVED' && verdict.rests.map(({ name }) => name)).toContain('approval');
  });
});

describe('review', () => {
  const applied = (write: boolean) =>
    of({ files: [mount('copy', 'notes.txt', { space: 'workspace', lands: 'on review', write })] });
  const rests = (report: Report, hazard: Hazard): readonly string[] => {
    const verdict = verdictOf(report, hazard);
    if (verdict.verdict !== 'PROVED') throw new Error(`${hazard} is ${verdict.verdict}`);
    return verdict.rests.map(({ name }) => name);
  };

  it.each(['exfiltration', 'self-replication', 'collusion', 'sabotage'] as const)(
    'is what a proof of %s rests on, though nothing runs what is written',
    (hazard) => {
      expect(rests(applied(true), hazard)).toContain('review');
      expect(rests(applied(false), hazard)).not.toContain('review');
    },
  );
});

describe('what oversees', () => {
  it('may read a collector of logs that the agent writes to, record or no record', () => {
    const collected = (host: string, port: number) =>
      ofContract(`network: [{ host: ${host}, port: ${port}, protocol: udp }]`);
    expect(word(collected('logs.example.com', 514), 'oversight-tampering')).toBe('UNKNOWN');
    expect(word(collected('time.example.com', 123), 'oversight-tampering')).toBe('PROVED');
  });

  const file = '/srv/project/conf/ringfence.yaml';

  it('is the agent’s where it lies in a direct workspace', () => {
    const text = 'files: { workspace: { path: .., mode: direct }, write: [conf/**] }';
    const report = ofContract(text, { catalogue: NOTHING, file });
    expect(steps(report, 'oversight-tampering')).toContain('rule oversight.contract');
    const other = 'files: { workspace: { path: .., mode: direct }, write: [src/**] }';
    expect(word(ofContract(other, { catalogue: NOTHING, file }), 'oversight-tampering')).toBe('UNKNOWN');
    const overlay = ofContract('files: { workspace: .. }', { catalogue: NOTHING, file });
    expect(word(overlay, 'oversight-tampering')).toBe('PROVED');
  });

  it('is seen where the hidden check lies in the workspace, unless it is hidden there', () => {
    const check =
      'objective: { success: { run: npm test, protect: [test/**] }, hidden: { run: npm run t, files: checks } }';
    expect(steps(ofContract(check), 'grader-tampering')).toContain('rule grader.answers');
    expect(word(ofContract(`${check}\nfiles: { hide: [checks] }`), 'grader-tampering')).toBe('UNKNOWN');
    expect(word(ofContract(`${check}\nfiles: { hide: ["checks/**"] }`), 'grader-tampering')).toBe('UNKNOWN');
    const outside = check.replace('files: checks', 'files: ../checks');
    expect(word(ofContract(outside), 'grader-tampering')).toBe('UNKNOWN');
    const read = `${outside}\nfiles: { workspace: ., read: [/srv/checks] }`;
    const report = ofContract(read, { file: '/srv/project/ringfence.yaml' });
    expect(steps(report, 'grader-tampering')).toContain('rule grader.answers');
  });
});

describe('what runs outside for the agent', () => {
  const outside = (program: string) => of({ programs: [{ clause: 'excluded', program, outside: true }] });

  it('is the person’s account where it runs what it is told to', () => {
    expect(steps(outside('docker *'), 'escape')).toContain('rule control.outside');
    expect(word(outside('hostname'), 'escape')).toBe('UNKNOWN');
  });

  it('and what nothing holds needs no path', () => {
    expect(word(of({ isolation: { ...CLOSED.isolation, kind: 'none' } }), 'escape')).toBe('REFUTED');
  });
});

describe('what is not expressed', () => {
  it('leaves open the hazards that it may open', () => {
    const some = of({ unexpressed: [{ clause: 'x', text: 'what x does', hazards: ['escape'] }] });
    expect([word(some, 'escape'), word(some, 'exfiltration')]).toEqual(['UNKNOWN', 'PROVED']);
    const any = of({ unexpressed: [{ clause: 'x', text: 'what x does' }] });
    expect(any.verdicts.filter(({ verdict }) => verdict === 'PROVED')).toEqual([]);
  });
});
