/**
 * Host patterns: a name, an address, `*.example.com` for all names below it at any depth, `*` for every name.
 *
 * @module
 */
import { isIP } from 'node:net';
import { parseSegment } from './segment.ts';
import type { Element, Parsed } from './types.ts';

/** The root of addresses. */
export const ADDRESS = 'address';

/** A host's root and labels, the last label first; an address is one label of a root of its own. */
export function splitHost(host: string): { root: string; segments: string[] } {
  const name = host.toLowerCase().replace(/\.$/, '');
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  // most are names, and the first question about an address takes milliseconds
  if (/^[\d.]+$|:/.test(bare) && isIP(bare) !== 0) return { root: ADDRESS, segments: [bare] };
  return { root: '', segments: name.split('.').reverse() };
}

export function joinHost(segments: readonly string[]): string {
  return segments.toReversed().join('.');
}

/** Reads a host pattern. `*` as the first label is one label or more; elsewhere, and within a label, it stays within one label. */
export function parseHost(text: string): Parsed {
  const { root, segments } = splitHost(text);
  if (root === ADDRESS) {
    const [address] = segments as [string];
    return made(text, ADDRESS, [{ kind: 'literal', text: address }]);
  }
  const wrong = segments.find((label) => !/^[a-z0-9_*-]+$/.test(label));
  if (wrong !== undefined || text.length > 253)
    return {
      ok: false,
      message: `${text} is not a host pattern`,
      hint: 'Write a name such as api.example.com, names below one such as *.example.com, or an address.',
    };
  const elements: Element[] = segments.map(parseSegment);
  if (elements.at(-1)?.kind === 'any') elements.push({ kind: 'rest' });
  return made(text, '', elements);
}

function made(text: string, root: string, elements: readonly Element[]): Parsed {
  return { ok: true, pattern: { kind: 'host', text, root, sequences: [elements] } };
}
