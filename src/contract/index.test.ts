import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect, test } from 'vitest';

/** Every module that `file` loads at run time, itself included; packages by their name. */
function loads(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  const text = readFileSync(file, 'utf8');
  for (const [, clause, from] of text.matchAll(/^(?:import|export) ([^;]*?)from '([^']+)'/gms)) {
    if (clause?.startsWith('type ')) continue;
    if (from?.startsWith('.')) loads(join(dirname(file), from), seen);
    else seen.add(from as string);
  }
  return seen;
}

test('the folder’s door loads neither what only some commands need, nor more of zod than it uses', () => {
  const names = [...loads(join(import.meta.dirname, 'index.ts'))].map((path) => basename(path));
  expect(names).toContain('schema.ts');
  for (const heavy of ['explain.ts', 'init.ts', 'project.ts', 'json-schema.ts', 'reference.ts', 'zod'])
    expect(names).not.toContain(heavy);
});
