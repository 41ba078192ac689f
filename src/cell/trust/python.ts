/**
 * Python's certifi has a bundle of its own in every installation: which of them the toolchains of a view hold.
 *
 * @module
 */
import { basename, join } from 'node:path';
import type { Bind } from '../view/index.ts';
import { entriesOf, isFile } from './look.ts';

const CERTIFI = ['certifi/cacert.pem', 'pip/_vendor/certifi/cacert.pem'];
/** Folders that hold one installation in each of theirs. */
const MANY = new Set(['versions', 'envs', 'opt', 'python']);
/** Each is a mount of its own; more than this nobody has. */
const MOST = 64;

/**
 * Paths in the view. Virtual environments of the workspace are not among them: a mount in there could be neither
 * removed nor replaced, and variables reach their clients.
 */
export function pythonBundles(binds: readonly Bind[]): string[] {
  const found: string[] = [];
  for (const bind of binds.filter(({ directory }) => directory)) {
    for (const installation of installations(bind)) {
      for (const library of names(join(bind.source, installation, 'lib')).filter((name) =>
        /^python\d?(\.\d+)?$/.test(name),
      ))
        for (const packages of ['site-packages', 'dist-packages'])
          for (const certifi of CERTIFI) {
            const below = join(installation, 'lib', library, packages, certifi);
            if (isFile(join(bind.source, below))) found.push(join(bind.target, below));
          }
    }
  }
  return found.slice(0, MOST);
}

/** Folders below a bind that may have a `lib/python3.X`. */
function installations({ source, target }: Bind): string[] {
  const below = (folder: string) => names(join(source, folder)).map((name) => join(folder, name));
  return [
    '',
    'local',
    ...(MANY.has(basename(target)) ? below('') : []),
    ...(basename(target) === 'installs' ? below('python') : []),
  ];
}

const names = (folder: string): string[] => entriesOf(folder).map(({ name }) => name);
