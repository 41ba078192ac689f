import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { escapeHtml, html, toText } from '../html/index.ts';
import { loadEvidence, plainClaim, plainSource, type Text } from '../index.ts';
import { exportedOf, ownTexts } from '../own.fixture.ts';
import { drawEscalation, wrapWords } from './escalation.ts';
import { buildSite, SiteFolderError, writeSite } from './index.ts';

const own = exportedOf(ownTexts('claims'), ownTexts('claims/sources'), 'https://evidence.example.com/base');
const world = {
  rules: new Map([['compute-diversion.miner', 'rules/detections/compute-diversion.yml']]),
  techniques: new Map([['T1572', 'Protocol Tunneling']]),
};
const site = new Map(buildSite(own, world).map(({ path, text }) => [path, text]));
const pageOf = (path: string): string => site.get(path) ?? '';

describe('templates', () => {
  it('escape what they are given, in text and in attributes', () => {
    const evil = `"><img src=x onerror='alert(1)'>&`;
    expect(toText(html`<p title="${evil}">${evil}</p>`)).toBe(
      '<p title="&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;">&quot;&gt;&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;</p>',
    );
    expect(toText(html`${html`<b>${'<'}</b>`}${['&', undefined, false]}${1}`)).toBe('<b>&lt;</b>&amp;1');
  });

  it('show what would hide or turn text around', () => {
    expect(escapeHtml('a\u202eb\u0000c\u200bd')).toBe('a\\u{202e}b\\x00c\\u{200b}d');
    expect(escapeHtml('one\n  two\u00a0three')).toBe('one two three');
  });
});

