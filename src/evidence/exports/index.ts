/**
 * The evidence base in the formats of others.
 *
 * @module
 */
export { toAtom } from './atom.ts';
export { toBibtex, toClaimBibtex } from './bibtex.ts';
export { toCsv } from './csv.ts';
export type { Entry, Exported } from './entry.ts';
export { EvidenceFormatError, fromJson, toJson } from './json.ts';
export { toStix } from './stix.ts';
