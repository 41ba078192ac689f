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
/** Characters of a long text that are worth a record. */
const LEAST = 8 * 1024;
/** Characters of an id or a name; both are others' choice. */
const LONGEST_NAME = 200;

export class Turns {
  readonly #seen = new Set<string>();
  #last = 0;

  /** A name that no other call of the run has. */
  next(): string {
    this.#last += 1;
    return `turn-${this.#last}`;
  }

  /** Those that are not on record yet, in order, each once. */
  fresh(parts: readonly ModelPart[]): ModelPart[] {
    const here = new Set<string>();
    return parts.filter((part) => {
      const key = keyOf(part);
      if (this.#seen.has(key) || here.has(key)) return false;
      here.add(key);
      return true;
    });
  }

  /**
   * These are on record now. What is only asked for, or left out of a record, is not: it would be on none. What was
   * answered comes back with the next request, so it is learnt as well.
   */
  learn(parts: readonly ModelPart[]): void {
    for (const part of parts) {
      if (this.#seen.size >= REMEMBERED) this.#seen.clear();
      this.#seen.add(keyOf(part));
    }
  }
}

const keyOf = ({ role, type, text, id = '', name = '' }: ModelPart): string =>
  createHash('sha256')
    .update(JSON.stringify([role, type, text, id, name]))
    .digest('base64');

export interface Fitted {
  input: ModelPart[];
  output: ModelPart[];
  /** parts that the record has no room for */
  omitted: number;
  /** those that it has, as they were */
  kept: ModelPart[];
}

/** Cuts both to what a record takes: the answer first, then of the request what was said last. */
export function fitParts(input: readonly ModelPart[], output: readonly ModelPart[]): Fitted {
  const answered = within(output, OUTPUT_ROOM);
  const latest = [...input].reverse();
  const asked = within(latest, ROOM - answered.used);
  return {
    input: asked.parts.reverse(),
    output: answered.parts,
    omitted: input.length + output.length - asked.parts.length - answered.parts.length,
    kept: [...latest.slice(0, asked.parts.length), ...output.slice(0, answered.parts.length)],
  };
}

const named = (name: string): string => name.slice(0, LONGEST_NAME).toWellFormed();

function within(parts: readonly ModelPart[], room: number): { parts: ModelPart[]; used: number } {
  const kept: ModelPart[] = [];
  let used = 0;
  for (const { id, name, ...part } of parts.slice(0, MOST_PARTS)) {
    const names = {
      ...(id !== undefined && { id: named(id) }),
      ...(name !== undefined && { name: named(name) }),
    };
    const overhead = OVERHEAD + JSON.stringify(names).length;
    const left = room - used - overhead;
    if (left <= 0) break;
    const whole = JSON.stringify(part.text).length;
    // a few words of a long text are no record of it: it waits for a record with more room
    if (whole > left && left < LEAST && kept.length > 0) break;
    // escapes make text longer; shares of what is left are safe, and nearly all of it is used
    const share = whole <= left ? part.text.length : Math.floor((part.text.length * left) / whole);
    const text = whole <= left ? part.text : shorten(part.text, share, left);
    const cut = part.text.length - text.length + (part.cut ?? 0);
    kept.push({ ...part, text, ...names, ...(cut > 0 && { cut }) });
    used += JSON.stringify(text).length + overhead;
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

/** Tokens of a picture, and of a document for each of its bytes in base64. */
const PICTURE = 2000;
const DATA_SHARE = 1 / 32;
/** Fields whose text is data and no words, where a request's own content has them. */
const DATA = new Set(['data', 'url', 'image_url', 'file_data']);
/** Below these all is words: the agent's own JSON, whatever its fields are called. */
const WORDS = new Set(['tools', 'functions', 'arguments', 'input_schema', 'parameters']);

/**
 * Tokens of a request, estimated: three bytes each, which is more than most texts have; pictures and documents by their
 * size.
 */
export function estimateTokens(value: unknown, name = '', words = false): number {
  if (typeof value === 'string')
    return !words && DATA.has(name) && /^(?:data:[^,]{0,100},)?[A-Za-z0-9+/=_-]{4096,}$/.test(value)
      ? Math.ceil(PICTURE + value.length * DATA_SHARE)
      : Math.ceil(Buffer.byteLength(value) / 3);
  if (typeof value !== 'object' || value === null) return 1;
  const list = Array.isArray(value);
  const { type } = value as { type?: unknown };
  const own = words || WORDS.has(name) || (typeof type === 'string' && /(tool_use|_call)$/.test(type));
  let sum = 1;
  for (const [field, inner] of Object.entries(value))
    sum += (list ? 0 : Math.ceil(field.length / 3)) + estimateTokens(inner, list ? name : field, own);
  return sum;
}
