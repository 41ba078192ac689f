/**
 * What a server says of its tools. All of it reaches a model, so all of it is pinned; text that a person would not see
 * and a model would is a reason to refuse the tool.
 *
 * @module
 */
import { canonicalJson, definitionDigest, type ToolDefinition } from '../../contract/tools.ts';
import { isObject, type Json, type JsonObject, textsIn } from './json.ts';

/** Of a definition; what else a server sends is left out. */
const KEYS = ['name', 'title', 'description', 'inputSchema', 'outputSchema', 'annotations'] as const;
/** The names that the specification (2025-11-25, "Tool Names") recommends. */
const NAME = /^[A-Za-z0-9_.-]{1,128}$/;
/** Characters of one definition as JSON. */
const LONGEST = 64 * 1024;
export const MOST_TOOLS = 512;

/**
 * Characters that show nothing, or change the order of what is shown: tags (U+E0000…), bidirectional controls, zero-width
 * ones, variation selectors beyond the first sixteen. Unicode Technical Report 36 §2.10.
 */
const HIDDEN = /[\u{E0000}-\u{E0FFF}\u202A-\u202E\u2066-\u2069\u200B\u2060-\u2064\uFEFF\p{Cc}]/u;
const hasHidden = (text: string): boolean => HIDDEN.test(text.replace(/[\n\r\t]/g, ''));

export type Read =
  | { ok: true; definition: ToolDefinition; digest: string }
  | { ok: false; name: string; why: string };

/** One entry of `tools/list`. */
export function readDefinition(value: Json): Read {
  const name = isObject(value) && typeof value.name === 'string' ? value.name : '';
  if (!isObject(value) || !NAME.test(name))
    return { ok: false, name, why: 'its name is none that tools have' };
  const kept: Record<string, Json> = {};
  for (const key of KEYS) if (value[key] !== undefined) kept[key] = value[key];
  if (!isObject(value.inputSchema)) kept.inputSchema = { type: 'object' };
  const refuse = (why: string): Read => ({ ok: false, name, why });
  if (canonicalJson(kept).length > LONGEST)
    return refuse(`its definition has more than ${LONGEST} characters`);
  if (textsIn(kept).some(hasHidden)) return refuse('its definition holds characters that nobody sees');
  const definition = kept as ToolDefinition & JsonObject;
  return { ok: true, definition, digest: definitionDigest(definition) };
}
