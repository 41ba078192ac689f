/**
 * What a witness is run with, so that whoever replays one, a test or `prove --replay`, gives it the same.
 *
 * @module
 */
import type { Witness } from './schema.ts';

export interface WitnessPlaces {
  /** a random word: harmless, and found wherever the attempt's effect is */
  canary: string;
  /** file outside of the workspace for traces of what was executed */
  mark: string;
  /** folder with the stand-in's files: `seen`, `relay.sock` */
  outside: string;
  /** the stand-in's address, host:port */
  relay: string;
}

/** The variables that setup, attempt and effect have; the attempt in a cell as well. */
export function witnessVariables({ canary, mark, outside, relay }: WitnessPlaces): Record<string, string> {
  return {
    CANARY: canary,
    MARK: mark,
    SEEN: `${outside}/seen`,
    SOCKET: `${outside}/relay.sock`,
    RELAY: relay,
  };
}

/** What the person has in the environment besides: never given to a cell by us, since whether it gets in is the question. */
export function personalVariables({ env }: Witness, { canary }: WitnessPlaces): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replaceAll('$CANARY', canary)]),
  );
}

/** Shell lines as one script; each line is its own statement, a failed one does not stop the next. */
export const witnessScript = (lines: readonly string[]): string => `${lines.join('\n')}\n`;
