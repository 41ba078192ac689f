/**
 * Parts of an answer as they grow, within bounds.
 *
 * @module
 */
import type { ModelPart } from '../../../contract/index.ts';
import { parseBounded } from '../../packages/bounded-json.ts';
import type { Usage } from '../budget.ts';
import { type Fields, fieldsOf } from '../json.ts';

/** Characters that are kept of an answer. */
const LONGEST = 2 * 1024 * 1024;
const MOST_PARTS = 512;

/** The data of an event; nothing where it is no JSON, or more of it than is ever honest. */
export function parseData(data: string): Fields {
  try {
    return fieldsOf(parseBounded(data));
  } catch {
    return {};
  }
}

/** The number of a part, as a name for it; whatever else stands there is one name. */
export const numberOf = (value: unknown): string => (typeof value === 'number' ? String(value) : '?');

export const addUsage = (usage: Usage | undefined): { usage?: Usage } => (usage ? { usage } : {});

export class Parts {
  readonly #parts = new Map<string, { part: ModelPart; pieces: string[]; cut: number }>();
  #length = 0;

  put(key: string, part: ModelPart): void {
    if (this.#parts.size >= MOST_PARTS && !this.#parts.has(key)) return;
    const entry = { part, pieces: [] as string[], cut: 0 };
    this.#parts.set(key, entry);
    this.#push(entry, part.text);
  }

  /** @param made the part, where this is its first piece */
  append(key: string, text: string, made: () => ModelPart): void {
    if (!this.#parts.has(key)) this.put(key, made());
    const entry = this.#parts.get(key);
    if (entry) this.#push(entry, text);
  }

  has(key: string): boolean {
    return this.#parts.has(key);
  }

  #push(entry: { pieces: string[]; cut: number }, text: string): void {
    const room = Math.max(0, LONGEST - this.#length);
    if (text.length > room) entry.cut += text.length - room;
    if (room > 0 && text !== '') entry.pieces.push(text.slice(0, room));
    this.#length += Math.min(room, text.length);
  }

  list(): ModelPart[] {
    return [...this.#parts.values()].map(({ part, pieces, cut }) => ({
      ...part,
      text: pieces.join(''),
      ...(cut > 0 && { cut }),
    }));
  }
}
