import { describe, expect, it, test } from 'vitest';
import { parseContract } from '../../contract/index.ts';
import { type Maximum, parseMaximum } from '../../contract/maximum.ts';
import { type ContainmentOptions, exceeds } from './index.ts';

function contractOf(text: string) {
  const parsed = parseContract(`ringfence: 1\nname: t\n${text}\n`, 'c.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.contract;
}

function maximumOf(text: string): Maximum {
  const parsed = parseMaximum(`ringfence: 1\n${text}\n`, 'm.yaml');
  if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join('\n'));
  return parsed.maximum;
}

const beyond = (contract: string, maximum: string, options: ContainmentOptions = {}) => {
  const found = exceeds(contractOf(contract), maximumOf(maximum), { home: '/home/operator', ...options });
  expect(found.undecided).toEqual([]);
  return found.beyond.map(({ clause, witness }) => `${clause}: ${witness}`);
};

describe('a contract within a maximum', () => {
  test.each([
    ['nothing but defaults', '', ''],
    ['narrower folders', 'files: { write: [src/api/**, docs/**] }', 'files: { write: [src/**, docs/**] }'],
    ['a file in a folder', 'files: { read: [~/.config/tool/settings] }', 'files: { read: [~/.config] }'],
    ['a home written out', 'files: { read: [/home/operator/.gitconfig] }', 'files: { read: [~/.gitconfig] }'],
    [
      'more that is hidden',
      'files: { hide: [.env, private/**, "**/*.pem"] }',
      'files: { hide: [.env, private/x] }',
    ],
    [
      'a name below a wildcard',
      'network: [{ host: a.b.example.com }]',
      'network: [{ host: "*.example.com" }]',
    ],
    [
      'methods and paths of two rules together',
      'network: [{ host: api.example.com, methods: [GET, POST], paths: [/v1/a/**] }]',
      'network: [{ host: api.example.com, methods: [GET], paths: [/v1/**] }, { host: "*.example.com", methods: [POST], paths: ["/v1/*/**"] }]',
    ],
    [
      'https under tls',
      'network: [{ host: a.example.com }]',
      'network: [{ host: a.example.com, protocol: tls }]',
    ],
    [
      'ssh under tcp',
      'network: [{ host: a.example.com, port: 22, protocol: ssh }]',
      'network: [{ host: a.example.com, port: 22, protocol: tcp }]',
    ],
    [
      'budgets that add up',
      'network: [{ host: a.example.com, bytes: 1MiB }, { host: b.example.com, bytes: 1MiB }]',
      'network: [{ host: "*.example.com", bytes: 2MiB }]',
    ],
    [
      'headers',
      'network: [{ host: a.example.com, headers: [x-api-key, accept] }]',
      'network: [{ host: a.example.com, headers: [x-api-*, accept] }]',
    ],
    [
      'smaller limits',
      'compute: { memory: 1GiB, cpus: { max: 1, hard: true } }',
      'compute: { memory: 4GiB, cpus: 2 }',
    ],
    ['programs', 'programs: [node, git]', 'programs: [git, node, sh]'],
    [
      'stricter responses',
      'oversight: { on: { violation: kill } }',
      'oversight: { on: { violation: note } }',
    ],
    [
      'listed packages',
      'packages: [{ ecosystem: pip, from: "https://p.example.com", only: ["My.Package==1.0"] }]',
      'packages: [{ ecosystem: pip, from: "https://p.example.com/", only: ["my-package==1.0", "b==2"] }]',
    ],
    [
      'any list of an index',
      'packages: [{ ecosystem: npm, from: "https://p.example.com", only: package-lock.json }]',
      'packages: [{ ecosystem: npm, from: "https://p.example.com", only: any }]',
    ],
    [
      'a secret under another name',
      'network: [{ host: a.example.com }]\nsecrets: { T: { for: a.example.com, from: "env:TOKEN" } }',
      'network: [{ host: a.example.com }]\nsecrets: { TOKEN: { for: a.example.com } }',
    ],
    [
      'what is left to any',
      'network: [{ host: a.example.com }]\nenvironment: { pass: [A] }\ncompute: { memory: 64GiB }',
      'network: any\nenvironment: any\ncompute: { memory: any }',
    ],
    ['a workspace below the file', 'files: { workspace: app }', ''],
    ['a workspace above, where that is allowed', 'files: { workspace: .. }', 'files: { workspace: .. }'],
  ])('%s', (_, contract, maximum) => {
    expect(beyond(contract, maximum)).toEqual([]);
  });
});

