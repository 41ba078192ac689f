/**
 * Words and acts: what somebody inside declares is on record, and is no act.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';

/** What a scaffold says that it calls, or what came of it; nothing shows that it did. */
export const isDeclared = (event: LedgerEvent): boolean =>
  (event.kind === 'tool.call' || event.kind === 'tool.result') && event.via === 'declared';
