/** The site of the evidence base in a real browser, from files, as somebody reads it. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HtmlValidate } from 'html-validate';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { browserMissing, INSTALL_TIMEOUT, launchBrowser } from './browser.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const scratch = mkdtempSync(join(tmpdir(), 'ringfence-site-'));
const SITE = join(scratch, 'site');
const EVIL_SITE = join(scratch, 'evil');
const EVIL = `</script><script>pwned=1</script><img src=x onerror=pwned=1>" onmouseover="pwned=1`;

function exportSite(folder: string, ...more: string[]): void {
  const args = ['evidence', 'export', '--site', folder, '--on', '2026-11-22', ...more];
  execFileSync(join(ROOT, 'ringfence'), args, { stdio: ['ignore', 'ignore', 'inherit'] });
}

const addressOf = (path: string, folder = SITE): string => {
  const [file = '', hash] = path.split('#');
  return `${pathToFileURL(join(folder, file)).href}${hash === undefined ? '' : `#${hash}`}`;
};

const pagesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.html'))
    .sort();

/** One of each kind. */
const KINDS = [
  'index.html',
  'about.html',
  'claims/specification-gaming.html',
  'claims/blackmail-under-replacement.html',
  'hazards/index.html',
  'hazards/escape.html',
  'by/status-realized.html',
  'sources/index.html',
  'sources/rome-2025.html',
];

beforeAll(() => {
  exportSite(SITE, '--address', 'https://evidence.example.com');
  const claims = join(scratch, 'claims');
  cpSync(join(ROOT, 'claims'), claims, { recursive: true });
  const path = join(claims, 'specification-gaming.yaml');
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text
      .replace(/^title: .*$/m, () => `title: ${JSON.stringify(EVIL)}`)
      .replace('name: Specification gaming', () => `name: ${JSON.stringify(EVIL)}`),
  );
  exportSite(EVIL_SITE, '--claims', claims);
});

afterAll(() => rmSync(scratch, { recursive: true, force: true }));

it('is valid HTML', async () => {
  const validator = new HtmlValidate({
    extends: ['html-validate:recommended'],
    rules: {
      'no-trailing-whitespace': 'off',
      'long-title': 'off', // titles of papers are as long as they are
      'doctype-style': 'off',
      // both roles say what their parents do not: a list without bullets, a form that searches
      'no-redundant-role': 'off',
      'prefer-native-element': 'off',
      'attribute-boolean-style': 'off',
    },
  });
  const problems: string[] = [];
  for (const folder of [SITE, EVIL_SITE])
    for (const path of pagesOf(folder).filter((name, at) => !name.startsWith('sources/') || at % 10 === 0)) {
      const { results } = await validator.validateString(readFileSync(join(folder, path), 'utf8'));
      for (const { messages } of results)
        problems.push(...messages.map(({ line, ruleId, message }) => `${path}:${line} ${ruleId} ${message}`));
    }
  expect([...new Set(problems)].slice(0, 20)).toEqual([]);
}, 180_000);

