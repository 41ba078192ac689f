/**
 * The keys that the schema knows at a contract path, read from the schema itself.
 *
 * @module
 */
import type * as z from 'zod';
import type { Path } from './problem.ts';
import { contractSchema } from './schema.ts';

type Container = z.core.$ZodObjectDef | z.core.$ZodArrayDef;

/** Follows wrappers (defaults, optionals, transforms, unions) to the mappings and lists that a value may be. */
function containers(schema: z.core.$ZodType): Container[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  switch (def.type) {
    case 'object':
    case 'array':
      return [def];
    case 'default':
    case 'prefault':
    case 'optional':
    case 'nullable':
      return containers(def.innerType);
    case 'pipe':
      return containers(def.in);
    case 'union':
      return def.options.flatMap(containers);
    default:
      return [];
  }
}

function step(def: Container, part: string | number): Container[] {
  if ('element' in def) return typeof part === 'number' ? containers(def.element) : [];
  const next = Object.hasOwn(def.shape, part) ? def.shape[part] : undefined;
  return next === undefined ? [] : containers(next);
}

/** The keys of a contract possible below `path`; `undefined` where the schema has no fixed keys. */
export const knownKeys = (path: Path): readonly string[] | undefined => knownKeysOf(contractSchema, path);

/** The keys that a schema knows below `path`; `undefined` where it has no fixed keys. */
export function knownKeysOf(schema: z.core.$ZodType, path: Path): readonly string[] | undefined {
  const reached = path.reduce<Container[]>(
    (current, part) => current.flatMap((def) => step(def, part)),
    containers(schema),
  );
  const mapping = reached.find((def) => 'shape' in def);
  return mapping === undefined ? undefined : Object.keys(mapping.shape);
}
