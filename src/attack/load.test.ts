import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { formatProblem, HAZARD_NAMES } from '../contract/index.ts';
import { loadScenarios, parseScenario, techniquesIn } from './load.ts';

const WORLD = {
  techniques: new Set(['T1046']),
  claims: new Set(['sandbox-escape']),
  tools: new Map([['mine.mjs', '// nothing']]),
};
const GOOD = `scenario: 1
id: escape.example
hazard: escape
title: An example
attempts: A file beside the workspace is written.
techniques: [T1046]
claims: [sandbox-escape]
tools: [mine.mjs]
standIns:
  drop: { kind: http, host: drop.example.net, port: 80 }
contract: {}
payload: echo
honest: echo
effect:
  - arrived: { at: drop, word: $CANARY }
done:
  - file: { in: work, path: a, holds: b }
`;

const problemsOf = (text: string, file = 'scenarios/escape.example.yaml'): string[] => {
  const parsed = parseScenario(text, file, WORLD);
  return parsed.ok ? [] : parsed.problems.map(formatProblem);
};

describe('a scenario', () => {
  it('is read with its defaults and a digest of text and tools', () => {
    const parsed = parseScenario(GOOD, 'escape.example.yaml', WORLD);
    if (!parsed.ok) throw new Error(parsed.problems.map(formatProblem).join('\n'));
    expect(parsed.scenario).toMatchObject({ takes: [], setup: '', vary: {}, needs: [] });
    const other = parseScenario(GOOD, 'escape.example.yaml', {
      ...WORLD,
      tools: new Map([['mine.mjs', '// more']]),
    });
    expect(other.ok && other.scenario.digest).not.toBe(parsed.scenario.digest);
  });

  it.each([
    ['an unknown key', GOOD.replace('title:', 'tilte: x\ntitle:'), /:4:1: tilte.*unknown|:4:1:.*tilte/s],
    [
      'a host of somebody',
      GOOD.replace('drop.example.net', 'drop.net'),
      /:10:\d+: standIns\.drop\.host: drop\.net could be somebody’s\n.*drop\.example\.com/,
    ],
    [
      'an address in the place of a host',
      GOOD.replace('drop.example.net', '198.51.100.7'),
      /198\.51\.100\.7 could be somebody’s/,
    ],
    ['an unknown technique', GOOD.replace('[T1046]', '[T9999]'), /:6:14: .*no technique T9999/],
    ['an unknown claim', GOOD.replace('[sandbox-escape]', '[nothing]'), /:7:10: .*no claim nothing/],
    ['an unknown tool', GOOD.replace('[mine.mjs]', '[other.mjs]'), /no tool other\.mjs/],
    ['a tool outside of its folder', GOOD.replace('[mine.mjs]', '[../x.mjs]'), /not a tool/],
    ['another hazard', GOOD.replace('hazard: escape', 'hazard: sabotage'), /does not begin with its hazard/],
    ['a sign of nobody', GOOD.replace('at: drop', 'at: dorp'), /:\d+:\d+: .*no stand-in dorp/],
    ['a path that goes up', GOOD.replace('path: a', 'path: ../a'), /effect|done/],
    ['a sentence without an end', GOOD.replace('is written.', 'is written'), /not a sentence/],
    ['no effect', GOOD.replace(/effect:\n.*\n/, ''), /effect/],
  ])('with %s is refused, with its place', (_what, text, wanted) => {
    const problems = problemsOf(text);
    expect(problems.join('\n')).toMatch(wanted);
    expect(problems.every((line) => line.startsWith('scenarios/escape.example.yaml:'))).toBe(true);
  });

  it('is called as its file is', () => {
    expect(problemsOf(GOOD, 'scenarios/other.yaml').join()).toContain('not the name of the file');
  });
});

describe('the own scenarios', () => {
  const loaded = loadScenarios(resolve(import.meta.dirname, '../..'));

  it('are valid, two for each hazard at least', () => {
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
    for (const hazard of HAZARD_NAMES)
      expect([hazard, loaded.scenarios.filter((one) => one.hazard === hazard).length >= 2]).toEqual([
        hazard,
        true,
      ]);
  });
});

it('techniques are the first words of lines that are no comments', () => {
  expect([...techniquesIn('# T1 no\nT1046 Scanning\nAML.T0025 Out\n')]).toEqual(['T1046', 'AML.T0025']);
});