describe.skipIf(browserMissing !== undefined)(`in Chromium ${browserMissing ?? ''}`, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, INSTALL_TIMEOUT * 2);
  afterAll(() => browser?.close());

  /** A page in a context of its own; everything that the browser complains of fails the test. */
  async function using(
    options: BrowserContextOptions,
    path: string,
    look: (page: Page) => Promise<void>,
    folder = SITE,
  ): Promise<void> {
    const context = await browser.newContext(options);
    try {
      const page = await context.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
      });
      await page.goto(addressOf(path, folder));
      await look(page);
      expect(complaints, path).toEqual([]);
    } finally {
      await context.close();
    }
  }

  const shownIds = (page: Page): Promise<string[]> =>
    page.$$eval('#list > li:not([hidden])', (items) => items.map(({ id }) => id));

  it('lists everything without JavaScript, with a page for each facet', async () => {
    const all = readdirSync(join(ROOT, 'claims')).filter((name) => name.endsWith('.yaml'));
    await using({ javaScriptEnabled: false }, 'index.html', async (page) => {
      expect(await page.locator('#list > li').count()).toBe(all.length);
      expect(await page.locator('#narrow').isVisible()).toBe(false);
      await page.getByText('Status', { exact: true }).locator('visible=true').click();
      await page.getByRole('link', { name: 'Realized' }).click();
      expect(await page.locator('h1').textContent()).toBe('Realized');
      expect(await page.locator('.list > li').count()).toBeGreaterThan(2);
      await page.locator('.list a').first().click();
      expect(await page.locator('#status .badge').textContent()).toBe('REALIZED');
    });
  });

  it('finds by words of the list and of the claim, and keeps the search in the address', async () => {
    await using({}, 'index.html', async (page) => {
      const total = (await shownIds(page)).length;
      await page.locator('#query').fill('reverse tunnel');
      await expect.poll(() => shownIds(page)).toContain('specification-gaming');
      expect((await shownIds(page)).length).toBeLessThan(total);
      // words that stand nowhere in the list: the file of all words was asked for
      await page.locator('#query').fill('misconfiguration telemetry');
      await expect.poll(() => shownIds(page)).toContain('specification-gaming');
      expect(await page.locator('#count').textContent()).toMatch(new RegExp(`^\\d+ of ${total} claims$`));
      const address = page.url();
      expect(address).toContain('#?q=misconfiguration%20telemetry');
      const found = await shownIds(page);
      await page.goto('about:blank');
      await page.goto(address);
      await expect.poll(() => shownIds(page)).toEqual(found);
      await page.locator('#query').fill('zzzzqq');
      await expect.poll(() => page.locator('#none').isVisible()).toBe(true);
      await page.getByRole('button', { name: 'Show all' }).click();
      expect((await shownIds(page)).length).toBe(total);
    });
  });

  it('narrows by facets: any value of one, all of several', async () => {
    await using({}, 'index.html', async (page) => {
      const by = (facet: string, value: string): Promise<string[]> =>
        page.$$eval(`#list > li[data-${facet}~="${value}"]`, (items) => items.map(({ id }) => id));
      await page.locator('#narrow summary', { hasText: 'Status' }).click();
      await page.locator('input[name=status][value=realized]').check();
      const realized = await by('status', 'realized');
      expect((await shownIds(page)).toSorted()).toEqual(realized.toSorted());
      await page.locator('#narrow summary', { hasText: 'Hazard' }).click();
      await page.locator('input[name=hazard][value=escape]').check();
      const escapes = await by('hazard', 'escape');
      const both = realized.filter((id) => escapes.includes(id));
      expect(both.length).toBeGreaterThan(0);
      expect((await shownIds(page)).toSorted()).toEqual(both.toSorted());
      expect(page.url()).toMatch(/#\?status=realized&hazard=escape$/);
    });
  });

  it('is used by keyboard alone', async () => {
    await using({}, 'index.html', async (page) => {
      const focused = (): Promise<string> =>
        page.evaluate('document.activeElement.className || document.activeElement.id');
      await page.keyboard.press('Tab');
      expect(await focused()).toBe('skip');
      expect((await page.locator('.skip').boundingBox())?.x).toBeGreaterThanOrEqual(0);
      const outline = await page.evaluate('getComputedStyle(document.querySelector(".skip")).outlineStyle');
      expect(outline).toBe('solid');
      await page.keyboard.press('Enter');
      expect(await focused()).toBe('content');
      await page.keyboard.press('/');
      expect(await focused()).toBe('query');
      await page.keyboard.type('tunnel');
      await expect.poll(async () => (await shownIds(page)).length).toBeLessThan(15);
      await page.keyboard.press('Escape');
      expect(await page.locator('#query').inputValue()).toBe('');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Enter'); // opens the first facet
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      expect(await page.locator('#narrow input:checked').count()).toBe(1);
    });
  });

  it('leads to every part of a claim by its address', async () => {
    const path = 'claims/specification-gaming.html';
    for (const id of ['counterargument-one-account', 'step-tunnel', 'source-rome-2025', 'cite'])
      await using({}, `${path}#${id}`, async (page) => {
        const box = `document.querySelector("#${id}").getBoundingClientRect()`;
        await expect.poll(() => page.evaluate(`${box}.bottom > 0 && ${box}.top < innerHeight`)).toBe(true);
      });
  });

  it('is light and dark as the system is', async () => {
    const background = async (colorScheme: 'light' | 'dark'): Promise<number> => {
      let sum = 0;
      await using({ colorScheme }, 'index.html', async (page) => {
        const colour: string = await page.evaluate(
          'getComputedStyle(document.documentElement).backgroundColor',
        );
        sum = [...colour.matchAll(/\d+/g)].reduce((total, [part]) => total + Number(part), 0);
      });
      return sum;
    };
    expect(await background('light')).toBeGreaterThan(600);
    expect(await background('dark')).toBeLessThan(150);
  });

  it.each([360, 1440])(
    'fits a window of %d pixels',
    async (width) => {
      const claims = pagesOf(SITE).filter((path) => path.startsWith('claims/'));
      await using({ viewport: { width, height: 800 } }, 'index.html', async (page) => {
        for (const path of [...KINDS, ...claims]) {
          await page.goto(addressOf(path));
          expect(await page.evaluate('document.documentElement.scrollWidth'), path).toBeLessThanOrEqual(
            width,
          );
          const drawn = page.locator('.path');
          if ((await drawn.count()) > 0) expect(await drawn.isVisible(), path).toBe(width > 700);
        }
      });
    },
    180_000,
  );

  it('has nothing that axe finds, light and wide, dark and narrow', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 360],
    ] as const)
      await using({ colorScheme, viewport: { width, height: 900 } }, 'index.html', async (page) => {
        for (const path of KINDS) {
          await page.goto(addressOf(path));
          await page.evaluate(axe);
          const violations: { id: string; impact: string; nodes: { html: string }[] }[] = await page.evaluate(
            'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(({ violations }) => violations)',
          );
          const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`);
          expect(found, `${path} ${colorScheme} ${width}`).toEqual([]);
        }
      });
  }, 180_000);

  it('prints what is read, without what is clicked', async () => {
    await using({}, 'claims/specification-gaming.html', async (page) => {
      await page.emulateMedia({ media: 'print', colorScheme: 'dark' });
      for (const hidden of ['.bar nav', '.side']) expect(await page.locator(hidden).isVisible()).toBe(false);
      for (const shown of ['.path svg', '#sources', '#counterargument-one-account'])
        expect(await page.locator(shown).isVisible(), shown).toBe(true);
      expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
        'rgb(255, 255, 255)',
      );
      expect((await page.pdf()).length).toBeGreaterThan(20_000);
    });
  });

  it('runs nothing that a claim says', async () => {
    for (const path of ['index.html', 'claims/specification-gaming.html', 'hazards/compute-diversion.html'])
      await using(
        {},
        path,
        async (page) => {
          for (const link of await page.getByText('pwned=1').all()) await link.hover({ timeout: 2_000 });
          expect(await page.getByText('pwned=1').count(), path).toBeGreaterThan(0);
          expect(await page.evaluate('typeof pwned')).toBe('undefined');
          // and what got in would not run: the policy allows one script by its hash
          await page.evaluate('document.body.insertAdjacentHTML("beforeend", "<p id=made></p>")');
          expect(await page.evaluate('typeof pwned')).toBe('undefined');
        },
        EVIL_SITE,
      );
  });
});

if (browserMissing !== undefined) console.warn(`the site was not looked at in a browser: ${browserMissing}`);
