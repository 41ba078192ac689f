/**
 * Marks of what passed in requests, made with the installation's key before they are recorded.
 *
 * @module
 */
import { createHmac } from 'node:crypto';
import type { EventBody, RequestContent } from '../../contract/index.ts';

/** Marks that only this installation can make: who has a record alone cannot test guesses. */
export const keyedMarks =
  (key: Uint8Array) =>
  (mark: string): string =>
    createHmac('sha256', key).update('campaign ').update(mark).digest('base64url').slice(0, 12);

/** A request's event as it is recorded: its marks made with the installation's key. */
export function keyedContent(event: EventBody, key: Uint8Array): EventBody {
  if (event.kind !== 'http.request' || !event.content) return event;
  const keyed = keyedMarks(key);
  const content: RequestContent = { ...event.content };
  for (const list of ['named', 'told', 'heard', 'shown'] as const)
    if (content[list]) content[list] = content[list].map(keyed);
  for (const one of ['asked', 'answered'] as const)
    if (content[one] !== undefined) content[one] = keyed(content[one]);
  return { ...event, content };
}
