/**
 * The ledger: the tamper-evident record of everything that a run did. Files are the truth, SQLite is an index of them.
 *
 * @module
 */
export { type ChainedEvent, readChained } from './chained.ts';
export { LedgerError, type LedgerErrorCode } from './errors.ts';
export { EXPORT_FORMATS, type ExportFormat, exportEvents } from './export.ts';
export { type EventFilter, isDenied } from './filter.ts';
export { describeEvent, escapeForTerminal, formatEvent } from './format.ts';
export { type LedgerKeys, loadKeys } from './keys.ts';
export { lockHolder } from './lock.ts';
export { type Checkpoint, parseVerifier, type Signer, type Verifier, verifierText } from './note.ts';
export type { Nature, Problem } from './problem.ts';
export { type Pruned, type PruneOptions, pruneLedger } from './prune.ts';
export { type FollowOptions, followLedger, type ReadOptions, readLedger } from './read.ts';
export { type Recovered, type RecoverOptions, recoverLedger } from './recover.ts';
export { makeRedactor, type Redactor } from './redact.ts';
export { type IndexQuery, type LedgerIndex, openIndex } from './search-index.ts';
export { parseTime, timeFormatter, wallClock } from './time.ts';
export { eraseTranscript, withoutTranscript } from './transcript.ts';
export { type Verification, type VerifyOptions, verifyLedger } from './verify.ts';
export type { Recovery } from './walk.ts';
export { type Ledger, type LedgerHead, type LedgerOptions, openLedger } from './writer.ts';
