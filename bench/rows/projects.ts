/**
 * Honest work: building and testing a real TypeScript project and a real Python package, inside against bare.
 *
 * @module
 */
import { readdirSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import type { Line } from '../line.ts';
import { unpackDebian } from '../peers.ts';
import { mustRun, UnmeasuredError } from '../programs.ts';
import { inTurns, pairedRatio, summarize } from '../statistics.ts';
import { RINGFENCE, ROOT, type Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const GOAL = { of: 'ratio', is: 'at most', bound: 1.15 } as const;
const CONTRACT = 'compute: { time: 30m, cpu-time: 60m, processes: 2048 }\n';

/** The same shell command in a folder, bare and inside, in turns. */
async function compare(
  workshop: Workshop,
  what: string,
  folder: string,
  script: string,
  note: string,
): Promise<Line> {
  const contract = workshop.contract(
    'project',
    [],
    `files: { workspace: "${folder}", write: ["**"] }\n${CONTRACT}`,
  );
  const command = ['sh', '-ec', script];
  const environment = {
    ...workshop.environment,
    PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
  };
  const seconds = (words: readonly string[]) => async () => {
    const before = performance.now();
    await mustRun(words, { cwd: folder, environment, within: 400 });
    return (performance.now() - before) / 1000;
  };
  const values = await inTurns(
    {
      inside: seconds([RINGFENCE, 'run', '-q', '--contract', contract, '--', ...command]),
      bare: seconds(command),
    },
    Math.max(3, Math.ceil(workshop.rounds / 4)),
  );
  return {
    what,
    goal: GOAL,
    ours: { name: 'inside', unit: 's', value: summarize(values.inside) },
    peer: { name: 'bare', unit: 's', value: summarize(values.bare) },
    compared: pairedRatio(values.inside, values.bare),
    note,
  };
}

/** This project itself: the newest real TypeScript project that is surely here. */
const PARTS = [
  'src',
  'test',
  'bench',
  'demo',
  'scripts',
  'contracts',
  'package.json',
  'tsconfig.json',
  'vitest.config.ts',
  'node_modules',
];
const TESTED = ['src/contract'];

async function typescript(workshop: Workshop): Promise<Line> {
  const what = 'TypeScript project: type-check, bundle, test';
  const folder = workshop.folder('typescript');
  const present = new Set(readdirSync(ROOT));
  await mustRun(
    ['cp', '-a', ...PARTS.filter((part) => present.has(part)).map((part) => join(ROOT, part)), folder],
    { within: 200 },
  );
  const bin = 'node_modules/.bin';
  const script = `${bin}/tsc -p . && node scripts/build.ts && ${bin}/vitest run --project unit ${TESTED.join(' ')}`;
  return await compare(
    workshop,
    what,
    folder,
    script,
    `a copy of this repository: tsc, rolldown, vitest run ${TESTED.join(' ')}`,
  );
}

const PYTHON = '/usr/bin/python3';
const PACKAGES = [
  'python3-networkx',
  'python3-pytest',
  'python3-pluggy',
  'python3-iniconfig',
  'python3-packaging',
  'python3-attr',
  'python3-py',
];
const PYTHON_TESTED = ['networkx/classes', 'networkx/generators', 'networkx/algorithms/shortest_paths'];

async function python(workshop: Workshop): Promise<Line> {
  const what = 'Python package: byte-compile, test';
  const folder = workshop.folder('python');
  const failed = await unpackDebian(folder, PACKAGES);
  const packages = join(folder, 'root/usr/lib/python3/dist-packages');
  if (failed === undefined) {
    const script = `export PYTHONPATH=${packages}; cd ${packages}
      ${PYTHON} -m compileall -q -f networkx && ${PYTHON} -m pytest -q -p no:cacheprovider ${PYTHON_TESTED.join(' ')}`;
    return await compare(
      workshop,
      what,
      folder,
      script,
      `Debian's python3-networkx: compileall, pytest ${PYTHON_TESTED.join(' ')}`,
    );
  }
  const modules = ['test_json', 'test_re', 'test_dict', 'test_zipfile', 'test_subprocess'];
  const script = `${PYTHON} -m compileall -q -f -s / -d / $(dirname $(${PYTHON} -c 'import json; print(json.__file__)')) -o 0 >/dev/null || true
    ${PYTHON} -m test -j1 ${modules.join(' ')}`;
  return await compare(
    workshop,
    what,
    folder,
    script,
    `${failed}; instead the standard library's own tests: ${modules.join(' ')}`,
  );
}

async function measure(workshop: Workshop): Promise<Line[]> {
  const lines: Line[] = [];
  for (const [what, project] of [
    ['TypeScript project', typescript],
    ['Python package', python],
  ] as const) {
    try {
      lines.push(await project(workshop));
    } catch (error) {
      if (!(error instanceof UnmeasuredError)) throw error;
      lines.push({ what, goal: GOAL, note: error.message });
    }
  }
  return lines;
}

export const projects: Row = {
  id: 'projects',
  measures: 'building and testing real projects inside against bare',
  run: measure,
};
