/**
 * The ledger's own errors: each has a code to test for and a hint that says what to do.
 *
 * @module
 */

/** Codes of {@link LedgerError}. */
export type LedgerErrorCode =
  /** the folder already holds a ledger */
  | 'ledger-exists'
  /** the folder holds no ledger, or an unreadable one */
  | 'ledger-missing'
  /** another living process writes or recovers this ledger */
  | 'ledger-busy'
  /** writing or syncing failed; nothing more can be recorded: the caller must fail closed */
  | 'ledger-failed'
  /** append after close */
  | 'ledger-closed'
  /** a file of keys cannot be read, is open to others, or does not hold a key */
  | 'ledger-key'
  /** an export format that does not exist */
  | 'export-format';

/** A failure of the ledger. `hint` says what to do about it. */
export class LedgerError extends Error {
  readonly code: LedgerErrorCode;
  readonly hint: string;

  constructor(code: LedgerErrorCode, message: string, hint: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = 'LedgerError';
    this.code = code;
    this.hint = hint;
  }
}

/** The `code` of a system error (`ENOSPC`, `EIO`, …), or its message. */
export function reasonOf(error: unknown): string {
  if (error instanceof Error) {
    return 'code' in error && typeof error.code === 'string' ? error.code : error.message;
  }
  return String(error);
}

/** True where a system call failed with this code. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
