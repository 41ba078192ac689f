/**
 * The text of a formula as tokens.
 *
 * @module
 */
import { FormulaError, type Place } from './syntax.ts';

export type Token = { place: Place } & (
  | { kind: 'word'; text: string }
  | { kind: 'string'; value: string }
  | { kind: 'number'; value: number; unit: string }
  | { kind: 'sign'; text: string }
  | { kind: 'end' }
);

/** Longest formula that is read. Unit: characters. */
const LONGEST = 10_000;

const WORD = /[A-Za-z][A-Za-z0-9_]*/y;
const NUMBER = /([0-9]+(?:\.[0-9]+)?)([a-z]*)/y;
const STRING = /"((?:[^"\\\n]|\\["\\n])*)"/y;
const SIGN = /<-|<=|>=|[()[\],;.:<>=+\-*_]/y;
const SPACE = /(?:\s|#[^\n]*|\(\*[\s\S]*?\*\))+/y;

/** @throws FormulaError at the first character that begins nothing */
export function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  let [at, line, begin] = [0, 1, 0];
  if (text.length > LONGEST)
    throw new FormulaError(`it is longer than ${LONGEST} characters`, { line: 1, column: 1 }, 'split it');
  const match = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text) ?? undefined;
    if (found) at = pattern.lastIndex;
    return found;
  };
  for (;;) {
    const space = match(SPACE)?.[0] ?? '';
    for (let index = space.indexOf('\n'); index >= 0; index = space.indexOf('\n', index + 1)) {
      line += 1;
      begin = at - space.length + index + 1;
    }
    const place = { line, column: at - begin + 1 };
    if (at >= text.length) {
      tokens.push({ kind: 'end', place });
      return tokens;
    }
    // as two signs it would be looked for to the end at each
    if (text.startsWith('(*', at))
      throw new FormulaError('this comment has no end', place, 'end the comment with *)');
    let found = match(WORD);
    if (found) {
      tokens.push({ kind: 'word', text: found[0], place });
      continue;
    }
    found = match(NUMBER);
    if (found) {
      tokens.push({ kind: 'number', value: Number(found[1]), unit: found[2] ?? '', place });
      continue;
    }
    found = match(STRING);
    if (found) {
      const value = (found[1] as string).replace(/\\(.)/g, (_, escaped) =>
        escaped === 'n' ? '\n' : escaped,
      );
      tokens.push({ kind: 'string', value, place });
      continue;
    }
    found = match(SIGN);
    if (found) {
      tokens.push({ kind: 'sign', text: found[0], place });
      continue;
    }
    const character = JSON.stringify(text.slice(at, at + 1));
    const hint =
      text[at] === '"'
        ? 'end the string with " on the same line; write \\" and \\\\ inside'
        : 'write names, "strings", numbers, and ( ) [ ] , ; . : < > = <= >= + - * <- _';
    throw new FormulaError(`${character} begins nothing`, place, hint);
  }
}
