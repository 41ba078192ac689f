/**
 * Certificates: the facts that follow from a world, as a set that anyone can check again without the solver (`check.ts`).
 *
 * @module
 */
import { createHash } from 'node:crypto';
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

/** JSON with sorted keys and without spaces (what RFC 8785 makes of strings, lists, objects and small integers). */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const record = value as Record<string, unknown>;
  const keys = Object.keys(record).sort();
  return `{${keys.map((key) => `${JSON.stringify(key)}:${canonical(record[key])}`).join()}}`;
}

/** The world's file: canonical JSON, the same bytes for the same world. Only what `World` names is in it. */
export function worldFile({ facts, rules, bad }: World): string {
  const written = rules.map(({ id, head, body, text, source }) => ({ id, head, body, text, source }));
  return canonical({ facts, rules: written, bad });
}

/** The certificate's file: canonical JSON. */
export function certificateFile({ version, worldDigest, facts }: Certificate): string {
  return canonical({ version, worldDigest, facts });
}

/** The digest by which a certificate names its world, and by which proofs can be cached. */
export function digestOf(world: World): string {
  return `sha256:${createHash('sha256').update(worldFile(world)).digest('hex')}`;
}

/** Makes the certificate that nothing bad follows from a world; the solution may be of the same world with other bad facts. */
export function makeCertificate(world: World, solution: Solution): Made {
  const reached = world.bad.filter((fact) => solution.has(fact));
  if (reached.length > 0) return { ok: false, reached };
  const keyed = [...solution.facts()].map((fact) => ({ fact, key: JSON.stringify(fact) }));
  keyed.sort((one, other) => (one.key < other.key ? -1 : 1));
  const facts = keyed.map(({ fact }) => fact);
  return { ok: true, certificate: { version: 1, worldDigest: digestOf(world), facts } };
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
