/**
 * One mapping over another, as compose files extend each other.
 *
 * Source: Compose specification, Merge and Extend.
 *
 * @module
 */
import type { Entry, Tree } from './tree.ts';

/** Lists of these are replaced, not continued. */
const REPLACED = new Set(['command', 'entrypoint', 'test']);

/** `own` over `base`: mappings key by key, lists one after the other, other values as in `own`. */
export function mergeTrees(base: Tree, own: Tree, key = ''): Tree {
  const [one, other] = [asMapping(base, key), asMapping(own, key)];
  if (one.kind === 'map' && other.kind === 'map') {
    const entries = new Map<string, Entry>(one.entries);
    for (const [name, entry] of other.entries) {
      const before = entries.get(name);
      entries.set(
        name,
        before === undefined ? entry : { ...entry, value: mergeTrees(before.value, entry.value, name) },
      );
    }
    return { ...other, entries };
  }
  if (one.kind === 'list' && other.kind === 'list' && !REPLACED.has(key))
    return { ...other, items: [...one.items, ...other.items] };
  return own;
}

/** Keys whose list and mapping mean the same. */
const EITHER = new Map([
  ['environment', '='],
  ['labels', '='],
  ['networks', ''],
  ['depends_on', ''],
]);

function asMapping(tree: Tree, key: string): Tree {
  const separator = EITHER.get(key);
  if (separator === undefined || tree.kind !== 'list') return tree;
  const entries = tree.items.flatMap((item): [string, Entry][] => {
    if (item.kind !== 'scalar') return [];
    const at = separator === '' ? -1 : item.text.indexOf(separator);
    const text = typeof item.value === 'string' ? item.value : item.text;
    const name = at === -1 ? text : text.slice(0, at);
    const value: Tree =
      at === -1
        ? { kind: 'scalar', at: item.at, value: null, text: '' }
        : { kind: 'scalar', at: item.at, value: text.slice(at + 1), text: text.slice(at + 1) };
    return [[name, { key: item.at, value }]];
  });
  return { kind: 'map', at: tree.at, entries: new Map(entries) };
}
