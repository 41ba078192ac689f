/**
 * All patterns of a question as one automaton over segments, made deterministic as far as a breadth-first search needs it.
 *
 * What keeps this small: a `rest` that was reached stays reached, so a state is a set of such rests (few distinct ones) and the other
 * positions (few in each). What the rests alone lead to is looked at once for each set of them, not once for each state.
 *
 * @module
 */
import { classesOf, type SegmentClass } from './classes.ts';
import { ADDRESS } from './host.ts';
import type { Element, Pattern, PatternLimits, Segment } from './types.ts';

/** Told of each reached state: the patterns that match, ascending, and a word that leads there. `true` ends the search. */
export type Visit = (members: readonly number[], word: () => readonly string[]) => boolean;

export type Explored = { readonly ok: true } | { readonly ok: false; readonly limit: keyof PatternLimits };

/** The rests that were reached, and all that follows from them alone. */
interface Rests {
  readonly number: number;
  /** Positions of the rests themselves. */
  readonly held: ReadonlySet<number>;
  /** Positions that are always there with them. */
  readonly live: ReadonlySet<number>;
  /** Where any segment leads. */
  readonly always: readonly number[];
  /** Where segments of a class lead beyond that. */
  readonly byClass: ReadonlyMap<number, readonly number[]>;
  readonly accepted: readonly number[];
  /** Classes whose steps from the rests alone have not been taken yet. */
  readonly pending: Set<number>;
  isDefaultPending: boolean;
}

interface State {
  readonly rests: Rests;
  readonly others: readonly number[];
  readonly from: State | undefined;
  readonly segment: string;
}

/** Words of one root, of all patterns given. */
export class SegmentAutomaton {
  readonly #elements: (Element | 'end')[] = [];
  readonly #patternAt: number[] = [];
  readonly #starts: number[] = [];
  readonly #classes: readonly SegmentClass[];
  /** For each position with a segment of its own: the classes that match. */
  readonly #classesAt: (readonly number[] | undefined)[] = [];
  readonly #rests = new Map<string, Rests>();
  readonly #limits: PatternLimits;

  private constructor(limits: PatternLimits, classes: readonly SegmentClass[]) {
    this.#limits = limits;
    this.#classes = classes;
  }

  /** @param patterns of one kind; those of another root than `root` match nothing here */
  static make(
    patterns: readonly Pattern[],
    root: string,
    limits: PatternLimits,
  ): SegmentAutomaton | undefined {
    const numbers = new Map<string, number>();
    const segments: Segment[] = [];
    const sequences = patterns.flatMap(({ root: own, sequences: each }, pattern) =>
      own === root ? each.map((elements) => ({ elements, pattern })) : [],
    );
    for (const { elements } of sequences)
      for (const element of elements) {
        if (element.kind === 'any' || element.kind === 'rest' || numbers.has(keyOf(element))) continue;
        numbers.set(keyOf(element), segments.push(element) - 1);
      }
    const alphabet = root === ADDRESS ? 'address' : (patterns[0]?.kind ?? 'path');
    const classes = classesOf(segments, alphabet, limits.characterStates);
    if (classes === undefined) return undefined;
    const matching: number[][] = segments.map(() => []);
    for (const [at, { members }] of classes.entries())
      for (const member of members) matching[member]?.push(at);
    const automaton = new SegmentAutomaton(limits, classes);
    for (const { elements, pattern } of sequences) {
      automaton.#starts.push(automaton.#elements.length);
      for (const element of [...elements, 'end'] as const) {
        automaton.#elements.push(element);
        automaton.#patternAt.push(pattern);
        const isOwn = element !== 'end' && element.kind !== 'any' && element.kind !== 'rest';
        automaton.#classesAt.push(isOwn ? matching[numbers.get(keyOf(element)) as number] : undefined);
      }
    }
    return automaton;
  }

