/**
 * `{a,b}`: either. Written out, as far as that is bounded.
 *
 * @module
 */

const MOST = 1_024;

/** All alternatives of a pattern, or `undefined` where they are more than 1,024. Braces without a comma stand for themselves. */
export function expandBraces(pattern: string): string[] | undefined {
  const done = new Set<string>();
  const open = [pattern];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    // the innermost first, so that braces within braces come out as well
    const braces = /\{([^{}]*,[^{}]*)\}/.exec(next);
    if (braces === null) {
      done.add(next);
    } else {
      const before = next.slice(0, braces.index);
      const after = next.slice(braces.index + braces[0].length);
      for (const part of (braces[1] as string).split(',').reverse()) open.push(before + part + after);
    }
    if (done.size + open.length > MOST) return undefined;
  }
  return [...done];
}
