/**
 * requirements.txt with hashes, as `pip-compile --generate-hashes`, `uv pip compile` or `pip hash` make it. The index
 * is the contract's, whatever index the file names.
 * Format: https://pip.pypa.io/en/stable/reference/requirements-file-format/
 *
 * @module
 */
import type { PackageArtefact } from '../../../contract/index.ts';
import {
  type DigestAlgorithm,
  formatDigest,
  LONGEST_NAME,
  normalisePipName,
  PIP_NAME,
  PIP_VERSION,
  parseDigest,
} from '../../../contract/packages.ts';
import { type Listed, wrong } from './listed.ts';

const HASH = /^--hash[= ](sha256|sha384|sha512):([0-9a-fA-F]+)$/;
/** Where pip looks and how is the contract's matter; these change nothing of what is listed. */
const IGNORED =
  /^(-i|--index-url|--extra-index-url|--no-index|-f|--find-links|--trusted-host|--no-binary|--only-binary|--prefer-binary|--require-hashes|--pre|--use-feature)([= ]|$)/;

/** Logical lines: continuations joined, comments left out; a comment ends a continuation, as it does for pip. */
function* logicalLines(text: string): Generator<{ line: number; text: string }> {
  let joined = '';
  let start = 0;
  for (const [index, raw] of text
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .entries()) {
    if (joined === '') start = index + 1;
    const comment = /^\s*#/.test(raw);
    if (!comment && raw.endsWith('\\')) {
      joined += `${raw.slice(0, -1)} `;
      continue;
    }
    if (!comment) joined += raw;
    const clean = joined.replace(/(^|\s)#.*$/, '').trim();
    joined = '';
    if (clean !== '') yield { line: start, text: clean };
  }
  const clean = joined.trim();
  if (clean !== '') yield { line: start, text: clean };
}

export function readRequirements(text: string): Listed {
  const found = new Map<string, PackageArtefact>();
  const remarks: string[] = [];
  for (const { line, text: written } of logicalLines(text)) {
    if (IGNORED.test(written)) continue;
    if (/^(-r|--requirement|-c|--constraint)([= ]|$)/.test(written))
      return wrong(
        line,
        'another file is named',
        'Write all requirements with their hashes into one file: pip-compile --generate-hashes.',
      );
    if (
      /^(-e|--editable)([= ]|$)/.test(written) ||
      /^[^;]*(@\s|:\/\/)/.test(written.replace(/--hash\S*/g, ''))
    ) {
      remarks.push(`${written.slice(0, 80)}: it does not come from an index`);
      continue;
    }
    const read = readRequirement(line, written);
    if ('ok' in read) return read;
    const id = `${read.name}==${read.version}`;
    const earlier = found.get(id);
    if (earlier) earlier.digests = [...new Set([...earlier.digests, ...read.digests])];
    else found.set(id, read);
  }
  return { ok: true, artefacts: [...found.values()], remarks };
}

function readRequirement(line: number, written: string): PackageArtefact | Listed {
  const [requirement = '', ...options] = written.split(/\s+(?=--)/);
  const [, name, version] =
    /^([A-Za-z0-9._-]+)\s*(?:\[[^\]]*\])?\s*(?:\(\s*)?===?\s*([^\s;,)]+)\s*\)?\s*(?:;.*)?$/.exec(
      requirement,
    ) ?? [];
  if (name === undefined || version === undefined || !PIP_NAME.test(name) || name.length > LONGEST_NAME)
    return wrong(
      line,
      `${JSON.stringify(requirement.slice(0, 80))} does not name one version`,
      'Write NAME==VERSION --hash=sha256:…, as pip-compile --generate-hashes does.',
    );
  if (!PIP_VERSION.test(version))
    return wrong(line, `${version} is not one version`, 'Write it in full, without a star: NAME==1.2.3.');
  const digests: string[] = [];
  for (const option of options) {
    const [, algorithm, hex = ''] = HASH.exec(option.trim()) ?? [];
    const digest =
      algorithm === undefined
        ? undefined
        : formatDigest(algorithm as DigestAlgorithm, Buffer.from(hex, 'hex'));
    if (digest !== undefined && parseDigest(digest)) digests.push(digest);
    else if (option.startsWith('--hash'))
      return wrong(
        line,
        `${option.slice(0, 80)} is not a hash`,
        'Write --hash=sha256: and 64 hexadecimal digits.',
      );
  }
  if (digests.length === 0)
    return wrong(
      line,
      `${name}==${version} has no hash`,
      `Write the file with hashes: pip-compile --generate-hashes; or name the set in the contract: only: [${name}==${version}].`,
    );
  return { name: normalisePipName(name), version, digests };
}
