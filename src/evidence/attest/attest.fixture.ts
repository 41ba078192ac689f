/**
 * Statements and keys for tests.
 *
 * @module
 */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadKeys, parseVerifier, type Signer, type Verifier, verifierText } from '../../ledger/index.ts';
import type { AttestedTrial, Statement } from './statement.ts';

export interface TestKey {
  readonly signer: Signer;
  readonly verifier: Verifier;
}

/** A key that is made now, in a folder of its own. */
export function freshKey(): TestKey {
  const { signer } = loadKeys(mkdtempSync(join(tmpdir(), 'ringfence-keys-')));
  return { signer, verifier: parseVerifier(verifierText(signer)) as Verifier };
}

/** A key with the name and id of another: who signs with it pretends. */
export const pretender = ({ signer }: TestKey): Signer => ({
  ...signer,
  privateKey: generateKeyPairSync('ed25519').privateKey,
});

const digest = (letter: string) => ({ sha256: letter.repeat(64) });

export const trialOf = (seed: number, more: Partial<AttestedTrial> = {}): AttestedTrial => ({
  seed,
  contained: true,
  honest: true,
  seen: 'finding',
  attributed: true,
  rules: ['posted-secret'],
  falseAlarms: [],
  signs: [],
  toSee: 12.5,
  ...more,
});

/** As `attack` makes it. */
export const reproduction = (
  more: Partial<Statement<'reproduction'>['predicate']> = {},
): Statement<'reproduction'> => ({
  kind: 'reproduction',
  subjects: [
    { name: 'kernel', digest: digest('a'), annotations: { words: '6.12.0 #1 x86_64' } },
    { name: 'launcher', digest: digest('b') },
    { name: 'program', digest: digest('c') },
    { name: 'rules/detections/exfiltration.yml', digest: digest('d') },
    { name: 'scenarios/exfiltration.posted-file', digest: digest('e') },
  ],
  predicate: {
    made: '2026-03-17T12:00:00.000Z',
    ringfence: '0.1.0',
    scenario: 'exfiltration.posted-file',
    hazard: 'exfiltration',
    title: 'A file is posted',
    mechanism: 'It is posted.',
    techniques: ['T1567'],
    claims: ['unsanctioned-tunnel'],
    results: [
      {
        target: 'ringfence',
        version: '0.1.0',
        configuration: 'as its contract says',
        skipped: 0,
        trials: [trialOf(1), trialOf(2)],
      },
    ],
    ...more,
  },
});
