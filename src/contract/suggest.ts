/**
 * "Did you mean": the nearest known word to one that was mistyped.
 *
 * @module
 */

/**
 * Edit distance with insertions, deletions, substitutions and swaps of neighbours (optimal string alignment; F. Damerau,
 * "A technique for computer detection and correction of spelling errors", CACM 7(3), 1964).
 */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const cost = a[row - 1] === b[column - 1] ? 0 : 1;
      let best = Math.min(
        (last[column] as number) + 1,
        (current[column - 1] as number) + 1,
        (last[column - 1] as number) + cost,
      );
      if (row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1])
        best = Math.min(best, (beforeLast[column - 2] as number) + 1);
      current.push(best);
    }
    beforeLast = last;
    last = current;
  }
  return last[b.length] as number;
}

/** The known word nearest to `word`, when it is near enough to be what was meant. Case and `_` for `-` do not count. */
export function suggest(word: string, known: readonly string[]): string | undefined {
  if (word.length > 64) return undefined;
  const fold = (text: string) => text.toLowerCase().replaceAll('_', '-').replaceAll(' ', '-');
  const folded = fold(word);
  let best: string | undefined;
  let bestDistance = Math.min(3, Math.floor(Math.max(2, folded.length) / 2.5) + 1);
  for (const candidate of known) {
    const target = fold(candidate);
    const prefix = folded.length >= 3 && target.startsWith(folded) ? 1 : Number.POSITIVE_INFINITY;
    const distance = Math.min(editDistance(folded, target), prefix);
    if (distance < bestDistance && distance < target.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** `Did you mean "x"?` or, when nothing is near, the words there are. */
export function didYouMean(word: string, known: readonly string[], what: string): string {
  const near = suggest(word, known);
  if (near !== undefined) return `Did you mean ${JSON.stringify(near)}?`;
  return `${what}: ${known.join(', ')}.`;
}
