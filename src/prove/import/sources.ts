/**
 * Where each grant of a setting is written.
 *
 * @module
 */
import type { Place, Setting } from '../setting/index.ts';

/** Clause → its place; of several of one name the first. */
export function placesOf(setting: Setting): Map<string, Place> {
  const places = new Map<string, Place>();
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) for (const item of value) visit(item);
    else if (value !== null && typeof value === 'object') {
      const { clause, place } = value as { clause?: unknown; place?: Place };
      if (typeof clause === 'string' && place !== undefined && !places.has(clause)) places.set(clause, place);
      for (const [name, each] of Object.entries(value)) if (name !== 'place') visit(each);
    }
  };
  visit(setting);
  return places;
}
