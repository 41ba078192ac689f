/**
 * Host names: one spelling for each, and the matching of contract patterns.
 *
 * @module
 */
import { domainToASCII } from 'node:url';

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;

/**
 * Lower case, A-labels (IDNA), without the trailing dot. `undefined` for what is not a host name: empty or long
 * labels, other characters, and names whose last label is a number, which resolvers read as IPv4 (WHATWG URL §3.5).
 */
export function normaliseName(text: string): string | undefined {
  let name = text.toLowerCase();
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the test is exactly "is it ASCII"
  if (!/^[\x00-\x7f]*$/.test(name)) name = domainToASCII(name);
  if (name.endsWith('.')) name = name.slice(0, -1);
  if (name.length === 0 || name.length > 253) return undefined;
  const labels = name.split('.');
  if (!labels.every((label) => LABEL.test(label))) return undefined;
  if (/^(\d+|0x[0-9a-f]*)$/.test(labels.at(-1) as string)) return undefined;
  return name;
}

/** Does a normalised name match a contract's host pattern? `*.` matches any depth below, not the name itself. */
export function matchesName(pattern: string, name: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === name;
  return name.length > pattern.length - 1 && name.endsWith(pattern.slice(1));
}
