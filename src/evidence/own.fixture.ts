/**
 * The claims that come with Ringfence, for tests, and bases made of texts as exports and pages take them.
 *
 * @module
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Exported } from './exports/index.ts';
import { deriveStatus, loadEvidence, type Text } from './index.ts';

const ROOT = resolve(import.meta.dirname, '../..');

/** @param folder `claims` or `claims/sources` */
export const ownTexts = (folder: string): Text[] =>
  readdirSync(join(ROOT, folder))
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => [`${folder}/${name}`, readFileSync(join(ROOT, folder, name), 'utf8')] as const);

/** @throws Error where a text has a problem */
export function exportedOf(claims: readonly Text[], sources: readonly Text[], address?: string): Exported {
  const evidence = loadEvidence({ claims, sources });
  if (evidence.problems.length > 0) throw new Error(JSON.stringify(evidence.problems, null, 2));
  const byId = new Map(evidence.sources.map((source) => [source.id, source]));
  const today = '2026-11-22';
  const entries = evidence.claims.map((claim) => ({
    claim,
    status: deriveStatus(claim, (id) => byId.get(id), today),
  }));
  return { entries, sources: evidence.sources, today, address };
}
