/**
 * The reference: one automaton over the characters of whole paths, made from a pattern's text by itself. Slow and for tests only.
 * Relative patterns alone.
 *
 * @module
 */

type Edge = { readonly on: (character: string) => boolean; readonly to: number };

const inName = (character: string): boolean => character !== '/';

/** Positions in patterns and in the grammar of paths. */
export class CharacterAutomaton {
  readonly #edges: Edge[][] = [];
  readonly #starts: number[] = [];
  readonly #ends = new Set<number>();

  constructor(pattern: string) {
    for (const each of alternatives(pattern)) this.#add(each);
  }

  #state(): number {
    return this.#edges.push([]) - 1;
  }

  #add(pattern: string): void {
    const text = Buffer.from(pattern).toString('latin1');
    let state = this.#state();
    this.#starts.push(state);
    for (let at = 0; at < text.length; ) {
      const rest = text.slice(at);
      const isFirst = at === 0 || text[at - 1] === '/';
      const edges = this.#edges[state] as Edge[];
      if (isFirst && rest.startsWith('**/')) {
        const inside = this.#state();
        edges.push({ on: inName, to: inside });
        this.#edges[inside]?.push({ on: inName, to: inside }, { on: (one) => one === '/', to: state });
        at += 3;
      } else if (isFirst && rest === '**') {
        const last = this.#state();
        edges.push({ on: () => true, to: last });
        this.#edges[last]?.push({ on: () => true, to: last });
        state = last;
        at += 2;
      } else if (rest.startsWith('*')) {
        edges.push({ on: inName, to: state });
        at += (/^\*+/.exec(rest) as RegExpExecArray)[0].length;
      } else {
        const next = this.#state();
        const set = /^\[(!?)([^\]/]+)\]/.exec(rest);
        edges.push({
          on: set ? inSet(set[2] as string, set[1] === '!') : rest[0] === '?' ? inName : is(rest.charAt(0)),
          to: next,
        });
        at += set ? set[0].length : 1;
        state = next;
      }
    }
    this.#ends.add(state);
  }

  start(): number[] {
    return this.#starts;
  }

  step(states: readonly number[], character: string): number[] {
    const next = states.flatMap((state) =>
      (this.#edges[state] as Edge[]).flatMap(({ on, to }) => (on(character) ? [to] : [])),
    );
    return [...new Set(next)].sort((one, other) => one - other);
  }

  accepts(states: readonly number[]): boolean {
    return states.some((state) => this.#ends.has(state));
  }

  matches(path: string): boolean {
    let states = this.start();
    for (const character of Buffer.from(path).toString('latin1')) states = this.step(states, character);
    return this.accepts(states);
  }
}

const is = (wanted: string) => (character: string) => character === wanted;

function inSet(inside: string, isNegated: boolean) {
  const expression = new RegExp(`^[${inside.replace(/[\\^[]/g, '\\$&')}]$`);
  return (character: string) => character !== '/' && expression.test(character) !== isNegated;
}

function alternatives(pattern: string): string[] {
  const braces = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (braces === null) return [pattern];
  const [before, after] = [pattern.slice(0, braces.index), pattern.slice(braces.index + braces[0].length)];
  return (braces[1] as string).split(',').flatMap((part) => alternatives(before + part + after));
}

/** What of a last name was read: nothing, `.`, `..`, or a name. */
type Name = '' | '.' | '..' | 'name';

function nextName(name: Name, character: string): Name | undefined {
  if (character === '/') return name === 'name' ? '' : undefined;
  if (character === '.') return name === '' ? '.' : name === '.' ? '..' : 'name';
  return 'name';
}

/**
 * Which combinations of patterns some path matches, as lists of their numbers; over the given characters, which must hold every one of
 * the patterns and one more.
 */
export function combinationsOf(patterns: readonly string[], characters: readonly string[]): Set<string> {
  const automata = patterns.map((pattern) => new CharacterAutomaton(pattern));
  const found = new Set<string>();
  const seen = new Set<string>();
  const queue: { states: number[][]; name: Name }[] = [
    { states: automata.map((automaton) => automaton.start()), name: '' },
  ];
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    const { states, name } = next;
    if (name === 'name')
      found.add(
        automata.flatMap((automaton, at) => (automaton.accepts(states[at] as number[]) ? [at] : [])).join(),
      );
    for (const character of characters) {
      const following = nextName(name, character);
      if (following === undefined) continue;
      const stepped = automata.map((automaton, at) => automaton.step(states[at] as number[], character));
      const key = JSON.stringify([stepped, following]);
      if (seen.has(key)) continue;
      seen.add(key);
      queue.push({ states: stepped, name: following });
    }
  }
  return found;
}
