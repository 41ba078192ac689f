/** The page of a run in a real browser, from a file, as somebody reads it. */
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { HtmlValidate } from 'html-validate';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { busyRun, EVIL, everyKind } from '../../src/serve/report/events.fixture.ts';
import { browserMissing, INSTALL_TIMEOUT, launchBrowser } from '../evidence/browser.ts';
import { identities, Place, ROOT } from '../run/place.ts';
import { recordedRun } from './recorded.ts';

/** Of the shape of a token, and nobody’s. */
const TOKEN = `ghp_${'Ab1Cd2'.repeat(6)}`;
/** File names may hold all but these. */
const EVIL_NAME = EVIL.replace(/[/\0\udc80]/g, '_').slice(0, 120);

/** Whose texts are ten megabytes long, too. */
const HUGE = new Set(['process.exec', 'dns.query', 'model.turn']);

const place = new Place(identities()[0] ?? 'user');
const pages = { real: 'real.html', evil: 'evil.html', large: 'large.html' } as const;
const pathOf = (page: keyof typeof pages): string => join(place.project, pages[page]);

async function report(run: string, page: keyof typeof pages, ...more: string[]): Promise<void> {
  const words = [join(ROOT, 'ringfence'), 'report', run, '--output', pathOf(page), ...more];
  const { code, stderr } = await place.start(words, { within: 120 }).result;
  expect(stderr).toBe('');
  expect(code).toBe(0);
}

beforeAll(async () => {
  const script = `touch -- "$1" "$2"; bash -c 'unset HISTFILE'; getent hosts "$3"; (exec 3<>/dev/tcp/198.51.100.7/22) 2>/dev/null; pkill -9 -f ring''fence; true`;
  const name = '-><script>pwned=1</script>.example.com';
  const { code } = await place.run(['bash', '-c', script, EVIL_NAME, EVIL_NAME, TOKEN, name], {
    contract: 'network: [{ host: api.example.com, port: 443, protocol: https }]\n',
  });
  expect(code).toBe(0);
  await report(place.lastRecord().run, 'real');
  const huge = everyKind(`${EVIL}${'A'.repeat(10_000_000)}`).filter(({ kind }) => HUGE.has(kind));
  await recordedRun(place, '20261122-090000-eeeeee', [...everyKind(EVIL), ...huge]);
  await report('20261122-090000-eeeeee', 'evil', '--transcripts');
  await recordedRun(place, '20261122-090000-ffffff', busyRun(100_000));
  await report('20261122-090000-ffffff', 'large');
}, 240_000);

afterAll(() => place.remove());

it('is a file for its owner alone, without secrets and without what was said', () => {
  const real = readFileSync(pathOf('real'), 'utf8');
  expect(statSync(pathOf('real')).mode & 0o777).toBe(0o600);
  expect(real).not.toContain(TOKEN);
  expect(real).toContain('[redacted:github:');
  expect(real).toContain('every record is the one that was signed');
  expect(statSync(pathOf('evil')).size).toBeLessThan(1_000_000);
  expect(statSync(pathOf('large')).size).toBeLessThan(10_000_000);
});

it('says at its top that the record was changed, and shows what can be read', async () => {
  const run = '20261122-090000-dddddd';
  await recordedRun(place, run, everyKind('ordinary'));
  const ledger = join(place.state, 'ringfence/runs', run, 'ledger');
  const [segment = ''] = readdirSync(ledger).filter((name) => name.endsWith('.jsonl'));
  const lines = readFileSync(join(ledger, segment), 'utf8').split('\n');
  lines[3] = lines[3]?.replace('ordinary', '0rdinary') ?? '';
  lines[4] = '{"kind":"__proto__"}';
  lines[5] = '\u0000\u001b[31m</script>';
  writeFileSync(join(ledger, segment), lines.join('\n'));
  const { code, stderr } = await place.command('report', run, '--output', 'broken.html');
  expect(code).toBe(1);
  expect(stderr).toContain(`ringfence log verify ${run}`);
  const page = readFileSync(join(place.project, 'broken.html'), 'utf8');
  expect(page).toContain('<span class="badge red">BROKEN</span>');
  expect(page).toContain('0rdinary');
  expect(page).toContain('could not be read as events');
});

