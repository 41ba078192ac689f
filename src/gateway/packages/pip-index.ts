/**
 * Reads a package's page of an upstream index, HTML (PEP 503) or JSON (PEP 691), and picks the files that are listed:
 * of the name, the version, with one of the digests, for this machine.
 *
 * @module
 */
import { formatDigest, normalisePipName } from '../../contract/packages.ts';

/** A file that an index tells of. */
export interface ToldFile {
  file: string;
  url: string;
  /** as `ALGORITHM-BASE64` */
  digests: string[];
  requiresPython?: string;
}

const FILE = /^[A-Za-z0-9][A-Za-z0-9._+!-]{0,254}$/;
const ALGORITHMS = ['sha512', 'sha384', 'sha256'] as const;
const PYTHON = /^[0-9A-Za-z.,*<>=!~ ]{1,128}$/;
const MAX_FILES = 20_000;

const digestOf = (algorithm: string, hex: string): string[] => {
  const known = ALGORITHMS.find((name) => name === algorithm);
  return known && /^([0-9a-f]{2})+$/i.test(hex) ? [formatDigest(known, Buffer.from(hex, 'hex'))] : [];
};

export function readPipDocument(text: string, type: string, address: string): ToldFile[] {
  return /json/i.test(type) ? readJson(text, address) : readHtml(text, address);
}

function readJson(text: string, address: string): ToldFile[] {
  type Entry = { filename?: unknown; url?: unknown; hashes?: unknown; 'requires-python'?: unknown };
  const { files } = JSON.parse(text) as { files?: Entry[] };
  if (!Array.isArray(files)) return [];
  return files.slice(0, MAX_FILES).flatMap((entry) => {
    const hashes = Object.entries((entry?.hashes ?? {}) as Record<string, unknown>);
    const digests = hashes.flatMap(([name, hex]) => digestOf(name, String(hex)));
    return toldFile(entry?.filename, entry?.url, digests, entry?.['requires-python'], address);
  });
}

function toldFile(
  file: unknown,
  href: unknown,
  digests: string[],
  python: unknown,
  address: string,
): ToldFile[] {
  if (typeof file !== 'string' || !FILE.test(file) || typeof href !== 'string') return [];
  if (!URL.canParse(href, address)) return [];
  const url = new URL(href, address);
  url.hash = '';
  const secure = url.protocol === 'https:' || url.origin === new URL(address).origin;
  if (!secure || url.username !== '' || url.password !== '') return [];
  const requires = typeof python === 'string' && PYTHON.test(python) ? { requiresPython: python } : {};
  return [{ file, url: url.href, digests, ...requires }];
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeHtml = (text: string): string =>
  text.replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
  });

/** Anchors alone, as PEP 503 has them: whatever else is on the page says nothing. */
function readHtml(text: string, address: string): ToldFile[] {
  const told: ToldFile[] = [];
  for (const [, attributes = '', label = ''] of text.matchAll(/<a\s([^>]{1,4096})>([^<]{0,512})<\/a\s*>/gi)) {
    const attribute = (name: string) => {
      const match = new RegExp(`(?:^|\\s)${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)')`, 'i').exec(attributes);
      const value = match?.[1] ?? match?.[2];
      return value === undefined ? undefined : unescapeHtml(value);
    };
    const href = attribute('href');
    if (href === undefined) continue;
    const [, algorithm = '', hex = ''] = /#(sha\d+)=([0-9a-f]+)/i.exec(href) ?? [];
    const python = attribute('data-requires-python');
    told.push(
      ...toldFile(unescapeHtml(label).trim(), href, digestOf(algorithm.toLowerCase(), hex), python, address),
    );
    if (told.length >= MAX_FILES) break;
  }
  return told;
}

/** `NAME-VERSION.tar.gz`, `NAME-VERSION(-BUILD)-PYTHON-ABI-PLATFORM.whl` → which name and version; PEP 427, PEP 625. */
export function readFileName(
  file: string,
): { name: string; version: string; platforms?: string[] } | undefined {
  if (file.endsWith('.whl')) {
    const parts = file.slice(0, -'.whl'.length).split('-');
    if (parts.length !== 5 && parts.length !== 6) return undefined;
    const [name = '', version = ''] = parts;
    return { name: normalisePipName(name), version, platforms: (parts.at(-1) as string).split('.') };
  }
  const [, stem] = /^(.+)\.(?:tar\.gz|zip|tar\.bz2)$/.exec(file) ?? [];
  if (stem === undefined) return undefined;
  const dash = stem.lastIndexOf('-');
  return dash <= 0
    ? undefined
    : { name: normalisePipName(stem.slice(0, dash)), version: stem.slice(dash + 1) };
}

/** One spelling for each version, as far as lists and file names differ (PEP 440 §"Normalization", shortened). */
export const normaliseVersion = (version: string): string =>
  version
    .toLowerCase()
    .replace(/^v/, '')
    .replace(/[-_]/g, '.')
    .replace(/(\.0)+$/, '');

/** Whether a wheel of these platforms can be installed here: any machine, or Linux on this processor. */
export function fitsPlatform(platforms: readonly string[], processor: string): boolean {
  const machine = processor === 'arm64' ? 'aarch64' : processor === 'x64' ? 'x86_64' : processor;
  return platforms.some(
    (platform) => platform === 'any' || (/linux/.test(platform) && platform.endsWith(`_${machine}`)),
  );
}
