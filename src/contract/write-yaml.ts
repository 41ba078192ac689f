/**
 * Pieces of contracts that Ringfence writes itself: words, lists and names as YAML that reads well and loads.
 *
 * @module
 */
import { basename } from 'node:path';

/** A word as it is, or quoted where YAML would take it for something else: a number (`1e3`, `0x10`, `.inf`), a truth value. */
export const quoted = (text: string): string =>
  /^[A-Za-z0-9._/][A-Za-z0-9._/ -]*$/.test(text) &&
  !/^[0-9.]+$|^[.0-9]+e[0-9-]+$|^0[xob][0-9a-f]*$|^\.(inf|nan)$|^(true|false|null)$|\s$/i.test(text)
    ? text
    : JSON.stringify(text);

export const list = (items: readonly string[]): string => `[${items.map(quoted).join(', ')}]`;

/** A name that the schema accepts, made from the folder's. */
export function contractName(folder: string): string {
  const name = basename(folder)
    .replace(/[^A-Za-z0-9._-]+/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64);
  return name === '' ? 'my-project' : name;
}
