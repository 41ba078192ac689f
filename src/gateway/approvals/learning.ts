/**
 * What `learn` lets through: every public name that is asked for, on the usual ports and with the protocol that
 * belongs to each. What is spoken is judged and recorded as always; private addresses stay shut.
 *
 * @module
 */
import type { NetworkRule } from '../../contract/index.ts';
import type { Reporter } from '../reporter.ts';
import type { Changes } from './changes.ts';
import type { Decision } from './questions.ts';

const USUAL: readonly Pick<NetworkRule, 'port' | 'protocol'>[] = [
  { port: 443, protocol: 'https' },
  { port: 80, protocol: 'http' },
  { port: 22, protocol: 'ssh' },
];
/** Names in one run: honest work needs a few dozen. */
const MAX_LEARNT = 512;

export class Learning {
  readonly #changes: Changes;
  readonly #reporter: Reporter;
  readonly #names = new Map<string, Promise<unknown>>();

  constructor(changes: Changes, reporter: Reporter) {
    this.#changes = changes;
    this.#reporter = reporter;
  }

  /** Lets a name be resolved, and notes it. */
  async take(name: string): Promise<Decision> {
    if (!this.#names.has(name)) {
      if (this.#names.size >= MAX_LEARNT) return { do: 'deny', why: 'too many names to learn from' };
      this.#reporter.event({ kind: 'note', text: `learn: ${name} is let through` });
      const rules = USUAL.map((usual) => this.#changes.add({ rule: { host: name, ...usual } }));
      this.#names.set(name, Promise.all(rules));
    }
    await this.#names.get(name);
    return { do: 'allow' };
  }
}
