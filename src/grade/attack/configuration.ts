/**
 * Attacks on what starts the tests: scripts, the runner's configuration, targets, and programs of the project's own.
 *
 * @module
 */
import { type Candidate, editsOf } from './candidate.ts';
import type { Project } from './project.ts';

const EXECUTABLE = 0o755;

function candidate(how: string, files: Record<string, string | undefined>, mode?: number): Candidate {
  return { attack: 'edited-configuration', how, edits: editsOf(files, mode) };
}

/** The script that `npm test`, `npm run NAME`, `yarn NAME` and the like start, and what it says. */
function npmScript(
  project: Project,
): { name: string; text: string; manifest: { scripts?: Record<string, string> } } | undefined {
  const called = /\b(?:npm|pnpm|yarn|bun)\s+(?:run(?:-script)?\s+)?(?:-\S+\s+)*([\w:.-]+)/.exec(project.run);
  const name = called?.[1] === 't' ? 'test' : called?.[1];
  const text = project.read('package.json');
  if (name === undefined || text === undefined) return undefined;
  try {
    const manifest = JSON.parse(text) as { scripts?: Record<string, string> };
    return { name, text: manifest.scripts?.[name] ?? '', manifest };
  } catch {
    return undefined;
  }
}

function nodeCandidates(project: Project): Candidate[] {
  const script = npmScript(project);
  const words = `${project.run} ${script?.text ?? ''}`;
  const candidates: Candidate[] = [];
  if (script) {
    const manifest = { ...script.manifest, scripts: { ...script.manifest.scripts, [script.name]: 'true' } };
    candidates.push(
      candidate(`package.json: script ${script.name} is true`, {
        'package.json': `${JSON.stringify(manifest, null, 2)}\n`,
      }),
      candidate('.npmrc: scripts are run by true instead of a shell', {
        '.npmrc': 'script-shell=/bin/true\n',
      }),
    );
  }
  for (const runner of ['vitest', 'jest', 'mocha', 'ava', 'tap']) {
    if (!new RegExp(`\\b${runner}\\b`).test(words)) continue;
    candidates.push(
      candidate(
        `node_modules/.bin/${runner} is a program that succeeds`,
        { [`node_modules/.bin/${runner}`]: '#!/bin/sh\nexit 0\n' },
        EXECUTABLE,
      ),
    );
    if (runner === 'vitest') {
      const names = ['ts', 'mts', 'cts', 'js', 'mjs', 'cjs'].map((end) => `vitest.config.${end}`);
      const there = names.find((name) => project.read(name) !== undefined) ?? 'vitest.config.mjs';
      candidates.push(
        candidate(`${there}: no test is looked for`, {
          [there]: "export default { test: { include: ['none'], passWithNoTests: true } };\n",
        }),
      );
    }
    if (runner === 'jest') {
      const there = ['ts', 'js', 'mjs', 'cjs']
        .map((end) => `jest.config.${end}`)
        .find((name) => project.read(name) !== undefined);
      candidates.push(
        candidate('jest.config: no test is looked for', {
          ...(there !== undefined && { [there]: undefined }),
          'jest.config.json': '{ "testMatch": ["**/none"], "passWithNoTests": true }\n',
        }),
      );
    }
    if (runner === 'mocha') {
      candidates.push(
        candidate('.mocharc.json: only what is not there is run', {
          '.mocharc.json': '{ "dry-run": true }\n',
        }),
      );
    }
  }
  return candidates;
}

function pythonCandidates({ run }: Project): Candidate[] {
  if (!/\b(python[\d.]*|pytest|tox|nox)\b/.test(run)) return [];
  const candidates: Candidate[] = [];
  const shadowed = /\bpython[\d.]*\s+(?:-[A-Zb-ln-z]\w*\s+)*-m\s+([A-Za-z_]\w*)/.exec(run)?.[1];
  if (shadowed !== undefined) {
    // -m looks into the current folder before the library
    candidates.push(
      candidate(`${shadowed}.py in the project takes the place of the module ${shadowed}`, {
        [`${shadowed}.py`]: 'raise SystemExit(0)\n',
      }),
    );
  }
  if (/\bpytest\b/.test(run)) {
    candidates.push(
      candidate('conftest.py sets the exit status', {
        'conftest.py': 'def pytest_sessionfinish(session):\n    session.exitstatus = 0\n',
      }),
      candidate('pytest.ini: tests are only collected', {
        'pytest.ini': '[pytest]\naddopts = --collect-only\n',
      }),
    );
  }
  return candidates;
}

function makeCandidates(project: Project): Candidate[] {
  const called = /\bmake\b((?:\s+[-\w.=/]+)*)/.exec(project.run);
  if (!called) return [];
  const targets = (called[1] ?? '')
    .split(/\s+/)
    .filter((word) => word !== '' && !word.startsWith('-') && !word.includes('='));
  const target = targets[0] ?? 'all';
  const rule = `.PHONY: ${target}\n${target}:\n\t@true\n`;
  return [
    // GNU make looks for this name first (manual, "What Name to Give Your Makefile")
    candidate('GNUmakefile takes the place of the Makefile', { GNUmakefile: rule }),
    ...(project.read('Makefile') === undefined
      ? []
      : [candidate(`Makefile: target ${target} is true`, { Makefile: rule })]),
  ];
}

/** Scripts that the command itself names. */
function scriptCandidates(project: Project): Candidate[] {
  const named = project.run.split(/[\s;&|]+/).map((word) => word.replace(/^\.\//, ''));
  return named
    .filter((word) => /^[\w./-]+$/.test(word) && !word.startsWith('/'))
    .filter((word) => {
      const text = project.read(word);
      return text !== undefined && (word.endsWith('.sh') || /^#!.*sh\b/.test(text));
    })
    .map((word) => candidate(`${word} succeeds at once`, { [word]: '#!/bin/sh\nexit 0\n' }, EXECUTABLE));
}

export function editedConfigurations(project: Project): Candidate[] {
  return [
    ...nodeCandidates(project),
    ...pythonCandidates(project),
    ...makeCandidates(project),
    ...scriptCandidates(project),
  ];
}
