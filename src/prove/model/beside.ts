/**
 * What runs beside the agent and can be met without writing anything: through sockets in volumes that
 * others mount as well, the machine’s processes, and under the machine’s own name.
 *
 * @module
 */
import type { Setting } from '../setting/index.ts';
import type { Sheet } from './sheet.ts';

/** `harbours`, `shows`: of containers alone; what a machine's folder holds that is mounted, its reader states as sockets. */
export function addMounted(sheet: Sheet, { isolation, files }: Setting): void {
  if (isolation.kind !== 'container') return;
  for (const grant of files) {
    const { space, path } = grant;
    if (space === 'machine' && /^\/proc(\/|$)|^\/$/.test(path))
      sheet.add(['shows', path], grant, `the machine’s processes are seen in ${path}`);
    if (space === 'volume' && grant.shared === true) {
      const volume = grant.volume ?? path;
      sheet.add(['harbours', volume], grant, `other containers may keep sockets in the volume ${volume}`);
    }
  }
}

/** Names of the machine itself: RFC 6761, section 6.3; what engines call it (Docker documentation, networking; podman-run(1), --add-host). */
const MACHINES_NAME = /^(.+\.)?localhost\.?$|^(host|gateway)\.[^.]+\.internal\.?$/i;

/** Whether a name is the machine's own, or that of what shares its network with the agent. Our gateway refuses addresses that are not public by itself. */
export const isBeside = (host: string, { network }: Setting): boolean =>
  network.by !== 'gateway' && MACHINES_NAME.test(host);
