/**
 * The pages that a reader follows print what they say they print.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { explainRefusal } from '../../src/cell/machine/userns.ts';
import { loadContract } from '../../src/contract/index.ts';
import { type Block, firstMissing, Reader, readBlocks } from './console.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

/** Follows blocks in one folder; every line of output that did not come, with its place. */
function follow(page: string, blocks: readonly Block[], project: string): string[] {
  using reader = new Reader(project);
  return blocks.flatMap((block) => {
    if (block.kind === 'file') {
      reader.write(block.path, block.text);
      return [];
    }
    return block.commands.flatMap(({ line, command, expected }) => {
      const actual = reader.type(command);
      const missing = firstMissing(expected, actual);
      return missing === undefined
        ? []
        : [`${page}:${line}: ${command}\nshows: ${missing}\nprints:\n${actual.join('\n')}`];
    });
  });
}

describe('README.md', () => {
  const markdown = read('README.md');
  const [first, ...tour] = readBlocks(markdown);

  it('starts with something that runs', () => {
    expect(first?.kind).toBe('console');
    expect(first?.line).toBeLessThan(10);
    expect(follow('README.md', [first as Block], '.')).toEqual([]);
  }, 60_000);

  it('has a tour that prints what it shows', () => {
    expect(tour.length).toBeGreaterThan(5);
    expect(follow('README.md', tour, 'sum')).toEqual([]);
  }, 120_000);

  it('shows a contract that is valid', () => {
    const block = tour.find((candidate) => candidate.kind === 'file' && candidate.path === 'contract.yaml');
    const text = block?.kind === 'file' ? block.text : '';
    using reader = new Reader('.');
    reader.write('contract.yaml', text);
    const loaded = loadContract(join(reader.folder, 'contract.yaml'));
    expect(loaded.ok ? [] : loaded.problems).toEqual([]);
  });

  it('names the commands that doctor prints', () => {
    const facts = {
      platform: 'linux',
      kernel: '6.8.0',
      uid: 1000,
      sysctl: {},
      launcher: { path: 'LAUNCHER', ok: false, problem: '' },
    };
    type Facts = Parameters<typeof explainRefusal>[0];
    const mend = (more: object) => explainRefusal({ ...facts, ...more } as unknown as Facts, 1).mend?.command;
    const commands = [
      mend({ sysctl: { apparmorRestrictsUserns: 1 } }),
      mend({ sysctl: { unprivilegedUsernsClone: 0 } }),
      mend({ sysctl: { maxUserNamespaces: 0 } }),
      mend({ container: 'docker' }),
      mend({ wsl: 1 }),
    ];
    for (const command of commands) expect(markdown).toContain(command);
  });
});

describe('the how-to pages', () => {
  for (const name of readdirSync(join(ROOT, 'docs/how-to')).filter((file) => file.endsWith('.md'))) {
    it(`${name} prints what it shows`, () => {
      expect(follow(`docs/how-to/${name}`, readBlocks(read(`docs/how-to/${name}`)), 'project')).toEqual([]);
    }, 120_000);
  }
});

describe('links between pages', () => {
  const pages = [
    'README.md',
    'ARCHITECTURE.md',
    'THREAT-MODEL.md',
    'SECURITY.md',
    'CONTRIBUTING.md',
    'CHANGELOG.md',
  ];
  for (const folder of ['docs/how-to', 'docs/decisions', 'docs/reference'])
    pages.push(
      ...readdirSync(join(ROOT, folder))
        .filter((file) => file.endsWith('.md'))
        .map((file) => `${folder}/${file}`),
    );

  it('lead somewhere', () => {
    const dead = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)(#[^)]*)?\)/g)]
        .map((match) => match[1] as string)
        .filter((target) => {
          try {
            readFileSync(resolve(ROOT, page, '..', target));
            return false;
          } catch (error) {
            return (error as NodeJS.ErrnoException).code !== 'EISDIR';
          }
        })
        .map((target) => `${page} → ${target}`),
    );
    expect(dead).toEqual([]);
  });
});
