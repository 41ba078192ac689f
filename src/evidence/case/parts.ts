/**
 * Pieces of the page.
 *
 * @module
 */
import { shellWord } from '../../contract/index.ts';
import { type Html, html } from '../html/index.ts';
import type { HazardCase } from './schema.ts';

/** Text of somebody else: it stays text, and in its own direction. */
export const text = (said: string): Html => html`<bdi>${said}</bdi>`;

export type Colour = 'green' | 'blue' | 'amber' | 'red';

export function colourOf({ problems, standing }: HazardCase): Colour {
  if (problems.length > 0 || standing === 'unsupported') return 'red';
  return ({ proved: 'green', watched: 'blue', accepted: 'amber' } as const)[standing];
}

/** Never by colour alone. */
export function standingWord({ problems, standing }: HazardCase): string {
  if (standing === 'unsupported') return '✗ unsupported';
  if (problems.length > 0) return `✗ ${standing}, but stale`;
  return `${standing === 'accepted' ? '!' : '✓'} ${standing}`;
}

export const badge = (hazard: HazardCase): Html =>
  html`<span class="badge ${colourOf(hazard)}">${standingWord(hazard)}</span>`;

/** Id of a link’s row. */
export const linkAnchor = (id: string): string => `link-${id.replaceAll(/[^A-Za-z0-9-]/g, '-')}`;

const word = (text: string): string => (/^[\w@%+=:,./-]+$/.test(text) ? text : shellWord(text));

export const commandHtml = (command: readonly string[]): Html =>
  html`<code class="command">ringfence ${command.map(word).join(' ')}</code>`;
