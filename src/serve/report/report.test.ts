import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LedgerEvent } from '../../contract/index.ts';
import { BOUNDS, bounded, boundedLines } from './bounds.ts';
import { type Embedded, toScriptJson } from './embed.ts';
import { busyRun, EVIL, everyKind, gather, inputOf, numbered, startOf } from './events.fixture.ts';
import { reportPage } from './page.ts';
import { readEvents } from './script/events.ts';
import { ReportFileError, writeReport } from './write.ts';

/** What a reader’s browser would run or show by mistake. */
const DANGEROUS = /[\p{Cf}\p{Co}\p{Zl}]|(?![\n\t])\p{Cc}|\p{M}{6}/u;

const dataIn = (page: string): string =>
  /<script type="application\/json" id="data">([\s\S]*?)<\/script>/.exec(page)?.[1] ?? '';
/** As the page’s own script reads it. */
const embeddedIn = (page: string): Embedded => readEvents(dataIn(page)).data;
const pageOf = (events: readonly LedgerEvent[], transcripts = false): string =>
  reportPage(inputOf(gather(events, events.length, transcripts), { transcripts }));

describe('text from a run', () => {
  it('stays text, wherever it stands', () => {
    for (const transcripts of [false, true]) {
      const page = pageOf(everyKind(EVIL), transcripts);
      expect(page).not.toMatch(DANGEROUS);
      // the page’s own two scripts, and its own two elements that hold them
      expect(page.match(/<script\b/g)).toHaveLength(2);
      expect(page.match(/<\/script>/g)).toHaveLength(2);
      expect(page.match(/<\/style>/g)).toHaveLength(1);
      expect(page).not.toContain('<img');
      expect(page).not.toContain('<!--');
      expect(page).not.toMatch(/<[^>]* onmouseover=/);
      expect(page).toContain('&lt;img src=x onerror=pwned=1&gt;');
      expect(page).toContain('\\x1b[31m');
    }
  });

  it('of ten megabytes is cut, before it is looked through', () => {
    const before = process.cpuUsage();
    const page = pageOf(everyKind(`${EVIL}${'A'.repeat(10_000_000)}`));
    expect(page.length).toBeLessThan(600_000);
    expect(page).toContain('…');
    expect(process.cpuUsage(before).user).toBeLessThan(10_000_000);
  });

  it('is cut to what is asked for, and the cut is marked', () => {
    expect(bounded('abc', 3)).toBe('abc');
    expect(bounded('abcd', 3)).toBe('abc…');
    expect(bounded('\u001b'.repeat(10), 8)).toBe('\\x1b\\x1b…');
    expect(bounded(undefined)).toBe('undefined');
    expect(bounded({ a: 1 })).toBe('{"a":1}');
    expect(boundedLines('a\nb\u0007\nc', 100)).toBe('a\nb\\x07\nc');
    expect(bounded(`e${'\u0301'.repeat(50)}`)).toBe(`e${'\u0301'.repeat(4)}…`);
  });

  it('is the same in the embedded data, which holds no markup', () => {
    const page = pageOf(everyKind(EVIL));
    expect(dataIn(page)).not.toMatch(/[<>&]/);
    const { text } = embeddedIn(page);
    expect(text.some((each) => each.includes('<script>pwned=1</script>'))).toBe(true);
    const value = { a: '</script><!--\u2028&', b: ['\ud800'] };
    expect(JSON.parse(toScriptJson(value))).toEqual(value);
  });
});

it('shows one broken record as what it is, and the rest of the page stands', () => {
  const broken = everyKind('ordinary').map((event, index) =>
    index % 2 === 1 ? ({ seq: event.seq, time: 'never', kind: event.kind } as unknown as LedgerEvent) : event,
  );
  const strange = [
    { seq: 'x', time: 5, kind: {} },
    { seq: 2, time: '2026-11-22T09:00:00Z', kind: 'finding', cites: 'none', text: {}, rule: 7 },
    { seq: 1000, time: '9999-01-01T00:00:00Z', kind: '__proto__' },
    { seq: 1001, time: '', kind: 'finding', cites: [{}], text: 'x', rule: 'x', level: '__proto__' },
    { seq: 1002, time: '', kind: 'flow.open', flow: 'f', owner: { pid: {} }, address: {}, port: 'x' },
    { seq: 1003, time: '', kind: 'flow.close', flow: 'f', sent: 'A'.repeat(10_000), received: {} },
  ] as unknown as LedgerEvent[];
  const page = pageOf([...broken, ...strange]);
  expect(page).toContain('could not be read as events');
  expect(page).toContain('</html>');
  expect(page).toContain('id="unknown"');
  const { weight, kindLane } = embeddedIn(page);
  expect(weight).toMatch(/^[0-3]+$/);
  for (const lane of kindLane) expect(lane).toBeGreaterThanOrEqual(0);
  expect(page.length).toBeLessThan(100_000);
});

describe('what was said', () => {
  it('stays out unless it is asked for', () => {
    const events = everyKind('plainly');
    const without = pageOf(events);
    for (const word of ['said plainly', 'argued plainly', 'answered plainly', 'judged plainly'])
      expect(without).not.toContain(word);
    const page = pageOf(events, true);
    for (const word of ['said plainly', 'argued plainly', 'answered plainly', 'judged plainly'])
      expect(page).toContain(word);
  });
});

