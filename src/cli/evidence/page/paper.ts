/**
 * A page for a terminal, line by line: headings, paragraphs, lists, in a given width.
 *
 * @module
 */
import type { Style } from '../../terminal.ts';
import { safe } from '../../text.ts';
import { wrapText } from '../wrap.ts';

/** Columns beyond which lines are hard to read. */
const WIDEST = 100;

export class Paper {
  readonly #lines: string[] = [];
  readonly #width: number;
  readonly #style: (style: Style, text: string) => string;

  constructor(columns: number, style: (style: Style, text: string) => string) {
    this.#width = Math.max(30, Math.min(columns, WIDEST));
    this.#style = style;
  }

  /** Text from files is escaped here, and nowhere else. */
  #wrap(text: string, indent: string, first: string): string[] {
    return wrapText(safe(text), this.#width, indent, first);
  }

  heading(text: string): void {
    if (this.#lines.length > 0) this.#lines.push('');
    this.#lines.push(...this.#wrap(text, '', '').map((line) => this.#style('bold', line)));
  }

  /** @param style of the whole paragraph; @param indent in columns */
  text(text: string, { indent = 0, style }: { indent?: number; style?: Style | undefined } = {}): void {
    const space = ' '.repeat(indent);
    const lines = this.#wrap(text, space, space);
    this.#lines.push(...(style ? lines.map((line) => this.#style(style, line)) : lines));
  }

  /** A paragraph that begins with a label: `  • `, `  1. `. */
  item(label: string, text: string, style?: Style): void {
    const lines = this.#wrap(text, ' '.repeat([...label].length), label);
    this.#lines.push(...(style ? lines.map((line) => this.#style(style, line)) : lines));
  }

  /** `name  text`, where there is a text. */
  field(name: string, text: string | undefined, indent = 2): void {
    if (text === undefined || text === '') return;
    this.item(`${' '.repeat(indent)}${name}: `, text);
  }

  blank(): void {
    if (this.#lines.at(-1) !== '') this.#lines.push('');
  }

  toString(): string {
    return this.#lines.join('\n').trimEnd();
  }
}
