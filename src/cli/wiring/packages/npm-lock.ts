/**
 * package-lock.json and npm-shrinkwrap.json, versions 2 and 3: what `npm ci` would ask for, and which of it is for this machine.
 * Format: https://docs.npmjs.com/cli/configuring-npm/package-lock-json
 *
 * @module
 */
import type { PackageArtefact } from '../../../contract/index.ts';
import {
  installManifest,
  LONGEST_NAME,
  NPM_NAME,
  NPM_VERSION,
  npmFile,
  npmPath,
  parseDigest,
} from '../../../contract/packages.ts';
import { baseOf, type Listed, plainAddress, wrong } from './listed.ts';

/** Which machine the files are for, in npm's words. */
export interface Machine {
  os: string;
  cpu: string;
}

type Entry = Record<string, unknown>;

/** npm's rule for `os` and `cpu`: a list of those that may, or `!those` that may not. */
export function fitsMachine(wanted: unknown, here: string): boolean {
  const list = (Array.isArray(wanted) ? wanted : [wanted]).filter((one) => typeof one === 'string');
  if (list.length === 0 || (list.length === 1 && list[0] === 'any')) return true;
  if (list.includes(`!${here}`)) return false;
  const positive = list.filter((one) => !one.startsWith('!'));
  return positive.length === 0 || positive.includes(here);
}

/** Reads a lock file for the registry at `from`. */
export function readNpmLock(text: string, from: string, machine: Machine): Listed {
  const lineOf = (key: string) => {
    const at = text.indexOf(`${JSON.stringify(key)}:`);
    return at < 0 ? 0 : text.slice(0, at).split('\n').length;
  };
  let lock: unknown;
  try {
    lock = JSON.parse(text.replace(/^\ufeff/, ''));
  } catch (error) {
    return wrong(
      0,
      `it is not JSON: ${(error as Error).message}`,
      'Write it anew: npm install --package-lock-only.',
    );
  }
  const packages = (lock as { packages?: unknown } | null)?.packages;
  if (typeof packages !== 'object' || packages === null)
    return wrong(
      lineOf('lockfileVersion'),
      'it is not a lock file of version 2 or 3',
      'Write it anew with npm 7 or later: npm install --package-lock-only.',
    );
  const found = new Map<string, PackageArtefact>();
  const remarks: string[] = [];
  for (const [key, value] of Object.entries(packages)) {
    const entry = value as Entry;
    const at = key.lastIndexOf('node_modules/');
    // the project, its workspaces and links are there already; what is bundled comes inside another file
    if (typeof entry !== 'object' || entry === null)
      return wrong(
        lineOf(key),
        `what it says of ${JSON.stringify(key)} is not an object`,
        'Write the lock file anew with npm.',
      );
    if (at < 0 || entry.link === true || entry.inBundle === true) continue;
    const name = typeof entry.name === 'string' ? entry.name : key.slice(at + 'node_modules/'.length);
    if (!NPM_NAME.test(name) || name.length > LONGEST_NAME)
      return wrong(
        lineOf(key),
        `${JSON.stringify(name)} is not a package's name`,
        'Write the lock file anew with npm.',
      );
    const version = entry.version;
    const fits = fitsMachine(entry.os, machine.os) && fitsMachine(entry.cpu, machine.cpu);
    const place = placeOf(name, version, entry.resolved, from);
    if (typeof place === 'string') {
      remarks.push(`${name}: ${place}`);
      continue;
    }
    const digests = typeof entry.integrity === 'string' ? entry.integrity.trim().split(/\s+/) : [];
    if (!digests.every((digest) => parseDigest(digest)))
      return wrong(
        lineOf(key),
        `the integrity of ${name} is not a list of sha512-, sha384-, sha256- or sha1- digests`,
        'Write the lock file anew with npm.',
      );
    const id = `${name}@${place.version}`;
    const earlier = found.get(id);
    if (earlier) {
      if (earlier.digests.join(' ') !== digests.join(' '))
        return wrong(
          lineOf(key),
          `${id} is listed with two different digests`,
          'Write the lock file anew with npm.',
        );
      earlier.paths = [...new Set([...(earlier.paths ?? []), ...place.paths])];
      continue;
    }
    found.set(id, {
      name,
      version: place.version,
      file: npmFile(name, place.version),
      url: place.url,
      paths: place.paths,
      manifest: installManifest({ ...entry, _hasShrinkwrap: entry.hasShrinkwrap }),
      digests,
      ...(entry.optional === true && !fits && { foreign: true }),
    });
  }
  return { ok: true, artefacts: [...found.values()], remarks };
}

type Place = { version: string; url: string; paths: string[] };

/** Where a package lies, below `from`; or why it cannot be had there. */
function placeOf(name: string, version: unknown, resolved: unknown, from: string): Place | string {
  if (typeof resolved === 'string' && !/^https?:/i.test(resolved))
    return `it comes from ${resolved}, not from an index`;
  if (typeof version !== 'string' || !NPM_VERSION.test(version)) return 'it has no version';
  const usual = `${baseOf(from)}${npmPath(name, version)}`;
  if (resolved === undefined || resolved === false) return { version, url: usual, paths: [] };
  const url = plainAddress(String(resolved));
  if (!url) return `it comes from ${resolved}, which is no plain address`;
  const paths = [url.pathname];
  if (url.origin === new URL(from).origin) return { version, url: url.href, paths };
  // lock files name the registry that they were written with; another one has the same file at the same place
  const path = npmPath(name, version);
  if (
    [path, path.replace('/', '%2f'), path.replace('/', '%2F')].some((end) => url.pathname.endsWith(`/${end}`))
  )
    return { version, url: usual, paths };
  return `it comes from ${resolved}, not from an index`;
}
