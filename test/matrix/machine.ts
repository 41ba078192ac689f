/**
 * What this machine and this identity could do without a cell: the reasons why an attempt has no bare success.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import type { Host } from './host.ts';

/** A setting below /proc/sys, trimmed; `fallback` where the kernel does not have it. */
export function setting(path: string, fallback = ''): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return fallback;
  }
}

export const needsRoot = (host: Host): string | undefined =>
  host.identity === 'root' ? undefined : 'an ordinary user does not have this privilege';

/** Capability numbers of capabilities(7). */
export const CAPABILITY = { SYS_ADMIN: 21, SYS_NICE: 23, SYS_RESOURCE: 24 } as const;

/** Why the driver's own identity cannot do what needs this capability; containers and machines take some from root. */
export const lacksCapability = (name: keyof typeof CAPABILITY) => (): string | undefined => {
  const mask = /^CapEff:\s+([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  return (BigInt(`0x${mask}`) >> BigInt(CAPABILITY[name])) & 1n
    ? undefined
    : `this identity has no CAP_${name}`;
};

/** A user without a keyring lists none; root's view is never empty. */
export function seesNoKeys(): string | undefined {
  const listed = ['/proc/keys', '/proc/key-users'].some((path) => {
    try {
      return readFileSync(path).length > 0;
    } catch {
      return false;
    }
  });
  return listed ? undefined : 'this user has no keys to list, or the kernel has no keyrings';
}
