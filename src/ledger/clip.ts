/**
 * Bounds a record: what an agent passes as arguments may be megabytes, and a record must stay small. What is cut is said.
 *
 * @module
 */
import { hash } from 'node:crypto';

/** JSON longer than this many characters is clipped. */
export const CLIP_ABOVE = 64 * 1024;
const LONGEST_TEXT = 4096;
const MOST_ITEMS = 256;

/** A copy with long texts and lists cut; each cut says how much is missing and the SHA-256 of the whole text. */
export function clip(value: unknown): unknown {
  if (typeof value === 'string') {
    if (value.length <= LONGEST_TEXT) return value;
    const missing = value.length - LONGEST_TEXT;
    return `${value.slice(0, LONGEST_TEXT)}[cut: ${missing} more characters, sha256 ${hash('sha256', value)}]`;
  }
  if (Array.isArray(value)) {
    const kept = value.slice(0, MOST_ITEMS).map(clip);
    if (value.length > MOST_ITEMS) kept.push(`[cut: ${value.length - MOST_ITEMS} more items]`);
    return kept;
  }
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, clip(item)]));
  }
  return value;
}