describe('the page', () => {
  const page = pageOf(everyKind('ordinary'));

  it('lets nothing run but its own style and script, by their hashes', () => {
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1] ?? '';
    const hashes = [...page.matchAll(/<(?:style|script)>([\s\S]*?)<\/(?:style|script)>/g)].map(
      ([, text]) =>
        `'sha256-${createHash('sha256')
          .update(text as string)
          .digest('base64')}'`,
    );
    expect(hashes).toHaveLength(2);
    expect(policy).toBe(
      `default-src 'none'; img-src data:; style-src ${hashes[0]}; script-src ${hashes[1]}; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'; trusted-types 'none'`,
    );
    expect(page).not.toMatch(/<[^>]+ style=|<[^>]+ on\w+=|https?:\/\/(?!www\.w3\.org)/);
  });

  it('is the same for the same run', () => {
    expect(pageOf(everyKind('ordinary'))).toBe(page);
  });

  it('links findings to events that are in it', () => {
    const targets = [...page.matchAll(/href="#event-(\d+)"/g)].map(([, seq]) => seq);
    expect(targets.length).toBeGreaterThan(5);
    for (const seq of targets) expect(page).toContain(`id="event-${seq}"`);
  });

  it('says what is not known', () => {
    expect(pageOf([])).toContain('no end on record');
    expect(pageOf(numbered([startOf('true')]))).toContain('no end on record');
    const ongoing = reportPage(inputOf(gather(numbered([startOf('true')]), 1), { isOngoing: true }));
    expect(ongoing).toContain('still going on');
    const gathered = gather(everyKind('ordinary'), 25);
    const integrity = { ...inputOf(gathered).integrity, state: 'broken' as const, problems: [EVIL] };
    const broken = reportPage(inputOf(gathered, { integrity, changes: { missing: EVIL } }));
    expect(broken).toContain('BROKEN');
    expect(broken).not.toMatch(DANGEROUS);
  });
});

describe('a long run', () => {
  it('of 100,000 events is in the page, whole and compact', () => {
    const page = reportPage(inputOf(gather(busyRun(100_000), 100_000)));
    expect(page.length).toBeLessThan(20_000_000);
    const { seq, text, processes, flows } = embeddedIn(page);
    expect(seq).toHaveLength(100_000);
    expect(text).toHaveLength(100_000);
    expect(processes.length).toBeGreaterThan(10_000);
    expect(flows.length).toBeGreaterThan(10_000);
    expect(page).toContain('finding 99605');
  });

  it('beyond the bound keeps its ends, what matters and what is cited, and says so', () => {
    const total = BOUNDS.events + 50_000;
    const gathered = gather(busyRun(total), total);
    expect(gathered.columns.seq.length).toBeLessThanOrEqual(BOUNDS.events + BOUNDS.kept);
    const middle = 100_805; // a finding
    expect(gathered.has(0) && gathered.has(total - 1) && gathered.has(middle)).toBe(true);
    expect(gathered.has(middle + 4)).toBe(false);
    expect(reportPage(inputOf(gathered))).toContain('in the middle of this long run are not in this page');
  });

  it('of long texts fills no disk: what they may say together is bounded', () => {
    const what = 'W'.repeat(4_000);
    const denials = numbered(
      Array.from({ length: 20_000 }, () => ({ kind: 'denial', layer: 'network', what }) as const),
    );
    const { text } = embeddedIn(pageOf(denials));
    const sum = text.reduce((total, { length }) => total + length, 0);
    expect(sum).toBeLessThan(BOUNDS.texts + denials.length * (BOUNDS.least + 1));
    expect(text[0]?.length).toBe(BOUNDS.most + 1);
  });

  it('of processes, each the child of the one before, overflows nothing', () => {
    const deep = numbered(
      Array.from({ length: 20_000 }, (_, index) => ({
        kind: 'process.exec',
        owner: { pid: 10 + index, ppid: 9 + index, argv: ['sh'] },
        path: '/bin/sh',
        cwd: '/',
        observed: true,
      })),
    );
    const { processes } = embeddedIn(pageOf(deep));
    expect(processes.at(-1)?.depth).toBe(19_999);
  });
});

describe('the file', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ringfence-report-'));
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is for its owner alone, and replaces the file that lay there', () => {
    const path = join(folder, 'page.html');
    writeFileSync(path, 'older', { mode: 0o644 });
    expect(writeReport(path, 'one')).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe('one');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['page.html']);
  });

  it('takes the place of no link, device or pipe', () => {
    const other = join(folder, 'other');
    writeFileSync(other, 'kept');
    symlinkSync(other, join(folder, 'link'));
    symlinkSync(join(folder, 'none'), join(folder, 'dangling'));
    execFileSync('mkfifo', [join(folder, 'pipe')]);
    for (const name of ['link', 'dangling', 'pipe'])
      expect(() => writeReport(join(folder, name), 'one'), name).toThrow(ReportFileError);
    for (const device of ['/dev/null', '/dev/stdout', '/dev/fd/1'])
      expect(() => writeReport(device, 'one'), device).toThrow(ReportFileError);
    expect(lstatSync('/dev/null').isCharacterDevice()).toBe(true);
    expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
    expect(lstatSync(join(folder, 'pipe')).isFIFO()).toBe(true);
    expect(readFileSync(other, 'utf8')).toBe('kept');
    expect(readdirSync(folder).sort()).toEqual(['dangling', 'link', 'other', 'pipe']);
  });

  it('is refused where a folder is, or nothing can be written, and leaves nothing behind', () => {
    mkdirSync(join(folder, 'sub'));
    expect(() => writeReport(join(folder, 'sub'), 'one')).toThrow(ReportFileError);
    for (const [name, why] of [
      ['none/page.html', 'there is no such folder'],
      [`${'n'.repeat(300)}.html`, 'the name is too long'],
    ] as const)
      expect(() => writeReport(join(folder, name), 'one')).toThrow(why);
    for (const name of ['', `${folder}/page/`])
      expect(() => writeReport(name, 'one'), name).toThrow(ReportFileError);
    expect(readdirSync(folder)).toEqual(['sub']);
  });
});
