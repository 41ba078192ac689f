/**
 * JSON of strangers: judged by its size before it becomes objects, which take many times the memory of their text.
 *
 * @module
 */

/** The longest honest documents (a package with 3,000 versions) nest 6 deep and have some 600,000 values. */
const MOST_VALUES = 1_500_000;
const DEEPEST = 64;

/** @throws Error where it is not JSON, or more of it than is ever honest */
export function parseBounded(text: string): unknown {
  boundJson(text, MOST_VALUES);
  return JSON.parse(text);
}

/**
 * Looks at no more than the brackets and commas of a text.
 *
 * @param most values
 * @throws Error where it would have more, or nest deeper than is ever honest
 */
export function boundJson(text: string, most: number): void {
  let depth = 0;
  let values = 0;
  let inText = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (inText) {
      if (code === 0x5c) at += 1;
      else if (code === 0x22) inText = false;
      continue;
    }
    if (code === 0x22) inText = true;
    else if (code === 0x2c) values += 1;
    else if (code === 0x5b || code === 0x7b) {
      values += 1;
      depth += 1;
      if (depth > DEEPEST) throw new Error(`it nests deeper than ${DEEPEST}`);
    } else if (code === 0x5d || code === 0x7d) depth -= 1;
    if (values > most) throw new Error(`it has more than ${most} values`);
  }
}
