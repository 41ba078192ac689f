/**
 * The rules that come with this installation, as its build compiled them.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Expression, Prefilters, WatchRule } from '../../watch/index.ts';

/**
 * `dist/rules.json`: rules/detections and rules/monitors read and linked; `digest` is SHA-256 over names and texts of the
 * files, `prefilters` what says which of these rules can match, for where no others are beside them.
 */
export interface OwnRules {
  digest: string;
  rules: WatchRule[];
  prefilters: Prefilters;
}

/** Undefined where there are none: a checkout that was not built. */
export function readOwnRules(root: string): OwnRules | undefined {
  try {
    // the build writes ASCII alone: that is read fastest
    const own = JSON.parse(readFileSync(join(root, 'dist', 'rules.json'), 'latin1')) as OwnRules;
    for (const rule of own.rules) if (rule.kind === 'detection') readLater(rule);
    return own;
  } catch {
    return undefined;
  }
}

/** Expressions are JSON in JSON: few of them are needed in a run. */
function readLater(rule: { expression: unknown }): void {
  const text = rule.expression as string;
  let expression: Expression | undefined;
  Object.defineProperty(rule, 'expression', {
    enumerable: true,
    get: () => {
      expression ??= JSON.parse(text) as Expression;
      return expression;
    },
  });
}
