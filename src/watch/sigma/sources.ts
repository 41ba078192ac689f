/**
 * Log sources: which of Sigma's are ours, and what of theirs our observations have.
 *
 * @module
 */
import type { Category } from '../observation.ts';
import { FIELDS } from '../observe/fields.ts';
import type { LogSource } from './types.ts';

export const CATEGORIES = Object.keys(FIELDS) as Category[];

const isCategory = (name: string): name is Category => Object.hasOwn(FIELDS, name);

export const nameOfSource = ({ product, category, service }: LogSource): string =>
  [product, category, service].filter((part) => part !== undefined).join('/') || 'any';

/**
 * Observations that a log source means; none where we have nothing like it. A source that names a product only means its
 * logs as a whole: what programs were started with, and what auditd says.
 */
export function categoriesOf({ product, category, service }: LogSource): readonly Category[] {
  if (product !== undefined && product !== 'linux' && product !== 'ringfence') return [];
  if (service !== undefined)
    return service === 'auditd' && (category === undefined || category === 'auditd') ? ['auditd'] : [];
  if (category !== undefined) return isCategory(category) ? [category] : [];
  return product === undefined ? [] : ['process_creation', 'auditd'];
}

/** Whether observations of a category can have a field. Those of sensors elsewhere have what their source gives. */
export const hasField = (category: Category, field: string): boolean =>
  category === 'auditd' || Object.hasOwn(FIELDS[category], field);