describe('what a contract gives beyond a maximum', () => {
  test.each([
    ['a folder', 'files: { write: ["**"] }', 'files: { write: [src/**] }', ['files.write[0]: a']],
    [
      'a file of the machine',
      'files: { read: [~/.ssh] }',
      'files: { read: [~/.gitconfig] }',
      ['files.read[0]: /home/operator/.ssh'],
    ],
    [
      'a file that is not hidden',
      'files: { hide: [.env] }',
      'files: { hide: ["**/.env"] }',
      ['files.hide: a/.env'],
    ],
    [
      'a direct workspace',
      'files: { workspace: { path: ., mode: direct } }',
      '',
      ['files.workspace.mode: mode: direct'],
    ],
    ['a workspace elsewhere', 'files: { workspace: /srv/data }', '', ['files.workspace: /srv/data']],
    [
      'another host',
      'network: [{ host: evil.example }]',
      'network: [{ host: a.example.com }]',
      ['network[0]: evil.example:443 over https'],
    ],
    [
      'a name beside a wildcard',
      'network: [{ host: example.com }]',
      'network: [{ host: "*.example.com" }]',
      ['network[0]: example.com:443 over https'],
    ],
    [
      'another port',
      'network: [{ host: a.example.com, port: 8443 }]',
      'network: [{ host: a.example.com }]',
      ['network[0]: a.example.com:8443 over https'],
    ],
    [
      'another protocol',
      'network: [{ host: a.example.com, protocol: tcp }]',
      'network: [{ host: a.example.com }]',
      ['network[0]: a.example.com:443 over tcp'],
    ],
    [
      'a method',
      'network: [{ host: a.example.com, methods: [GET, DELETE] }]',
      'network: [{ host: a.example.com, methods: [GET] }]',
      ['network[0].methods: DELETE https://a.example.com:443/a'],
    ],
    [
      'all methods',
      'network: [{ host: a.example.com }]',
      'network: [{ host: a.example.com, methods: [GET] }]',
      ['network[0].methods: POST https://a.example.com:443/a'],
    ],
    [
      'a path',
      'network: [{ host: a.example.com, paths: [/v1/**] }]',
      'network: [{ host: a.example.com, paths: ["/v1/*"] }]',
      ['network[0].paths: GET https://a.example.com:443/v1/'],
    ],
    [
      'a header',
      'network: [{ host: a.example.com, headers: [cookie] }]',
      'network: [{ host: a.example.com, headers: [accept] }]',
      ['network[0].headers: cookie: … to a.example.com'],
    ],
    [
      'a header that rewrites the request',
      'network: [{ host: a.example.com, headers: [x-http-method] }]',
      'network: [{ host: a.example.com, methods: [GET, POST] }, { host: a.example.com, body: 100 }]',
      ['network[0].headers: x-http-method: … to a.example.com'],
    ],
    [
      'a body',
      'network: [{ host: a.example.com, body: 2KiB }]',
      'network: [{ host: a.example.com, body: 1KiB }]',
      ['network[0].body: a body of 1025 bytes to a.example.com'],
    ],
    [
      'budgets that together are too large',
      'network: [{ host: a.example.com, bytes: 2MiB }, { host: b.example.com, bytes: 1MiB }]',
      'network: [{ host: "*.example.com", bytes: 2MiB }]',
      ['network[0].bytes: 2.0 MiB'],
    ],
    [
      'a budget that is not there',
      'network: [{ host: a.example.com }]',
      'network: [{ host: a.example.com, connections: 10 }]',
      ['network[0].connections: 11 connections'],
    ],
    [
      'an address',
      'network: [{ host: a.example.com }]\nresolve: { a.example.com: [10.0.0.5] }',
      'network: [{ host: a.example.com }]',
      ['resolve["a.example.com"]: a.example.com at 10.0.0.5'],
    ],
    [
      'an address that is not written',
      'network: [{ host: a.example.com }]',
      'network: [{ host: a.example.com }]\nresolve: { a.example.com: [203.0.113.5] }',
      ['network[0].host: a.example.com at another address than 203.0.113.5'],
    ],
    ['any program', '', 'programs: [node, sh]', ['programs: python3']],
    ['a program', 'programs: [node, curl]', 'programs: [node]', ['programs[1]: curl']],
    [
      'an index',
      'packages: [{ ecosystem: npm, from: "https://q.example.com", only: ["a@1.0.0"] }]',
      'packages: [{ ecosystem: npm, from: "https://p.example.com", only: any }]',
      ['packages[0]: npm from https://q.example.com'],
    ],
    [
      'an artefact',
      'packages: [{ ecosystem: npm, from: "https://p.example.com", only: ["a@1.0.0", "b@1.0.0"] }]',
      'packages: [{ ecosystem: npm, from: "https://p.example.com", only: ["a@1.0.0"] }]',
      ['packages[0].only: b@1.0.0'],
    ],
    [
      'a secret',
      'network: [{ host: a.example.com }]\nsecrets: { TOKEN: { for: a.example.com } }',
      'network: [{ host: a.example.com }]',
      ['secrets.TOKEN: env:TOKEN to a.example.com'],
    ],
    [
      'a secret to another host',
      'network: [{ host: a.example.com }, { host: b.example.com }]\nsecrets: { TOKEN: { for: [a.example.com, b.example.com] } }',
      'network: any\nsecrets: { TOKEN: { for: a.example.com } }',
      ['secrets.TOKEN.for: b.example.com'],
    ],
    [
      'a secret in another place',
      'network: [{ host: a.example.com }]\nsecrets: { TOKEN: { for: a.example.com, as: query, name: key } }',
      'network: any\nsecrets: { TOKEN: { for: a.example.com } }',
      ['secrets.TOKEN: env:TOKEN to a.example.com'],
    ],
    [
      'a variable',
      'environment: { pass: [A], set: { B: c } }',
      'environment: { set: { B: d } }',
      ['environment.pass[0]: A', 'environment.set.B: B=c'],
    ],
    [
      'compute',
      'compute: { memory: 8GiB, cpus: 4 }',
      'compute: { memory: { max: 4GiB, hard: true } }',
      ['compute.cpus: 4 CPUs', 'compute.memory: 8 GiB of memory', 'compute.memory: hard: false'],
    ],
    [
      'questions instead of denials',
      'oversight: { approve: [network.new-host] }',
      '',
      ['oversight.approve[0]: network.new-host'],
    ],
    [
      'a weaker response',
      'oversight: { on: { violation: note } }',
      '',
      ['oversight.on.violation: violation: note'],
    ],
    ['a hazard that is not aimed at', 'never: [escape]', 'never: [escape, intrusion]', ['never: intrusion']],
    ['a hazard that is not required', '', 'never: { require: [escape] }', ['never: escape']],
    ['a weaker isolation', 'isolation: landlock', '', ['isolation: isolation: landlock']],
    [
      'no hidden check',
      'objective: { success: { run: npm test } }',
      'objective: { success: { run: x, protect: ["test/**"] }, hidden: { run: x } }',
      ['objective.hidden: no objective.hidden', 'objective.success.protect: test/a'],
    ],
    [
      'a network for graders',
      'objective: { success: { run: x, network: true } }',
      '',
      ['objective.success.network: network: true'],
    ],
  ])('%s', (_, contract, maximum, expected) => {
    expect(beyond(contract, maximum)).toEqual(expected);
  });

  it('goes by the files that programs are, where they are known', () => {
    const files: Record<string, string[]> = { node: ['/usr/bin/node'], '/usr/bin/node': ['/usr/bin/node'] };
    const options = { resolveProgram: (name: string) => files[name] };
    expect(beyond('programs: [/usr/bin/node]', 'programs: [node]', options)).toEqual([]);
    expect(beyond('programs: [/opt/node]', 'programs: [node]', options)).toEqual(['programs[0]: /opt/node']);
  });

  it('says what to write instead', () => {
    const [found] = exceeds(
      contractOf('files: { write: ["**"] }'),
      maximumOf('files: { write: [src/**, docs/**] }'),
    ).beyond;
    expect(found?.fix).toBe('write src/**, docs/** instead of **');
    const [header] = exceeds(
      contractOf('network: [{ host: a.example.com, headers: [x-http-method] }]'),
      maximumOf('network: [{ host: a.example.com, body: 100MiB }]'),
    ).beyond;
    expect(header?.fix).toBe('remove x-http-method from headers');
    const [host] = exceeds(
      contractOf('network: [{ host: "*.example.com" }]'),
      maximumOf('network: [{ host: api.example.com }]'),
    ).beyond;
    expect(host).toMatchObject({
      fix: 'write api.example.com instead of *.example.com',
      witness: 'a.example.com:443 over https',
    });
  });
});

describe('maxima', () => {
  const problems = (text: string) => {
    const parsed = parseMaximum(text, 'm.yaml');
    return parsed.ok ? [] : parsed.problems.map(({ line, path, message }) => `${line} ${path}: ${message}`);
  };

  it('need no name, may have rules that overlap and hazards that no run covers', () => {
    expect(
      problems(
        'ringfence: 1\nnetwork: [{ host: "*.example.com" }, { host: a.example.com }]\nnever: { require: [exfiltration] }\n',
      ),
    ).toEqual([]);
  });

  it('are checked like contracts', () => {
    expect(problems('ringfence: 1\nnetwrk: any\n')).toEqual(['2 netwrk: unknown key "netwrk"']);
    expect(problems('ringfence: 1\nnetwork: [{ host: 127.1 }]\n')).toHaveLength(1);
    expect(problems('ringfence: 1\nname: any\nfiles: { hide: any, write: [/etc] }\n')).toHaveLength(1);
  });

  it('have `any` only where it means something', () => {
    expect(problems('ringfence: 1\noversight: { explain: any }\n')).toHaveLength(1);
    expect(problems('ringfence: any\n')).toHaveLength(1);
  });
});
