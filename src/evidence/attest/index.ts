/**
 * Attestations: signed statements about what was proved, tried, read back and reviewed here, kept in a folder, and held against what is here now.
 *
 * @module
 */
export { kernelWords } from '../identity/index.ts';
export {
  keyIdOf,
  type Opened,
  openStatement,
  PAYLOAD_TYPE,
  preAuthenticationEncoding,
  signStatement,
} from './envelope.ts';
export { makeCoverage } from './measured.ts';
export { ATTESTED_TARGETS } from './predicates.ts';
export {
  type Changed,
  changedSince,
  type Here,
  type Present,
  presentDigests,
} from './present.ts';
export { type ReadBack, type RecordedRun, readBackOf, readBacksOf } from './read-back.ts';
export { attestationReference } from './reference.ts';
export {
  type AttestedCounts,
  conditionsOf,
  countTrials,
  joinTrials,
  medianOf,
  reproductionsOf,
} from './reproductions.ts';
export {
  LOADING,
  provedFrom,
  reviewedIn,
  staleIn,
} from './required.ts';
export {
  type AnyStatement,
  type AttestedTarget,
  type AttestedTrial,
  fromInToto,
  PREDICATE_TYPES,
  type Predicate,
  STATEMENT_KINDS,
  type Statement,
  type StatementKind,
  type Subject,
  toInToto,
} from './statement.ts';
export {
  type Attested,
  certificateFileOf,
  certificateState,
  keepCertificate,
  keepStatement,
  type Rejected,
  readStatement,
  readStatements,
  type Stored,
} from './store.ts';
