/**
 * The marks of a request as fields of an observation, and back.
 *
 * @module
 */
import type { RequestContent } from '../../contract/index.ts';
import type { FieldValue } from '../observation.ts';

const LISTS = {
  Named: 'named',
  Told: 'told',
  Heard: 'heard',
  Places: 'places',
  Mentions: 'mentions',
  Shown: 'shown',
} as const;

/** Fields of `http_request` observations: marks of bodies and words, places that are named, what is packed. */
export function contentFields(content: RequestContent | undefined): Record<string, FieldValue> {
  if (!content) return {};
  const fields: Record<string, FieldValue> = {};
  for (const [field, key] of Object.entries(LISTS)) if (content[key]) fields[field] = content[key];
  if (content.asked !== undefined) fields.Asked = content.asked;
  if (content.answered !== undefined) fields.Answered = content.answered;
  if (content.packed !== undefined) fields.Packed = content.packed;
  if (content.addressed) fields.Addressed = true;
  return fields;
}

export function contentOf(fields: Readonly<Record<string, FieldValue>>): RequestContent {
  const content: RequestContent = {};
  for (const [field, key] of Object.entries(LISTS)) {
    const value = fields[field];
    if (Array.isArray(value)) content[key] = value as string[];
  }
  if (typeof fields.Asked === 'string') content.asked = fields.Asked;
  if (typeof fields.Answered === 'string') content.answered = fields.Answered;
  if (typeof fields.Packed === 'number') content.packed = fields.Packed;
  if (fields.Addressed === true) content.addressed = true;
  return content;
}
