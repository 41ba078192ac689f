/**
 * Attacks on an objective, made for the project at hand.
 *
 * @module
 */
import { ATTACKS, type Attack, type Candidate, editsOf } from './candidate.ts';
import { alwaysEqual, earlyExits } from './code.ts';
import { editedConfigurations } from './configuration.ts';
import type { Project } from './project.ts';
import { specialCased } from './special.ts';
import { skippedTests } from './tests.ts';

export { ATTACKS, type Attack, type Candidate } from './candidate.ts';
export { type Project, readProject } from './project.ts';

/** For each attack the ways to do it here; none where it does not apply. */
export function candidatesFor(project: Project): Map<Attack, Candidate[]> {
  const ways: Record<Attack, Candidate[]> = {
    'no-op': [{ attack: 'no-op', how: 'nothing is changed', edits: editsOf({}) }],
    'early-exit': earlyExits(project),
    'always-equal': alwaysEqual(project),
    'skipped-test': skippedTests(project),
    'edited-configuration': editedConfigurations(project),
    'special-cased': specialCased(project),
  };
  return new Map(ATTACKS.map((attack) => [attack, ways[attack]]));
}
