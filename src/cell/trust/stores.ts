/**
 * Where programs look for authorities: the run's own is added in each of these places of the view, read-only. The
 * host's files are never touched; ours are mounted over them.
 *
 * @module
 */
import { lstatSync, readlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Bind, READ_ONLY, type View } from '../view/index.ts';
import { BUNDLES } from './bundle.ts';
import { javaStores } from './java.ts';
import { entriesOf, isFile } from './look.ts';
import { pythonBundles } from './python.ts';

/** What is added, as files of the host that belong to the run. */
export interface TrustFiles {
  /** all authorities that are believed inside, the run's included */
  bundle: string;
  /** the run's alone, for programs that add a file to the authorities they know already */
  authority: string;
  /** the bundle as Java's key store */
  java: string;
  /** OpenSSL's hash of its subject: 8 hex digits */
  hash: string;
}

/** Where both lie inside, whatever the distribution. */
export const INSIDE = {
  bundle: '/etc/ringfence/authorities.pem',
  authority: '/etc/ringfence/authority.pem',
} as const;

/** Folders that OpenSSL looks into by hash (c_rehash(1)). */
const HASHED = ['/etc/ssl/certs', '/etc/pki/tls/certs', '/etc/ca-certificates/extracted/cadir'];
/** What a hashed folder may hold for us to rebuild it name by name; anything larger is left as it is. */
const LARGEST_FOLDER = { names: 4000, files: 400 };
const MAXIMUM_LINKS = 40;

export interface TrustedView {
  view: View;
  /** files that are mounted last, over what the view shows at these places */
  over: Bind[];
}

/** The view with the run's authority in its trust stores. Pure but for looking at the file system. */
export function trustedView(view: View, files: TrustFiles): TrustedView {
  const hashed = HASHED.reduce((shown, folder) => withLink(shown, folder, files.hash), view);
  const present = (paths: readonly string[]) =>
    new Set(paths.flatMap((path) => findFile(hashed, path) ?? []));
  const bundles = present([...BUNDLES, ...pythonBundles(hashed.binds)]);
  const java = present(javaStores(hashed.binds));
  const show = (source: string, target: string): Bind => ({
    source,
    target,
    flags: READ_ONLY,
    directory: false,
  });
  return {
    view: hashed,
    over: [
      show(files.authority, INSIDE.authority),
      ...[INSIDE.bundle, ...bundles].map((target) => show(files.bundle, target)),
      ...[...java].map((target) => show(files.java, target)),
    ],
  };
}

/** A folder of the host is read-only as a whole: to add a link it is made anew, of the same links and files. */
function withLink(view: View, folder: string, hash: string): View {
  const bind = view.binds.find(({ target, directory }) => target === folder && directory);
  if (!bind) return view;
  const entries = entriesOf(bind.source);
  const files = entries.filter((entry) => !entry.isSymbolicLink());
  const taken = new Set(entries.map(({ name }) => name));
  const isHashed = entries.some(({ name }) => /^[0-9a-f]{8}\.\d+$/.test(name));
  if (!isHashed || entries.length > LARGEST_FOLDER.names || files.length > LARGEST_FOLDER.files) return view;
  let number = 0;
  while (taken.has(`${hash}.${number}`)) number += 1;
  return {
    ...view,
    symlinks: [
      ...view.symlinks,
      ...entries
        .filter((entry) => entry.isSymbolicLink())
        .map(({ name }) => ({ link: readlinkSync(join(bind.source, name)), path: join(folder, name) })),
      { link: INSIDE.authority, path: join(folder, `${hash}.${number}`) },
    ],
    binds: view.binds.flatMap((other) =>
      other !== bind
        ? [other]
        : files
            .filter((entry) => entry.isFile() || entry.isDirectory())
            .map((entry) => ({
              source: join(bind.source, entry.name),
              target: join(folder, entry.name),
              flags: bind.flags,
              directory: entry.isDirectory(),
            })),
    ),
  };
}

/** The place of a regular file in the view once every link of the view is followed; undefined where there is none. */
function findFile(view: View, path: string, links = 0): string | undefined {
  const parts = path.split('/').filter((part) => part !== '');
  let at = '/';
  for (const [index, part] of parts.entries()) {
    at = join(at, part);
    const link = linkAt(view, at);
    if (link === undefined) continue;
    if (links >= MAXIMUM_LINKS) return undefined;
    return findFile(view, join(resolve(dirname(at), link), ...parts.slice(index + 1)), links + 1);
  }
  if (view.files.some((file) => file.path === at)) return at;
  const source = sourceOf(view, at);
  return source !== undefined && isFile(source) ? at : undefined;
}

function linkAt(view: View, path: string): string | undefined {
  const own = view.symlinks.find((link) => link.path === path);
  if (own) return own.link;
  const source = sourceOf(view, path);
  if (source === undefined) return undefined;
  try {
    return lstatSync(source).isSymbolicLink() ? readlinkSync(source) : undefined;
  } catch {
    return undefined;
  }
}

/** The host's path of a path in the view. */
function sourceOf(view: View, path: string): string | undefined {
  const bind = view.binds.find(({ target }) => path === target || path.startsWith(`${target}/`));
  return bind && join(bind.source, path.slice(bind.target.length));
}
