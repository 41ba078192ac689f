/**
 * The documents of an index, written here from what is listed: npm's manifest of a package, and the page of a package
 * for pip (PEP 503). Nothing of upstream's own documents is passed on but fields of known types.
 *
 * @module
 */
import { installManifest, NPM_VERSION, PACKAGE_HOSTS, parseDigest } from '../../contract/packages.ts';
import { parseBounded } from './bounded-json.ts';

/** Versions of one package that are told at most, the latest ones. */
const MOST_VERSIONS = 5000;

export interface Document {
  type: string;
  body: Buffer;
}

export interface NpmVersion {
  version: string;
  path: string;
  manifest: Record<string, unknown>;
  digests: readonly string[];
}

/** Compares versions as numbers where they are numbers; a pre-release comes before its release (semver §11, shortened). */
export function compareVersions(a: string, b: string): number {
  const [one, two] = [a, b].map((text) => {
    const [release = '', ...pre] = text.replace(/\+.*$/, '').split('-');
    return { release: release.split('.').map(Number), pre: pre.join('-') };
  }) as [{ release: number[]; pre: string }, { release: number[]; pre: string }];
  for (let at = 0; at < 3; at += 1) {
    const difference = (one.release[at] ?? 0) - (two.release[at] ?? 0);
    if (difference !== 0) return difference;
  }
  if (one.pre === two.pre) return 0;
  if (one.pre === '') return 1;
  if (two.pre === '') return -1;
  return one.pre.localeCompare(two.pre, 'en', { numeric: true });
}

/** The shortened manifest that installers read (https://github.com/npm/registry/blob/main/docs/responses/package-metadata.md). */
export function npmDocument(name: string, versions: readonly NpmVersion[]): Document {
  const sorted = [...versions].sort((a, b) => compareVersions(a.version, b.version));
  const latest = sorted.filter(({ version }) => !version.includes('-')).at(-1) ?? sorted.at(-1);
  const entries = sorted.map(({ version, path, manifest, digests }) => {
    const integrity = digests.join(' ');
    const dist = {
      tarball: `http://${PACKAGE_HOSTS.npm}${path}`,
      ...(integrity !== '' && { integrity }),
    };
    return [version, { name, version, ...manifest, dist }];
  });
  const document = {
    name,
    'dist-tags': latest === undefined ? {} : { latest: latest.version },
    versions: Object.fromEntries(entries),
  };
  return { type: 'application/json', body: Buffer.from(JSON.stringify(document)) };
}

export interface PipFile {
  file: string;
  path: string;
  /** SHA-256 in hexadecimal, where it is known */
  sha256?: string;
  requiresPython?: string;
}

const escapeHtml = (text: string): string =>
  text.replace(/[&<>"]/g, (character) => `&#${character.codePointAt(0)};`);

const page = (title: string, links: readonly string[]): Document => ({
  type: 'text/html; charset=utf-8',
  body: Buffer.from(
    `<!DOCTYPE html>\n<html><head><meta name="pypi:repository-version" content="1.0"><title>${title}</title></head><body>\n${links.join('\n')}\n</body></html>\n`,
  ),
});

export function pipDocument(name: string, files: readonly PipFile[]): Document {
  const links = files.map(({ file, path, sha256, requiresPython }) => {
    const hash = sha256 === undefined ? '' : `#sha256=${sha256}`;
    const python =
      requiresPython === undefined ? '' : ` data-requires-python="${escapeHtml(requiresPython)}"`;
    return `<a href="${escapeHtml(path)}${hash}"${python}>${escapeHtml(file)}</a><br>`;
  });
  return page(name, links);
}

/** All names of the index, each once. */
export function pipNames(names: readonly string[]): Document {
  return page(
    'Simple index',
    names.map((name) => `<a href="/simple/${name}/">${name}</a><br>`),
  );
}

/** `SHA256  ADDRESS` lines, with the addresses that hold inside. */
export function filesDocument(files: readonly { path: string; digests: readonly string[] }[]): Document {
  const lines = files.map(({ path, digests }) => {
    const hex = Buffer.from((digests[0] ?? '').replace(/^sha256-/, ''), 'base64').toString('hex');
    return `${hex}  http://${PACKAGE_HOSTS.files}${path}`;
  });
  return { type: 'text/plain; charset=utf-8', body: Buffer.from(`${lines.join('\n')}\n`) };
}

/** What upstream's manifest of a package says of some versions: fields of known types alone. */
export interface ToldVersion {
  manifest: Record<string, unknown>;
  integrity: string[];
  tarball?: string;
}

/** @param wanted versions; absent: all of them */
export function readNpmDocument(text: string, wanted?: readonly string[]): Map<string, ToldVersion> {
  const told = new Map<string, ToldVersion>();
  const { versions } = (parseBounded(text) ?? {}) as { versions?: Record<string, Record<string, unknown>> };
  if (typeof versions !== 'object' || versions === null) return told;
  for (const version of wanted ?? Object.keys(versions).slice(-MOST_VERSIONS)) {
    if (!Object.hasOwn(versions, version) || !NPM_VERSION.test(version)) continue;
    const entry = versions[version] ?? {};
    const dist = (entry.dist ?? {}) as { integrity?: unknown; shasum?: unknown; tarball?: unknown };
    const written = typeof dist.integrity === 'string' ? dist.integrity.slice(0, 1000).split(/\s+/) : [];
    const integrity = written.filter((digest) => parseDigest(digest));
    if (integrity.length === 0 && typeof dist.shasum === 'string' && /^[0-9a-f]{40}$/.test(dist.shasum))
      integrity.push(`sha1-${Buffer.from(dist.shasum, 'hex').toString('base64')}`);
    told.set(version, {
      manifest: installManifest(entry),
      integrity,
      ...(typeof dist.tarball === 'string' && { tarball: dist.tarball }),
    });
  }
  return told;
}
