/**
 * SigmaHQ's Linux rules, where they lie beside the repository, and observations such as building, testing and looking
 * around make.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Observation } from '../../src/watch/index.ts';

/** Folder of the rules: RINGFENCE_SIGMA_RULES, or shared/data/sigma-linux in a folder above. */
function findRules(): string | undefined {
  const given = process.env.RINGFENCE_SIGMA_RULES;
  if (given !== undefined) return given;
  for (let folder = import.meta.dirname; folder !== dirname(folder); folder = dirname(folder)) {
    const candidate = join(folder, 'shared', 'data', 'sigma-linux');
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}

/** `undefined` where they are not here. */
export function sigmaHqRules(): (readonly [file: string, text: string])[] | undefined {
  const folder = findRules();
  return folder === undefined
    ? undefined
    : readdirSync(folder, { recursive: true, encoding: 'utf8' })
        .filter((file) => file.endsWith('.yml'))
        .sort()
        .map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const);
}

const SCRIPTS = ['src/index.ts', 'lib/parse.js', 'test/unit/parse.test.ts', 'tools/release.sh', 'setup.py'];
const WORDS = [
  'config',
  'parser',
  'main',
  'utils',
  'report',
  'schema',
  'session',
  'worker',
  'index',
  'table',
];

const COMMANDS: readonly (readonly [image: string, line: string])[] = [
  ['/usr/bin/cc', 'cc -O2 -Wall -Wextra -Isrc/include -DNDEBUG -fPIC -c -o build/obj/{w}.o src/{w}.c'],
  [
    '/usr/lib/gcc/x86_64-linux-gnu/12/cc1',
    '/usr/lib/gcc/x86_64-linux-gnu/12/cc1 -quiet -imultiarch x86_64-linux-gnu -D NDEBUG src/{w}.c -quiet -dumpbase {w}.c -mtune=generic -O2 -o /tmp/cc{n}.s',
  ],
  ['/usr/bin/as', 'as --64 -o build/obj/{w}.o /tmp/cc{n}.s'],
  [
    '/usr/bin/ld',
    '/usr/bin/ld -plugin /usr/libexec/gcc/liblto_plugin.so --eh-frame-hdr -m elf_x86_64 -dynamic-linker /lib64/ld-linux-x86-64.so.2 -pie -o build/{w}',
  ],
  ['/usr/bin/bash', 'sh -c node --test {s} && echo done'],
  ['/usr/bin/dash', '/bin/sh -c npm run build:{w} --if-present'],
  [
    '/usr/bin/node',
    'node --enable-source-maps node_modules/vitest/vitest.mjs run test/{w}.test.ts --reporter=dot',
  ],
  ['/usr/bin/node', 'node /usr/lib/node_modules/npm/bin/npm-cli.js install {w}-kit@{n} --save-dev'],
  ['/usr/bin/git', 'git status --porcelain=v2 --branch -z'],
  ['/usr/bin/git', 'git diff --no-color HEAD~{n} -- {s}'],
  ['/usr/bin/git', 'git commit -q -m Make the {w} of {w} say where it failed'],
  ['/usr/bin/python3.11', 'python3 -m pytest -q tests/test_{w}.py::test_{w}_{n} -x'],
  ['/usr/bin/ls', 'ls -la src/{w}'],
  ['/usr/bin/cat', 'cat {s}'],
  ['/usr/bin/grep', 'grep -rn --include=*.ts {w}Of src test'],
  ['/usr/bin/rg', 'rg --line-number --no-heading {w} -g !node_modules'],
  ['/usr/bin/sed', 'sed -n {n},+40p {s}'],
  ['/usr/bin/head', 'head -n {n} {s}'],
  ['/usr/bin/mkdir', 'mkdir -p build/{w}/{n}'],
  ['/usr/bin/cp', 'cp -r templates/{w} build/{w}'],
  ['/usr/bin/find', 'find src -name *.{w}.ts -newer package.json'],
  ['/usr/bin/tar', 'tar -czf dist/{w}-{n}.tgz -C build .'],
  ['/usr/bin/make', 'make -j2 {w} V=1'],
  ['/usr/bin/curl', 'curl -fsS https://api.example.com/v1/{w}/{n}'],
  ['/usr/bin/go', 'go test ./internal/{w}/... -run Test{w} -count=1'],
  ['/usr/bin/env', '/usr/bin/env bash tools/{w}.sh --check {n}'],
];

const PARENTS: readonly (readonly [image: string, line: string])[] = [
  ['/usr/bin/bash', 'bash -c npm test'],
  ['/usr/bin/make', 'make -j2 all'],
  ['/usr/bin/node', 'node /opt/agent/cli.js --task fix the failing tests'],
  ['/usr/bin/dash', 'sh -c tools/check.sh'],
];

/** The same observations each time; seven in ten start a program, two change a file, one opens a connection. */
export function ordinaryObservations(count: number): Observation[] {
  const observations = Array.from({ length: count }, (_, index): Observation => {
    const pick = <Item>(items: readonly Item[], by: number): Item =>
      items[(index * by + (index >> 3)) % items.length] as Item;
    const fill = (text: string): string =>
      text
        .replaceAll('{w}', pick(WORDS, 7))
        .replaceAll('{s}', pick(SCRIPTS, 3))
        .replaceAll('{n}', String(1000 + ((index * 7919) % 9000)));
    const [image, line] = pick(COMMANDS, 11);
    const [parent, parentLine] = pick(PARENTS, 5);
    const common = { time: index * 50, run: 'run', cell: 'cell', cites: [index] };
    const process = {
      Image: image,
      CommandLine: fill(line),
      ProcessId: 1000 + index,
      ParentProcessId: 900 + (index % 40),
      ParentImage: parent,
      ParentCommandLine: parentLine,
      CurrentDirectory: '/home/agent/project',
      User: '1000',
    };
    if (index % 10 < 7) return { category: 'process_creation', ...common, fields: process };
    if (index % 10 < 9)
      return {
        category: 'file_event',
        ...common,
        fields: {
          ...process,
          TargetFilename: fill('/home/agent/project/build/{w}/{n}.o'),
          Operation: 'write',
        },
      };
    return {
      category: 'network_connection',
      ...common,
      fields: {
        ...process,
        DestinationHostname: fill('{w}.api.example.com'),
        DestinationIp: '192.0.2.17',
        DestinationPort: 443,
        Protocol: 'tcp',
        Initiated: true,
      },
    };
  });
  // as they come from elsewhere: no text shares memory with another
  return JSON.parse(JSON.stringify(observations)) as Observation[];
}
