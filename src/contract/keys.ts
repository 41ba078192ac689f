/**
 * The keys that the schema knows at a contract path, read from the schema itself.
 *
 * @module
 */
import type * as z from 'zod';
import type { Path } from './problem.ts';
import { contractSchema } from './schema.ts';

/** Follows wrappers (defaults, optionals, transforms, unions) to the schema of a mapping or list, if there is one. */
function container(schema: z.core.$ZodType): z.core.$ZodTypes | undefined {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
    case 'array':
      return schema as z.core.$ZodTypes;
    case 'default':
    case 'prefault':
    case 'optional':
    case 'nullable':
      return container(def.innerType);
    case 'pipe':
      return container(def.in);
    case 'union':
      for (const option of def.options) {
        const found = container(option);
        if (found !== undefined) return found;
      }
      return undefined;
    default:
      return undefined;
  }
}

/** The keys possible below `path`; `undefined` where the schema has no fixed keys. */
export function knownKeys(path: Path): readonly string[] | undefined {
  let current = container(contractSchema);
  for (const part of path) {
    const def = current?._zod.def;
    if (def?.type === 'array') current = container(def.element);
    else if (def?.type === 'object') {
      const next = Object.hasOwn(def.shape, part) ? def.shape[part] : undefined;
      current = next === undefined ? undefined : container(next);
    } else return undefined;
  }
  const def = current?._zod.def;
  return def?.type === 'object' ? Object.keys(def.shape) : undefined;
}