it('is valid HTML', async () => {
  const validator = new HtmlValidate({
    extends: ['html-validate:recommended'],
    rules: {
      'no-trailing-whitespace': 'off',
      'doctype-style': 'off',
      'no-redundant-role': 'off',
      'prefer-native-element': 'off',
      'attribute-boolean-style': 'off',
      'require-sri': 'off',
    },
  });
  for (const page of ['real', 'evil'] as const) {
    const { results } = await validator.validateString(readFileSync(pathOf(page), 'utf8'));
    const problems = results.flatMap(({ messages }) =>
      messages.map(({ ruleId, message, line }) => `${line}: ${ruleId}: ${message}`),
    );
    expect(problems, page).toEqual([]);
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
    page: keyof typeof pages,
    look: (page: Page) => Promise<void>,
    hash = '',
  ): Promise<void> {
    const context = await browser.newContext(options);
    try {
      const opened = await context.newPage();
      const complaints: string[] = [];
      opened.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
      opened.on('pageerror', (error) => complaints.push(error.message));
      opened.on('request', (request) => {
        if (!/^(file|data):/.test(request.url())) complaints.push(`asks for ${request.url()}`);
      });
      await opened.goto(`${pathToFileURL(pathOf(page)).href}${hash}`);
      await look(opened);
      expect(complaints, page).toEqual([]);
    } finally {
      await context.close();
    }
  }

  const chosen = (page: Page): Promise<string | null> =>
    page.locator('.events .grid-row[aria-selected=true] :nth-child(1)').textContent();

  it('opens a run of 100,000 events within two seconds, and scrolls through it', async () => {
    // what it costs, in the time of a core: on a busy machine the clock says how busy it is
    let [opened, frame, waited] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, 0];
    for (let attempt = 0; attempt < 3 && (opened >= 2 || frame >= 0.017); attempt += 1) {
      const context = await browser.newContext({ viewport: { width: 1280, height: 900 } });
      const page = await context.newPage();
      const session = await context.newCDPSession(page);
      await session.send('Performance.enable', { timeDomain: 'threadTicks' });
      const spent = async (): Promise<number> => {
        const { metrics } = await session.send('Performance.getMetrics');
        return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN;
      };
      await page.goto(pathToFileURL(pathOf('large')).href);
      await page.locator('.events .grid-row').first().waitFor();
      const ready = await spent();
      opened = Math.min(opened, ready);
      waited = Number(await page.evaluate('performance.getEntriesByType("navigation")[0].loadEventEnd'));
      expect(await page.locator('#event-count').textContent()).toBe('100,001 events');
      // all rows are others in each frame, which is the worst
      await page.evaluate(`new Promise((done) => {
        const grid = document.querySelector('.grid.events');
        let step = 0;
        const next = () => {
          grid.scrollTop = (grid.scrollHeight / 60) * step;
          step += 1;
          if (step < 60) requestAnimationFrame(next);
          else done();
        };
        next();
      })`);
      frame = Math.min(frame, ((await spent()) - ready) / 60);
      await expect.poll(() => page.locator('.events .grid-row').count()).toBeLessThan(80);
      await page.locator('.grid.events').press('End');
      expect(await chosen(page)).toBe('100000');
      await context.close();
    }
    console.log(
      `a run of 100,000 events opens in ${Math.round(opened * 1000)} ms of one core (${Math.round(waited)} ms by the clock); a jump in its list costs ${(frame * 1000).toFixed(1)} ms`,
    );
    expect(opened).toBeLessThan(2);
    expect(frame).toBeLessThan(0.017); // not a frame is lost
  }, 120_000);

  it('leads from a finding to what shows it, whatever the list was narrowed to', async () => {
    await using({}, 'large', async (page) => {
      await page.locator('#find').fill('nothing has this');
      await expect.poll(() => page.locator('#event-count').textContent()).toContain('0 of');
      await page.locator('.finding a.event').nth(4).click();
      const wanted = await page.locator('.finding a.event').nth(4).textContent();
      await expect.poll(() => chosen(page)).toBe(wanted);
      expect(await page.locator('#event-detail').textContent()).toContain('Findings');
      expect(await page.locator('#find').inputValue()).toBe('');
      expect(page.url()).toMatch(new RegExp(`#event-${wanted}$`));
    });
    await using({}, 'large', async (page) => expect.poll(() => chosen(page)).toBe('77777'), '#event-77777');
  });

  it('is used by keyboard alone: list, what an event is, timeline', async () => {
    await using({}, 'real', async (page) => {
      await page.locator('.grid.events').focus();
      await page.keyboard.press('ArrowDown');
      expect(await chosen(page)).toBe('0');
      await page.keyboard.press('ArrowDown');
      expect(await chosen(page)).toBe('1');
      const active = await page.locator('.grid.events').getAttribute('aria-activedescendant');
      expect(await page.locator(`#${active}`).textContent()).toContain('run.start');
      await page.keyboard.press('Enter');
      expect(await page.evaluate('document.activeElement.id')).toBe('event-detail');
      await page.keyboard.press('Escape');
      expect(await page.evaluate('document.activeElement.className')).toContain('grid');
      await page.locator('canvas').focus();
      await page.keyboard.press('Home');
      await page.keyboard.press('ArrowRight');
      const said = (await page.locator('.timeline-said').textContent()) ?? '';
      expect(said).toMatch(/^\d+ at /);
      await page.keyboard.press('+');
      await page.keyboard.press('Enter');
      await expect.poll(() => chosen(page)).toBe(said.split(' ')[0]);
    });
  });

  it('folds and unfolds what stands below a process, by keyboard and by pointer', async () => {
    for (const name of ['real', 'large'] as const)
      await using({}, name, async (page) => {
        const tree = page.getByRole('treegrid', { name: 'Processes' });
        const rows = tree.locator('.grid-row');
        const count = async (): Promise<number> => Number(await tree.getAttribute('aria-rowcount')) - 1;
        const all = await count();
        expect(all).toBeGreaterThan(2);
        const parent = tree.locator('.grid-row[aria-expanded=true]').first();
        const id = await parent.getAttribute('id');
        await tree.focus();
        await page.keyboard.press('Home');
        await expect.poll(() => tree.getAttribute('aria-activedescendant')).toBe(id);
        await page.keyboard.press('ArrowLeft');
        await expect.poll(count).toBeLessThan(all);
        expect(await page.locator(`#${id}`).getAttribute('aria-expanded')).toBe('false');
        expect(await page.locator(`#${id}`).textContent()).toMatch(/\d+ below/);
        await page.keyboard.press('ArrowRight');
        await expect.poll(count).toBe(all);
        await page.keyboard.press('ArrowRight');
        await expect.poll(() => rows.nth(1).getAttribute('aria-selected')).toBe('true');
        await page.keyboard.press('ArrowLeft'); // what has nothing below leads to what it stands below
        await page.locator(`#${id} .fold`).click();
        await expect.poll(count).toBeLessThan(all);
        await page.getByRole('button', { name: 'Unfold all' }).click();
        await expect.poll(count).toBe(all);
        await page.getByRole('button', { name: 'Fold all', exact: true }).click();
        await expect.poll(() => tree.locator('[aria-level="2"]').count()).toBe(0);
        expect(await page.locator('.tree-tools [role=status]').textContent()).toContain('folded away');
      });
  });

  it('narrows the list by words, lanes and weight, and shows it as a table', async () => {
    await using({}, 'real', async (page) => {
      await page.locator('#notable').check();
      await expect
        .poll(() => page.locator('.events .grid-row').allTextContents())
        .toContainEqual(expect.stringContaining('oversight-tampering.monitor'));
      await page.locator('#plain').check();
      expect(await page.locator('#event-list td').count()).toBeGreaterThan(5);
      expect(await page.locator('.grid.events').isVisible()).toBe(false);
      await page.locator('#all-events').click();
      await page.locator('#find').fill('198.51.100.7:22');
      await expect.poll(() => page.locator('#event-list tbody tr').count()).toBeLessThan(6);
    });
  });

  it('shows hostile text as text', async () => {
    for (const name of ['evil', 'real'] as const)
      await using({}, name, async (page) => {
        expect(await page.getByText('pwned=1').count()).toBeGreaterThan(0);
        await page.locator('.finding a.event').last().click();
        expect(await page.evaluate('typeof pwned')).toBe('undefined');
        expect(await page.locator('img').count()).toBe(0);
      });
    // and what got in would not be markup: the policy lets no text become any
    const page = await browser.newPage();
    await page.goto(pathToFileURL(pathOf('evil')).href);
    const made = page.evaluate('document.body.insertAdjacentHTML("beforeend", "<p id=made></p>")');
    await expect(made).rejects.toThrow(/TrustedHTML/);
    await page.close();
  });

  it('reads without JavaScript', async () => {
    await using({ javaScriptEnabled: false }, 'real', async (page) => {
      for (const id of ['summary', 'findings', 'events', 'processes', 'changes', 'unknown'])
        expect(await page.locator(`#${id} h2`).isVisible(), id).toBe(true);
      expect(await page.locator('#event-tools').isVisible()).toBe(false);
      const target = await page.locator('.finding a.event').nth(1).getAttribute('href');
      await page.locator('.finding a.event').nth(1).click();
      expect(await page.locator(`tr${target}`).isVisible()).toBe(true);
    });
    // each link leads somewhere, in a run of which the least part stands as text, too
    await using({ javaScriptEnabled: false }, 'large', async (page) => {
      await page.locator('.flows, #flows').first().locator('a.event').last().click();
      await expect.poll(() => page.locator('tr:target').count()).toBe(1);
    });
  });

  it.each([360, 1440])('fits a window of %d pixels', async (width) => {
    for (const name of ['real', 'evil'] as const)
      await using({ viewport: { width, height: 800 } }, name, async (page) => {
        await page.locator('.finding a.event').first().click();
        expect(await page.evaluate('document.documentElement.scrollWidth'), name).toBeLessThanOrEqual(width);
      });
  });

  it('has nothing that axe finds, light and wide, dark and narrow', async () => {
    const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
    for (const [colorScheme, width] of [
      ['light', 1280],
      ['dark', 360],
    ] as const)
      for (const name of ['real', 'evil'] as const)
        await using({ colorScheme, viewport: { width, height: 900 } }, name, async (page) => {
          await page.locator('.finding a.event').first().click();
          await page.evaluate('scrollTo({ top: 0, behavior: "instant" })'); // what the bar covers is too small
          await page.evaluate(axe);
          const violations: { id: string; impact: string; nodes: { html: string }[] }[] = await page.evaluate(
            'axe.run({ runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then(({ violations }) => violations)',
          );
          const found = violations.map(({ id, impact, nodes }) => `${impact} ${id}: ${nodes[0]?.html}`);
          expect(found, `${name} ${colorScheme} ${width}`).toEqual([]);
        });
  }, 240_000);

  it('prints what is read, without what is clicked', async () => {
    await using({ colorScheme: 'dark' }, 'real', async (page) => {
      await page.locator('.events .grid-row').first().waitFor();
      await page.emulateMedia({ media: 'print' });
      for (const hidden of ['.bar', '.grid.events', '#event-tools'])
        expect(await page.locator(hidden).isVisible(), hidden).toBe(false);
      for (const shown of ['#findings', '#events .static table', '.tree'])
        expect(await page.locator(shown).isVisible(), shown).toBe(true);
      expect(await page.evaluate('getComputedStyle(document.documentElement).backgroundColor')).toBe(
        'rgb(255, 255, 255)',
      );
      // the timeline, drawn anew in the ink of paper
      const black = `(() => {
        const canvas = document.querySelector('canvas');
        const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
        let black = 0;
        for (let at = 0; at < data.length; at += 4) if (data[at + 3] > 250 && data[at] + data[at + 1] + data[at + 2] < 30) black += 1;
        return black;
      })()`;
      await expect.poll(() => page.evaluate(black)).toBeGreaterThan(50);
      expect((await page.pdf()).length).toBeGreaterThan(20_000);
    });
  });
});

if (browserMissing !== undefined) console.warn(`the page was not looked at in a browser: ${browserMissing}`);
