/**
 * What a run was told by its tools: whom it heard of, and which stretches of words were confidential. Hashes of words
 * alone are kept, and a bounded number of them; what was dropped is counted.
 *
 * @module
 */
import { plain, wordsOf } from './text.ts';

/** Words of a stretch: as long as two people hardly ever write the same by chance. */
const STRETCH = 6;
/** Stretches that are kept of all results together, and addresses. */
const MOST_STRETCHES = 400_000;
const MOST_ADDRESSES = 20_000;
const ADDRESS = /[a-z0-9._%+-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}/g;

interface Source {
  /** the tool that told it, `server.tool` */
  from: string;
  /** addresses in it: those are its parties */
  parties: ReadonlySet<string>;
}

export interface Overlap {
  /** words that are the same */
  words: number;
  from: string;
}

export class Heard {
  readonly #stretches = new Map<string, Source>();
  readonly #addresses = new Set<string>();
  /** long numbers and keys: one of them alone is a leak */
  readonly #tokens = new Map<string, Source>();
  #lost = 0;

  /** Takes in a result. */
  hear(from: string, texts: readonly string[], isConfidential: boolean): void {
    const read = plain(texts.join('\n'));
    const parties = addressesIn(read);
    for (const address of parties)
      if (this.#addresses.size < MOST_ADDRESSES) this.#addresses.add(address);
      else this.#lost += 1;
    if (!isConfidential) return;
    const source = { from, parties };
    for (const stretch of stretchesOf(read)) this.#keep(this.#stretches, stretch, source);
    for (const token of tokensOf(read)) this.#keep(this.#tokens, token, source);
  }

  knows(address: string): boolean {
    return this.#addresses.has(address.toLowerCase());
  }

  /** What of a text was confidential, towards somebody who was no party to it. */
  overlap(text: string, to: readonly string[]): Overlap | undefined {
    const read = plain(text);
    const counts = new Map<string, number>();
    const isFor = ({ parties }: Source) => to.every((one) => parties.has(one.toLowerCase()));
    for (const token of tokensOf(read)) {
      const source = this.#tokens.get(token);
      if (source && !isFor(source)) return { words: 1, from: source.from };
    }
    for (const stretch of stretchesOf(read)) {
      const source = this.#stretches.get(stretch);
      if (source && !isFor(source)) counts.set(source.from, (counts.get(source.from) ?? 0) + 1);
    }
    const [worst] = [...counts].sort(([, one], [, other]) => other - one);
    // two stretches that overlap are seven words in a row
    return worst && worst[1] >= 2 ? { words: worst[1] + STRETCH - 1, from: worst[0] } : undefined;
  }

  /** What was dropped since it was last asked. */
  lost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  #keep(kept: Map<string, Source>, key: string, source: Source): void {
    if (kept.size < MOST_STRETCHES || kept.has(key)) kept.set(key, source);
    else this.#lost += 1;
  }
}

export const addressesIn = (text: string): Set<string> => new Set(text.toLowerCase().match(ADDRESS) ?? []);

function* stretchesOf(read: string): Generator<string> {
  const words = wordsOf(read);
  for (let at = 0; at + STRETCH <= words.length; at += 1) yield words.slice(at, at + STRETCH).join(' ');
}

/** Account numbers, keys, passwords: eight characters or more, with digits among them, and no address or date. */
function tokensOf(read: string): string[] {
  return (read.match(/[a-z0-9][a-z0-9_+/=-]{7,127}/g) ?? []).filter(
    (word) => (word.match(/\d/g)?.length ?? 0) >= 4 && !/^\d{4}-\d{2}-\d{2}/.test(word),
  );
}
