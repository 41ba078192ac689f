import { describe, expect, it, test } from 'vitest';
import { parseContract } from './load.ts';
import { matchesModel, modelClients } from './models.ts';

test.each([
  ['*', 'any', true],
  ['claude-*', 'claude-x', true],
  ['claude-*', 'claude', false],
  ['*-mini', 'gpt-mini', true],
  ['a*b*c', 'a1b2c', true],
  ['a*b*c', 'abc', true],
  ['a*bb*b', 'abb', false],
  ['ab*ba', 'aba', false],
  ['a', 'A', false],
  ['a.c', 'abc', false],
])('%s and %s: %s', (pattern, name, matches) => {
  expect(matchesModel(pattern, name)).toBe(matches);
});

test('a pattern of many stars takes no time', () => {
  expect(matchesModel('*a'.repeat(60), `${'a'.repeat(200_000)}b`)).toBe(false);
});

it('tells clients of the providers that there are, and of no others', () => {
  expect(modelClients([{ provider: 'anthropic' }])).toEqual({
    ANTHROPIC_BASE_URL: 'http://anthropic.models.internal:8080',
    ANTHROPIC_API_KEY: 'ringfence-placeholder-model-key',
  });
  expect(modelClients([])).toEqual({});
});

describe('a contract', () => {
  const problems = (entry: string, more = '') => {
    const parsed = parseContract(`ringfence: 1\nname: t\nmodels: ${entry}\n${more}`, 'c.yaml');
    return parsed.ok ? [] : parsed.problems.map(({ message, hint }) => `${message}; ${hint}`);
  };

  it('says what is wrong with an entry, and what to write', () => {
    expect(problems('[{ provider: anthropic }, { provider: openai, models: [gpt-*] }]')).toEqual([]);
    expect(problems('[{ provider: openai, key: sk-abc }]')[0]).toContain(
      'write env:NAME, file:PATH, or none',
    );
    expect(problems('[{ provider: openai, endpoint: "http://m.example.com" }]')[0]).toContain('in the clear');
    expect(problems('[{ provider: openai, endpoint: "http://127.0.0.1:8000/v1" }]')).toEqual([]);
    expect(problems('[{ provider: openai, endpoint: "https://u:p@m.example.com" }]')[0]).toContain(
      'a password',
    );
    expect(problems('[{ provider: openai, budget: { money: 5 } }]')[0]).toContain('what a token costs');
    expect(problems('[{ provider: openai }, { provider: openai }]')[0]).toContain('never counts');
    expect(problems('[{ provider: openai, features: [everything] }]')).toHaveLength(1);
    expect(problems('[{ provider: openai }]', 'network: [{ host: openai.models.internal }]')[0]).toContain(
      'where the cell finds its models',
    );
  });
});
