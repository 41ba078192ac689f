import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { importSettings } from './import.ts';
import { placesOf } from './sources.ts';
import { summaryOf } from './summary.fixture.ts';
import type { ForeignKind } from './types.ts';

const FOLDER = join(import.meta.dirname, 'cases');
const KINDS: readonly ForeignKind[] = ['docker', 'compose', 'k8s', 'srt', 'codex'];
const NAMES: Readonly<Record<ForeignKind, string>> = {
  docker: 'launch.sh',
  compose: 'compose.yaml',
  k8s: 'pod.yaml',
  srt: '-',
  codex: '-',
};

interface Case {
  readonly name: string;
  readonly input: string;
  readonly file?: string;
  readonly beside?: Readonly<Record<string, string>>;
  /** What is granted, all of it; see `summaryOf`. */
  readonly is?: readonly string[];
  /** `LINE:COLUMN path message`. */
  readonly problems?: readonly string[];
}

const casesOf = (kind: ForeignKind): Case[] => parse(readFileSync(join(FOLDER, `${kind}.yaml`), 'utf8'));

function read(kind: ForeignKind, { input, file, beside = {} }: Case) {
  return importSettings(kind, {
    content: input,
    file: file ?? NAMES[kind],
    beside: (path) => beside[path.replace(/^\.\//, '')],
  });
}

describe.each(KINDS)('%s', (kind) => {
  it.each(casesOf(kind))('$name', (each) => {
    const found = read(kind, each);
    if (found.ok) {
      expect(found.settings.flatMap(summaryOf)).toEqual(each.is);
      return;
    }
    const problems = found.problems.map(
      ({ line, column, path, message }) => `${line}:${column} ${path === '' ? '' : `${path} `}${message}`,
    );
    expect(problems).toEqual(each.problems);
  });
});

it('has sixty inputs and more', () => {
  expect(readdirSync(FOLDER)).toHaveLength(KINDS.length);
  expect(KINDS.flatMap(casesOf).length).toBeGreaterThanOrEqual(60);
});

describe('places', () => {
  const settings = KINDS.flatMap((kind) =>
    casesOf(kind).flatMap((each) => {
      const found = read(kind, each);
      return found.ok ? found.settings.map((setting) => ({ setting, input: each.input })) : [];
    }),
  );

  it('are known for every clause, and lie in the text', () => {
    for (const { setting, input } of settings) {
      const lines = input.split('\n');
      const places = placesOf(setting);
      expect(places.size).toBeGreaterThan(0);
      for (const [clause, { file, line, column }] of places) {
        if (file === 'common.yaml') continue;
        const text = lines[line - 1];
        expect(text, `${setting.name} ${clause}`).toBeDefined();
        expect(column, `${setting.name} ${clause}`).toBeLessThanOrEqual((text as string).length + 1);
      }
    }
  });

  it('of a flag are where the flag is', () => {
    const [setting] = settings.filter(({ setting: { kind } }) => kind === 'docker');
    const place = placesOf(setting?.setting as (typeof settings)[0]['setting']).get('--privileged');
    const line = setting?.input.split('\n')[(place?.line ?? 0) - 1];
    expect(line?.slice((place?.column ?? 0) - 1)).toMatch(/^--privileged -p/);
  });
});
