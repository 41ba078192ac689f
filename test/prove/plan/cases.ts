/**
 * Contracts of all kinds, and the plans that the compiler makes of them, on a machine of the test's own.
 */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { compilePlan, type PlanInput } from '../../../src/cell/plan/index.ts';
import { type Plan, parseContract } from '../../../src/contract/index.ts';
import type { CellFacts } from '../../../src/prove/artefacts/plan/index.ts';

/** A machine of its own: a home with secrets and tools, a project, a folder of Ringfence's own. */
export interface Bench {
  root: string;
  home: string;
  project: string;
  state: string;
  remove(): void;
}

export function makeBench(): Bench {
  const root = mkdtempSync(join(tmpdir(), 'ringfence-plan-'));
  const [home, state] = [join(root, 'home'), join(root, 'state')];
  const project = join(home, 'project');
  const write = (path: string, text = 'x\n', mode = 0o644) => {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { mode });
  };
  for (const path of [
    'src/a.ts',
    'src/deep/b.ts',
    'docs/readme.md',
    '.env',
    'keys/a.pem',
    'lib/keys/b.pem',
    'private/x',
  ])
    write(join(project, path));
  write(join(home, '.ssh/id_ed25519'));
  write(join(home, '.gitconfig'));
  write(join(home, 'notes/today'));
  write(join(home, '.cargo/bin/cargo'), '#!/bin/sh\n', 0o755);
  write(join(home, '.cargo/credentials.toml'));
  write(join(home, 'tools/node/bin/node'), '#!/bin/sh\n', 0o755);
  write(join(home, 'tools/node/include/node.h'));
  write(join(home, 'tools/node/.npmrc'));
  mkdirSync(join(home, '.local/bin'), { recursive: true });
  symlinkSync(join(home, 'tools/node/bin/node'), join(home, '.local/bin/node'));
  symlinkSync('../docs', join(project, 'src/link'));
  for (const name of ['upper', 'work', 'keys', 'runs']) mkdirSync(join(state, name), { recursive: true });
  write(join(state, 'marker'));
  return { root, home, project, state, remove: () => rmSync(root, { recursive: true, force: true }) };
}

export interface Case {
  plan: Plan;
  facts: CellFacts;
}

const PATH = '/usr/local/bin:/usr/bin:/bin';

/** A contract's plan, and what it is held against. `lines` follow the contract's name. */
export function makeCase(bench: Bench, lines: string, change: Partial<PlanInput> = {}): Case {
  const loaded = parseContract(`ringfence: 1\nname: case\n${lines}\n`, 'test');
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { home, state, project } = bench;
  const input: PlanInput = {
    contract: loaded.contract,
    base: project,
    command: ['true'],
    cwd: project,
    run: 'run',
    folders: { upper: join(state, 'upper'), work: join(state, 'work'), marker: join(state, 'marker') },
    host: {
      env: {
        PATH: `${home}/.cargo/bin:${home}/.local/bin:${PATH}`,
        LANG: 'C',
        TOKEN: 'a value of the host',
        EDITOR: 'vi',
      },
      uid: process.getuid?.() ?? 0,
      gid: process.getgid?.() ?? 0,
      home,
      user: 'tester',
    },
    unprivileged: 1_900_000_000,
    processors: 4,
    groups: { limits: {}, folders: [{ path: '/sys/fs/cgroup/ringfence-test', role: 'freeze' }] },
    pidfdThread: true,
    probeInterval: 10_000,
    ...change,
  };
  const compiled = compilePlan(input);
  if (!compiled.ok) throw new Error(compiled.problem);
  return { plan: compiled.plan, facts: { ...input, own: [join(state, 'keys'), join(state, 'runs')] } };
}

/** Contracts of all kinds, as lines after the name. */
export const contracts: fc.Arbitrary<string> = fc
  .record({
    mode: fc.constantFrom('overlay', 'direct'),
    write: fc.constantFrom(
      '["**"]',
      '["src/**"]',
      '["src/**", "docs/**"]',
      '["src/deep/**", "lib/**"]',
      '[]',
    ),
    read: fc.constantFrom('[]', '[~/.gitconfig]', '[~/notes]', '[~/notes/today, ~/.gitconfig]'),
    hide: fc.constantFrom('[]', '[.env]', '[.env, private/**]', '["**/*.pem"]', '["keys/*.pem", private]'),
    programs: fc.constantFrom('any', '[sh]', '[sh, cat, env]', '[~/.cargo/bin/cargo]'),
    network: fc.constantFrom(
      '[]',
      '[{ host: api.example.com }]',
      '[{ host: 192.0.2.1, port: 5432, protocol: postgres }]',
      '[{ host: "*.example.com", port: 8443 }, { host: "2001:db8::1", protocol: tls }]',
    ),
    resolve: fc.constantFrom('{}', '{ api.example.com: [203.0.113.7] }'),
    pass: fc.constantFrom('{}', '{ pass: [EDITOR] }', '{ set: { COLOR: blue } }'),
    calls: fc.constantFrom('none', 'declared'),
    cpus: fc.constantFrom('1', '2', '64'),
    memory: fc.constantFrom('1GiB', '512MiB'),
    time: fc.constantFrom('5m', '90s'),
    processes: fc.integer({ min: 1, max: 5000 }),
    disk: fc.constantFrom('1GiB', '10MB'),
  })
  .map((part) =>
    [
      `files: { workspace: { path: ., mode: ${part.mode} }, write: ${part.write}, read: ${part.read}, hide: ${part.hide} }`,
      `programs: ${part.programs}`,
      `network: ${part.network}`,
      // a name to resolve must be one of the network
      ...(part.network.includes('api.example.com') ? [`resolve: ${part.resolve}`] : []),
      `environment: ${part.pass}`,
      `oversight: { calls: ${part.calls} }`,
      `compute: { cpus: ${part.cpus}, memory: ${part.memory}, time: ${part.time}, processes: ${part.processes}, disk: ${part.disk} }`,
    ].join('\n'),
  );
