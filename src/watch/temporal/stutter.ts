/**
 * Which formulas need to be told of their own predicates alone: where nothing happens that they speak of, they neither
 * hold nor change. Most rules are such, and cost nothing while other things happen.
 *
 * @module
 */
import { type Core, childrenOf } from './core.ts';

/** Whether time points without any of the formula's predicates can be left out. */
export const canSkip = (core: Core): boolean => isSilent(core) && isSteady(core);

/** Without events it has no solution. */
function isSilent(core: Core): boolean {
  switch (core.kind) {
    case 'truth':
      return !core.value;
    case 'atom':
      return true;
    case 'and':
      return core.parts.some(isSilent);
    case 'or':
      return core.parts.every(isSilent);
    case 'exists':
      return isSilent(core.body);
    case 'aggregate':
      return core.groups.length > 0 && isSilent(core.body);
    default:
      return false;
  }
}

/** Without events it holds of everything. */
function isVacuous(core: Core): boolean {
  switch (core.kind) {
    case 'truth':
      return core.value;
    case 'not':
      return isSilent(core.body);
    case 'and':
      return core.parts.every(isVacuous);
    case 'or':
      return core.parts.some(isVacuous);
    default:
      return false;
  }
}

/** No state in it changes without events, but by time. */
function isSteady(core: Core): boolean {
  if (core.kind === 'previous') return false;
  if (core.kind === 'instant' && core.what === 'tp') return true;
  if (core.kind === 'once' && !isSilent(core.body)) return false;
  if (core.kind === 'since' && !(isSilent(core.right) && isVacuous(core.left))) return false;
  return childrenOf(core).every(isSteady);
}
