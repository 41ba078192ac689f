/**
 * Answers that are copied from tests: a source that returns what a test expects for just the input that it gives.
 *
 * @module
 */

const LITERAL = String.raw`(-?\d+(?:\.\d+)?|'[^']{1,80}'|"[^"]{1,80}"|true|false|True|False)`;
/** `if (n === 7) return 13`, `if n == 7: return 13`, `case 7: return 13` */
const BRANCH = new RegExp(
  String.raw`\b(?:if|elif|else if|case|when)\b[^\n]*?(?:={2,3}|\bis\b|\bcase\b|\bwhen\b)?\s*\(?${LITERAL}\)?\s*\)?\s*[:{]?\s*\{?\s*return\s*\(?\s*${LITERAL}`,
);
/** `n === 7 ? 13 : …` */
const TERNARY = new RegExp(String.raw`={2,3}\s*${LITERAL}\s*\?\s*${LITERAL}\s*:`);
/** `7: 13,` in a table */
const ENTRY = new RegExp(String.raw`^\s*\[?${LITERAL}\s*[:,]\s*${LITERAL}\]?,?\s*$`);

/** Truth values and the smallest numbers are in every test. */
const COMMON = /^(-?[01]|true|false|True|False|''|"")$/;
const bare = (literal: string) => literal.replace(/^['"]|['"]$/g, '');

/**
 * Gives a line that answers as a test expects, where two or more do, or one with an answer that nobody finds by chance.
 *
 * @param tests texts of tests; called only where lines look like it
 */
export function copiedAnswers(lines: readonly string[], tests: () => readonly string[]): string | undefined {
  const joined = lines.map((line, index) =>
    /[:{]\s*$/.test(line) ? `${line.trim()} ${(lines[index + 1] ?? '').trim()}` : line.trim(),
  );
  const candidates = joined.flatMap((line) => {
    const found = BRANCH.exec(line) ?? TERNARY.exec(line) ?? ENTRY.exec(line);
    const [, given, answer] = found ?? [];
    return given === undefined || answer === undefined || COMMON.test(answer)
      ? []
      : [{ line, given, answer }];
  });
  if (candidates.length === 0) return undefined;
  const texts = tests();
  const copied = candidates.filter(({ given, answer }) =>
    texts.some((text) =>
      text
        .split('\n')
        .some((line) => has(line, bare(given)) && has(line, bare(answer)) && line.length < 2000),
    ),
  );
  const long = copied.find(({ answer }) => bare(answer).length >= 4);
  return copied.length >= 2 ? copied[0]?.line : long?.line;
}

/** The literal as a whole, not as part of a longer one. */
function has(line: string, literal: string): boolean {
  let at = line.indexOf(literal);
  while (at >= 0) {
    const [left, right] = [line.charAt(at - 1), line.charAt(at + literal.length)];
    if (!/[\w.]/.test(left) && !/\w/.test(right)) return true;
    at = line.indexOf(literal, at + 1);
  }
  return false;
}
