/**
 * The rules that come with this installation, as its build compiled them.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { WatchRule } from '../../watch/index.ts';

/** `dist/rules.json`: rules/detections and rules/monitors read and linked; `digest` is SHA-256 over names and texts of the files. */
export interface OwnRules {
  digest: string;
  rules: WatchRule[];
}

/** Undefined where there are none: a checkout that was not built. */
export function readOwnRules(root: string): OwnRules | undefined {
  try {
    return JSON.parse(readFileSync(join(root, 'dist', 'rules.json'), 'utf8')) as OwnRules;
  } catch {
    return undefined;
  }
}
