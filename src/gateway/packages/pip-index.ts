/**
 * Reads a package's page of an upstream index, HTML (PEP 503) or JSON (PEP 691), and picks the files that are listed:
 * of the name, the version, with one of the digests, for this machine.
 *
 * @module
 */
import { isOfferedAt, PACKAGE_FILE, REQUIRES_PYTHON } from '../../contract/package-offers.ts';
import { formatDigest, normalisePipName, parseDigest } from '../../contract/packages.ts';
import { parseBounded } from './bounded-json.ts';

/** A file that an index tells of. */
export interface ToldFile {
  file: string;
  url: string;
  /** as `ALGORITHM-BASE64` */
  digests: string[];
  requiresPython?: string;
}

const ALGORITHMS = ['sha512', 'sha384', 'sha256'] as const;
const MAX_FILES = 20_000;

const digestOf = (algorithm: string, hex: string): string[] => {
  const known = ALGORITHMS.find((name) => name === algorithm);
  if (!known || hex.length > 128 || !/^[0-9a-f]+$/i.test(hex)) return [];
  const digest = formatDigest(known, Buffer.from(hex, 'hex'));
  return parseDigest(digest) ? [digest] : [];
};

export function readPipDocument(text: string, type: string, address: string): ToldFile[] {
  return /json/i.test(type) ? readJson(text, address) : readHtml(text, address);
}

function readJson(text: string, address: string): ToldFile[] {
  type Entry = { filename?: unknown; url?: unknown; hashes?: unknown; 'requires-python'?: unknown };
  const { files } = (parseBounded(text) ?? {}) as { files?: Entry[] };
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
  if (typeof file !== 'string' || !PACKAGE_FILE.test(file) || typeof href !== 'string') return [];
  if (!URL.canParse(href, address)) return [];
  const url = new URL(href, address);
  url.hash = '';
  if (!isOfferedAt(url.href, address)) return [];
  const requires =
    typeof python === 'string' && REQUIRES_PYTHON.test(python) ? { requiresPython: python } : {};
  return [{ file, url: url.href, digests, ...requires }];
}

const ENTITIES: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

const unescapeHtml = (text: string): string =>
  text.replace(/&(?:#(\d{1,6})|#x([0-9a-f]{1,6})|([a-z]+));/gi, (whole, decimal, hex, name: string) => {
    if (name !== undefined) return ENTITIES[name.toLowerCase()] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal);
    return code <= 0x10_ffff ? String.fromCodePoint(code) : whole;
  });

/** Longest tag that is read; those of real indexes have some 500 characters. */
const LONGEST_TAG = 4096;
const LONGEST_LABEL = 512;

/** `<a …>…</a>` of a page, found in one pass whatever the page is made of. */
function* anchors(text: string): Generator<{ attributes: string; label: string }> {
  for (const { index } of text.matchAll(/<a\s/gi)) {
    const tag = text.slice(index, index + LONGEST_TAG);
    const end = tag.indexOf('>');
    if (end < 0) continue;
    const label = text.slice(index + end + 1, index + end + 1 + LONGEST_LABEL);
    const close = label.indexOf('<');
    if (close >= 0 && /^<\/a\s*>/i.test(label.slice(close)))
      yield { attributes: tag.slice(3, end), label: label.slice(0, close) };
  }
}

/** Anchors alone, as PEP 503 has them: whatever else is on the page says nothing. */
function readHtml(text: string, address: string): ToldFile[] {
  const told: ToldFile[] = [];
  for (const { attributes, label } of anchors(text)) {
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
