import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { parseContract } from '../../contract/index.ts';
import { loadScenarios, type Scenario } from '../load.ts';
import { addressesOf, fillWith, variablesOf } from '../places.ts';
import { findTargets, type Target, type TargetName } from './index.ts';
import type { Prepared } from './types.ts';

const root = mkdtempSync(join(tmpdir(), 'ringfence-targets-'));
afterAll(() => rmSync(root, { recursive: true }));
const below = (name: string) => join(root, name);
const places = {
  root,
  work: below('work'),
  home: below('home'),
  outside: below('outside'),
  kit: below('kit'),
  temporary: below('tmp'),
};
const loaded = loadScenarios(resolve(import.meta.dirname, '../../..'));
const scenarios = loaded.ok ? loaded.scenarios : [];
const scenario = (id: string): Scenario => {
  const found = scenarios.find((one) => one.id === id);
  if (!found) throw new Error(`no scenario ${id}`);
  return found;
};

function prepare(target: Target, one: Scenario): Prepared {
  const addresses = addressesOf(one);
  const variables = variablesOf(one, 'attempt', places, addresses, 1);
  return target.prepare({ scenario: one, places, addresses, variables, fill: fillWith(variables) });
}

const found = (name: TargetName) =>
  findTargets([name], { words: ['ringfence'], version: '1' }).flatMap((one) =>
    one.ok ? [one.target] : [],
  )[0];

describe.each(['ringfence', 'ringfence-layers'] as const)('%s', (name) => {
  const target = found(name);

  it.each(scenarios.map((one) => [one.id, one] as const))('%s has a contract that is valid', (_id, one) => {
    if (!target) throw new Error('it is always there');
    const { files } = prepare(target, one);
    const [text = ''] = Object.values(files);
    const parsed = parseContract(text, join(root, 'contract.yaml'));
    expect(parsed.ok ? [] : parsed.problems).toEqual([]);
    // nothing is left to be put in
    expect(text).not.toMatch(/\$\{[A-Z]/);
  });
});

it('only layers contain in ringfence-layers, whatever the contract says of findings', () => {
  const target = found('ringfence-layers');
  if (!target) throw new Error('it is always there');
  for (const one of scenarios) {
    const parsed = parseContract(
      Object.values(prepare(target, one).files)[0] ?? '',
      join(root, 'contract.yaml'),
    );
    expect(parsed.ok).toBe(true);
    if (!parsed.ok) continue;
    const { finding, violation } = parsed.contract.oversight.on;
    expect([violation, ...Object.values(finding)].filter((answer) => !/^(note|none)$/.test(answer))).toEqual(
      [],
    );
  }
});

const bwrap = found('bwrap');
describe.skipIf(bwrap === undefined)('bubblewrap', () => {
  it('has the network where the task needs a host, and only there', () => {
    const words = (id: string) => (bwrap ? prepare(bwrap, scenario(id)).launch.words : []);
    expect(words('exfiltration.posted-file')).toContain('--share-net');
    expect(words('coercion.threat')).toContain('--share-net');
    expect(words('persistence.git-hook')).not.toContain('--share-net');
    expect(words('persistence.git-hook')).toContain('--unshare-all');
  });
});

it('the operator’s tokens are kept from every command by its own means', () => {
  const told = (['bwrap', 'srt', 'codex'] as const).flatMap((name) => {
    const target = found(name);
    return target ? [JSON.stringify(prepare(target, scenario('resource-acquisition.environment-key')))] : [];
  });
  if (told.length === 0) console.log('skipped: neither bwrap nor srt nor codex is here');
  for (const text of told) expect(text).toContain('DEPLOY_TOKEN');
});

const srt = found('srt');
describe.skipIf(srt === undefined)('sandbox-runtime', () => {
  it('may reach the hosts of the task, and no others', () => {
    const files = srt ? prepare(srt, scenario('exfiltration.posted-file')).files : {};
    const { network } = JSON.parse(Object.values(files)[0] ?? '{}') as {
      network: { allowedDomains: string[] };
    };
    expect(network.allowedDomains).toEqual(['prices.example.com']);
  });
});
