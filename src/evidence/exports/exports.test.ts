/** Every export is read by a program that we did not write. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parse as parseBibtex } from '@retorquere/bibtex-parser';
import Ajv2020 from 'ajv/dist/2020.js';
import { parseAtomFeed } from 'feedsmith';
import { describe, expect, it } from 'vitest';
import { deriveStatus, plainClaim, plainSource } from '../index.ts';
import { exportedOf, ownTexts } from '../own.fixture.ts';
import { type Exported, fromJson, toAtom, toBibtex, toClaimBibtex, toCsv, toJson, toStix } from './index.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const ADDRESS = 'https://evidence.example.com';
const own = exportedOf(ownTexts('claims'), ownTexts('claims/sources'), ADDRESS);

const HOSTILE = `<script>alert(1)</script> & "quoted", 'single' ]]> \\input{x} $x^2_3~#% {brace =cmd`;
const hostile = exportedOf(
  [
    [
      'hostile.yaml',
      JSON.stringify({
        ...plainClaim(own.entries[0]?.claim as never),
        id: 'hostile',
        title: `=HYPERLINK("x") ${HOSTILE}`,
        statement: HOSTILE,
        narrative: [{ text: HOSTILE, cites: [] }],
        related: [],
      }),
    ],
  ],
  [
    ...ownTexts('claims/sources'),
    [
      'hostile-source.yaml',
      JSON.stringify({
        ...plainSource(own.sources[0] as never),
        id: 'hostile-source',
        title: HOSTILE,
        authors: [HOSTILE, 'Ada Lovelace', 'et al.'],
        publisher: HOSTILE,
      }),
    ],
  ],
  ADDRESS,
);

describe('JSON', () => {
  it.each([
    ['our claims', own],
    ['hostile text', hostile],
  ])('comes back as it went: %s', (_name, exported) => {
    const text = toJson(exported);
    const back = fromJson(text);
    expect(back.problems).toEqual([]);
    expect(back.claims.map(plainClaim)).toEqual(exported.entries.map(({ claim }) => plainClaim(claim)));
    expect(back.sources.map(plainSource)).toEqual(exported.sources.map(plainSource));
    const sources = new Map(back.sources.map((source) => [source.id, source]));
    const entries = back.claims.map((claim) => ({
      claim,
      status: deriveStatus(claim, (id) => sources.get(id), back.on),
    }));
    expect(toJson({ entries, sources: back.sources, today: back.on })).toBe(text);
  });

  it('is refused where it is something else', () => {
    expect(() => fromJson('{')).toThrow(/not JSON/);
    expect(() => fromJson('[]')).toThrow(/not an export/);
    expect(() => fromJson('{"format":"ringfence-evidence","version":2,"claims":[]}')).toThrow(/version 2/);
    const claims = [{ id: 'x', constructor: 1 }];
    const { problems } = fromJson(
      JSON.stringify({ format: 'ringfence-evidence', version: 1, on: '', claims }),
    );
    expect(problems.length).toBeGreaterThan(0);
  });
});

describe('CSV', () => {
  /** RFC 4180, read by its grammar. */
  function parse(text: string): string[][] {
    const rows: string[][] = [[]];
    for (const [, quoted, plain = '', end] of text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)) {
      rows.at(-1)?.push(quoted?.replaceAll('""', '"') ?? plain);
      if (end === '\r\n') rows.push([]);
    }
    rows.pop();
    return rows;
  }

  it('has a row for each claim, and nothing that a spreadsheet would run', () => {
    const [header = [], ...rows] = parse(toCsv(own));
    expect(rows.map(([id]) => id)).toEqual(own.entries.map(({ claim }) => claim.id));
    for (const row of rows) expect(row).toHaveLength(header.length);
    const [, row = []] = parse(toCsv(hostile));
    expect(row[header.indexOf('title')]).toMatch(/^'=HYPERLINK/);
    expect(row[header.indexOf('statement')]).toContain('"quoted"');
  });
});

/** Whether a program of others is on this machine: its name, and how it is asked. */
const has = (program: string): boolean =>
  spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;

