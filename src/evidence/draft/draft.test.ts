import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { HAZARD_NAMES, type LedgerEvent } from '../../contract/index.ts';
import { WORLD } from '../claims.fixture.ts';
import { lintEvidence } from '../lint/index.ts';
import { loadEvidence, parseClaim } from '../load.ts';
import { type DraftInput, draftClaim, draftId } from './index.ts';

type Finding = Extract<LedgerEvent, { kind: 'finding' }>;

const HASH = 'ab'.repeat(32);
const finding: Finding = {
  kind: 'finding',
  seq: 142,
  time: '2026-11-22T10:00:00.000000Z',
  run: '20261122-100000-abcdef',
  cell: 'c1',
  rule: 'remote-control.reverse-tunnel',
  hazard: 'remote-control',
  text: 'a reverse tunnel: ssh -R',
  cites: [140, 141],
  level: 'high',
  response: 'freeze',
  techniques: ['T1572', 'T9999'],
} as Finding;
const input: DraftInput = {
  run: finding.run,
  finding,
  hash: HASH,
  cited: [{ seq: 140, hash: 'cd'.repeat(32), text: 'process.exec: ssh' }],
  contract: { name: 'fix-tests', sha256: 'ef'.repeat(32) },
  knownRules: new Set(['remote-control.reverse-tunnel']),
  knownTechniques: new Set(['T1572']),
  today: '2026-11-22',
};

const parse = (text: string, id: string) => parseClaim(text, `claims/${id}.yaml`);

describe('a draft', () => {
  const id = draftId(finding.run, 142);

  it('cites the finding and its events by number, hash and run', () => {
    const parsed = parse(draftClaim(input), id);
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    expect(parsed.value.draft).toBe(true);
    expect(parsed.value.evidence.map(({ cite }) => cite.event)).toEqual([
      { run: finding.run, seq: 142, hash: HASH },
      { run: finding.run, seq: 140, hash: 'cd'.repeat(32) },
    ]);
    expect(parsed.value).toMatchObject({
      hazards: ['remote-control'],
      rules: ['remote-control.reverse-tunnel'],
    });
    expect(parsed.value.escalation[0]?.techniques).toEqual(['T1572']);
  });

  it('passes lint as it is', () => {
    const evidence = loadEvidence({ claims: [[`claims/${id}.yaml`, draftClaim(input)]], sources: [] });
    expect(lintEvidence(evidence, { ...WORLD, today: '2026-11-22' }, false)).toEqual([]);
  });

  it('names no rule that claims cannot name', () => {
    const parsed = parse(draftClaim({ ...input, knownRules: new Set() }), id);
    expect(parsed.ok && parsed.value.rules).toEqual([]);
  });

  it('cites twenty events at most, and says so', () => {
    const cited = Array.from({ length: 30 }, (_, seq) => ({ seq, hash: HASH, text: 'x' }));
    const parsed = parse(draftClaim({ ...input, cited }), id);
    expect(parsed.ok && parsed.value.evidence.length).toBe(21);
    expect(parsed.ok && parsed.value.narrative[0]?.text).toMatch(/cites 30 events; the first 20 are given/);
  });

  it('has a claim for every hazard', () => {
    for (const hazard of HAZARD_NAMES)
      expect(parse(draftClaim({ ...input, finding: { ...finding, hazard } }), id).ok).toBe(true);
  });

  it('stays a claim whatever the texts of the finding are, and holds them as visible text', () => {
    const hostile = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 400 }),
      fc.constantFrom(
        '\u001b]0;title\u0007',
        'a\u202eb',
        "'\nhazards: []\n",
        '# comment',
        '*alias &anchor !tag',
        '---\n...\n',
        '{{7*7}}',
        '',
        ' ',
        '\ud800',
        'x: y: z',
        '- - -',
        '"',
        '|\n  block',
      ),
    );
    fc.assert(
      fc.property(hostile, hostile, hostile, hostile, (text, rule, event, name) => {
        const draft = draftClaim({
          ...input,
          finding: { ...finding, text, rule },
          cited: [{ seq: 140, hash: HASH, text: event }],
          contract: { name, sha256: HASH },
        });
        const parsed = parse(draft, id);
        expect(parsed).toMatchObject({ ok: true, value: { draft: true, hazards: ['remote-control'] } });
        // nothing that a terminal would obey
        expect(draft).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
      }),
      { numRuns: 400 },
    );
  });
});

it('has an id that fits, with the number first', () => {
  expect(draftId('RUN_with.Dots', 7)).toBe('finding-7-of-run-with-dots');
  expect(draftId('x'.repeat(100), 123_456)).toMatch(/^finding-123456-of-x+$/);
  expect(draftId('x'.repeat(100), 1).length).toBe(64);
});
