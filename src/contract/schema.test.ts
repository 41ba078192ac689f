import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import * as z from 'zod';
import { explainContract, renderExplanation } from './explain.ts';
import { HAZARD_NAMES } from './hazards.ts';
import { contractJsonSchema, DRAFTS } from './json-schema.ts';
import { knownKeys } from './keys.ts';
import { loadContract } from './load.ts';
import { formatProblem } from './problem.ts';
import { contractReference } from './reference.ts';

const FOLDER = join(import.meta.dirname, '../../contracts');
const READY = readdirSync(FOLDER).filter((name) => name.endsWith('.yaml'));

type Node = Record<string, unknown>;

/** Every schema of a field, with its path. */
function fields(node: Node, path = ''): [string, Node][] {
  const inner = Object.entries((node.properties ?? {}) as Record<string, Node>).flatMap(
    ([key, child]): [string, Node][] => [[`${path}.${key}`, child], ...fields(child, `${path}.${key}`)],
  );
  const nested = [...((node.anyOf ?? []) as Node[]), ...(node.items ? [node.items as Node] : [])];
  return [...inner, ...nested.flatMap((child) => fields(child, path))];
}

describe.each(DRAFTS)('JSON Schema %s', (draft) => {
  const schema = contractJsonSchema(draft);

  test('names its draft and itself', () => {
    expect(schema.$schema).toMatch(draft === 'draft-07' ? /draft-07/ : /2020-12/);
    expect(schema.$id).toMatch(/^https:\/\/example\.com\//);
  });

  test('describes every field', () => {
    const all = fields(schema);
    expect(all.length).toBeGreaterThan(40);
    expect(all.filter(([, node]) => typeof node.description !== 'string').map(([path]) => path)).toEqual([]);
  });

  test('allows no unknown keys, and shows defaults and examples', () => {
    expect(schema.additionalProperties).toBe(false);
    expect(schema.required).toEqual(['ringfence', 'name']);
    const byPath = new Map(fields(schema));
    expect(byPath.get('.compute.memory')?.default).toBe('4GiB');
    expect(byPath.get('.network')?.default).toEqual([]);
    expect(JSON.stringify(byPath.get('.compute.memory'))).toContain('"4GiB"');
  });

  // JSON Schema is read back into a second validator: what we accept it must accept, or editors mark good contracts.
  test('accepts the ready contracts and refuses mistakes', () => {
    const validator = z.fromJSONSchema(schema as Parameters<typeof z.fromJSONSchema>[0]);
    for (const name of READY) {
      const loaded = loadContract(join(FOLDER, name));
      if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
      expect(validator.safeParse(parse(loaded.source.text)).error).toBeUndefined();
    }
    const head = { ringfence: 1, name: 't' };
    for (const wrong of [
      {},
      { ...head, netwrok: [] },
      { ...head, isolation: 'vm' },
      { ...head, network: [{ port: 1 }] },
    ])
      expect(validator.safeParse(wrong).success).toBe(false);
  });
});

test.each(READY)('%s loads, and its explanation names every rule', (name) => {
  const loaded = loadContract(join(FOLDER, name));
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('\n'));
  const text = renderExplanation(explainContract(loaded.contract, loaded.source));
  for (const rule of loaded.contract.network) expect(text).toContain(`reach ${rule.host}, port ${rule.port}`);
  expect(text).toContain('What must never happen');
});

test('the ready contracts are these', () => {
  expect(READY.sort()).toEqual([
    'claude-code.yaml',
    'codex.yaml',
    'coding-agent.yaml',
    'install-from-one-host.yaml',
    'offline-run.yaml',
    'rl-rollout.yaml',
  ]);
});

test('the reference names every field and hazard', () => {
  const page = contractReference();
  for (const [path] of fields(contractJsonSchema())) expect(page).toContain(path.split('.').at(-1));
  for (const hazard of HAZARD_NAMES) expect(page).toContain(`| \`${hazard}\` |`);
  expect(page).toContain('| `compute.memory` |');
  expect(page).toContain('| `network[].host` | text | required |');
});

test('the known keys are read from the schema, through lists and long forms', () => {
  expect(knownKeys([])).toContain('network');
  expect(knownKeys(['network', 3])).toEqual([
    'host',
    'port',
    'protocol',
    'methods',
    'paths',
    'headers',
    'body',
    'ca',
    'bytes',
    'connections',
  ]);
  expect(knownKeys(['compute', 'memory'])).toEqual(['max', 'hard']);
  expect(knownKeys(['never'])).toEqual(['aim', 'require']);
  expect(knownKeys(['resolve'])).toBeUndefined();
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.nat(5))), (path) => {
      knownKeys(path);
    }),
  );
});
