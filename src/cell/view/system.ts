/**
 * The system's part of the view: program folders whole, and from /etc only what programs need to run.
 *
 * @module
 */

import { MERGED_ROOTS, SYSTEM_NAMES, SYSTEM_ROOTS, VERSIONED_NAMES } from '../../contract/base-view.ts';
import { isWithin } from '../../contract/index.ts';
import { hostPath, listFolder, lookAt, readLink, readText, resolveLinks } from './host.ts';
import { holdsSecret } from './secrets.ts';
import { type Machine, READ_ONLY, type View } from './types.ts';

/** Files up to this size in bytes are copied into the view: cheaper than a mount, and their text can be checked. */
const COPY_LIMIT = 16_384;

function addSystemRoots(machine: Machine, view: View): void {
  for (const path of SYSTEM_ROOTS) {
    const real = resolveLinks(machine, path);
    if (real && lookAt(machine, real)?.isDirectory()) {
      view.binds.push({ source: hostPath(machine, real), target: path, flags: READ_ONLY, directory: true });
    }
  }
  for (const path of MERGED_ROOTS) {
    const stats = lookAt(machine, path);
    if (stats?.isSymbolicLink()) view.symlinks.push({ link: readLink(machine, path), path });
    else if (stats?.isDirectory()) {
      view.binds.push({ source: hostPath(machine, path), target: path, flags: READ_ONLY, directory: true });
    }
  }
}

/** Show one file or folder of /etc at its own path. Only what everybody may read is shown. */
function addEtc(machine: Machine, view: View, path: string): void {
  const stats = lookAt(machine, path);
  if (!stats) return;
  const real = stats.isSymbolicLink() ? resolveLinks(machine, path) : path;
  if (!real) return;
  if (stats.isSymbolicLink() && SYSTEM_ROOTS.some((root) => isWithin(real, root))) {
    view.symlinks.push({ link: readLink(machine, path), path });
    return;
  }
  const target = real === path ? stats : lookAt(machine, real);
  if (!target) return;
  if ((target.mode & 0o004) === 0) {
    view.leftOut.push({ path, reason: 'not readable by everybody on this machine' });
    return;
  }
  if (target.isFile() && target.size <= COPY_LIMIT) {
    const content = readText(machine, real);
    if (content === undefined) return;
    if (holdsSecret(content)) view.leftOut.push({ path, reason: 'it seems to hold a password or token' });
    else view.files.push({ path, mode: '0644', content });
  } else if (target.isFile() || target.isDirectory()) {
    view.binds.push({
      source: hostPath(machine, real),
      target: path,
      flags: READ_ONLY,
      directory: target.isDirectory(),
    });
  }
}

/** Add the system's folders and its /etc to a view. */
export function addSystem(machine: Machine, view: View): void {
  addSystemRoots(machine, view);
  const names = new Set<string>(SYSTEM_NAMES);
  for (const { name } of listFolder(machine, '/etc')) if (VERSIONED_NAMES.test(name)) names.add(name);
  for (const name of names) {
    // shell start files are looked at one by one: proxies with passwords live there
    if (name === 'profile.d') {
      for (const file of listFolder(machine, `/etc/${name}`))
        addEtc(machine, view, `/etc/${name}/${file.name}`);
    } else addEtc(machine, view, `/etc/${name}`);
  }
}