describe('Atom', () => {
  it.each([
    ['our claims', own],
    ['hostile text', hostile],
  ])('is read by a feed reader: %s', (_name, exported) => {
    const feed = parseAtomFeed(toAtom(exported));
    expect(feed.id).toMatch(/^urn:uuid:/);
    expect(feed.entries).toHaveLength(exported.entries.length);
    expect(new Set(feed.entries?.map(({ id }) => id)).size).toBe(exported.entries.length);
    for (const { claim } of exported.entries) {
      const entry = feed.entries?.find(({ links }) => links?.[0]?.href?.endsWith(`/${claim.id}.html`));
      expect(entry?.title?.value).toBe(claim.title);
      expect(entry?.summary?.value).toBe(claim.statement);
    }
  });

  it.skipIf(!has('xmllint'))('is well formed for libxml2', () => {
    for (const exported of [own, hostile]) {
      const { status, stderr } = spawnSync('xmllint', ['--noout', '--nonet', '-'], {
        input: toAtom(exported),
        encoding: 'utf8',
      });
      expect(stderr).toBe('');
      expect(status).toBe(0);
    }
  });
});

describe('BibTeX', () => {
  it.each([
    ['our sources', own],
    ['hostile text', hostile],
  ])('is read by a parser: %s', (_name, exported) => {
    const { entries, errors } = parseBibtex(toBibtex(exported));
    expect(errors).toEqual([]);
    expect(entries.map(({ key }) => key)).toEqual(exported.sources.map(({ id }) => id));
    for (const [index, source] of exported.sources.entries()) {
      const { fields } = entries[index] as (typeof entries)[number];
      expect(fields.title, source.id).toBeTruthy();
      expect(String(fields.url ?? '')).toBe(source.url ?? '');
      const names = fields.author ?? [];
      if (source.authors.length > 0) expect(names, source.id).toHaveLength(source.authors.length);
    }
  });

  it.skipIf(!has('biber'))(
    'fits the data model of biblatex',
    () => {
      const folder = mkdtempSync(join(tmpdir(), 'ringfence-bibtex-'));
      try {
        writeFileSync(join(folder, 'sources.bib'), toBibtex(own));
        const claims = own.entries.map((entry) => toClaimBibtex(entry, own)).join('\n');
        writeFileSync(join(folder, 'claims.bib'), claims);
        for (const name of ['sources.bib', 'claims.bib']) {
          const { stdout } = spawnSync('biber', ['--tool', '--validate-datamodel', name], {
            ...{ cwd: folder, encoding: 'utf8' },
          });
          expect(
            stdout.match(/^(WARN|ERROR) - (?!Datamodel: .*(Missing mandatory|month)).*$/gm) ?? [],
          ).toEqual([]);
          expect(stdout).toContain('Output to');
        }
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
    120_000,
  );
});

describe('STIX', () => {
  const SCHEMAS = resolve(ROOT, '../shared/data/stix-2.1');
  const bundle = (exported: Exported) =>
    JSON.parse(toStix(exported, new Map([['T1572', 'Protocol Tunneling']]))) as {
      id: string;
      objects: { type: string; id: string; [key: string]: unknown }[];
    };

  it('names each object once, refers to none that is not there, and is the same each time', () => {
    const { objects } = bundle(own);
    const ids = new Set(objects.map(({ id }) => id));
    expect(ids.size).toBe(objects.length);
    for (const object of objects)
      for (const [key, value] of Object.entries(object))
        if (/_refs?$/.test(key)) for (const id of [value].flat()) expect(ids).toContain(id);
    expect(toStix(own, new Map())).toBe(toStix(own, new Map()));
  });

  it.skipIf(!existsSync(SCHEMAS))('validates against the schemas of OASIS', () => {
    const ajv = new Ajv2020.default({
      ...{ strict: false, validateFormats: false },
      unicodeRegExp: false, // a pattern there escapes a dash that needs none
    });
    const names = readdirSync(SCHEMAS, { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.json'),
    );
    for (const name of names) {
      const schema = JSON.parse(readFileSync(join(SCHEMAS, name), 'utf8'));
      ajv.addSchema({ ...schema, $id: `https://stix.example.com/${name}` });
    }
    for (const exported of [own, hostile]) {
      const all = bundle(exported);
      for (const object of [all, ...all.objects]) {
        const { type } = object as { type: string };
        const name = names.find((one) => one.endsWith(`/${type}.json`)) ?? '';
        const validate = ajv.getSchema(`https://stix.example.com/${name}`);
        expect(validate, type).toBeDefined();
        expect(validate?.(object), JSON.stringify([object.id, validate?.errors])).toBe(true);
      }
    }
  });
});
