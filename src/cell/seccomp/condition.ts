/**
 * Decisions over arguments as a graph of looks at single words. Arguments have 64 bits and the accumulator 32: what looks at all of an
 * argument looks at its high half first.
 *
 * @module
 */
import type { ArgumentTest } from '../../contract/index.ts';
import type { Graph, Look, Node, Word } from './graph.ts';
import { type Known, learn, NOTHING, nameOf, outcome, textOf, written } from './known.ts';
import type { Action, Decision } from './policy.ts';

/** A test of one argument. */
type Single = Exclude<ArgumentTest, { is: 'all' }>;
/** A decision whose tests are of one argument each. */
type Choice = Action | { test: Single; yes: Choice; no: Choice };

const ALL = 0xffffffff;
/** struct seccomp_data is in the machine's order, little endian on both architectures: the low half comes first. */
const low = (arg: number, mask = ALL): Word => ({ at: 4 + 2 * arg, mask });
const high = (arg: number, mask = ALL): Word => ({ at: 5 + 2 * arg, mask });
const lowHalf = (value: bigint): number => Number(value & 0xffffffffn);
const highHalf = (value: bigint): number => Number((value >> 32n) & 0xffffffffn);

/** "Each of these holds" is one after another. */
function separate(decision: Decision): Choice {
  if ('do' in decision) return decision;
  const [yes, no] = [separate(decision.yes), separate(decision.no)];
  const into = (test: ArgumentTest, then: Choice): Choice =>
    test.is === 'all' ? test.of.reduceRight((rest, each) => into(each, rest), then) : { test, yes: then, no };
  return into(decision.test, yes);
}

/** Names of the words of which a test may ask: masked, and whole where a mask is spared. */
function looked(test: Single): string[] {
  const mask = test.is === 'wide' ? (test.mask ?? -1n) : BigInt(test.mask >>> 0);
  const { arg } = test;
  return [low(arg), low(arg, lowHalf(mask)), high(arg), high(arg, highHalf(mask))].map(nameOf);
}

/** Where a way goes on, with what is known by then. */
type Next = (known: Known) => Node;

/**
 * Choices that are made for one decision with all that is known on the way to each. Where many arguments are asked of in turn, each
 * combination of what is known would be one of its own: then each choice is made once, as if nothing were known.
 */
const MOST_CHOICES = 2000;

/** @param verdictOf the verdict that the kernel gets for an action */
export function nodeOf(decision: Decision, graph: Graph, verdictOf: (action: Action) => number): Node {
  const choice = separate(decision);
  return choiceNode(choice, graph, verdictOf, true) ?? (choiceNode(choice, graph, verdictOf, false) as Node);
}

/** @returns undefined where remembering takes too many choices */
function choiceNode(
  whole: Choice,
  graph: Graph,
  verdictOf: (action: Action) => number,
  remembers: boolean,
): Node | undefined {
  const numbers = new Map<Choice, number>();
  const words = new Map<Choice, ReadonlySet<string>>();
  const made = new Map<string, Node>();
  let begun = 0;

  const ask = (known: Known, word: Word, look: Look, k: number, yes: Next, no: Next): Node => {
    const settled = outcome(known, word, look, k);
    if (settled !== undefined) return (settled ? yes : no)(known);
    const code = written(known, word, look, k);
    return graph.test(
      word,
      code.look,
      code.k,
      yes(learn(known, word, look, k, true)),
      no(learn(known, word, look, k, false)),
    );
  };
  const equal = (known: Known, word: Word, value: number, yes: Next, no: Next): Node => {
    const { at, mask } = word;
    if ((value & ~mask) !== 0) return no(known);
    if (mask === ALL) return ask(known, word, 'equal', value, yes, no);
    const whole = { at, mask: ALL };
    // no bit of a mask, and its only one, are found without masking
    if (value === 0) return ask(known, whole, 'any-bit', mask, no, yes);
    if (value === mask && (mask & (mask - 1)) === 0) return ask(known, whole, 'any-bit', mask, yes, no);
    return ask(known, word, 'equal', value, yes, no);
  };
  const greater = (known: Known, test: Extract<Single, { is: 'wide' }>, to: bigint, yes: Next, no: Next) => {
    const mask = test.mask ?? -1n;
    const [upper, lower] = [high(test.arg, highHalf(mask)), low(test.arg, lowHalf(mask))];
    return ask(known, upper, 'greater', highHalf(to), yes, (so) =>
      ask(so, upper, 'equal', highHalf(to), (same) => ask(same, lower, 'greater', lowHalf(to), yes, no), no),
    );
  };
  const single = (test: Single, known: Known, yes: Next, no: Next): Node => {
    switch (test.is) {
      case 'any-bit':
        return ask(known, low(test.arg), 'any-bit', test.mask >>> 0, yes, no);
      case 'equal':
        return equal(known, low(test.arg, test.mask >>> 0), test.value >>> 0, yes, no);
      case 'wide': {
        const { compares, to, arg, mask = -1n } = test;
        switch (compares) {
          case 'equal':
            return equal(
              known,
              high(arg, highHalf(mask)),
              highHalf(to),
              (so) => equal(so, low(arg, lowHalf(mask)), lowHalf(to), yes, no),
              no,
            );
          case 'not-equal':
            return single({ ...test, compares: 'equal' }, known, no, yes);
          case 'greater':
            return greater(known, test, to, yes, no);
          case 'at-most':
            return greater(known, test, to, no, yes);
          case 'at-least':
            return to === 0n ? yes(known) : greater(known, test, to - 1n, yes, no);
          case 'less':
            return to === 0n ? no(known) : greater(known, test, to - 1n, no, yes);
        }
      }
    }
  };
  /** Names of the words on which a choice depends. */
  const wordsOf = (choice: Choice): ReadonlySet<string> => {
    const found = words.get(choice);
    if (found !== undefined) return found;
    const names = new Set<string>();
    if ('test' in choice)
      for (const name of [...looked(choice.test), ...wordsOf(choice.yes), ...wordsOf(choice.no)])
        names.add(name);
    words.set(choice, names);
    return names;
  };
  const make = (choice: Choice, known: Known): Node => {
    if ('do' in choice) return graph.end(verdictOf(choice));
    const number = numbers.get(choice) ?? numbers.size;
    numbers.set(choice, number);
    const so = remembers ? known : NOTHING;
    const key = `${number} ${textOf(so, wordsOf(choice))}`;
    const found = made.get(key);
    if (found !== undefined) return found;
    if (remembers && ++begun > MOST_CHOICES) return graph.end(0);
    const node = single(
      choice.test,
      so,
      (then) => make(choice.yes, then),
      (then) => make(choice.no, then),
    );
    made.set(key, node);
    return node;
  };
  const node = make(whole, NOTHING);
  return begun > MOST_CHOICES ? undefined : node;
}
