/**
 * The words of all claims, for the search of the index.
 *
 * @module
 */
import { citesOf } from '../cites.ts';
import type { Site } from './site.ts';

/** As the script of the index splits what is typed: `SSH-tunnel` is two words, `T1496.001` one. */
const wordsOf = (text: string): string[] =>
  text.toLowerCase().match(/[\p{L}\p{N}]+(?:\.[\p{L}\p{N}]+)*/gu) ?? [];

/** Every text in a value that was written in YAML, but for keys and closed words’ structure. */
function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsOf) : [];
}

/**
 * A script that hands each claim’s words to the index: ` first second`, each once. A file of its own, since pages that are opened
 * from a folder may not fetch; nothing of it is evaluated but strings, which hold letters, digits and dots alone.
 */
export function searchScript(site: Site): string {
  const entries = site.entries.map(({ claim: { file: _file, problem: _problem, ...claim } }) => {
    const cited = new Set(citesOf(claim).flatMap(({ cite }) => cite.source ?? []));
    const sources = [...cited].flatMap((id) => {
      const source = site.sourceById.get(id);
      return source ? [source.title, ...source.authors, source.publisher] : [];
    });
    const words = new Set(wordsOf([...textsOf(claim), ...sources].join(' ')));
    return [claim.id, ` ${[...words].sort().join(' ')}`] as const;
  });
  return `evidenceWords(${JSON.stringify(Object.fromEntries(entries))});\n`;
}
