/**
 * Braces in patterns, written out: whoever compares patterns then needs to know `*`, `?`, `[…]` and `**` only.
 *
 * @module
 */

/**
 * `a{b,c}d` → `abd`, `acd`; braces may hold braces and may be empty on one side.
 *
 * @example
 * expandBraces('**' + '/{,.}justfile') // the pattern for justfile, and that for .justfile
 */
export function expandBraces(pattern: string): string[] {
  const innermost = /\{([^{}]*,[^{}]*)\}/.exec(pattern);
  if (!innermost) return [pattern];
  const before = pattern.slice(0, innermost.index);
  const after = pattern.slice(innermost.index + innermost[0].length);
  const written = (innermost[1] ?? '').split(',').flatMap((part) => expandBraces(`${before}${part}${after}`));
  return [...new Set(written)];
}
