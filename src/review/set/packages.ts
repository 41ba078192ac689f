/**
 * What in a package.json runs: which scripts, programs and dependencies differ.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { escapePath } from '../../cell/changes/index.ts';
import type { Item } from './types.ts';

const LARGEST = 1 << 20;
const PARTS = [
  'scripts',
  'bin',
  'dependencies',
  'devDependencies',
  'optionalDependencies',
  'peerDependencies',
  'overrides',
  'resolutions',
  'workspaces',
  'main',
  'exports',
  'gypfile',
] as const;

function read(place: Buffer | undefined): Record<string, unknown> | undefined {
  if (!place) return undefined;
  try {
    const parsed: unknown = JSON.parse(readFileSync(place, 'utf8'));
    return typeof parsed === 'object' && parsed !== null ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const keysOf = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : { '': value };

function differences(before: unknown, after: unknown): string[] {
  const [one, two] = [keysOf(before), keysOf(after)];
  return [...new Set([...Object.keys(one), ...Object.keys(two)])].filter(
    (key) => JSON.stringify(one[key]) !== JSON.stringify(two[key]),
  );
}

/** `scripts changed: test, postinstall`. Empty where the file cannot be read as JSON: its diff is shown all the same. */
export function packageChanges(item: Item): string[] {
  if (item.after?.type !== 'file' || item.after.size > LARGEST || (item.before?.size ?? 0) > LARGEST)
    return [];
  const after = read(item.source);
  if (!after) return ['not readable as JSON'];
  const before = item.before?.type === 'file' ? read(item.original) : {};
  if (!before) return [];
  return PARTS.flatMap((part) => {
    const names = differences(before[part], after[part]).filter((name) => name !== '');
    if (names.length === 0)
      return JSON.stringify(before[part]) === JSON.stringify(after[part]) ? [] : [`${part} changed`];
    const shown = names.slice(0, 8).map((name) => escapePath(Buffer.from(name)));
    return [`${part} changed: ${shown.join(', ')}${names.length > 8 ? ` and ${names.length - 8} more` : ''}`];
  });
}
