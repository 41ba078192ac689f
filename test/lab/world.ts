/**
 * Two hosts on one wire: network namespaces made for the lab, joined by a veth pair. Cells are started in one, everything
 * they talk to runs in the other; neither has any other way out.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';

/** Addresses of documentation (RFC 5737). */
export const INSIDE = '198.51.100.1';
export const OUTSIDE = '198.51.100.2';
/** A host that only the outside reaches: what lies behind a tunnel. */
export const BEYOND = '203.0.113.9';

export interface World {
  inside: string;
  outside: string;
  remove(): void;
}

const ip = (...words: string[]) => execFileSync('ip', words, { stdio: ['ignore', 'ignore', 'pipe'] });

/** Why the lab cannot run here; `undefined`: it can. */
export function whyNot(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root makes network namespaces that are joined by veth';
  try {
    ip('-Version');
  } catch {
    return 'ip (Debian’s iproute2) is not installed';
  }
  const probe = `rfp${process.pid}`;
  try {
    ip('netns', 'add', probe);
    ip('netns', 'delete', probe);
  } catch (error) {
    return `no network namespace can be made: ${String((error as { stderr?: Buffer }).stderr).trim()}`;
  }
  return undefined;
}

export function makeWorld(): World {
  const inside = `rfi${process.pid}`;
  const outside = `rfo${process.pid}`;
  const remove = () => {
    for (const name of [inside, outside]) {
      try {
        ip('netns', 'delete', name);
      } catch {
        // it was not made
      }
    }
  };
  try {
    for (const name of [inside, outside]) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    ip('-n', inside, 'link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', outside);
    ip('-n', inside, 'address', 'add', `${INSIDE}/24`, 'dev', 'wire');
    ip('-n', outside, 'address', 'add', `${OUTSIDE}/24`, 'dev', 'wire');
    ip('-n', outside, 'address', 'add', `${BEYOND}/32`, 'dev', 'lo');
    for (const name of [inside, outside]) ip('-n', name, 'link', 'set', 'wire', 'up');
  } catch (error) {
    remove();
    throw error;
  }
  return { inside, outside, remove };
}
