/**
 * Toolchains outside of the system's folders: for each entry of PATH, the least of its installation that works.
 *
 * @module
 */

import { dirname, normalize } from 'node:path';
import { CREDENTIAL_FILES, MANAGERS, type Manager } from '../../contract/base-view.ts';
import { isWithin } from '../../contract/index.ts';
import { hostPath, listFolder, lookAt, resolveLinks } from './host.ts';
import { isBroad, reasonToHide } from './secrets.ts';
import { type Machine, READ_ONLY, type View } from './types.ts';

/** What tells that a `bin` folder's parent is one installation: a virtual environment, Conda, Node, a JDK, Go, C. */
const INSTALLATION_MARKS = [
  'pyvenv.cfg',
  'conda-meta',
  'lib/node_modules',
  'lib/rustlib',
  'release',
  'VERSION',
  'include',
  'libexec',
  'Cellar',
] as const;

/** How many links of a folder are followed, and how far: a bound on the work, far above what is met. */
const MAXIMUM_LINKS = 400;
const MAXIMUM_DEPTH = 4;

export interface ToolchainInput extends Machine {
  env: Readonly<Record<string, string | undefined>>;
  /** the user's home on the host; the cell's private home has the same path */
  home: string;
  /** folders that the cell shows anyway (the workspace): nothing is bound there */
  present: readonly string[];
}

function isShown(view: View, input: ToolchainInput, path: string): boolean {
  return (
    input.present.some((folder) => isWithin(path, folder)) ||
    view.binds.some(({ target }) => isWithin(path, target)) ||
    view.symlinks.some((link) => link.path === path)
  );
}

/** Show a file or folder, unless it is shown already or must not be. True when it was not shown before. */
function show(view: View, input: ToolchainInput, path: string): boolean {
  if (isShown(view, input, path)) return false;
  const real = resolveLinks(input, path);
  const stats = real === undefined ? undefined : lookAt(input, real);
  if (!real || !stats || !(stats.isDirectory() || stats.isFile())) return false;
  const reason = reasonToHide(path, input.home) ?? reasonToHide(real, input.home);
  if (reason || isBroad(real, input.home)) {
    view.leftOut.push({ path, reason: reason ?? 'a folder of unrelated things' });
    return false;
  }
  view.binds.push({
    source: hostPath(input, real),
    target: path,
    flags: READ_ONLY,
    directory: stats.isDirectory(),
  });
  for (const name of CREDENTIAL_FILES) {
    if (stats.isDirectory() && lookAt(input, `${path}/${name}`)) view.masks.push(`${path}/${name}`);
  }
  return true;
}

function managerRoot(manager: Manager, input: ToolchainInput): string {
  const value = manager.variable === undefined ? undefined : input.env[manager.variable];
  return value?.startsWith('/') ? normalize(value).replace(/\/$/, '') : `${input.home}/${manager.inHome}`;
}

function showManager(view: View, input: ToolchainInput, manager: Manager): void {
  const root = managerRoot(manager, input);
  for (const part of manager.parts) show(view, input, `${root}/${part}`);
  for (const name of manager.settings ?? []) show(view, input, `${input.home}/${name}`);
  const partner = MANAGERS.find(({ inHome }) => inHome === manager.with);
  if (partner) showManager(view, input, partner);
}

/** The folder to show for a folder of programs: the whole installation where it is one, else the folder alone. */
function installationOf(input: ToolchainInput, folder: string): string {
  const parent = dirname(folder);
  if (folder.endsWith('/.bin')) return parent;
  const isBin = folder.endsWith('/bin') || folder.endsWith('/sbin') || folder.endsWith('/shims');
  if (!isBin || isBroad(parent, input.home) || reasonToHide(parent, input.home)) return folder;
  return INSTALLATION_MARKS.some((mark) => lookAt(input, `${parent}/${mark}`)) ? parent : folder;
}

/** Show what the links in a folder of programs lead to: interpreters, and tools installed elsewhere. */
function followLinks(view: View, input: ToolchainInput, folder: string, depth: number): void {
  const links = listFolder(input, folder).filter(({ link }) => link);
  for (const { name } of links.slice(0, MAXIMUM_LINKS)) {
    const real = resolveLinks(input, `${folder}/${name}`);
    if (real && !isShown(view, input, real)) showProgramsOf(view, input, dirname(real), real, depth + 1);
  }
}

function showProgramsOf(
  view: View,
  input: ToolchainInput,
  folder: string,
  program: string | undefined,
  depth: number,
): void {
  if (depth > MAXIMUM_DEPTH || isShown(view, input, program ?? folder)) return;
  const manager = MANAGERS.find((candidate) => isWithin(folder, managerRoot(candidate, input)));
  if (manager) showManager(view, input, manager);
  if (isShown(view, input, program ?? folder)) {
    followLinks(view, input, folder, depth);
    return;
  }
  const installation = installationOf(input, folder);
  // a single program in a folder that is no installation: only the program
  const added = show(view, input, program && installation === folder ? program : installation);
  if (added) followLinks(view, input, folder, depth);
}

/** Add the toolchains of PATH, JAVA_HOME and GOROOT to a view that has the system's folders. */
export function addToolchains(input: ToolchainInput, view: View): void {
  const entries = (input.env.PATH ?? '').split(':');
  for (const name of ['JAVA_HOME', 'GOROOT']) {
    const root = input.env[name];
    if (root?.startsWith('/')) entries.push(`${root}/bin`);
  }
  for (const entry of new Set(entries)) {
    if (!entry.startsWith('/')) {
      if (entry !== '') view.leftOut.push({ path: entry, reason: 'a relative entry of PATH' });
      continue;
    }
    const folder = normalize(entry).replace(/(?<=.)\/$/, '');
    if (isShown(view, input, folder)) continue;
    const real = resolveLinks(input, folder);
    if (!real || !lookAt(input, real)?.isDirectory()) continue;
    const reason = reasonToHide(folder, input.home) ?? reasonToHide(real, input.home);
    if (reason) {
      view.leftOut.push({ path: folder, reason });
      continue;
    }
    showProgramsOf(view, input, real, undefined, 0);
    if (folder === `${input.home}/.local/bin`) {
      for (const { name } of listFolder(input, `${input.home}/.local/lib`)) {
        if (/^python\d/.test(name)) show(view, input, `${input.home}/.local/lib/${name}`);
      }
    }
    if (real !== folder && !isShown(view, input, folder) && isShown(view, input, real)) {
      view.symlinks.push({ link: real, path: folder });
    }
  }
}
