/**
 * From a run's record to a claim: the program itself, on a ledger that was really written, with hostile texts in it.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EventBody } from '../../src/contract/index.ts';
import { parseClaim } from '../../src/evidence/index.ts';
import { makeKeys } from '../../src/ledger/fixtures.ts';
import { openLedger } from '../../src/ledger/index.ts';

const ENTRY = resolve(import.meta.dirname, '../../src/cli/entry.ts');
const RUN = '20261122-100000-abcdef';

let place: string;
let ledgerFolder: string;
beforeAll(async () => {
  place = mkdtempSync(join(tmpdir(), 'ringfence-draft-'));
  ledgerFolder = join(place, 'state', 'ringfence', 'runs', RUN, 'ledger');
  mkdirSync(ledgerFolder, { recursive: true, mode: 0o700 });
  const ledger = openLedger({
    dir: ledgerFolder,
    run: RUN,
    cell: 'c1',
    ...makeKeys(),
    onFailure: (error) => {
      throw error;
    },
  });
  const owner = {
    pid: 7,
    ppid: 1,
    exe: '/usr/bin/ssh',
    argv: ['ssh', '-R', '0:localhost:22', '\u001b[2Jhost\u202e'],
  };
  const events: EventBody[] = [
    { kind: 'process.exec', owner, path: '/usr/bin/ssh', cwd: '/home/agent', observed: true },
    { kind: 'note', text: 'nothing to do with it' },
    {
      kind: 'finding',
      rule: 'remote-control.reverse-tunnel',
      hazard: 'remote-control',
      text: 'opens \u001b]0;x\u0007a tunnel\nhazards: []\u202e',
      cites: [0],
      level: 'high',
      techniques: ['T1572'],
    },
    { kind: 'finding', rule: 'own.rule', hazard: 'sabotage', text: 'small', cites: [1], level: 'low' },
  ];
  for (const event of events) ledger.append(event);
  await ledger.close();
});
afterAll(() => rmSync(place, { recursive: true, force: true }));

function ringfence(...args: string[]): { status: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [ENTRY, 'evidence', ...args], {
    cwd: place,
    env: { PATH: '/usr/bin:/bin', HOME: place, XDG_STATE_HOME: join(place, 'state') },
    encoding: 'utf8',
  });
  return { status, out: stdout, err: stderr };
}

/** What the record says of itself, read as plain JSON lines. */
function records(): { seq: number; hash: string; kind: string }[] {
  const name = readdirSync(ledgerFolder).find((file) => file.endsWith('.jsonl')) ?? '';
  const lines = readFileSync(join(ledgerFolder, name), 'utf8').trimEnd().split('\n');
  return lines.map((line) => JSON.parse(line));
}

describe('a draft from a run', () => {
  it('cites finding and events by the hashes of the record, and passes lint and show', () => {
    const { status, out, err } = ringfence('draft', '--from', RUN.slice(0, 8));
    expect(status).toBe(0);
    expect(err).toMatch(/^finding 2, the most serious; others: 3 \(--finding N\)\n$/);
    expect(out).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
    const id = `finding-2-of-${RUN}`;
    const parsed = parseClaim(out, `${id}.yaml`);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    const hashOf = (seq: number): string | undefined => records().find((record) => record.seq === seq)?.hash;
    expect(parsed.value.evidence.map(({ cite }) => cite.event)).toEqual([
      { run: RUN, seq: 2, hash: hashOf(2) },
      { run: RUN, seq: 0, hash: hashOf(0) },
    ]);
    expect(parsed.value).toMatchObject({
      draft: true,
      hazards: ['remote-control'],
      rules: ['remote-control.reverse-tunnel'],
    });

    mkdirSync(join(place, 'claims'));
    writeFileSync(join(place, 'claims', `${id}.yaml`), out);
    expect(ringfence('lint', '--claims', 'claims')).toMatchObject({
      status: 0,
      out: '1 claim (1 of them drafts), 0 sources: nothing is wrong\n',
    });
    // the same run, another record: the hash no longer holds
    writeFileSync(join(place, 'claims', `${id}.yaml`), out.replaceAll(String(hashOf(0)), 'a'.repeat(64)));
    expect(ringfence('lint', '--claims', 'claims').err).toMatch(
      /event\.hash: event 0 of run .* has another hash/,
    );
    writeFileSync(join(place, 'claims', `${id}.yaml`), out);
    const shown = ringfence('show', 'finding-2', '--claims', 'claims').out;
    expect(shown).toMatch(/^DRAFT: DEMONSTRATED \(CONTROLLED\) ✗ not verified/m);
    expect(shown).toContain(String(hashOf(2)));
    expect(shown).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
  });

  it('is of the finding that was named', () => {
    const { out, err } = ringfence('draft', '--from', RUN, '--finding', '3');
    const parsed = parseClaim(out, `finding-3-of-${RUN}.yaml`);
    expect(parsed).toMatchObject({ ok: true, value: { hazards: ['sabotage'], rules: [] } });
    expect(err).toBe('');
  });

  it('is refused for what is no finding, and for a run that is not there', () => {
    expect(ringfence('draft', '--from', RUN, '--finding', '1')).toMatchObject({ status: 1, out: '' });
    expect(ringfence('draft', '--from', RUN, '--finding', 'x')).toMatchObject({ status: 2, out: '' });
    expect(ringfence('draft', '--from', '2099')).toMatchObject({ status: 1, out: '' });
  });

  it('is refused where the record was altered', () => {
    const file = join(ledgerFolder, readdirSync(ledgerFolder).find((name) => name.endsWith('.jsonl')) ?? '');
    const before = readFileSync(file, 'utf8');
    writeFileSync(file, before.replace('"small"', '"smell"'));
    const { status, out, err } = ringfence('draft', '--from', RUN);
    writeFileSync(file, before);
    expect({ status, out }).toEqual({ status: 1, out: '' });
    expect(err).toMatch(/000000\.jsonl:4 is not the record that was written/);
  });
});
