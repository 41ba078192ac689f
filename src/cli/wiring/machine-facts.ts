/**
 * What the host tells about itself that a run needs: resolvers, names, kernel, the user.
 *
 * @module
 */
import { randomInt } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { homedir, release } from 'node:os';
import { isAbsolute } from 'node:path';

function lines(path: string): string[] {
  try {
    return readFileSync(path, 'utf8')
      .split('\n')
      .map((line) => line.replace(/[#;].*/, '').trim())
      .filter((line) => line !== '');
  } catch {
    return [];
  }
}

/** Resolvers of resolv.conf(5), at most three as libc takes. */
export function machineResolvers(path = '/etc/resolv.conf'): string[] {
  return lines(path)
    .map((line) => line.split(/\s+/))
    .filter(
      ([word, address]) =>
        word === 'nameserver' && address !== undefined && isIP(address.replace(/%.*/, '')) !== 0,
    )
    .slice(0, 3)
    .map(([, address]) => address as string);
}

/** Names of hosts(5) → addresses. */
export function machineHosts(path = '/etc/hosts'): Record<string, string[]> {
  const hosts: Record<string, string[]> = {};
  for (const line of lines(path)) {
    const [address, ...names] = line.split(/\s+/);
    if (address === undefined || isIP(address) === 0) continue;
    for (const name of names) {
      const key = name.toLowerCase();
      hosts[key] = [...(hosts[key] ?? []), address];
    }
  }
  return hosts;
}

/** pidfds of threads came with Linux 6.9. */
export function hasThreadPidfds(version = release()): boolean {
  const [major, minor] = version.split('.').map(Number) as [number, number];
  return major > 6 || (major === 6 && minor >= 9);
}

export interface HostUser {
  uid: number;
  gid: number;
  home: string;
  user: string;
}

/** A user without an entry in passwd(5), as in containers, still has ids, and a home by HOME. */
export function hostUser(environment: NodeJS.ProcessEnv): HostUser {
  const home = environment.HOME;
  const usable = home !== undefined && isAbsolute(home) && home !== '/';
  return {
    uid: process.getuid?.() ?? -1,
    gid: process.getgid?.() ?? -1,
    home: usable ? home.replace(/(.)\/+$/, '$1') : safeHome(),
    user: /^[\w.-]{1,32}$/.test(environment.USER ?? '') ? (environment.USER as string) : 'agent',
  };
}

function safeHome(): string {
  try {
    const home = homedir();
    return isAbsolute(home) && home !== '/' ? home : '/home/agent';
  } catch {
    return '/home/agent';
  }
}

/** First of two ids that follow each other, for a root run's cell and its gateway. */
export type UnprivilegedIds = { ok: true; id: number } | { ok: false };

/** Far from the ids that accounts have, where the user namespace knows them. */
const FAR = { base: 0x7000_0000, size: 0x00ff_fff0 };

/**
 * Ids that are nobody's, as user and as group. In the machine's own user namespace every id is there; in a rootless
 * container only those that its maps name (user_namespaces(7)), of which the last are the least likely to be somebody's.
 */
export function unprivilegedIds(
  maps: readonly string[] = ['/proc/self/uid_map', '/proc/self/gid_map'].map((path) =>
    lines(path).join('\n'),
  ),
): UnprivilegedIds {
  const ends = maps.map((map) =>
    map
      .split('\n')
      .map((line) => line.trim().split(/\s+/).map(Number))
      .map(([first = 0, , count = 0]) => ({ first, end: first + count })),
  );
  const has = (id: number) =>
    ends.every((ranges) => ranges.some(({ first, end }) => id >= first && id + 1 < end));
  const far = FAR.base + randomInt(FAR.size);
  if (has(far)) return { ok: true, id: far };
  const candidates = ends.flat().map(({ end }) => end - 2 - 2 * randomInt(128));
  const id = candidates.sort((a, b) => b - a).find((candidate) => candidate >= 1000 && has(candidate));
  return id === undefined ? { ok: false } : { ok: true, id };
}
