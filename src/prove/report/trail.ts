/**
 * What of a path a person or a program could try: the file, the destination, the entry of the catalogue.
 *
 * @module
 */
import type { ProofStep } from '../logic/index.ts';
import type { Destination, Model } from '../model/index.ts';

/** The parts of a path that can be tried. What a path does not go through is absent. */
export interface Trail {
  /** Id of the rule that ends it. */
  readonly rule: string;
  /** Path in the workspace that the agent writes. */
  readonly writes?: string;
  /** Catalogue id of what runs it later, or of what the destination serves. */
  readonly entry?: string;
  /** What is gained of the entry, in the catalogue's words. */
  readonly gain?: string;
  /** Where it sends to. */
  readonly destination?: Destination;
  /** What is known: `data:workspace`, `env:NAME`, `file:PATH`. */
  readonly knows?: string;
}

/** The parts of a proof, by its facts. */
export function trailOf(model: Model, steps: readonly ProofStep[]): Trail {
  const find = (predicate: string) => steps.find(({ fact }) => fact[0] === predicate)?.fact;
  const [, , file] = find('writes') ?? [];
  const [, , runs] = find('trigger') ?? [];
  const [, , serves] = find('serves') ?? [];
  const [, , holds] = find('holds') ?? [];
  const [, , knows] = find('knows') ?? [];
  const [, given, gain] = find('gives') ?? [];
  const reached = steps
    .filter(({ fact }) => fact[0] === 'reaches')
    .flatMap(({ fact }) => model.destinations.get(fact[2] ?? '') ?? []);
  const entry = runs ?? serves ?? holds ?? given;
  const [destination] = reached;
  return {
    rule: steps.at(-1)?.rule?.id ?? '',
    ...(file !== undefined && { writes: file.replace(/^file:/, '') }),
    ...(entry !== undefined && { entry }),
    ...(gain !== undefined && { gain }),
    ...(destination !== undefined && { destination }),
    ...(knows !== undefined && { knows }),
  };
}
