/**
 * The change list of a run on a copy, kept as a file: what was deleted leaves no trace in the copy.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import type { Changes } from '../../cell/changes/index.ts';

/** Paths, names and link targets as base64. */
export function writeChangeList(path: string, changes: Changes): void {
  const encode = (_key: string, value: unknown): unknown =>
    typeof value === 'object' && value !== null && Reflect.get(value, 'type') === 'Buffer'
      ? { base64: Buffer.from(Reflect.get(value, 'data') as number[]).toString('base64') }
      : value;
  writeFileSync(path, JSON.stringify(changes, encode), { mode: 0o600 });
}

export function readChangeList(text: string): Changes {
  const decode = (_key: string, value: unknown): unknown => {
    const base64: unknown =
      typeof value === 'object' && value !== null ? Reflect.get(value, 'base64') : undefined;
    return typeof base64 === 'string' ? Buffer.from(base64, 'base64') : value;
  };
  return JSON.parse(text, decode) as Changes;
}
