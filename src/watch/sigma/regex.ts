/**
 * Regular expressions of rules: decided in linear time, whatever the text is (re2js), and only where a literal that every
 * match holds was found.
 *
 * @module
 */
import { createRequire } from 'node:module';
import type { RE2JS } from 're2js';

/** Found anywhere in the text. */
export type Matcher = (text: string) => boolean;
type Engine = typeof import('./re2.ts');

/** Loaded when the first is needed: most runs need none. The build puts it beside the folder of the chunks. */
function engine(): Engine {
  const load = createRequire(import.meta.url);
  return load(import.meta.url.endsWith('.ts') ? './re2.ts' : '../re2.js') as Engine;
}

/** Loads what decides regular expressions, if nothing did yet. */
export function loadEngine(): void {
  engine();
}

function compile(source: string, flags: string): RE2JS {
  const { RE2JS } = engine();
  let bits = 0;
  if (flags.includes('i')) bits |= RE2JS.CASE_INSENSITIVE;
  if (flags.includes('m')) bits |= RE2JS.MULTILINE;
  if (flags.includes('s')) bits |= RE2JS.DOTALL;
  return RE2JS.compile(source, bits);
}

/** Why it cannot be used; `undefined` where it can. One that Go's RE2 would take: no backreferences, no lookaround. */
export function checkRegex(source: string, flags: string): string | undefined {
  try {
    compile(source, flags);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Compiled when first used. Throws where {@link checkRegex} finds a problem. */
export function regexMatcher(source: string, flags: string): Matcher {
  let compiled: RE2JS | undefined;
  return (text) => {
    compiled ??= compile(source, flags);
    return compiled.test(text);
  };
}
