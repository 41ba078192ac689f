/**
 * What runs beside the agent and can be met without writing anything: through sockets and processes in folders that are
 * mounted, and under the machine’s own name.
 *
 * @module
 */
import type { FileGrant, Setting } from '../setting/index.ts';
import type { Sheet } from './sheet.ts';

/** Folders for what is installed and configured: the Filesystem Hierarchy Standard 3.0 keeps sockets out of them; sysfs(5) has none. */
const STATIC = /^\/(bin|boot|etc|lib\d*|opt|sbin|sys|usr)(\/|$)/;

/** `harbours`, `shows`: of containers, whose mounts are the machine's own folders; our cell's are layers, in whose sockets nobody answers. */
export function addMounted(sheet: Sheet, { isolation, files }: Setting): void {
  if (isolation.kind !== 'container') return;
  for (const grant of files) {
    const place = placeOf(grant);
    if (place === undefined) continue;
    if (grant.space === 'machine' && /^\/proc(\/|$)|^\/$/.test(grant.path))
      sheet.add(['shows', place], grant, `the machine’s processes are seen in ${place}`);
    if (grant.space !== 'machine' || !STATIC.test(grant.path))
      sheet.add(['harbours', place], grant, `programs outside may keep sockets in ${place}`);
  }
}

function placeOf({ space, path, volume, shared, lands }: FileGrant): string | undefined {
  // a copy's sockets are names that nobody answers to
  if (lands === 'on review') return undefined;
  switch (space) {
    case 'machine':
      return path;
    case 'workspace':
      return 'the workspace';
    case 'volume':
      return shared === true ? `the volume ${volume ?? path}` : undefined;
    default:
      return undefined;
  }
}

/** Names of the machine itself: RFC 6761, section 6.3; what engines call it (Docker documentation, networking; podman-run(1), --add-host). */
const MACHINES_NAME = /^(.+\.)?localhost\.?$|^(host|gateway)\.[^.]+\.internal\.?$/i;

/** Whether a name is the machine's own, or that of what shares its network with the agent. Our gateway refuses addresses that are not public by itself. */
export const isBeside = (host: string, { network }: Setting): boolean =>
  network.by !== 'gateway' && MACHINES_NAME.test(host);