describe('the site', () => {
  it('has a page for each claim, source and hazard, and the exports', () => {
    for (const { claim } of own.entries) expect(pageOf(`claims/${claim.id}.html`)).toContain(`<h1>`);
    for (const { id } of own.sources) expect(pageOf(`sources/${id}.html`)).toContain('<h1>');
    for (const name of [
      'index.html',
      'about.html',
      'hazards/escape.html',
      'feed.xml',
      'claims.json',
      'stix.json',
    ])
      expect(pageOf(name), name).not.toBe('');
    for (const name of ['claims.csv', 'sources.bib', 'search.js']) expect(pageOf(name), name).not.toBe('');
  });

  it('gives the same bytes each time', () => {
    expect(buildSite(own, world)).toEqual(buildSite(own, world));
  });

  it('lists every claim on the index, without a script', () => {
    for (const { claim } of own.entries)
      expect(pageOf('index.html')).toContain(`<a href="claims/${claim.id}.html">`);
  });

  it('links to nothing that is not there, nor to an id that is not', () => {
    const dangling: string[] = [];
    for (const [path, text] of site) {
      if (!path.endsWith('.html')) continue;
      for (const [, link = ''] of text.matchAll(/ href="([^"]*)"/g)) {
        if (/^(https?|data):/.test(link)) continue;
        const url = new URL(link, `https://site.example.com/${path}`);
        const target = pageOf(url.pathname.slice(1));
        if (target === '') dangling.push(`${path}: ${link}`);
        else if (url.hash !== '' && !target.includes(` id="${url.hash.slice(1)}"`))
          dangling.push(`${path}: ${link}`);
      }
    }
    expect(dangling).toEqual([]);
  });

  it('names each id once on a page', () => {
    for (const [path, text] of site) {
      const ids = [...text.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
      if (path.endsWith('.html')) expect(new Set(ids).size, path).toBe(ids.length);
    }
  });

  it('weighs at most 100 KB a page, and loads nothing from elsewhere', () => {
    for (const [path, text] of site) {
      if (!path.endsWith('.html')) continue;
      expect(Buffer.byteLength(text), path).toBeLessThanOrEqual(100_000);
      expect(text, path).toContain("default-src 'none'");
      expect(text, path).not.toMatch(
        /<(img|iframe|object|embed|video|audio|base)\b|<link rel="stylesheet"| src=/,
      );
      expect(text, path).not.toMatch(/ (on\w+|style)="/);
    }
  });

  it('shows every part of the exemplary claim', () => {
    const page = pageOf('claims/specification-gaming.html');
    const { claim, status } = own.entries.find(
      ({ claim }) => claim.id === 'specification-gaming',
    ) as (typeof own.entries)[number];
    const texts = [
      ...[
        claim.title,
        claim.statement,
        status.label,
        status.dates,
        ...status.reasons.map(({ text }) => text),
      ],
      ...claim.narrative.map(({ text }) => text),
      ...claim.evidence.map(({ shows }) => shows),
      ...(claim.debate?.positions ?? []).flatMap(({ name, holds }) => [name, holds]),
      ...claim.escalation.map(({ text }) => text),
      ...claim.counterarguments.flatMap(({ text, response }) => [text, response?.text ?? '']),
      ...claim.contradictions.flatMap(({ about, says, against, finding }) => [
        about,
        says.text,
        against.text,
        finding,
      ]),
      ...claim.consequences.map(({ text }) => text),
      ...[...claim.rules, 'rules/detections/compute-diversion.yml', ...claim.affordances, ...claim.tags],
      ...claim.external.map(({ id }) => id),
      ...[...claim.verification.map(({ by }) => by), ...claim.history.map(({ what }) => what), 'UNMEASURED'],
      '@misc{ringfence-specification-gaming,',
    ];
    for (const text of texts) expect(page).toContain(escapeHtml(text));
  });

  it('links to the feed and says its address only where it knows one', () => {
    expect(pageOf('index.html')).toContain('rel="alternate" type="application/atom+xml"');
    const without = buildSite({ ...own, address: undefined }, world).find(
      ({ path }) => path === 'index.html',
    );
    expect(without?.text).not.toContain('rel="alternate"');
    expect(without?.text).not.toContain('rel="canonical"');
  });
});

describe('claims of an attacker', () => {
  const EVIL = `"></title></script></style><script>pwn()</script><img src=x onerror=pwn()>' \`\${pwn()} --> ]]>`;
  const base = plainClaim(
    own.entries.find(({ claim }) => claim.id === 'specification-gaming')?.claim as never,
  );
  /** Every text that the schema leaves free. */
  const poison = (value: unknown, key = ''): unknown => {
    if (Array.isArray(value)) return value.map((item) => poison(item, key));
    if (typeof value === 'object' && value !== null)
      return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, poison(item, name)]));
    const free =
      /^(title|statement|text|shows|what|note|holds|name|expects|question|by|about|finding|at|quote|affordance|affordances|rules|techniques|scheme|run|path|setup|publisher|authors|licence)$/;
    return typeof value === 'string' && free.test(key) ? `${EVIL} ${value}` : value;
  };
  const { claim: _version, ...rest } = poison({ ...base, related: [], figures: [] }) as Record<
    string,
    unknown
  >;
  const external = [{ scheme: EVIL, id: EVIL, url: "https://example.com/'onmouseover='pwn()", note: EVIL }];
  const hostile = exportedOf(
    [['specification-gaming.yaml', JSON.stringify({ claim: 1, ...rest, external })]],
    ownTexts('claims/sources').map(([file, text]): Text => {
      const { sources } = loadEvidence({ claims: [], sources: [[file, text]] });
      return [file, JSON.stringify(poison(plainSource(sources[0] as never)) as object)];
    }),
  );
  const files = buildSite(hostile, {
    rules: new Map([[EVIL, EVIL]]),
    techniques: new Map([['T1572', EVIL]]),
  });

  it('stay text on every page', () => {
    for (const { path, text } of files) {
      if (!path.endsWith('.html')) continue;
      expect(text, path).not.toMatch(/<script>pwn|<img|<\/title><\/script>/);
      expect(text.match(/<script/g)?.length ?? 0, path).toBe(path === 'index.html' ? 1 : 0);
      expect(text.match(/<\/style/g), path).toHaveLength(1);
      expect(text.match(/<\/title/g), path).toHaveLength(1);
    }
    expect(files.find(({ path }) => path.startsWith('claims/'))?.text).toContain('&lt;script&gt;pwn()');
  });

  it('leave only letters, digits, dots and dashes in the file of search texts', () => {
    const text = files.find(({ path }) => path === 'search.js')?.text ?? '';
    expect(text).toMatch(/^evidenceWords\(\{"specification-gaming":"[\p{L}\p{N}. ]*"\}\);\n$/u);
  });
});

