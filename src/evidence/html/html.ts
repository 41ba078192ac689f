/**
 * HTML from templates in which every value is escaped: markup comes from programs that are ours, never from what they show.
 *
 * @module
 */
import { printable } from '../../contract/index.ts';

const MARKUP = Symbol('markup');

/** Markup that was made by {@link html}. */
export interface Html {
  readonly [MARKUP]: string;
}

type Value = Html | string | number | undefined | false | readonly Value[];

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/**
 * Text that stays text, in elements and in attributes with double quotes. White space is folded, and controls, bidirectional and
 * invisible characters are shown as escapes: a page that reads otherwise than it is written would be no evidence.
 */
export const escapeHtml = (text: string): string =>
  printable(text.replace(/\s+/g, ' ')).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

function render(value: Value): string {
  if (value === undefined || value === false) return '';
  if (typeof value === 'string') return escapeHtml(value);
  if (typeof value === 'number') return String(value);
  if (MARKUP in value) return value[MARKUP];
  return value.map(render).join('');
}

/**
 * A template. Values are escaped, lists are joined, `undefined` and `false` vanish. Values may stand as the text of elements and
 * inside attributes that are quoted with `"`, and nowhere else.
 *
 * @example
 * toText(html`<p>${'a < b'}</p>`) === '<p>a &lt; b</p>'
 */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  return { [MARKUP]: parts.map((part, index) => `${part}${render(values[index])}`).join('') };
}

/** Text of ours that is markup already: a style sheet, a script. Never for what somebody else wrote. */
export const trusted = (markup: string): Html => ({ [MARKUP]: markup });

export const toText = (markup: Html): string => markup[MARKUP];

/** Markup between which something stands: `a, b, c`. */
export const joined = (items: readonly Html[], between: string): Html =>
  trusted(items.map((item) => item[MARKUP]).join(escapeHtml(between)));
