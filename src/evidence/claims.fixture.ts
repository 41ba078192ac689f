/**
 * A small evidence base for tests: one claim, two sources, and a world in which all their links lead somewhere.
 *
 * @module
 */
import { stringify } from 'yaml';
import type { World } from './lint/index.ts';
import { type Evidence, loadEvidence } from './load.ts';

type Plain = Record<string, unknown>;

export const CLAIM: Plain = {
  claim: 1,
  id: 'tunnel',
  title: 'Agents open tunnels',
  kind: 'capability',
  category: 'containment',
  statement: 'An agent opened a tunnel.',
  narrative: [{ text: 'It did.', cites: [{ source: 'paper', at: '§1' }] }],
  evidence: [{ shows: 'A tunnel.', cite: { source: 'paper' } }],
  axes: {
    maturity: 'demonstrated',
    setting: 'real-world',
    sourcing: 'reported',
    attribution: { to: 'unprompted', text: 'Nobody asked.' },
    reproduction: { level: 'none' },
    certainty: { level: 'moderate', design: 'records' },
  },
  escalation: [
    { id: 'first', text: 'A shell.', state: 'observed', techniques: ['T1572'] },
    {
      id: 'second',
      text: 'A tunnel.',
      state: 'observed',
      hazard: 'remote-control',
      affordance: 'relays.ssh',
    },
  ],
  counterarguments: [
    {
      id: 'doubt',
      text: 'Nobody saw it.',
      strength: 'moderate',
      state: 'answered',
      response: { text: 'The firewall did.', cites: [{ source: 'news' }] },
    },
  ],
  hazards: ['remote-control'],
  affordances: ['relays.ssh'],
  rules: ['remote-control.reverse-tunnel'],
  contracts: ['rl-rollout'],
  tags: ['ssh'],
  verification: [{ on: '2026-03-17', by: 'us', how: 'sources-read-in-part' }],
  history: [{ on: '2026-03-17', what: 'Entered.' }],
};

export const PAPER: Plain = {
  source: 1,
  id: 'paper',
  type: 'preprint',
  tier: 'primary',
  title: 'A Paper',
  authors: ['A. Author'],
  publisher: 'A Publisher',
  published: '2025-12',
  accessed: '2026-03-17',
  url: 'https://papers.example.com/1',
  archive: { none: 'it stays' },
  licence: 'CC-BY-4.0',
  checked: { how: 'read-whole', on: '2026-03-17', by: 'us' },
};

export const NEWS: Plain = {
  ...PAPER,
  id: 'news',
  type: 'news',
  tier: 'secondary',
  title: 'News',
  url: 'https://news.example.com/1',
};

export const WORLD: World = {
  hazards: new Set(['remote-control']),
  rules: [{ id: 'remote-control.reverse-tunnel', file: 'rules/remote-control.yml', line: 3 }],
  affordances: new Set(['relays.ssh']),
  contracts: new Set(['rl-rollout']),
  techniques: new Set(['T1572']),
  scenarios: new Map([
    ['remote-control.tunnel', ['tunnel']],
    ['remote-control.other', []],
  ]),
  hasPath: (path) => path === 'demo',
  recordOf: () => undefined,
  today: '2026-03-18',
  folder: 'claims',
};

/** A value with others laid over it, deeply; lists are replaced. */
export function over(base: Plain, change: Plain): Plain {
  const result: Plain = { ...base };
  for (const [key, value] of Object.entries(change)) {
    const before = result[key];
    const both = [before, value].every(
      (one) => typeof one === 'object' && one !== null && !Array.isArray(one),
    );
    if (value === undefined) delete result[key];
    else result[key] = both ? over(before as Plain, value as Plain) : value;
  }
  return result;
}

/** Loads claims and sources as if they lay in files named after their ids. */
export function baseOf(claims: readonly Plain[], sources: readonly Plain[] = [PAPER, NEWS]): Evidence {
  return loadEvidence({
    claims: claims.map((claim) => [
      `claims/${claim.id}.yaml`,
      stringify(claim, { aliasDuplicateObjects: false }),
    ]),
    sources: sources.map((source) => [`claims/sources/${source.id}.yaml`, stringify(source)]),
  });
}
