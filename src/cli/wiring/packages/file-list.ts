/**
 * A plain list: `SHA256  ADDRESS` lines, as sha256sum(1) writes them with an address for the name. Addresses lie on the
 * host of `from`, or are relative to it.
 *
 * @module
 */
import type { PackageArtefact } from '../../../contract/index.ts';
import { formatDigest } from '../../../contract/packages.ts';
import { baseOf, type Listed, plainAddress, wrong } from './listed.ts';

export function readFileList(text: string, from: string): Listed {
  const found = new Map<string, PackageArtefact>();
  const origin = new URL(from).origin;
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = index + 1;
    const written = raw.trim();
    if (written === '' || written.startsWith('#')) continue;
    const [, hex, address] = /^([0-9a-fA-F]{64})[ \t]+\*?(\S+)$/.exec(written) ?? [];
    if (hex === undefined || address === undefined)
      return wrong(
        line,
        `${JSON.stringify(written.slice(0, 80))} is not a digest and an address`,
        'Write SHA256  ADDRESS: 64 hexadecimal digits, two spaces, the address.',
      );
    const absolute = URL.canParse(address, baseOf(from)) ? new URL(address, baseOf(from)).href : '';
    const url = plainAddress(absolute);
    if (!url || url.pathname.endsWith('/'))
      return wrong(
        line,
        `${address} is not the plain address of a file`,
        'Write http or https, a host and a path, without user, query or fragment.',
      );
    if (url.origin !== origin)
      return wrong(
        line,
        `${address} is not at ${origin}`,
        `Write a rule of its own for it: packages: [{ ecosystem: files, from: ${url.origin}, only: … }].`,
      );
    const digest = formatDigest('sha256', Buffer.from(hex, 'hex'));
    const name = `${url.host}${url.pathname}`;
    const earlier = found.get(name);
    if (earlier && earlier.digests[0] !== digest)
      return wrong(line, `${address} is listed with two different digests`, 'Keep one of the lines.');
    const file = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
    found.set(name, { name, version: '', file, url: url.href, digests: [digest] });
  }
  return { ok: true, artefacts: [...found.values()], remarks: [] };
}
