/**
 * Facts as they are gathered, each with where it comes from, and the changes of the set-up that take them away.
 *
 * @module
 */
import type { Affordance } from '../catalogue/index.ts';
import type { Change, Fact } from '../logic/index.ts';
import { type PathOptions, type Pattern, parsePath } from '../patterns/index.ts';
import type { Source } from '../setting/index.ts';
import { type Destination, keyOf, type Origin } from './types.ts';

/** A grant's place, or a clause alone. */
export type From = Source | string;

export class Sheet {
  readonly origins = new Map<string, Origin>();
  readonly destinations = new Map<string, Destination>();
  readonly attempts = new Map<string, readonly string[]>();
  readonly changes: Change[] = [];
  readonly #facts: Fact[] = [];
  /** Every origin of a fact, where it has more than one. */
  readonly #others = new Map<string, Origin[]>();
  readonly #given = new Set<string>();

  get facts(): readonly Fact[] {
    return this.#facts;
  }

  /** The first origin of a fact is the one that is shown; no change of one line takes away what another grants, too. */
  add(fact: Fact, from: From, text: string): void {
    const key = keyOf(fact);
    const { clause, place } = typeof from === 'string' ? { clause: from, place: undefined } : from;
    const origin = { clause, ...(place !== undefined && { place }), text };
    const known = this.origins.get(key);
    if (known === undefined) {
      this.#facts.push(fact);
      this.origins.set(key, origin);
    } else if (known.clause !== clause) this.#others.set(key, [...(this.#others.get(key) ?? []), origin]);
  }

  gives({ id, title, gives, source }: Affordance): void {
    if (this.#given.has(id)) return;
    this.#given.add(id);
    const from = `catalogue ${id}`;
    for (const gain of gives) this.add(['gives', id, gain], from, `${title} gives ${gain} (${source})`);
    const secrets = gives.filter((gain) => gain.startsWith('secrets:'));
    if (secrets.length === 0) return;
    for (const gain of secrets) this.add(['secret', gain], 'model', `${gain} are secrets`);
    this.add(['holds', id, id], from, `${title} are among what is read`);
    this.add(['label', id, 'confidential'], from, `${title}: secrets are confidential`);
  }

  /** What is read, or had, among which an entry of the catalogue is. */
  holds(data: string, entry: Affordance, word: string): void {
    this.add(['holds', data, entry.id], `catalogue ${entry.id}`, `${entry.title}: ${word} is among it`);
    this.gives(entry);
  }

  /** What cannot be read leaves every hazard open. */
  unread(from: From, message: string): void {
    this.add(['unread', typeof from === 'string' ? from : from.clause], from, message);
  }

  /** A path pattern of the set-up; `undefined`, and said, where it cannot be read. */
  pattern(text: string, from: From, options: PathOptions = {}): Pattern | undefined {
    const parsed = parsePath(text, options);
    if (parsed.ok) return parsed.pattern;
    this.unread(from, parsed.message);
    return undefined;
  }

  /** A change that takes away facts: those of which it takes away every origin. */
  change(
    label: string,
    cost: number,
    removes: (fact: Fact, origin: Origin) => boolean,
    clause?: string,
  ): void {
    const gone = this.#facts.filter((fact) => {
      const key = keyOf(fact);
      if (!removes(fact, this.origins.get(key) as Origin)) return false;
      return this.#others.get(key)?.every((origin) => removes(fact, origin)) ?? true;
    });
    if (gone.length > 0)
      this.changes.push({ label, cost, removes: gone, ...(clause !== undefined && { clause }) });
  }
}