  /** Visits every state that words lead to, by their number of segments; each time with a shortest word. */
  explore(visit: Visit): Explored {
    const seen = new Set<string>();
    const queue: State[] = [];
    const reach = (
      rests: Rests,
      targets: readonly number[],
      from: State | undefined,
      segment: string,
    ): boolean => {
      const { held, others } = this.#split(targets);
      const more = held.some((rest) => !rests.held.has(rest))
        ? this.#restsOf([...rests.held, ...held])
        : rests;
      const left = others.filter((position) => !more.live.has(position)).sort((one, other) => one - other);
      // The start is no word of one segment or more: where it is reached again, it is seen for the first time.
      const key = `${more.number}:${left.join()}`;
      if (from !== undefined) {
        if (seen.has(key)) return false;
        seen.add(key);
      }
      const state: State = { rests: more, others: left, from, segment };
      queue.push(state);
      return visit(this.#members(state), () => wordOf(state));
    };
    if (reach(this.#restsOf([]), this.#starts, undefined, '')) return { ok: true };
    for (let at = 0; at < queue.length; at++) {
      const state = queue[at] as State;
      for (const { segmentClass, targets } of this.#steps(state)) {
        const word = (this.#classes[segmentClass] as SegmentClass).word;
        if (reach(state.rests, targets, state, word)) return { ok: true };
      }
      if (seen.size > this.#limits.states) return { ok: false, limit: 'states' };
    }
    return { ok: true };
  }

  /** The steps from a state that lead to states not known to be reached otherwise. */
  *#steps({ rests, others }: State): Generator<{ segmentClass: number; targets: readonly number[] }> {
    const { always, byClass } = this.#targets(others);
    const classes = new Set(byClass.keys());
    let isDefaultOpen = true;
    if (always.length > 0) {
      for (const each of rests.byClass.keys()) classes.add(each);
    } else {
      for (const each of rests.pending) {
        if (byClass.has(each)) continue;
        rests.pending.delete(each);
        classes.add(each);
      }
      isDefaultOpen = rests.isDefaultPending;
    }
    if (isDefaultOpen) {
      const free = this.#classes.findIndex((_, at) => !byClass.has(at) && !rests.byClass.has(at));
      if (free >= 0) {
        if (always.length === 0) rests.isDefaultPending = false;
        classes.add(free);
      }
    }
    // The shortest segments first, so that they are what a word is made of.
    for (const segmentClass of [...classes].sort((one, other) => one - other)) {
      const own = byClass.get(segmentClass) ?? [];
      const more = rests.byClass.get(segmentClass) ?? [];
      yield { segmentClass, targets: [...rests.always, ...always, ...more, ...own] };
    }
  }

  #targets(positions: Iterable<number>): { always: number[]; byClass: Map<number, number[]> } {
    const always: number[] = [];
    const byClass = new Map<number, number[]>();
    for (const position of positions) {
      const element = this.#elements[position] as Element | 'end';
      if (element === 'end' || element.kind === 'rest') continue;
      if (element.kind === 'any') {
        always.push(position + 1);
        continue;
      }
      for (const segmentClass of this.#classesAt[position] ?? []) {
        const targets = byClass.get(segmentClass);
        if (targets === undefined) byClass.set(segmentClass, [position + 1]);
        else targets.push(position + 1);
      }
    }
    return { always, byClass };
  }

  #isRest(position: number): boolean {
    const element = this.#elements[position];
    return element !== undefined && element !== 'end' && element.kind === 'rest';
  }

  /** Rests among positions, and the others; what follows a rest belongs to it. */
  #split(positions: readonly number[]): { held: number[]; others: number[] } {
    const held = new Set<number>();
    const others = new Set<number>();
    for (const position of positions) (this.#isRest(position) ? held : others).add(position);
    return { held: [...held], others: [...others] };
  }

  #restsOf(positions: readonly number[]): Rests {
    const sorted = [...new Set(positions)].sort((one, other) => one - other);
    const key = sorted.join();
    const known = this.#rests.get(key);
    if (known !== undefined) return known;
    const live = sorted.map((position) => position + 1);
    const { always, byClass } = this.#targets(live);
    const made: Rests = {
      number: this.#rests.size,
      held: new Set(sorted),
      live: new Set(live),
      always,
      byClass,
      accepted: live.filter((position) => this.#elements[position] === 'end'),
      pending: new Set(byClass.keys()),
      isDefaultPending: true,
    };
    this.#rests.set(key, made);
    return made;
  }

  #members({ rests, others }: State): number[] {
    const ends = others.filter((position) => this.#elements[position] === 'end');
    const patterns = [...rests.accepted, ...ends].map((position) => this.#patternAt[position] as number);
    return [...new Set(patterns)].sort((one, other) => one - other);
  }
}

function keyOf(segment: Segment): string {
  return segment.kind === 'any' ? '' : `${segment.kind} ${segment.text}`;
}

function wordOf(state: State): string[] {
  const word: string[] = [];
  for (let at: State | undefined = state; at?.from !== undefined; at = at.from) word.push(at.segment);
  return word.reverse();
}
