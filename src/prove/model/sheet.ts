/**
 * Facts as they are gathered, each with where it comes from, and the changes of the contract that take them away.
 *
 * @module
 */
import type { Affordance } from '../catalogue/index.ts';
import type { Change, Fact } from '../logic/index.ts';
import { type Pattern, parsePath } from '../patterns/index.ts';
import { type Destination, keyOf, type Origin } from './types.ts';

export class Sheet {
  readonly origins = new Map<string, Origin>();
  readonly destinations = new Map<string, Destination>();
  readonly attempts = new Map<string, readonly string[]>();
  readonly changes: Change[] = [];
  readonly #facts: Fact[] = [];
  readonly #given = new Set<string>();

  get facts(): readonly Fact[] {
    return this.#facts;
  }

  /** The first origin of a fact is the one that is shown. */
  add(fact: Fact, clause: string, text: string): void {
    const key = keyOf(fact);
    if (this.origins.has(key)) return;
    this.#facts.push(fact);
    this.origins.set(key, { clause, text });
  }

  gives({ id, title, gives, source }: Affordance): void {
    if (this.#given.has(id)) return;
    this.#given.add(id);
    for (const gain of gives)
      this.add(['gives', id, gain], `catalogue ${id}`, `${title} gives ${gain} (${source})`);
  }

  holds(data: string, entry: Affordance, word: string): void {
    this.add(['holds', data, entry.id], `catalogue ${entry.id}`, `${entry.title}: ${word} is among it`);
    this.gives(entry);
  }

  /** What cannot be read leaves every hazard open. */
  unread(clause: string, message: string): void {
    this.add(['unread', clause], clause, message);
  }

  /** Path patterns of the workspace by their number. */
  patterns(texts: readonly string[], clause: string): Map<number, Pattern> {
    const found = new Map<number, Pattern>();
    for (const [index, text] of texts.entries()) {
      const parsed = parsePath(text);
      if (parsed.ok) found.set(index, parsed.pattern);
      else this.unread(`${clause}[${index}]`, parsed.message);
    }
    return found;
  }

  /** A change that takes away all facts with one of these predicates that the clause, or what lies below it, is the origin of. */
  change(label: string, cost: number, removes: (fact: Fact, origin: Origin) => boolean): void {
    const gone = this.#facts.filter((fact) => removes(fact, this.origins.get(keyOf(fact)) as Origin));
    if (gone.length > 0) this.changes.push({ label, cost, removes: gone });
  }
}
