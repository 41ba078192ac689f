/**
 * The condition language: `selection and not 1 of filter_*` (specification 2.1, "Condition").
 *
 * @module
 */

export type Condition =
  | { readonly and: readonly Condition[] }
  | { readonly or: readonly Condition[] }
  | { readonly not: Condition }
  /** a search identifier */
  | { readonly name: string }
  /** `1 of`, `all of` what `pattern` matches; `them`: all that do not begin with _ */
  | { readonly of: 'any' | 'all'; readonly pattern: string };

export type ParsedCondition =
  | { ok: true; condition: Condition }
  | { ok: false; message: string; hint: string };

const TOKEN = /\s*(?:([()|])|([^\s()|]+))/y;
const MAX_DEPTH = 50;

class ConditionError extends Error {
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

const isWord = (token: string | undefined, word: string): boolean =>
  token === word || token === word.toUpperCase();

class Parser {
  readonly #tokens: readonly string[];
  #at = 0;

  constructor(text: string) {
    const tokens: string[] = [];
    TOKEN.lastIndex = 0;
    for (let match = TOKEN.exec(text); match !== null; match = TOKEN.exec(text))
      tokens.push((match[1] ?? match[2]) as string);
    this.#tokens = tokens;
  }

  whole(): Condition {
    if (this.#tokens.length === 0)
      throw new ConditionError('the condition is empty', 'Write, for example, selection and not filter.');
    const condition = this.#or(0);
    const rest = this.#tokens[this.#at];
    if (rest === '|')
      throw new ConditionError(
        'aggregations after | are not part of Sigma any more',
        'Write a correlation rule beside this one.',
      );
    if (rest !== undefined)
      throw new ConditionError(
        rest === ')' ? 'a ) without (' : `${JSON.stringify(rest)} does not follow from what is before it`,
        'Join with and, or.',
      );
    return condition;
  }

  #or(depth: number): Condition {
    const parts = [this.#and(depth)];
    while (isWord(this.#tokens[this.#at], 'or')) {
      this.#at += 1;
      parts.push(this.#and(depth));
    }
    return parts.length === 1 ? (parts[0] as Condition) : { or: parts };
  }

  #and(depth: number): Condition {
    const parts = [this.#not(depth)];
    while (isWord(this.#tokens[this.#at], 'and')) {
      this.#at += 1;
      parts.push(this.#not(depth));
    }
    return parts.length === 1 ? (parts[0] as Condition) : { and: parts };
  }

  #not(depth: number): Condition {
    if (depth > MAX_DEPTH) throw new ConditionError('nested too deep', 'Give parts of it a name.');
    const token = this.#tokens[this.#at];
    if (isWord(token, 'not')) {
      this.#at += 1;
      return { not: this.#not(depth + 1) };
    }
    if (token === '(') {
      this.#at += 1;
      const inner = this.#or(depth + 1);
      if (this.#tokens[this.#at] !== ')') throw new ConditionError('a ( is not closed', 'Close it with ).');
      this.#at += 1;
      return inner;
    }
    if (
      token === undefined ||
      token === ')' ||
      token === '|' ||
      ['and', 'or', 'of'].some((word) => isWord(token, word))
    )
      throw new ConditionError(
        token === undefined ? 'the condition ends too early' : `${token} where a name is expected`,
        'Write the name of a selection.',
      );
    this.#at += 1;
    if (!isWord(this.#tokens[this.#at], 'of')) return { name: token };
    this.#at += 1;
    const pattern = this.#tokens[this.#at];
    if (pattern === undefined || pattern === '(' || pattern === ')')
      throw new ConditionError(`${token} of what?`, `Write ${token} of selection_*, or ${token} of them.`);
    this.#at += 1;
    if (token === '1' || isWord(token, 'any')) return { of: 'any', pattern };
    if (isWord(token, 'all')) return { of: 'all', pattern };
    throw new ConditionError(`${token} of: only 1 of and all of are Sigma`, 'Write 1 of or all of.');
  }
}

/** Never throws. */
export function parseCondition(text: string): ParsedCondition {
  try {
    return { ok: true, condition: new Parser(text).whole() };
  } catch (error) {
    if (!(error instanceof ConditionError)) throw error;
    return { ok: false, message: error.message, hint: error.hint };
  }
}

/** Names that `1 of PATTERN` means: `*` is any text; `them` is all that do not begin with an underscore. */
export function namesOf(pattern: string, names: readonly string[]): string[] {
  if (isWord(pattern, 'them')) return names.filter((name) => !name.startsWith('_'));
  const pieces = pattern.split('*');
  return names.filter((name) => {
    const [first = '', ...rest] = pieces;
    if (rest.length === 0) return name === pattern;
    const last = rest.pop() as string;
    if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length)
      return false;
    const end = name.length - last.length;
    let at = first.length;
    for (const piece of rest) {
      const found = name.indexOf(piece, at);
      if (found < 0 || found + piece.length > end) return false;
      at = found + piece.length;
    }
    return true;
  });
}
