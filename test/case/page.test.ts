/** The page of a safety case in a real browser, from a file, as somebody reads it. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HtmlValidate } from 'html-validate';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { attempts, changed, greenInput, refuted, withVerdict } from '../../src/evidence/case/case.fixture.ts';
import { buildCase, type CaseInput, casePage } from '../../src/evidence/case/index.ts';
import { EVIL } from '../../src/serve/report/events.fixture.ts';
import { browserMissing, INSTALL_TIMEOUT, launchBrowser } from '../evidence/browser.ts';

const scratch = mkdtempSync(join(tmpdir(), 'ringfence-case-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** An open path, and attempts that are stale. */
function redInput(): CaseInput {
  const input = withVerdict(greenInput(), refuted('exfiltration'));
  const changes = [changed('rules/detections/x.yml')];
  return {
    ...input,
    coverage: { ...input.coverage, exfiltration: { state: 'not covered', by: 'it can send it away' } },
    reproductions: [
      ...input.reproductions.filter(({ scenario }) => scenario.hazard !== 'escape'),
      attempts('escape', 20, { changes }),
    ],
  };
}

/** Whatever comes from elsewhere drives markup, terminal and reader. */
function evilInput(): CaseInput {
  const input = redInput();
  const { name: _name, ...contract } = input.contract;
  return {
    ...input,
    contract: { ...contract, name: EVIL, file: EVIL, task: EVIL.repeat(200) },
    accepted: input.accepted.map((one) => ({ ...one, reason: EVIL, by: EVIL })),
    claims: input.claims.map((one) => ({ ...one, title: EVIL, status: EVIL })),
    damaged: [{ file: `/tmp/${EVIL}`, why: EVIL }],
    kernel: EVIL,
  };
}

const PAGES = { green: greenInput, red: redInput, evil: evilInput } as const;
type Name = keyof typeof PAGES;
const pathOf = (name: Name): string => join(scratch, `${name}.html`);

beforeAll(() => {
  for (const name of Object.keys(PAGES) as Name[])
    writeFileSync(pathOf(name), casePage(buildCase(PAGES[name]())));
});

it('is valid HTML', async () => {
  const validator = new HtmlValidate({
    extends: ['html-validate:recommended'],
    rules: {
      'no-trailing-whitespace': 'off',
      // names of contracts are short; what is escaped of a hostile one is long
      'long-title': 'off',
      'doctype-style': 'off',
      'require-sri': 'off',
      'prefer-native-element': 'off',
      'no-redundant-role': 'off',
    },
  });
  for (const name of Object.keys(PAGES) as Name[]) {
    const { results } = await validator.validateString(readFileSync(pathOf(name), 'utf8'));
    const problems = results.flatMap(({ messages }) =>
      messages.map(({ ruleId, message, line }) => `${line}: ${ruleId}: ${message}`),
    );
    expect(problems, name).toEqual([]);
  }
});

