/**
 * A rule of the contract's own that finds one harmless word.
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FindingLevel } from '../../src/contract/index.ts';
import type { Place } from '../run/place.ts';

/** Writes it below the records of a place, for `oversight: { rules: [./rules] }`. */
export function writeCanaryRule(place: Place, level: FindingLevel): void {
  const folder = join(place.root, 'records/rules');
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'canary.yml'),
    `title: A canary is executed
id: 0f5a1c2e-6d4b-4c59-9f2e-2f6e3d5b7a01
status: stable
logsource: { category: process_creation }
detection:
  canary: { CommandLine: 'echo canary-word' }
  condition: canary
level: ${level}
ringfence: { hazard: sabotage, limit: only this word }
`,
  );
}
