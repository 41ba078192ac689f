import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parseContract } from '../../contract/index.ts';
import { compileCatalogue, loadCatalogue, openCatalogue } from '../catalogue/index.ts';
import { settingOf } from '../setting/index.ts';
import { modelOf } from './index.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const FOLDER = join(ROOT, 'rules', 'affordances');

it('the compiled catalogue’s words spare a search and change nothing', async () => {
  const scratch = mkdtempSync(join(tmpdir(), 'ringfence-words-'));
  try {
    writeFileSync(join(scratch, 'compiled.json'), compileCatalogue(FOLDER));
    const compiled = await openCatalogue(FOLDER, join(scratch, 'compiled.json'));
    const read = loadCatalogue(FOLDER);
    if (!compiled.ok || !read.ok) throw new Error('the catalogue is not valid');
    expect(Object.keys(compiled.catalogue.words ?? {}).length).toBeGreaterThan(150);
    expect(read.catalogue.words).toBeUndefined();
    const texts = readdirSync(join(ROOT, 'contracts'))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => readFileSync(join(ROOT, 'contracts', name), 'utf8'));
    const files = [
      '{ workspace: { mode: direct } }',
      '{ hide: ["**/.git/**", "**/hooks/**", Makefile] }',
      '{ write: ["**", src/**] }',
      '{ write: [src/**] }',
      '{ write: [] }',
    ];
    for (const text of [...texts, ...files.map((each) => `ringfence: 1\nname: t\nfiles: ${each}\n`)]) {
      const parsed = parseContract(text, 'c.yaml');
      if (!parsed.ok) throw new Error(parsed.problems[0]?.message);
      const setting = settingOf(parsed.contract);
      const [one, other] = [compiled, read].map(({ catalogue }) =>
        modelOf({ setting, catalogue, home: '/home/operator' }),
      );
      expect(one?.world.facts).toEqual(other?.world.facts);
      expect(one?.attempts).toEqual(other?.attempts);
    }
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}, 60_000);