describe.skipIf(browserMissing !== undefined)('in Chromium', () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await launchBrowser();
  }, INSTALL_TIMEOUT);
  afterAll(() => browser?.close());

  async function using(
    options: BrowserContextOptions,
    name: Name,
    look: (page: Page) => Promise<unknown>,
    hash = '',
  ): Promise<void> {
    const context = await browser.newContext(options);
    const complaints: string[] = [];
    try {
      const page = await context.newPage();
      page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
      });
      page.on('pageerror', (error) => complaints.push(String(error)));
      page.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) complaints.push(`asked for ${request.url()}`);
      });
      await page.goto(`${pathToFileURL(pathOf(name)).href}${hash}`);
      await look(page);
      expect(complaints, name).toEqual([]);
    } finally {
      await context.close();
    }
  }

  it('says the verdict first, and opens what a hazard leads to', async () => {
    await using({}, 'red', async (page) => {
      const first = await page.locator('main p').first().textContent();
      expect(first).toBe('Not supported: 2 of 14 hazards are red, 1 link of evidence is stale.');
      expect(await page.locator('#exfiltration').getAttribute('open')).toBeNull();
      await page.locator('.tile', { hasText: 'exfiltration' }).click();
      await expect.poll(() => page.locator('#exfiltration').getAttribute('open')).toBe('');
      expect(await page.locator('#exfiltration .tree').textContent()).toContain('In the model it can happen');
      expect(await page.locator('.red-list code.command').first().textContent()).toBe(
        'ringfence attack --targets ringfence --scenarios escape.usual --seeds 20',
      );
      expect(await page.locator('.red-list pre').textContent()).toBe(
        'accept: # it is there: put these under it\n - { hazard: exfiltration, reason: WHY }\n',
      );
    });
    await using({}, 'green', async (page) => {
      expect(await page.locator('main p').first().textContent()).toBe(
        'Supported: 11 of 14 hazards proved, 2 of 14 hazards watched, 1 of 14 hazards accepted, all evidence is fresh.',
      );
      // as good as its weakest part
      expect(await page.locator('.verdict').getAttribute('class')).toBe('verdict amber');
      expect(await page.locator('.red-list').count()).toBe(0);
    });
    await using(
      {},
      'red',
      async (page) => {
        await expect.poll(() => page.locator('#coercion').getAttribute('open')).toBe('');
      },
      '#coercion',
    );
  });

  it('is used by keyboard alone', async () => {
    await using({}, 'green', async (page) => {
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement.className')).toBe('skip');
      await page.locator('#deception > summary').focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => page.locator('#deception').getAttribute('open')).toBe('');
      await page.locator('#all').focus();
      await page.keyboard.press('Enter');
      await expect.poll(() => page.locator('details:not([open])').count()).toBe(0);
      expect(await page.locator('#all').textContent()).toBe('Close all');
    });
  });

  it('reads without its script, and whole on paper', async () => {
    await using({ javaScriptEnabled: false }, 'red', async (page) => {
      expect(await page.locator('#all').isVisible()).toBe(false);
      await page.locator('#escape > summary').click();
      expect(await page.locator('#escape .tree').isVisible()).toBe(true);
    });
    await using({}, 'red', async (page) => {
      await page.emulateMedia({ media: 'print' });
      const heights = await page
        .locator('.hazard .tree')
        .evaluateAll((trees) => trees.map((tree) => (tree as { clientHeight?: number }).clientHeight ?? 0));
      expect(heights).toHaveLength(14);
      expect(Math.min(...heights)).toBeGreaterThan(40);
    });
  });

  it('shows hostile text as text', async () => {
    await using({}, 'evil', async (page) => {
      expect(await page.evaluate('typeof pwned')).toBe('undefined');
      expect(
        await page.locator('main script, main img, main iframe, main a[href^="javascript"]').count(),
      ).toBe(0);
      const text = (await page.locator('body').textContent()) ?? '';
      expect(text).toContain('<');
      expect(text).not.toMatch(/[\p{Bidi_Control}\u200b\ufeff]|\p{Cc}(?<![\n\r\t])/u);
    });
  });

  it('has no fault that axe knows, light and wide, dark and narrow, and does not scroll sideways', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    const looks = [
      { colorScheme: 'light', viewport: { width: 1440, height: 900 } },
      { colorScheme: 'dark', viewport: { width: 360, height: 900 } },
    ] as const;
    for (const name of ['red', 'evil'] as const)
      for (const look of looks)
        await using(look, name, async (page) => {
          await page.locator('#all').click();
          const wider = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
          expect(wider, `${name} ${look.colorScheme}`).toBeLessThanOrEqual(0);
          await page.evaluate(axe);
          const { violations } = (await page.evaluate('axe.run()')) as {
            violations: { id: string; nodes: { html: string }[] }[];
          };
          const found = violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
          expect(found, `${name} ${look.colorScheme}`).toEqual([]);
        });
  }, 120_000);
});
