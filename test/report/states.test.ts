/** Records as they are found: running, cut, emptied, pruned; and a disk on which nothing fits. */
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { loadKeys, pruneLedger } from '../../src/ledger/index.ts';
import { busyRun, everyKind } from '../../src/serve/report/events.fixture.ts';
import { identities, Place } from '../run/place.ts';
import { until } from '../run/wait.ts';
import { folderOf, recordedRun } from './recorded.ts';

describe.each(identities())('as %s', (identity) => {
  const place = new Place(identity);
  afterAll(() => place.remove());

  async function pageOf(run: string): Promise<string> {
    const { code, stderr } = await place.command('report', run, '--output', `${run}.html`);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return readFileSync(join(place.project, `${run}.html`), 'utf8');
  }

  it('of a run that goes on says so, and of the same run when it has ended', async () => {
    const { result } = place.start(place.runWords(['sh', '-c', 'until test -e go; do sleep 0.1; done']));
    let run = '';
    await until(
      'the run is there',
      () => {
        const runs = join(place.state, 'ringfence/runs');
        run = existsSync(runs) ? (readdirSync(runs)[0] ?? '') : '';
        return run !== '' && existsSync(join(folderOf(place, run), 'run.json'));
      },
      30_000,
    );
    const page = await pageOf(run);
    expect(page).toContain('still going on');
    expect(page).toContain('the record has no end yet');
    expect((await place.command('stop', run)).code).toBe(0);
    await result;
    const ended = await pageOf(run);
    expect(ended).not.toContain('still going on');
    expect(ended).toContain('every record is the one that was signed');
  });

  it('of a record whose end was removed says that the end is missing', async () => {
    for (const [run, left] of [
      ['20261122-090000-aaaaa1', 0.5],
      ['20261122-090000-aaaaa2', 0],
    ] as const) {
      await recordedRun(place, run, everyKind('ordinary'));
      const ledger = join(folderOf(place, run), 'ledger');
      const segment = join(ledger, '000000.jsonl');
      const lines = readFileSync(segment, 'utf8').split('\n').slice(0, -1);
      const kept = lines.slice(0, Math.floor(lines.length * left)).join('\n');
      truncateSync(segment, kept === '' ? 0 : kept.length + 1);
      rmSync(join(ledger, 'checkpoints'));
      await place.command('report', run, '--output', `${run}.html`);
      const page = readFileSync(join(place.project, `${run}.html`), 'utf8');
      expect(page).toMatch(/BROKEN|the run is over and its record has no end/);
      expect(page).not.toContain('every record is the one that was signed');
    }
  });

  it('of a record of which retention left a part says what it was, and who says so', async () => {
    const run = '20261122-090000-bbbbbb';
    await recordedRun(place, run, busyRun(4_000), { command: ['make', 'all'] }, 100_000);
    const ledger = join(folderOf(place, run), 'ledger');
    const { signer } = loadKeys(join(place.state, 'ringfence/keys'));
    expect(pruneLedger(ledger, { signer, keepBytes: 200_000 }).state).toBe('pruned');
    for (const name of readdirSync(ledger)) place.own(join(ledger, name));
    const page = await pageOf(run);
    expect(page).toContain('removed by retention');
    expect(page).toContain('make all');
    expect(page).toContain('says run.json, which nobody signed');
    expect(page).toContain('every record is the one that was signed');
    expect(page).not.toMatch(/id="event-[01]"/);
    expect(page).not.toContain('in the middle of this long run');
  });

  it('leaves what lay there on a disk that is full', async (context) => {
    if (place.identity !== 'root') return context.skip('only root mounts a small disk');
    const run = '20261122-090000-cccccc';
    await recordedRun(place, run, busyRun(2_000));
    const disk = join(place.root, 'disk');
    mkdirSync(disk);
    const script = `mount -t tmpfs -o size=64k none "$1" && cd "$1" && echo older >page.html && { "$2" report "$3" -o page.html; echo "$?"; ls -A; cat page.html; }`;
    const words = [
      'unshare',
      '--mount',
      'sh',
      '-c',
      script,
      'sh',
      disk,
      join(import.meta.dirname, '../../ringfence'),
      run,
    ];
    const { stdout, stderr } = await place.start(words).result;
    expect(stderr).toContain('the disk is full');
    expect(stdout).toBe('1\npage.html\nolder\n');
  });
});
