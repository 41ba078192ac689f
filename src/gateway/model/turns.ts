/**
 * What the record says of a call: the parts of its request that no earlier call had, and the answer, each within bounds.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { ModelPart } from '../../contract/index.ts';

/** Characters of JSON; the ledger cuts longer records in ways of its own. */
const ROOM = 48 * 1024;
const OUTPUT_ROOM = 28 * 1024;
const MOST_PARTS = 200;
/** Parts that are remembered; older ones would be recorded again. */
const REMEMBERED = 100_000;
const OVERHEAD = 96;

export class Turns {
  readonly #seen = new Set<string>();
  #last = 0;

  /** A name that no other call of the run has. */
  next(): string {
    this.#last += 1;
    return `turn-${this.#last}`;
  }

  /** Those that are new, in order; from now on they are known. */
  fresh(parts: readonly ModelPart[]): ModelPart[] {
    return parts.filter((part) => {
      const key = keyOf(part);
      if (this.#seen.has(key)) return false;
      if (this.#seen.size >= REMEMBERED) this.#seen.clear();
      this.#seen.add(key);
      return true;
    });
  }

  /** What was answered comes back with the next request: it is known, too. */
  learn(parts: readonly ModelPart[]): void {
    this.fresh(parts);
  }
}

const keyOf = ({ role, type, text, id = '', name = '' }: ModelPart): string =>
  createHash('sha256')
    .update(JSON.stringify([role, type, text, id, name]))
    .digest('base64');

/** Cuts both to what a record takes: the answer first, then of the request what was said last. */
export function fitParts(
  input: readonly ModelPart[],
  output: readonly ModelPart[],
): { input: ModelPart[]; output: ModelPart[] } {
  const answered = within(output, OUTPUT_ROOM);
  const asked = within([...input].reverse(), ROOM - answered.used);
  return { input: asked.parts.reverse(), output: answered.parts };
}

function within(parts: readonly ModelPart[], room: number): { parts: ModelPart[]; used: number } {
  const kept: ModelPart[] = [];
  let used = 0;
  for (const part of parts.slice(0, MOST_PARTS)) {
    const left = room - used - OVERHEAD;
    if (left <= 0) break;
    const whole = JSON.stringify(part.text).length;
    // escapes make text longer; shares of what is left are safe, and nearly all of it is used
    const share = whole <= left ? part.text.length : Math.floor((part.text.length * left) / whole);
    const text = whole <= left ? part.text : shorten(part.text, share, left);
    const cut = part.text.length - text.length + (part.cut ?? 0);
    kept.push({ ...part, text, ...(cut > 0 && { cut }) });
    used += JSON.stringify(text).length + OVERHEAD;
  }
  return { parts: kept, used };
}

/** The beginning of a text, without half a character, whose JSON is no longer than `left`. */
function shorten(text: string, share: number, left: number): string {
  let kept = text.slice(0, share);
  while (kept !== '' && JSON.stringify(kept).length > left)
    kept = kept.slice(0, Math.floor(kept.length * 0.9));
  return kept.isWellFormed() ? kept : kept.slice(0, -1);
}

/** Tokens of a request, estimated: three characters each, which is more than most texts have; data that is no text counts as a picture. */
export function estimateTokens(value: unknown): number {
  const PICTURE = 2000;
  if (typeof value === 'string')
    return value.length > 4096 && /^(?:data:[^,]{0,100},)?[A-Za-z0-9+/=_-]+$/.test(value)
      ? PICTURE
      : Math.ceil(Buffer.byteLength(value) / 3);
  if (typeof value !== 'object' || value === null) return 1;
  let sum = 1;
  for (const [name, inner] of Object.entries(value))
    sum += (Array.isArray(value) ? 0 : Math.ceil(name.length / 3)) + estimateTokens(inner);
  return sum;
}
