/**
 * What is wrong with evidence although its signature holds: its time has not come, or the certificate that it names is another.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { readBounded } from '../../contract/index.ts';
import { type Attested, certificateFileOf } from '../../evidence/attest/index.ts';
import { verifyCertificate } from '../../prove/certificate/index.ts';

/** Clocks are set right by less. Unit: milliseconds. */
const AHEAD = 5 * 60_000;
/** The checker takes no larger file. */
const LONGEST = 64 << 20;

/** @returns why it does not count, or nothing */
export function earlyWords({ statement }: Attested, now: number): string | undefined {
  const { made } = statement.predicate;
  return Date.parse(made) - now > AHEAD
    ? `it is of ${made}, which is still to come: the clock of this machine is behind, or was ahead when it was made`
    : undefined;
}

/** Asks the separate checker again about the files that a proof keeps. @returns what is wrong with them, or nothing */
export function certificateWords(folder: string, { statement }: Attested<'proof'>): string | undefined {
  const { certificate } = statement.predicate;
  if (certificate === undefined) return undefined;
  const read = (digest: string): Uint8Array | undefined => {
    const found = readBounded(certificateFileOf(folder, digest), LONGEST);
    return found.ok && hash('sha256', found.content) === digest ? found.content : undefined;
  };
  const [world, facts] = [read(certificate.world), read(certificate.certificate)];
  if (world === undefined || facts === undefined)
    return 'the certificate that it names is not here any more, or was changed';
  const checked = verifyCertificate(world, facts);
  return checked.valid ? undefined : `the checker rejects the certificate that it names: ${checked.reason}`;
}
