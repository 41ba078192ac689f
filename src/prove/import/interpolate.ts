/**
 * Variables in compose files: `$NAME`, `${NAME}`, `${NAME:-default}` and the like, `$$` for a dollar sign.
 *
 * Source: Compose specification, Interpolation.
 *
 * @module
 */
import { unknownValue } from './shell.ts';
import type { Entry, Tree } from './tree.ts';

/** The tree with its texts written out; what is in `values` has that value, what has a default the default, the rest stays. */
export function interpolate(tree: Tree, values: ReadonlyMap<string, string>): Tree {
  switch (tree.kind) {
    case 'list':
      return { ...tree, items: tree.items.map((item) => interpolate(item, values)) };
    case 'map': {
      const entries = [...tree.entries].map(([name, entry]): [string, Entry] => [
        name,
        { ...entry, value: interpolate(entry.value, values) },
      ]);
      return { ...tree, entries: new Map(entries) };
    }
    case 'scalar': {
      if (typeof tree.value !== 'string' || !tree.value.includes('$')) return tree;
      const text = interpolateText(tree.value, values);
      return text === tree.value ? tree : { ...tree, value: text, text };
    }
  }
}

/** Longest text that is made, and how deep defaults may hold defaults. */
const MAX_TEXT = 65_536;
const MAX_NESTING = 8;

function interpolateText(text: string, values: ReadonlyMap<string, string>, depth = 0): string {
  let result = '';
  let at = 0;
  while (at < text.length && result.length < MAX_TEXT) {
    const rest = text.slice(at);
    const plain = /^\$([A-Za-z_]\w*)/.exec(rest);
    if (rest.startsWith('$$')) {
      result += '$';
      at += 2;
    } else if (plain !== null) {
      result += values.get(plain[1] as string) ?? unknownValue(plain[1] as string);
      at += plain[0].length;
    } else if (rest.startsWith('${')) {
      const length = bracesLength(rest);
      result += expand(rest.slice(2, length - 1), values, depth);
      at += length;
    } else {
      const next = text.indexOf('$', at + 1);
      result += text.slice(at, next === -1 ? undefined : next);
      at = next === -1 ? text.length : next;
    }
  }
  return result;
}

function bracesLength(text: string): number {
  let depth = 0;
  for (let at = 1; at < text.length; at += 1) {
    if (text[at] === '{') depth += 1;
    if (text[at] === '}') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return text.length;
}

function expand(inner: string, values: ReadonlyMap<string, string>, depth: number): string {
  const match = /^([A-Za-z_]\w*)(?:(:?[-?+])([\s\S]*))?$/.exec(inner);
  if (match === null) return unknownValue('?');
  const [, name, operator = '', other = ''] = match as unknown as [string, string, string?, string?];
  const value = values.get(name);
  const isSet = value !== undefined && !(operator.startsWith(':') && value === '');
  if (operator.endsWith('+')) return isSet ? interpolateText(other, values, depth + 1) : '';
  if (isSet) return value;
  if (!operator.endsWith('-')) return unknownValue(name);
  return depth < MAX_NESTING ? interpolateText(other, values, depth + 1) : unknownValue(name);
}
