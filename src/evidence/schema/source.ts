/**
 * The schema of a source: `claims/sources/ID.yaml`. Sources are files of their own because many claims cite the same.
 *
 * @module
 */
import * as z from 'zod/mini';
import { CHECKS, keysOf, SOURCE_TYPES, TIERS } from '../words.ts';
import { date, day, describe, list, optional, slug, text, url } from './parts.ts';

export const archiveSchema = z
  .strictObject({
    url: describe('Address of a copy that stays.', optional(url())),
    none: describe('Why none is given.', optional(text())),
  })
  .check(
    z.refine(
      (archive) => (archive.url === undefined) !== (archive.none === undefined),
      'not clear; write url: ADDRESS or none: REASON',
    ),
  );

export const identifiersSchema = z.strictObject({
  arxiv: describe(
    'arXiv id, without version.',
    optional(
      z
        .string()
        .check(
          z.regex(
            /^(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?\/\d{7})$/,
            'not an arXiv id; write it in quotes, for example "2512.24873"',
          ),
        ),
    ),
  ),
  doi: describe('DOI.', optional(z.string().check(z.regex(/^10\.\d{4,9}\/\S+$/, 'not a DOI; write 10.…/…')))),
  isbn: describe(
    'ISBN, digits only.',
    optional(z.string().check(z.regex(/^(\d{9}[\dX]|\d{13})$/, 'not an ISBN; write its digits, in quotes'))),
  ),
  cve: describe('CVE.', optional(z.string().check(z.regex(/^CVE-\d{4}-\d{4,}$/, 'not a CVE')))),
});

export const checkedSchema = z.strictObject({
  how: describe('How far the text was read by who entered it.', z.enum(keysOf(CHECKS))),
  on: describe('The day.', day()),
  by: describe('Who.', text()),
  note: describe('In what form it was read, what is missing, what was not found.', optional(text())),
});

export const sourceSchema = z.strictObject({
  source: describe('Version of this format: 1.', z.literal(1)),
  id: describe('Its id: the name of the file.', slug()),
  type: describe('What it is.', z.enum(keysOf(SOURCE_TYPES))),
  tier: describe(
    '`primary`: who did, measured, wrote or saw it; `secondary`: who tells it from others.',
    z.enum(keysOf(TIERS)),
  ),
  title: describe('Its title, as it stands there.', text()),
  authors: describe(
    'Authors, in its order; a long list may end with `et al.`. Empty: none is named.',
    list(text()),
  ),
  publisher: describe('Who published it: organisation, journal, site.', text()),
  published: describe('When: day, month or year.', date()),
  updated: describe('When its text was last changed, where it says so.', optional(date())),
  accessed: describe(
    'The day on which its text was last looked at by who entered it; absent where it was not.',
    optional(day()),
  ),
  url: describe('Its address. Absent for what has none.', optional(url())),
  archive: describe('A copy that stays, or why none is given.', archiveSchema),
  identifiers: describe('Its numbers elsewhere.', z._default(identifiersSchema, {})),
  licence: describe('Licence as stated there: an SPDX id, `all-rights-reserved`, or `unknown`.', text()),
  checked: describe('How far it was checked.', checkedSchema),
  retracted: describe('Where it was withdrawn or corrected in what is cited: how.', optional(text())),
  note: describe('What a reader should know of it: interests, versions, known faults.', optional(text())),
});

export type WrittenSource = z.output<typeof sourceSchema>;
