import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseOf, CLAIM, NEWS, over, PAPER } from './claims.fixture.ts';
import type { WrittenClaim } from './schema/claim.ts';
import { deriveStatus, type SourceFacts, STATUSES, type Status, statusLine } from './status.ts';
import {
  CERTAINTIES,
  DESIGNS,
  keysOf,
  LOWERED_BY,
  MATURITIES,
  RAISED_BY,
  SETTINGS,
  STRENGTHS,
} from './words.ts';

const TODAY = '2026-03-18';

function statusOf(change: Record<string, unknown>, sources = [PAPER, NEWS], today = TODAY): Status {
  const base = baseOf([over(CLAIM, change)], sources);
  expect(base.problems).toEqual([]);
  const [claim] = base.claims;
  if (!claim) throw new Error('no claim');
  return deriveStatus(claim, (id) => base.sources.find((source) => source.id === id), today);
}

const rulesOf = ({ reasons }: Status): string[] => reasons.map(({ rule }) => rule);

describe('the status', () => {
  it('is that of the entry that the base began from', () => {
    expect(statusLine(statusOf({}))).toBe(
      'DEMONSTRATED (REAL-WORLD) ✓ verified 2026-03-17 · updated 2026-03-17',
    );
  });

  it.each<[string, Record<string, unknown>, string, string]>([
    ['nothing was run', { axes: { maturity: 'feasible' } }, 'FEASIBLE', 'feasible'],
    ['the setting is an argument', { axes: { setting: 'argument' } }, 'FEASIBLE', 'feasible'],
    ['it was a toy', { axes: { setting: 'simulated' } }, 'DEMONSTRATED (SIMULATED)', 'demonstrated'],
    [
      'it was an experiment',
      { axes: { setting: 'controlled' } },
      'DEMONSTRATED (CONTROLLED)',
      'demonstrated',
    ],
    [
      'two say that it happened',
      { axes: { maturity: 'realized', sourcing: 'corroborated' } },
      'REALIZED',
      'realized',
    ],
    [
      'one says that it happened',
      { axes: { maturity: 'realized' } },
      'DEMONSTRATED (REAL-WORLD)',
      'not-yet-realized',
    ],
    [
      'only the news say so',
      { evidence: [{ shows: 'x', cite: { source: 'news' } }] },
      'REPORTED',
      'reported',
    ],
    [
      'the source is not there',
      { evidence: [{ shows: 'x', cite: { source: 'gone' } }] },
      'UNSUPPORTED',
      'unsupported',
    ],
    ['it is denied', { axes: { sourcing: 'disputed' } }, 'DISPUTED: DEMONSTRATED (REAL-WORLD)', 'disputed'],
    ['it is a draft', { draft: true }, 'DRAFT: DEMONSTRATED (REAL-WORLD)', 'draft'],
    [
      'a strong objection was conceded',
      { counterarguments: [{ id: 'a', text: 'x', strength: 'strong', state: 'conceded' }] },
      'DISPUTED: DEMONSTRATED (REAL-WORLD)',
      'disputed',
    ],
  ])('where %s', (_name, change, label, rule) => {
    const status = statusOf(change);
    expect(status.label).toBe(label);
    expect(rulesOf(status)).toContain(rule);
  });

  it('grows stale, and says since when', () => {
    expect(statusOf({}, undefined, '2027-03-17').code).toBe('demonstrated-real-world');
    const stale = statusOf({}, undefined, '2027-03-18');
    expect(stale.label).toBe('STALE: DEMONSTRATED (REAL-WORLD)');
    expect(stale.reasons.find(({ rule }) => rule === 'stale')?.text).toMatch(/^verified 366 days ago/);
  });

  it('is stale where a source was changed since', () => {
    const status = statusOf({}, [over(PAPER, { updated: '2026-03-18' }), NEWS]);
    expect(status.marks).toEqual(['stale']);
  });

  it('does not rest on what was withdrawn', () => {
    const status = statusOf({}, [over(PAPER, { retracted: 'figures were wrong' }), NEWS]);
    expect(status.label).toBe('UNSUPPORTED');
    expect(rulesOf(status)).toContain('withdrawn');
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>, string]>([
    ['read', {}, {}, '✓ verified 2026-03-17'],
    ['abstracts', {}, { checked: { how: 'abstract' } }, '○ checked against abstracts 2026-03-17'],
    ['unread', {}, { checked: { how: 'not-re-read' } }, '○ form checked, sources not read 2026-03-17'],
    [
      'form',
      { verification: [{ on: '2026-03-17', by: 'us', how: 'form-only' }] },
      {},
      '○ form checked, sources not read 2026-03-17',
    ],
    ['never', { verification: [] }, {}, '✗ not verified'],
  ])('bears the tick only where sources were read: %s', (_name, change, source, expected) => {
    expect(statusOf(change, [over(PAPER, source), NEWS]).dates).toBe(`${expected} · updated 2026-03-17`);
  });

  it('is that of the latest verification and the latest change', () => {
    const by = { by: 'us', how: 'sources-read' };
    const { dates } = statusOf({
      verification: [
        { on: '2026-03-01', ...by },
        { on: '2026-03-10', ...by },
      ],
      history: [
        { on: '2026-03-01', what: 'Entered.' },
        { on: '2026-03-12', what: 'Changed.' },
      ],
    });
    expect(dates).toBe('✓ verified 2026-03-10 · updated 2026-03-12');
  });
});

describe('certainty', () => {
  const level = (change: Record<string, unknown>): string => statusOf(change).certainty.level;
  const counter = (strength: string, state: string, against = 'claim') => ({
    counterarguments: [{ id: 'a', text: 'x', strength, state, against, response: { text: 'y' } }],
  });

  it.each([
    ['experiment', 'high'],
    ['proof', 'high'],
    ['records', 'moderate'],
    ['observation', 'low'],
    ['argument', 'very-low'],
  ])('starts by design: %s', (design, expected) => {
    expect(level({ axes: { certainty: { design } } })).toBe(expected);
  });

  it('falls with what is conceded, and says so', () => {
    expect(level(counter('weak', 'conceded'))).toBe('low');
    expect(level(counter('strong', 'conceded'))).toBe('very-low');
    expect(level(counter('strong', 'conceded', 'first'))).toBe('low');
    const { certainty } = statusOf(counter('moderate', 'conceded'));
    expect(certainty.steps.map(({ text }) => text)).toContain('conceded: a, moderate, against claim');
  });

  it('is moderate at most while a strong objection is open', () => {
    const design = { axes: { certainty: { design: 'experiment' } } };
    expect(level(over(design, counter('strong', 'open')))).toBe('moderate');
    expect(level(over(design, counter('strong', 'answered')))).toBe('high');
    expect(level(over(design, counter('moderate', 'open')))).toBe('high');
  });

  it('counts those who confirm and those who replicate once', () => {
    const up = (by: number) => ({
      certainty: { design: 'observation', up: [{ by, because: 'replication', text: 'x' }] },
    });
    expect(level({ axes: { sourcing: 'reported', ...up(1) } })).toBe('moderate');
    expect(level({ axes: { sourcing: 'confirmed', ...up(1) } })).toBe('moderate');
    expect(level({ axes: { sourcing: 'confirmed', ...up(2) } })).toBe('high');
  });

  it('falls where nobody who was there speaks', () => {
    expect(level({ evidence: [{ shows: 'x', cite: { source: 'news' } }] })).toBe('low');
  });
});

describe('better evidence', () => {
  const template = baseOf([CLAIM]).claims[0] as WrittenClaim;
  const SOURCING = ['disputed', 'reported', 'corroborated', 'confirmed'] as const;
  const DESIGN_ORDER = ['argument', 'observation', 'records', 'experiment'] as const;
  const STATUS_ORDER = keysOf(STATUSES);
  const STATE_ORDER = ['conceded', 'open', 'answered'] as const;

  interface Strength {
    maturity: number;
    setting: number;
    sourcing: number;
    design: number;
    primary: boolean;
    down: number;
    up: number;
    ground: number;
    state: number;
    strength: number;
  }

  const anyStrength: fc.Arbitrary<Strength> = fc.record({
    maturity: fc.nat(2),
    setting: fc.nat(3),
    sourcing: fc.nat(3),
    design: fc.nat(3),
    primary: fc.boolean(),
    down: fc.nat(2),
    up: fc.nat(2),
    ground: fc.nat(1),
    state: fc.nat(2),
    strength: fc.nat(2),
  });

  function derive(one: Strength): { status: number; certainty: number; disputed: boolean } {
    const pick = <T>(list: readonly T[], index: number): T => list[index] as T;
    const change = (because: string, count: number) =>
      Array.from({ length: count }, () => ({ by: 1 as const, because, text: 'x' }));
    const claim = {
      ...template,
      axes: {
        ...template.axes,
        maturity: pick(keysOf(MATURITIES), one.maturity),
        setting: pick(keysOf(SETTINGS), one.setting),
        sourcing: pick(SOURCING, one.sourcing),
        certainty: {
          ...template.axes.certainty,
          design: pick(DESIGN_ORDER, one.design),
          down: change(pick(keysOf(LOWERED_BY), 0), one.down),
          up: change(pick(keysOf(RAISED_BY), one.ground), one.up),
        },
      },
      counterarguments: [
        {
          id: 'a',
          text: 'x',
          by: [],
          against: 'claim',
          cites: [],
          response: { text: 'y', by: [], cites: [] },
          strength: pick(keysOf(STRENGTHS), one.strength),
          state: pick(STATE_ORDER, one.state),
        },
      ],
    } as WrittenClaim;
    const source: SourceFacts = {
      tier: one.primary ? 'primary' : 'secondary',
      updated: undefined,
      retracted: undefined,
      checked: { how: 'read-whole', on: '2026-03-17', by: 'us' },
    };
    const { evidence, certainty, marks } = deriveStatus(claim, () => source, TODAY);
    return {
      status: STATUS_ORDER.indexOf(evidence),
      certainty: keysOf(CERTAINTIES).indexOf(certainty.level),
      disputed: marks.includes('disputed'),
    };
  }

  it('never lowers status or certainty, and never brings a dispute', () => {
    // one step up on each axis, from anywhere
    const better: readonly ((one: Strength) => Strength)[] = [
      (one) => ({ ...one, maturity: Math.min(2, one.maturity + 1) }),
      (one) => ({ ...one, setting: Math.min(3, one.setting + 1) }),
      (one) => ({ ...one, sourcing: Math.min(3, one.sourcing + 1) }),
      (one) => ({ ...one, design: Math.min(3, one.design + 1) }),
      (one) => ({ ...one, primary: true }),
      (one) => ({ ...one, down: Math.max(0, one.down - 1) }),
      (one) => ({ ...one, up: Math.min(2, one.up + 1) }),
      (one) => ({ ...one, state: Math.min(2, one.state + 1) }),
      (one) => ({ ...one, strength: Math.max(0, one.strength - 1) }),
    ];
    fc.assert(
      fc.property(anyStrength, fc.constantFrom(...better), (before, improve) => {
        const [less, more] = [derive(before), derive(improve(before))];
        expect(more.status).toBeGreaterThanOrEqual(less.status);
        expect(more.certainty).toBeGreaterThanOrEqual(less.certainty);
        expect(!less.disputed && more.disputed).toBe(false);
      }),
      { numRuns: 2000 },
    );
  });

  it('covers every design that there is', () => {
    expect(new Set([...DESIGN_ORDER, 'proof'])).toEqual(new Set(keysOf(DESIGNS)));
  });
});

it('changes with each axis, and so does its explanation', () => {
  const before = statusOf({});
  const changes = [
    { maturity: 'feasible' },
    { setting: 'controlled' },
    { sourcing: 'disputed' },
    { certainty: { design: 'observation' } },
    { certainty: { down: [{ because: 'imprecision', text: 'few' }] } },
  ];
  for (const axes of changes) {
    const after = statusOf({ axes });
    expect([after.label, after.certainty.level]).not.toEqual([before.label, before.certainty.level]);
    expect(after.reasons).not.toEqual(before.reasons);
  }
});
