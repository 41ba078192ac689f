/**
 * The base as one JSON file, made when the program is built: to read two hundred files of YAML takes half a second.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import {
  type Claim,
  type Evidence,
  loadEvidence,
  parseClaim,
  parseSource,
  type Source,
  type Text,
  type Texts,
} from './load.ts';
import { plainClaim, plainSource } from './plain.ts';
import type { WrittenClaim } from './schema/claim.ts';
import type { WrittenSource } from './schema/source.ts';

interface Compiled {
  /** SHA-256 over names and texts of what it was made from, lower-case hex */
  digest: string;
  /** name of the file → what stands in it */
  claims: [name: string, claim: WrittenClaim][];
  sources: [name: string, source: WrittenSource][];
}

/** Over lengths, too, so that no two sets of files have the same bytes. */
function digestOf({ claims, sources }: Texts): string {
  const hash = createHash('sha256');
  for (const texts of [claims, sources]) {
    hash.update(`${texts.length}\n`);
    for (const [file, text] of texts) hash.update(`${basename(file)}\n${text.length}\n${text}`);
  }
  return hash.digest('hex');
}

/** The text of the compiled file; undefined where a file has a mistake: then all are read each time, and it is told. */
export function compileEvidence(texts: Texts): string | undefined {
  const { claims, sources, problems } = loadEvidence(texts);
  if (problems.length > 0) return undefined;
  const compiled: Compiled = {
    digest: digestOf(texts),
    claims: claims.map((claim) => [basename(claim.file), plainClaim(claim)]),
    sources: sources.map((source) => [basename(source.file), plainSource(source)]),
  };
  return JSON.stringify(compiled);
}

/** The base of these texts, from the compiled file where that was made from exactly them. */
export function openCompiled(json: string, texts: Texts): Evidence | undefined {
  let compiled: Compiled;
  try {
    compiled = JSON.parse(json) as Compiled;
  } catch {
    return undefined; // not whole: the texts are there
  }
  if (compiled.digest !== digestOf(texts)) return undefined;
  const placed = <W, T>(
    entries: readonly [string, W][],
    all: readonly Text[],
    parse: (text: string, file: string) => ReturnType<typeof parseClaim> | ReturnType<typeof parseSource>,
  ): T[] => {
    const byName = new Map(all.map((one) => [basename(one[0]), one]));
    return entries.map(([name, written]) => {
      const [file, text] = byName.get(name) as Text;
      const problem: Claim['problem'] = (finding) => {
        // places are in the texts alone; they are asked for where something is wrong
        const parsed = parse(text, file);
        if (!parsed.ok) throw new Error(`${file} was valid before`);
        return parsed.value.problem(finding);
      };
      return { ...written, file, problem } as T;
    });
  };
  return {
    claims: placed<WrittenClaim, Claim>(compiled.claims, texts.claims, parseClaim),
    sources: placed<WrittenSource, Source>(compiled.sources, texts.sources, parseSource),
    problems: [],
  };
}
