/**
 * The default toolchain view: what a program of this machine needs to run, from default-deny.
 *
 * @module
 */
import { userInfo } from 'node:os';
import { isWithin } from '../../contract/index.ts';
import { type Identity, syntheticFiles } from './synthetic.ts';
import { addSystem } from './system.ts';
import { addToolchains } from './toolchains.ts';
import type { View } from './types.ts';

export interface ViewInput {
  env: Readonly<Record<string, string | undefined>>;
  /** absolute path of the user's home on the host */
  home: string;
  /** folders that the cell shows anyway, above all the workspace */
  present?: readonly string[];
  /** who the program is inside; default: this user's name and ids, host name `cell` */
  identity?: Partial<Identity>;
  /** default `/` */
  machineRoot?: string;
}

/**
 * What of the host a cell shows, read-only. Paths inside the home keep their place, in the cell's private home.
 * Pure but for looking at the file system; some hundred calls of lstat.
 */
export function toolchainView(input: ViewInput): View {
  const machine = { machineRoot: input.machineRoot ?? '/' };
  const view: View = { binds: [], symlinks: [], files: [], masks: [], leftOut: [] };
  addSystem(machine, view);
  addToolchains({ ...machine, env: input.env, home: input.home, present: input.present ?? [] }, view);

  const given = input.identity ?? {};
  // the look-up may ask name services; a caller that knows its user saves milliseconds
  const user = given.user === undefined ? userInfo() : undefined;
  const own = syntheticFiles({
    user: user?.username ?? 'agent',
    uid: user?.uid ?? 1000,
    gid: user?.gid ?? 1000,
    home: input.home,
    shell: '/bin/sh',
    hostname: 'cell',
    ...given,
  });
  view.files = [...view.files.filter((file) => !own.some(({ path }) => path === file.path)), ...own];
  return withoutCovered(view);
}

/** Parents first; what lies below another bind of the same view is there already. */
function withoutCovered(view: View): View {
  const sorted = view.binds.toSorted((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
  const binds = sorted.filter(
    ({ target }) => !sorted.some((other) => other.target !== target && isWithin(target, other.target)),
  );
  return { ...view, binds, masks: [...new Set(view.masks)] };
}
