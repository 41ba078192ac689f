/**
 * Signatures: which predicates there are, and the names of their arguments by position. Written as MonPoly writes them,
 * `flow(id:string, bytes:int)`; types are read and not enforced, as values carry theirs.
 *
 * @module
 */
import { FormulaError } from './syntax.ts';
import { tokensOf } from './tokens.ts';

/** Predicate → names of its arguments in order, and of those that are given by name alone; `open`: any other may be, too. */
export type Signature = ReadonlyMap<
  string,
  { readonly fields: readonly string[]; readonly named?: readonly string[]; readonly open?: boolean }
>;

/**
 * @example
 * parseSignature('flow(id:string, bytes:int) resolved(name)');
 * @throws FormulaError with the place
 */
export function parseSignature(text: string): Signature {
  const tokens = tokensOf(text);
  const signature = new Map<string, { fields: string[] }>();
  let at = 0;
  const fail = (wanted: string): never => {
    const place = tokens[at]?.place ?? { line: 1, column: 1 };
    throw new FormulaError(`${wanted} is expected`, place, 'write predicates as flow(id:string, bytes:int)');
  };
  const word = (wanted: string): string => {
    const token = tokens[at];
    if (token?.kind !== 'word') return fail(wanted);
    at += 1;
    return token.text;
  };
  const takes = (text: string): boolean => {
    const token = tokens[at];
    const found = token?.kind === 'sign' && token.text === text;
    if (found) at += 1;
    return found;
  };
  while (tokens[at]?.kind !== 'end') {
    const name = word('the name of a predicate');
    if (signature.has(name)) fail(`a predicate other than ${name}, which is there already,`);
    if (!takes('(')) fail('(');
    const fields: string[] = [];
    while (!takes(')')) {
      if (fields.length > 0 && !takes(',')) fail(',');
      fields.push(word('the name of an argument'));
      if (takes(':')) word('a type');
    }
    signature.set(name, { fields });
  }
  return signature;
}
