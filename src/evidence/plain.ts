/**
 * Claims and sources as plain data: what was written, with defaults, and what is derived from it.
 *
 * @module
 */
import { sourcesOf } from './cites.ts';
import { type ClaimCoverage, UNMEASURED } from './coverage/index.ts';
import type { Claim, Source } from './load.ts';
import type { WrittenClaim } from './schema/claim.ts';
import type { WrittenSource } from './schema/source.ts';
import { type Status, statusLine } from './status.ts';

/** What was written, without what only this process knows of it. */
export function plainClaim({ file: _file, problem: _problem, ...claim }: Claim): WrittenClaim {
  return claim;
}

export function plainSource({ file: _file, problem: _problem, ...source }: Source): WrittenSource {
  return source;
}

/** A status with its line; nothing in it is undefined. */
export function plainStatus(status: Status) {
  const { code, label, evidence, marks, verified, updated, certainty, reasons } = status;
  const line = statusLine(status);
  return { code, label, line, evidence, marks, verified: verified ?? null, updated, certainty, reasons };
}

/** Everything that a page about one claim shows. */
export function fullClaim(
  claim: Claim,
  status: Status,
  sources: ReadonlyMap<string, Source>,
  coverage: ClaimCoverage = UNMEASURED,
): Record<string, unknown> {
  return {
    ...plainClaim(claim),
    status: plainStatus(status),
    coverage,
    sources: sourcesOf(claim).flatMap((id) => {
      const source = sources.get(id);
      return source ? [plainSource(source)] : [];
    }),
    file: claim.file,
  };
}
