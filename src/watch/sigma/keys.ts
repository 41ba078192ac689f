/**
 * Values of fields as parts of keys: bounded, whatever comes.
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { FieldValue } from '../observation.ts';

/** Values longer than this are known by their digest. */
const LONG = 128;

const shortened = (text: string): string => (text.length <= LONG ? text : `sha256:${hash('sha256', text)}`);

/** A field's value as part of a key; what is absent is a value of its own. */
export function keyPart(value: FieldValue): string {
  if (value === undefined) return '-';
  if (typeof value === 'object') return shortened(JSON.stringify(value));
  return `=${shortened(String(value))}`;
}
