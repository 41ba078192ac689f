/**
 * The targets by name.
 *
 * @module
 */
import { bubblewrap, CONFIGURATIONS, codex, none, sandboxRuntime, templated } from './others.ts';
import { CONFIGURATION, LAYERS_CONFIGURATION, ringfence } from './ringfence.ts';
import type { FoundTarget } from './types.ts';

export { wordsOf } from './others.ts';
export type { FoundTarget, Target } from './types.ts';

export const TARGET_NAMES = ['ringfence', 'ringfence-layers', 'none', 'bwrap', 'srt', 'codex'] as const;
export type TargetName = (typeof TARGET_NAMES)[number];

/** Target → what it is given, in words. */
export const configurations: Readonly<Record<TargetName, string>> = {
  ringfence: CONFIGURATION,
  'ringfence-layers': LAYERS_CONFIGURATION,
  ...CONFIGURATIONS,
};

export interface OwnProgram {
  /** words that start `ringfence` */
  readonly words: readonly string[];
  readonly version: string;
}

/** Looks for each; one that is not here has a reason. */
export function findTargets(names: readonly TargetName[], own: OwnProgram, template?: string): FoundTarget[] {
  const find: Record<TargetName, () => FoundTarget> = {
    ringfence: () => ({ ok: true, target: ringfence(own.words, own.version) }),
    'ringfence-layers': () => ({
      ok: true,
      target: ringfence(own.words, own.version, 'ringfence-layers'),
    }),
    none: () => ({ ok: true, target: none }),
    bwrap: bubblewrap,
    srt: sandboxRuntime,
    codex,
  };
  return [...names.map((name) => find[name]()), ...(template === undefined ? [] : [templated(template)])];
}
