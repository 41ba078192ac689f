/**
 * Looking at the host's files, below a machine root. Absence and refusal are the same answer: nothing to show.
 *
 * @module
 */

import { lstatSync, readdirSync, readFileSync, readlinkSync, realpathSync, type Stats } from 'node:fs';
import { isWithin } from '../../contract/index.ts';
import type { Machine } from './types.ts';

/** The path on this machine of a path in the view. */
export function hostPath({ machineRoot }: Machine, path: string): string {
  return machineRoot === '/' ? path : `${machineRoot}${path}`;
}

function viewPath({ machineRoot }: Machine, path: string): string | undefined {
  if (machineRoot === '/') return path;
  return isWithin(path, machineRoot) ? path.slice(machineRoot.length) || '/' : undefined;
}

export function lookAt(machine: Machine, path: string): Stats | undefined {
  try {
    return lstatSync(hostPath(machine, path), { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

/** The path with every symbolic link resolved, or undefined where it leads nowhere. */
export function resolveLinks(machine: Machine, path: string): string | undefined {
  try {
    return viewPath(machine, realpathSync.native(hostPath(machine, path)));
  } catch {
    return undefined;
  }
}

/** A path as the launcher takes it: it follows no link, because what a link says can change between the proof and the launch. */
export const withoutLinks = (path: string): string => resolveLinks({ machineRoot: '/' }, path) ?? path;

export function readLink(machine: Machine, path: string): string {
  return readlinkSync(hostPath(machine, path));
}

export function readText(machine: Machine, path: string): string | undefined {
  try {
    return readFileSync(hostPath(machine, path), 'utf8');
  } catch {
    return undefined;
  }
}

/** Names in a folder, and whether each is a symbolic link; empty where it cannot be read. */
export function listFolder(machine: Machine, path: string): { name: string; link: boolean }[] {
  try {
    return readdirSync(hostPath(machine, path), { withFileTypes: true }).map((entry) => ({
      name: entry.name,
      link: entry.isSymbolicLink(),
    }));
  } catch {
    return [];
  }
}
