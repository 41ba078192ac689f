/**
 * The text of the page’s only script.
 *
 * @module
 */
import { readEvents } from './events.ts';
import { makeList } from './list.ts';
import { makeOrder } from './order.ts';
import { openPage } from './page.ts';
import { makePainter } from './paint.ts';
import { makeTimeline } from './timeline.ts';
import { makeTree } from './tree.ts';

/** Functions as their own text. Their own end tag cannot stand in them. */
export const SCRIPT = `(${openPage.toString()})(globalThis,{${Object.entries({
  makeList,
  makeTimeline,
  makeTree,
  makeOrder,
  makePainter,
  readEvents,
})
  .map(([name, part]) => `${name}:${part.toString()}`)
  .join(',')}});`.replaceAll('</', '<\\/');
