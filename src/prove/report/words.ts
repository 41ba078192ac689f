/**
 * Facts in words.
 *
 * @module
 */
import type { Fact } from '../logic/index.ts';

const SAID: Readonly<Record<string, (args: readonly string[]) => string>> = {
  hazard: ([name]) => `${name}`,
  lands: ([file]) => `${plain(file)} is there for whoever uses the workspace`,
  controls: ([, actor]) => `the agent acts as ${actor}`,
  reaches: ([, to]) => `the agent reaches ${to === 'anywhere' ? 'every host' : plain(to)}`,
};

const plain = (name = ''): string => name.replace(/^(file|data|env):/, '');

/** A derived fact as a clause of a sentence. */
export function wordsOf([predicate, ...args]: Fact): string {
  return SAID[predicate]?.(args) ?? `${predicate} ${args.map(plain).join(' ')}`;
}
