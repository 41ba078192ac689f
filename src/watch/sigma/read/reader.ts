/**
 * Reads values out of a document: every wrong one becomes a problem at its place, and reading goes on.
 *
 * @module
 */
import type { Path, Problem } from '../../../contract/index.ts';
import type { SourceDocument } from './documents.ts';

export type Fields = Readonly<Record<string, unknown>>;

export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export class Reader {
  readonly problems: Problem[] = [];
  readonly #document: SourceDocument;

  constructor(document: SourceDocument) {
    this.#document = document;
  }

  say(path: Path, message: string, hint = '', at?: 'key'): void {
    this.problems.push(this.#document.problem({ path, message, hint, ...(at && { at }) }));
  }

  /** where it is written */
  position(path: Path): { line: number; column: number } {
    const { line, column } = this.#document.problem({ path, message: '', hint: '', at: 'key' });
    return { line, column };
  }

  text(from: Fields, key: string, path: Path): string | undefined {
    const value = from[key];
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'string') return value;
    if (typeof value === 'number') return String(value);
    this.say([...path, key], `${key} is not a text`, 'Write a text.');
    return undefined;
  }

  /** a list of texts, or one text for a list of one; `undefined` where there is none */
  texts(from: Fields, key: string, path: Path): string[] | undefined {
    const value = from[key];
    if (value === undefined || value === null) return undefined;
    const list = Array.isArray(value) ? value : [value];
    if (list.every((item) => typeof item === 'string' || typeof item === 'number')) return list.map(String);
    this.say([...path, key], `${key} is not a list of texts`, `Write ${key}: [FIRST, SECOND].`);
    return undefined;
  }

  flag(from: Fields, key: string, path: Path): boolean {
    const value = from[key];
    if (value === undefined || value === null || typeof value === 'boolean') return value === true;
    this.say([...path, key], `${key} is neither true nor false`, 'Write true or false.');
    return false;
  }

  fields(from: Fields, key: string, path: Path): Fields | undefined {
    const value = from[key];
    if (value === undefined || value === null) return undefined;
    if (isFields(value)) return value;
    this.say([...path, key], `${key} is not a mapping`, 'Write KEY: VALUE below it.');
    return undefined;
  }
}
