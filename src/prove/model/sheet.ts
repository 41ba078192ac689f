/**
 * Facts as they are gathered, each with where it comes from, and the changes of the set-up that take them away.
 *
 * @module
 */
import type { Affordance } from '../catalogue/index.ts';
import type { Change, Fact } from '../logic/index.ts';
import { type Parsed, type PathOptions, type Pattern, parseHost, parsePath } from '../patterns/index.ts';
import type { Source } from '../setting/index.ts';
import { type Destination, keyOf, type Origin } from './types.ts';

/** A grant's place, or a clause alone. */
export type From = Source | string;

/** The pattern, or none where it cannot be read. */
function memo(known: Map<string, readonly Pattern[]>, key: string, read: () => Parsed): readonly Pattern[] {
  const found = known.get(key);
  if (found !== undefined) return found;
  const parsed = read();
  const made = parsed.ok ? [parsed.pattern] : [];
  known.set(key, made);
  return made;
}

interface Entry {
  readonly fact: Fact;
  /** Every place that it comes from; the first is the one that is shown. */
  readonly from: Origin[];
}

export class Sheet {
  readonly origins = new Map<string, Origin>();
  readonly destinations = new Map<string, Destination>();
  readonly attempts = new Map<string, readonly string[]>();
  readonly changes: Change[] = [];
  readonly #entries = new Map<string, Entry>();
  readonly #given = new Set<string>();
  readonly #sought = new Map<string, readonly Pattern[]>();
  readonly #named = new Map<string, readonly Pattern[]>();

  get facts(): readonly Fact[] {
    return [...this.#entries.values()].map(({ fact }) => fact);
  }

  /** The first origin of a fact is the one that is shown; no change of one line takes away what another grants, too. */
  add(fact: Fact, from: From, text: string): void {
    const key = keyOf(fact);
    const { clause, place } = typeof from === 'string' ? { clause: from, place: undefined } : from;
    const known = this.#entries.get(key);
    if (known?.from.some((each) => each.clause === clause)) return;
    const origin = { clause, ...(place !== undefined && { place }), text };
    if (known !== undefined) {
      known.from.push(origin);
      return;
    }
    this.#entries.set(key, { fact, from: [origin] });
    this.origins.set(key, origin);
  }

  gives({ id, title, gives, source }: Affordance): void {
    if (this.#given.has(id)) return;
    this.#given.add(id);
    for (const gain of gives)
      this.add(['gives', id, gain], `catalogue ${id}`, `${title} gives ${gain} (${source})`);
  }

  /** What is read, or had, among which an entry of the catalogue is. */
  holds(data: string, entry: Affordance, word: string): void {
    const from = `catalogue ${entry.id}`;
    this.add(['holds', data, entry.id], from, `${entry.title}: ${word} is among it`);
    this.gives(entry);
    for (const gain of entry.gives)
      if (gain.startsWith('secrets:')) this.add(['secret', gain], 'model', `${gain} are secrets`);
  }

  /** What a service or a right hands out; its secrets, if it has any, are data of their own. */
  offers(entry: Affordance): void {
    this.gives(entry);
    if (!entry.gives.some((gain) => gain.startsWith('secrets:'))) return;
    this.holds(entry.id, entry, 'what it opens');
    this.add(
      ['label', entry.id, 'confidential'],
      `catalogue ${entry.id}`,
      `${entry.title}: secrets are confidential`,
    );
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

  /** Path patterns of the catalogue, each read once for each way of reading it. */
  sought(texts: readonly string[], options: PathOptions = {}): Pattern[] {
    return texts.flatMap((text) =>
      memo(this.#sought, `${options.base ?? ''} ${options.home ?? ''} ${text}`, () =>
        parsePath(text, options),
      ),
    );
  }

  /** Host patterns of the catalogue, each read once. */
  named(texts: readonly string[]): Pattern[] {
    return texts.flatMap((text) => memo(this.#named, text, () => parseHost(text)));
  }

  /** A change that takes away facts: those of which it takes away every origin. */
  change(
    label: string,
    cost: number,
    removes: (fact: Fact, origin: Origin) => boolean,
    clause?: string,
  ): void {
    const gone = [...this.#entries.values()].flatMap(({ fact, from }) =>
      from.every((origin) => removes(fact, origin)) ? [fact] : [],
    );
    if (gone.length > 0)
      this.changes.push({ label, cost, removes: gone, ...(clause !== undefined && { clause }) });
  }
}