describe('the drawn path', () => {
  it('wraps words and says where it cut', () => {
    expect(wrapWords('one two three four', 8, 9)).toEqual(['one two', 'three', 'four']);
    expect(wrapWords('one two three four', 8, 2)).toEqual(['one two', 'three …']);
    expect(wrapWords('incomprehensibilities', 8, 2)).toEqual(['incompr…']);
  });

  it('keeps all steps inside, and ends where steps go in a circle', () => {
    const step = {
      text: 'x'.repeat(400),
      state: 'argued',
      techniques: [],
      cites: [],
      hazard: undefined,
      affordance: undefined,
      claim: undefined,
    } as const;
    const escalation = [
      { ...step, id: 'one', after: ['two'] },
      { ...step, id: 'two', after: ['one'] },
      ...Array.from({ length: 12 }, (_, index) => ({ ...step, id: `wide-${index}`, after: ['two'] })),
    ];
    const drawn = toText(drawEscalation({ id: 'circle', escalation: escalation as never }, 'steps'));
    expect(drawn.match(/<rect/g)).toHaveLength(14);
    expect(drawn).not.toMatch(/NaN|undefined|="-/);
  });
});

describe('the folder', () => {
  const made: string[] = [];
  const folder = (): string => {
    const path = mkdtempSync(join(tmpdir(), 'ringfence-site-'));
    made.push(path);
    return path;
  };
  afterEach(() => {
    for (const path of made.splice(0)) rmSync(path, { recursive: true, force: true });
  });
  const files = [
    { path: 'index.html', text: 'one' },
    { path: 'claims/a.html', text: 'a' },
  ];

  it('may be new, empty, or of an earlier export, whose pages go', () => {
    const parent = folder();
    const target = join(parent, 'deep', 'site');
    expect(writeSite(target, files)).toBe(target);
    expect(readFileSync(join(target, 'claims/a.html'), 'utf8')).toBe('a');
    writeSite(target, [{ path: 'index.html', text: 'two' }]);
    expect(readFileSync(join(target, 'index.html'), 'utf8')).toBe('two');
    expect(existsSync(join(target, 'claims'))).toBe(false);
    expect(readdirSync(join(parent, 'deep'))).toEqual(['site']);
    mkdirSync(join(parent, 'empty'));
    writeSite(join(parent, 'empty'), files);
    symlinkSync(target, join(parent, 'link'));
    writeSite(join(parent, 'link'), files);
    expect(readFileSync(join(target, 'index.html'), 'utf8')).toBe('one');
  });

  it.each([
    ['something else', 'notes.txt', false],
    ['something else below', 'claims/notes.txt', true],
    ['something else beside a site', 'CNAME', true],
  ])('is left alone where it holds %s', (_name, path, isSite) => {
    const target = join(folder(), 'site');
    if (isSite) writeSite(target, files);
    else mkdirSync(target);
    writeFileSync(join(target, path), 'mine');
    expect(() => writeSite(target, [{ path: 'index.html', text: 'two' }])).toThrow(SiteFolderError);
    expect(readFileSync(join(target, path), 'utf8')).toBe('mine');
    if (isSite) expect(readFileSync(join(target, 'index.html'), 'utf8')).toBe('one');
  });

  it('is as it was where writing fails', () => {
    const parent = folder();
    const target = join(parent, 'site');
    writeSite(target, files);
    const twice = [...files, { path: 'index.html', text: 'again' }];
    expect(() => writeSite(target, twice)).toThrow(/EEXIST/);
    expect(readFileSync(join(target, 'index.html'), 'utf8')).toBe('one');
    expect(readdirSync(parent)).toEqual(['site']);
  });
});
