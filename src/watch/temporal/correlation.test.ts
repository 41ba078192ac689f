import { expect, it } from 'vitest';
import type { Observation } from '../observation.ts';
import { Correlator } from '../sigma/correlate.ts';
import type { Bounds, CorrelationType, Presence, SigmaCorrelation } from '../sigma/types.ts';
import { correlationFormula } from './correlation.ts';
import type { Fact } from './evaluate.ts';
import { Program } from './monitor.ts';

/** Deterministic: a failure is found again. */
function randomness(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const info = { id: 'x', title: 'x', hazard: 'intrusion', level: 'low', techniques: [], limit: '' } as const;
const TYPES: CorrelationType[] = [
  'event_count',
  'value_count',
  'value_sum',
  'value_avg',
  'value_median',
  'temporal',
  'temporal_ordered',
];

function randomCorrelation(random: (below: number) => number): SigmaCorrelation {
  const type = TYPES[random(TYPES.length)] as CorrelationType;
  const rules = ['a', 'b', 'c'].slice(0, type.startsWith('temporal') ? 2 + random(2) : 1 + random(2));
  const comparison = (['gt', 'gte', 'lt', 'lte', 'eq', 'neq'] as const)[random(6)] as keyof Bounds;
  const presences: Presence[] = [
    { or: [{ rule: 0 }, { rule: 1 }] },
    { and: [{ rule: 1 }, { not: { rule: 0 } }] },
    { not: { and: [{ rule: 0 }, { rule: 1 }] } },
  ];
  const special = type === 'temporal' ? random(3) : 0;
  const isCounted = !type.startsWith('temporal') || special === 1;
  return {
    kind: 'correlation',
    info,
    at: { file: 'x', line: 1 },
    examples: { true: [], false: [] },
    type,
    rules,
    groupBy: ['g', 'h'].slice(0, random(3)),
    aliases: {},
    timespan: 1 + random(6),
    fields: type.startsWith('value') ? ['v'] : [],
    generate: false,
    across: true,
    ...(isCounted && { bounds: { [comparison]: 1 + random(3) } }),
    ...(special === 2 && { presence: presences[random(presences.length)] as Presence }),
  };
}

it('formulas of correlations say what the engine for correlations says, on 6,000 random sequences', () => {
  const random = randomness(7);
  const seen = new Map<string, number>();
  for (let sequence = 0; sequence < 6000; sequence += 1) {
    const rule = randomCorrelation(random);
    const formula = correlationFormula(rule);
    if (formula === undefined) throw new Error(`no formula for ${rule.type}`);
    const [monitor, correlator] = [new Program(formula).monitor(), new Correlator(rule)];
    let time = 100;
    for (let step = 0; step < 8; step += 1) {
      time += random(3);
      const fields = { g: `g${random(2)}`, h: `h${random(2)}`, v: random(4) };
      const matched = rule.rules.map((_, index) => index).filter(() => random(2) === 0);
      const observation: Observation = { category: 'run', time, run: 'r', cell: 'r', cites: [step], fields };
      const values = [...rule.groupBy, ...rule.fields].map((name) => fields[name as 'g']);
      const facts = matched.map(
        (index): Fact => ({ name: `rule${index}`, fields: Object.fromEntries(values.entries()), cites: [] }),
      );
      const told = monitor.step(time, facts).length > 0;
      const meant =
        correlator.observe(
          observation,
          time,
          matched.map((index) => ({ rule: index, cites: [step] })),
        ).length > 0;
      if (told !== meant)
        throw new Error(
          `${JSON.stringify(rule)}\n${formula}\nstep ${step}: formula ${told}, engine ${meant}`,
        );
      if (told) seen.set(rule.type, (seen.get(rule.type) ?? 0) + 1);
    }
  }
  for (const type of TYPES) expect(seen.get(type)).toBeGreaterThan(30);
});

it('what the logic has no word for has no formula', () => {
  const random = randomness(1);
  const rule = randomCorrelation(random);
  expect(correlationFormula({ ...rule, type: 'value_percentile' })).toBeUndefined();
});
