/**
 * What the host tells about itself that a run needs: resolvers, names, kernel, the user.
 *
 * @module
 */
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
