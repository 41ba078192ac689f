/**
 * Pages that stand alone: templates that escape, how they look, what may run in them.
 *
 * @module
 */
export { escapeHtml, type Html, html, joined, toText, trusted } from './html.ts';
export { BASE, COLOURS, minify } from './look.ts';
export { hashOf, ICON } from './policy.ts';
