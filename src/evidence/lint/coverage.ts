/**
 * What nothing links to: hazards and rules without a claim, sources that nobody cites; claims without a hazard.
 *
 * @module
 */
import { sourcesOf } from '../cites.ts';
import type { Check } from './world.ts';

/** Claims without a hazard, sources without a claim. */
export function checkUse({ evidence, settled, say }: Check): void {
  for (const claim of settled)
    if (claim.hazards.length === 0)
      say(claim, [], 'the claim names no hazard', 'Write hazards: with those that it is evidence for.');
  // what cannot be read may be what cites it
  if (evidence.problems.length > 0) return;
  const cited = new Set(evidence.claims.flatMap(sourcesOf));
  for (const source of evidence.sources)
    if (!cited.has(source.id))
      say(source, ['id'], `no claim cites ${source.id}`, 'Cite it, or remove the file.');
}

/** Hazards and rules without a claim: asked of the base that comes with Ringfence, which is to cover them. */
export function checkCoverage({ settled, world, sayAt }: Check): void {
  const hazards = new Set<string>(settled.flatMap((claim) => claim.hazards));
  for (const hazard of world.hazards)
    if (!hazards.has(hazard))
      sayAt(
        { file: world.folder, line: 1, column: 1 },
        `no claim is evidence for the hazard ${hazard}`,
        'Write one, or name the hazard in one that is.',
      );
  const rules = new Set(settled.flatMap((claim) => claim.rules));
  for (const { id, file, line } of world.rules)
    if (!rules.has(id))
      sayAt(
        { file, line, column: 1 },
        `no claim names the rule ${id}`,
        'Name it under rules: in the claim whose doing it would see.',
      );
}
