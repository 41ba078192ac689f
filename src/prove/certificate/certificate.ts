/**
 * Certificates: the facts that follow from a world, as a set that anyone can check again without the solver (`check.ts`).
 *
 * @module
 */
import { hash } from 'node:crypto';
import type { Fact, Solution, World } from '../logic/index.ts';
import { checkCertificate } from './check.ts';

export interface Certificate {
  readonly version: 1;
  /** `sha256:` and the hexadecimal digest of the world's file. */
  readonly worldDigest: string;
  /** Closed under the world's rules, the world's own facts among them, no bad one among them; sorted. */
  readonly facts: readonly Fact[];
}

/** `ok: false`: these bad facts follow, so there is nothing to certify. */
export type Made =
  | { readonly ok: true; readonly certificate: Certificate }
  | { readonly ok: false; readonly reached: readonly Fact[] };

/**
 * The world's file: canonical JSON, the same bytes for the same world (what RFC 8785 makes of strings, lists and objects: keys sorted, no
 * spaces). Only what `World` names is in it.
 */
export function worldFile({ facts, rules, bad }: World): string {
  const written = rules.map(({ id, head, body, text, source }) => ({
    body,
    head,
    id,
    source,
    text,
  }));
  return JSON.stringify({ bad, facts, rules: written });
}

/** The certificate's file: canonical JSON. */
export function certificateFile({ version, worldDigest, facts }: Certificate): string {
  return JSON.stringify({ facts, version, worldDigest });
}

/** The digest by which a certificate names its world, and by which proofs can be cached. */
export const digestOf = (world: World): string => digestOfFile(worldFile(world));

const digestOfFile = (file: string): string => `sha256:${hash('sha256', file)}`;

/**
 * Makes the certificate that nothing bad follows from a world; the solution may be of the same world with other bad facts.
 *
 * @param file the world's file, where it is there already
 */
export function makeCertificate(world: World, solution: Solution, file = worldFile(world)): Made {
  const reached = world.bad.filter((fact) => solution.has(fact));
  if (reached.length > 0) return { ok: false, reached };
  const keyed = [...solution.facts()].map((fact) => ({ fact, key: JSON.stringify(fact) }));
  keyed.sort((one, other) => (one.key < other.key ? -1 : 1));
  const facts = keyed.map(({ fact }) => fact);
  return { ok: true, certificate: { version: 1, worldDigest: digestOfFile(file), facts } };
}

export type Verified =
  | { readonly valid: true; readonly says: string }
  | { readonly valid: false; readonly reason: string };

/** What the separate checker says, asked within this process. Takes text or bytes, of files nobody has checked. */
export function verifyCertificate(world: string | Uint8Array, certificate: string | Uint8Array): Verified {
  try {
    return { valid: true, says: checkCertificate(Buffer.from(world), Buffer.from(certificate)) };
  } catch (error) {
    return { valid: false, reason: error instanceof Error ? error.message : String(error) };
  }
}
