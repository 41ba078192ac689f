/**
 * The whole base as one JSON document, and back.
 *
 * @module
 */
import { UNMEASURED } from '../coverage/index.ts';
import { type Evidence, loadEvidence } from '../load.ts';
import { plainClaim, plainSource, plainStatus } from '../plain.ts';
import type { Exported } from './entry.ts';

const FORMAT = 'ringfence-evidence';
const VERSION = 1;

/**
 * `{ format, version, on, claims, sources, status, coverage }`: claims and sources as they were written, with defaults, and beside
 * them what was derived on that day, and what was measured, by the claim's id.
 */
export function toJson({ entries, sources, today }: Exported): string {
  const status = Object.fromEntries(
    entries.map((entry) => [
      entry.claim.id,
      { ...plainStatus(entry.status), certainty: entry.status.certainty.level },
    ]),
  );
  const coverage = Object.fromEntries(entries.map((entry) => [entry.claim.id, entry.coverage ?? UNMEASURED]));
  const document = {
    ...{ format: FORMAT, version: VERSION, on: today },
    claims: entries.map(({ claim }) => plainClaim(claim)),
    sources: sources.map(plainSource),
    status,
    coverage,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

export class EvidenceFormatError extends Error {
  override readonly name = 'EvidenceFormatError';
  readonly code = 'evidence-format';
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads what {@link toJson} wrote. Everything is validated again, and statuses are derived again: what the document says
 * of them counts for nothing.
 *
 * @throws EvidenceFormatError where it is no such document
 */
export function fromJson(text: string): Evidence & { on: string } {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch (error) {
    throw new EvidenceFormatError(`not JSON: ${(error as Error).message}`);
  }
  if (!isRecord(document) || document.format !== FORMAT || !Array.isArray(document.claims))
    throw new EvidenceFormatError(`not an export of an evidence base: format is not ${FORMAT}`);
  if (document.version !== VERSION)
    throw new EvidenceFormatError(
      `version ${String(document.version)} is not known; this program reads ${VERSION}`,
    );
  const texts = (values: unknown) =>
    (Array.isArray(values) ? values : []).map(
      (value: unknown) =>
        [`${isRecord(value) ? String(value.id) : '?'}.yaml`, JSON.stringify(value)] as const, // JSON is YAML
    );
  return {
    ...loadEvidence({ claims: texts(document.claims), sources: texts(document.sources) }),
    on: String(document.on),
  };
}
