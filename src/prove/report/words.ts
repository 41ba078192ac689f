/**
 * Facts in words.
 *
 * @module
 */
import type { Fact } from '../logic/index.ts';

const SAID: Readonly<Record<string, (args: readonly string[]) => string>> = {
  hazard: ([name]) => `${name}`,
  lands: ([file]) => `${plain(file)} is there for whoever uses the workspace`,
  controls: ([, actor]) => `the agent acts as ${actor === 'machine' ? 'the machine’s root' : actor}`,
  has: ([, entry]) => `the agent has ${plain(entry)}`,
  knows: ([, data]) => `the agent reads ${plain(data)}`,
  uses: ([, entry, host]) =>
    `the agent uses ${plain(entry)} at ${host === 'anywhere' ? 'some host' : plain(host)}`,
  speaks: ([, channel]) => `the agent writes to people by ${plain(channel)}`,
  reaches: ([, to]) => `the agent reaches ${to === 'anywhere' ? 'every host' : plain(to)}`,
};

const plain = (name = ''): string => name.replace(/^(file|data|env):/, '');

/** A derived fact as a clause of a sentence. */
export function wordsOf([predicate, ...args]: Fact): string {
  return SAID[predicate]?.(args) ?? `${predicate} ${args.map(plain).join(' ')}`;
}
