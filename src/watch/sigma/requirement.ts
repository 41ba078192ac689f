/**
 * What is certain of a regular expression's matches without running it.
 *
 * @module
 */

/** What every match needs: one of these literals, whatever its case, and so many UTF-16 code units. */
export interface Requirement {
  /** ASCII, lower case; `undefined`: nothing is known */
  readonly literals: readonly string[] | undefined;
  readonly length: number;
}

interface Part {
  min: number;
  /** it is this text and nothing else */
  exact?: string;
  /** one of these is in whatever it matches */
  some?: readonly string[] | undefined;
}

/** More alternatives than this are no help. */
const MOST = 24;

const shortest = (texts: readonly string[] | undefined): number =>
  texts === undefined ? 0 : Math.min(...texts.map(({ length }) => length));

const better = (
  first: readonly string[] | undefined,
  second: readonly string[] | undefined,
): readonly string[] | undefined => (shortest(second) > shortest(first) ? second : first);

class UnknownSyntax extends Error {}

/** Reads as much of the syntax as is needed; where it meets more, it gives up, and nothing is known. */
class Analysis {
  readonly #source: string;
  readonly #folded: boolean;
  #at = 0;
  #depth = 0;

  constructor(source: string, folded: boolean) {
    this.#source = source;
    this.#folded = folded;
  }

  whole(): Part {
    const part = this.#alternatives();
    if (this.#at < this.#source.length) throw new UnknownSyntax();
    return part;
  }

  #alternatives(): Part {
    this.#depth += 1;
    if (this.#depth > 50) throw new UnknownSyntax();
    const branches = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at += 1;
      branches.push(this.#sequence());
    }
    this.#depth -= 1;
    if (branches.length === 1) return branches[0] as Part;
    const sets = branches.map(({ exact, some }) => (exact ? [exact] : some));
    const joined = sets.every((set) => set !== undefined) ? [...new Set(sets.flat())] : undefined;
    return {
      min: Math.min(...branches.map(({ min }) => min)),
      some: joined !== undefined && joined.length <= MOST ? joined : undefined,
    };
  }

  #sequence(): Part {
    let min = 0;
    let run = '';
    let exact = true;
    let some: readonly string[] | undefined;
    const close = (): void => {
      if (run !== '') some = better(some, [run]);
      run = '';
    };
    while (
      this.#at < this.#source.length &&
      this.#source[this.#at] !== '|' &&
      this.#source[this.#at] !== ')'
    ) {
      const part = this.#repeated();
      min += part.min;
      if (part.exact !== undefined) run += part.exact;
      else {
        exact = false;
        close();
        some = better(some, part.some);
      }
    }
    if (exact) return { min, exact: run };
    close();
    return { min, some };
  }

  #repeated(): Part {
    const part = this.#atom();
    const rest = this.#source.slice(this.#at, this.#at + 16);
    const match = /^(?:[*+?]|\{(\d{1,4})(,\d{0,4})?\})/.exec(rest);
    if (match === null) return part;
    this.#at += match[0].length;
    if (this.#source[this.#at] === '?') this.#at += 1;
    const least = match[0] === '+' ? 1 : Number(match[1] ?? 0);
    if (least === 0) return { min: 0 };
    return { min: part.min * least, some: part.exact ? [part.exact] : part.some };
  }

  #atom(): Part {
    const character = this.#source[this.#at] as string;
    this.#at += 1;
    switch (character) {
      case '(': {
        const opening = /^\?(?:P?<\w+>|:)/.exec(this.#source.slice(this.#at, this.#at + 80));
        if (opening !== null) this.#at += opening[0].length;
        else if (this.#source[this.#at] === '?') throw new UnknownSyntax();
        const inner = this.#alternatives();
        if (this.#source[this.#at] !== ')') throw new UnknownSyntax();
        this.#at += 1;
        return inner;
      }
      case '[': {
        const set = /^\^?\]?(?:\[:\^?\w+:\]|\\[\s\S]|[^\]\\])*\]/.exec(this.#source.slice(this.#at));
        if (set === null) throw new UnknownSyntax();
        this.#at += set[0].length;
        return { min: 1 };
      }
      case '.':
        return { min: 1 };
      case '^':
      case '$':
        return { min: 0 };
      case '*':
      case '+':
      case '?':
        throw new UnknownSyntax();
      case '\\': {
        const escaped = this.#source[this.#at] ?? '';
        this.#at += 1;
        if (/[sSdDwW]/.test(escaped)) return { min: 1 };
        if (/[bBAz]/.test(escaped)) return { min: 0 };
        if (/[a-zA-Z0-9]/.test(escaped) || escaped === '') throw new UnknownSyntax();
        return this.#literal(escaped);
      }
      default:
        return this.#literal(character);
    }
  }

  #literal(character: string): Part {
    // beyond ASCII, and for k and s whose other cases lie there, case is not one for one
    if (character > '\x7f' || (this.#folded && /[ks]/i.test(character))) return { min: 1 };
    return { min: 1, exact: character.toLowerCase() };
  }
}

/** What is certain without running it. Never throws. */
export function requirementOf(source: string, flags: string): Requirement {
  try {
    // flags for the whole of it, as RE2 writes them
    const [prefix = '', inside = ''] = /^\(\?([ims]+)\)/.exec(source) ?? [];
    const folded = flags.includes('i') || inside.includes('i');
    const { min, exact, some } = new Analysis(source.slice(prefix.length), folded).whole();
    return { literals: exact ? [exact] : some, length: min };
  } catch (error) {
    if (!(error instanceof UnknownSyntax)) throw error;
    return { literals: undefined, length: 0 };
  }
}
