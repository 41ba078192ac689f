/**
 * File rules of sandbox-runtime: everything may be read but for `denyRead`, nothing written but for `allowWrite`, and of that not
 * `denyWrite` nor what it protects by itself.
 *
 * @module
 */
import { isWithin } from '../../contract/index.ts';
import type { FileException, FileGrant, Source, Space } from '../setting/index.ts';
import type { Draft } from './draft.ts';
import type { Node } from './node.ts';
import { locate } from './paths.ts';

/** What it protects by itself, found as deep as this when a command is wrapped; what is made later, or lies deeper, is not. */
const PROTECTED = [
  '.gitconfig',
  '.gitmodules',
  '.bashrc',
  '.bash_profile',
  '.zshrc',
  '.zprofile',
  '.profile',
  '.ripgreprc',
  '.mcp.json',
  '.vscode/**',
  '.idea/**',
  '.claude/commands/**',
  '.claude/agents/**',
  '.git/hooks/**',
];
const USUAL_DEPTH = 3;

interface Place {
  readonly source: Source;
  readonly space: Space;
  readonly path: string;
}

export function addSrtFiles(
  node: Node | undefined,
  credentials: Node | undefined,
  draft: Draft,
  source: Source,
  { unconfined = false, folders = [] }: { unconfined?: boolean; folders?: readonly Place[] } = {},
): void {
  const disabled = node?.get('disabled');
  if (disabled?.flag() || unconfined) {
    draft.files.push({ ...(disabled?.source ?? source), space: 'machine', path: '/', ...whole, except: [] });
    draft.files.push({
      ...(disabled?.source ?? source),
      space: 'workspace',
      path: '**',
      ...whole,
      except: [],
    });
    node?.skip('denyRead', 'allowRead', 'allowWrite', 'denyWrite', 'allowGitConfig');
    return;
  }
  const read = (name: string) => placesOf(node?.get(name), draft);
  const denied = [...read('denyRead'), ...deniedCredentials(credentials, draft)];
  addReads(draft, source, denied, read('allowRead'));
  const protectedPaths = [
    ...read('denyWrite').map(({ source: from, space, path }) => ({
      source: from,
      space,
      path,
      written: true,
    })),
  ];
  const git = node?.get('allowGitConfig');
  const allowed = read('allowWrite');
  const more = folders.filter(({ space, path }) =>
    allowed.every((each) => each.space !== space || each.path !== path),
  );
  for (const place of [...allowed, ...more]) {
    const own = protectedPaths
      .filter((each) => each.space === place.space)
      .flatMap((each): FileException[] =>
        each.path === '**'
          ? [{ ...each.source, path: '**', what: 'read-only' }]
          : exceptions(each.source, each.path),
      );
    draft.files.push({
      ...place.source,
      space: place.space,
      path: place.path,
      read: true,
      write: true,
      execute: true,
      lands: 'at once',
      except: [...own, ...itself(place, git?.flag() ?? false)],
    });
  }
  // https://github.com/anthropic-experimental/sandbox-runtime, README: writable without being listed
  for (const path of ['/tmp/claude', '~/.npm/_logs', '~/.claude/debug'])
    draft.files.push({ ...source, space: 'machine', path, ...whole, except: [] });
}

const whole = {
  read: true,
  write: true,
  execute: true,
  lands: 'at once',
} as const satisfies Partial<FileGrant>;

function addReads(draft: Draft, source: Source, denied: readonly Place[], allowed: readonly Place[]): void {
  const readable = { read: true, write: false, execute: true, lands: 'at once' } as const;
  for (const space of ['machine', 'workspace'] as const) {
    // of what is denied broadly, what is allowed again is a grant of its own; what is denied within that stays denied
    const broad = denied.filter((each) => each.space === space);
    draft.files.push({
      ...source,
      space,
      path: space === 'machine' ? '/' : '**',
      ...readable,
      except: broad.flatMap(({ source: from, path }) => hidden(from, path)),
    });
  }
  for (const place of allowed)
    draft.files.push({
      ...place.source,
      space: place.space,
      path: place.path,
      ...readable,
      except: denied
        .filter(
          ({ space, path }) =>
            space === place.space &&
            path !== place.path &&
            isWithin(path, place.path.replace(/\/?\*\*$/, '') || '/'),
        )
        .flatMap(({ source: from, path }) => hidden(from, path)),
    });
}

const hidden = (source: Source, path: string): FileException[] =>
  both(path).map((each) => ({ ...source, path: each, what: 'hidden' }));
const exceptions = (source: Source, path: string): FileException[] =>
  both(path).map((each) => ({ ...source, path: each, what: 'read-only' }));
/** A path, and what lies below it. */
const both = (path: string): string[] =>
  path.endsWith('**') ? [path] : [path, `${path.replace(/\/$/, '')}/**`];

/** What it protects by itself in a folder that may be written. */
function itself({ source, path, space }: Place, gitConfig: boolean): FileException[] {
  const names = `{${[...PROTECTED, ...(gitConfig ? [] : ['.git/config'])].join(',')}}`;
  const folder = space === 'workspace' && path === '**' ? '' : `${path.replace(/\/$/, '')}/`;
  return Array.from({ length: USUAL_DEPTH }, (_, depth) => ({
    ...source,
    path: `${folder}${'*/'.repeat(depth)}${names}`,
    what: 'read-only' as const,
  }));
}

function deniedCredentials(credentials: Node | undefined, draft: Draft): Place[] {
  return (credentials?.find('files')?.items() ?? []).flatMap((each) => {
    const path = each.find('path');
    return path === undefined ? [] : placeOf(path, path.text() ?? '', draft);
  });
}

function placesOf(list: Node | undefined, draft: Draft): Place[] {
  return (list?.texts() ?? []).flatMap(({ node, text }) => placeOf(node, text, draft));
}

/** Settings take paths as they are, wildcards included. */
function placeOf(node: Node, text: string, draft: Draft): Place[] {
  // relative ones are made absolute first, so that ** alone is all below the folder
  const bare = text === '**' ? '.' : text.replace(/\/\*\*$/, '') || '/';
  const isGlob = /[*?[]/.test(bare);
  const found = locate(isGlob ? bare.replace(/[*?[\]{}]+/g, 'x') : bare);
  if (!found.ok) {
    draft.unexpressed(node.source, found.text);
    return [];
  }
  if (!isGlob) return [{ source: node.source, space: found.space, path: found.path }];
  if (node.path.at(-2) === 'denyWrite') {
    draft.unexpressed(node.source, `${text} protects nothing on Linux, where such patterns are left out`, []);
    return [];
  }
  if (node.path.at(-2) === 'allowWrite') {
    draft.unexpressed(node.source, `which files ${text} lets be written on macOS; on Linux none`);
    return [];
  }
  return [{ source: node.source, space: found.space, path: bare.replace(/^\.\//, '') }];
}
