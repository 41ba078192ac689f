/**
 * `ringfence evidence export`.
 *
 * @module
 */
import { writeFileSync } from 'node:fs';
import { type Exported, toAtom, toBibtex, toCsv, toJson, toStix } from '../../evidence/exports/index.ts';
import { sourcesOf } from '../../evidence/index.ts';
import { buildSite, SiteFolderError, writeSite } from '../../evidence/site/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { type Base, openBase, reportProblems } from '../evidence/base.ts';
import { facetsOf, filterClaims } from '../evidence/filter.ts';
import { readSiteWorld, techniqueNames } from '../evidence/world.ts';
import { EXIT } from '../exit-codes.ts';
import { safe } from '../text.ts';

const FORMATS = {
  json: toJson,
  csv: toCsv,
  stix: (exported: Exported) => toStix(exported, techniqueNames()),
  atom: toAtom,
  bibtex: toBibtex,
} as const;

/** @throws CommandError where it is no address that pages can lie below */
function addressOf(written: string | undefined): string | undefined {
  if (written === undefined) return undefined;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (url && /^https?:$/.test(url.protocol) && url.search === '' && url.hash === '' && url.username === '')
    return url.href.replace(/\/+$/, '');
  throw new CommandError(
    'usage',
    `${safe(written)} is not an address that pages can lie below`,
    'write for example --address https://evidence.example.com',
    EXIT.usage,
  );
}

function writePages(base: Base, exported: Exported, folder: string): string {
  const files = buildSite(exported, readSiteWorld(base));
  try {
    return `${safe(writeSite(folder, files))}: ${files.length} files`;
  } catch (error) {
    const hint =
      error instanceof SiteFolderError ? error.hint : 'name a folder that can be written: --site DIR';
    throw new CommandError('unwritable', safe((error as Error).message), hint);
  }
}

export function run({ options, terminal }: Invocation<'evidence export'>): number {
  if (options.site !== undefined && (options.format !== undefined || options.output !== undefined))
    throw new CommandError(
      'usage',
      `--site writes all formats into its folder; it does not go with ${options.format === undefined ? '--output' : '--format'}`,
      'leave one of them out',
      EXIT.usage,
    );
  const address = addressOf(options.address);
  const base = openBase(options);
  reportProblems(base, terminal.err);
  const entries = filterClaims(base, facetsOf(options)).map((entry) => ({
    ...entry,
    coverage: base.coverageOf(entry.claim),
  }));
  const cited = new Set(entries.flatMap(({ claim }) => sourcesOf(claim)));
  const exported: Exported = {
    ...{ entries, today: base.today, address },
    sources: base.evidence.sources.filter(({ id }) => cited.has(id)),
  };
  const format = (options.format ?? 'json') as keyof typeof FORMATS; // the table allows no other
  const text =
    options.site === undefined ? FORMATS[format](exported) : writePages(base, exported, options.site);
  if (options.site !== undefined) terminal.out(text);
  else if (options.output === undefined) terminal.raw(text);
  else {
    try {
      writeFileSync(options.output, text);
    } catch (error) {
      throw new CommandError(
        'unwritable',
        (error as Error).message,
        'name a file that can be written: --output FILE',
      );
    }
  }
  return base.evidence.problems.length > 0 ? EXIT.failed : EXIT.ok;
}
