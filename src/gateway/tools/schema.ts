/**
 * Whether arguments are what a tool says that it takes: the plain part of JSON Schema (types, required, properties,
 * enumerations, bounds). What a schema says beyond that is the server's to check; patterns are not evaluated here.
 *
 * @module
 */
import { isObject, type Json } from './json.ts';

const DEEPEST = 16;

const TYPES: Record<string, (value: Json) => boolean> = {
  object: isObject,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
  number: (value) => typeof value === 'number' || typeof value === 'bigint',
  integer: (value) => typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value)),
};

/** What is wrong with a value, in a few words; `undefined` where nothing is. */
export function mismatch(
  value: Json,
  schema: Json | undefined,
  at = 'arguments',
  depth = 0,
): string | undefined {
  if (schema === false) return `${at} is not taken`;
  if (!isObject(schema) || depth > DEEPEST) return undefined;
  const { type, enum: allowed, const: only, properties, required, additionalProperties, items } = schema;
  const types = (Array.isArray(type) ? type : [type]).filter(
    (each): each is string => typeof each === 'string',
  );
  if (types.length > 0 && !types.some((each) => TYPES[each]?.(value) ?? true))
    return `${at} is not of type ${types.join(' or ')}`;
  if (Array.isArray(allowed) && isPlain(value) && !allowed.includes(value))
    return `${at} is none of the values it may have`;
  if (only !== undefined && isPlain(only) && isPlain(value) && only !== value)
    return `${at} is not the value it must have`;
  if (Array.isArray(value)) {
    if (!isObject(items)) return undefined;
    for (const [index, member] of value.entries()) {
      const wrong = mismatch(member, items, `${at}[${index}]`, depth + 1);
      if (wrong !== undefined) return wrong;
    }
    return undefined;
  }
  if (!isObject(value)) return undefined;
  const missing = Array.isArray(required)
    ? required.find((key) => typeof key === 'string' && !Object.hasOwn(value, key))
    : undefined;
  if (missing !== undefined) return `${at} lacks ${String(missing).slice(0, 64)}`;
  const known = isObject(properties) ? properties : {};
  for (const [key, member] of Object.entries(value)) {
    const isKnown = Object.hasOwn(known, key);
    if (!isKnown && additionalProperties === false && schema.patternProperties === undefined)
      return `${at} has ${key.slice(0, 64)}, which is not taken`;
    const wrong = isKnown ? mismatch(member, known[key], `${at}.${key.slice(0, 64)}`, depth + 1) : undefined;
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

const isPlain = (value: Json): value is string | number | boolean | bigint | null =>
  typeof value !== 'object' || value === null;
