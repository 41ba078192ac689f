/**
 * Lines for people: wrapped, and safe for a terminal.
 *
 * @module
 */
import { printable } from '../../contract/index.ts';

export const WIDTH = 80;

/** Text wrapped at spaces; lines after the first are indented by `hang`. Longer words are cut, since a path may be long. */
export function wrap(text: string, indent: string, hang: string = indent): string[] {
  const lines: string[] = [];
  let line = indent;
  let isEmpty = true;
  for (const word of printable(text).split(' ')) {
    let rest = [...word];
    if (!isEmpty && [...line].length + 1 + rest.length > WIDTH) {
      lines.push(line);
      line = hang;
      isEmpty = true;
    }
    line += isEmpty ? '' : ' ';
    for (let room = WIDTH - [...line].length; rest.length > room; room = WIDTH - hang.length) {
      lines.push(line + rest.slice(0, room).join(''));
      rest = rest.slice(room);
      line = hang;
    }
    line += rest.join('');
    isEmpty = false;
  }
  return [...lines, line];
}

/** A command stays on one line, whatever its length: it is there to be copied. */
export const commandLine = (command: string): string => `      $ ${printable(command)}`;

/** `a`, `a and b`, `a, b and c`. */
export function listed(words: readonly string[]): string {
  return words.length < 2
    ? words.join('')
    : `${words.slice(0, -1).join(', ')} and ${words[words.length - 1]}`;
}

/** Gathers what has the same key, in the order of first appearance. */
export function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Item[][] {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return [...groups.values()];
}
