import { describe, expect, it } from 'vitest';
import { formatProblem } from '../../contract/index.ts';
import { baseOf, CLAIM, NEWS, over, PAPER, WORLD } from '../claims.fixture.ts';
import { lintEvidence, type World, wordsIn } from './index.ts';

function lint(
  change: Record<string, unknown>,
  {
    sources = [PAPER, NEWS],
    world = {},
    others = [],
    complete = true,
  }: {
    sources?: Record<string, unknown>[];
    world?: Partial<World>;
    others?: Record<string, unknown>[];
    complete?: boolean;
  } = {},
): string[] {
  return lintEvidence(
    baseOf([over(CLAIM, change), ...others], sources),
    { ...WORLD, ...world },
    complete,
  ).map(formatProblem);
}

const cite = (quote: string, checked = 'in-source') => ({
  evidence: [{ shows: 'x', cite: { source: 'paper', quote, checked } }],
});

it('finds nothing where nothing is wrong', () => {
  expect(lint({})).toEqual([]);
});

describe('names file and line of', () => {
  it.each<[string, Parameters<typeof lint>, RegExp]>([
    [
      'a source that is gone',
      [{}, { sources: [PAPER] }],
      /^claims\/tunnel\.yaml:\d+:\d+: counterarguments\[0\]\.response\.cites\[0\]\.source: there is no source news/,
    ],
    [
      'a rule that is gone',
      [{}, { world: { rules: [] } }],
      /^claims\/tunnel\.yaml:\d+:\d+: rules\[0\]: there is no rule remote-control\.reverse-tunnel/,
    ],
    [
      'a hazard that is gone',
      [{}, { world: { hazards: new Set<string>() } }],
      /^claims\/tunnel\.yaml:\d+:\d+: hazards\[0\]: there is no hazard remote-control/m,
    ],
    [
      'an affordance that is gone',
      [{}, { world: { affordances: new Set<string>() } }],
      /^claims\/tunnel\.yaml:\d+:\d+: affordances\[0\]: there is no affordance relays\.ssh/m,
    ],
    [
      'a contract that is gone',
      [{}, { world: { contracts: new Set<string>() } }],
      /contracts\[0\]: there is no ready contract rl-rollout/,
    ],
    [
      'a technique without a name',
      [{}, { world: { techniques: new Set<string>() } }],
      /escalation\[0\]\.techniques\[0\]: the technique T1572 has no name/,
    ],
    [
      'an id that is none',
      [{ external: [{ scheme: 'ATT&CK', id: 'tunnel' }] }],
      /external\[0\]\.id: tunnel is not the id of a technique/,
    ],
    [
      'a claim that is gone',
      [{ related: [{ claim: 'gone', how: 'supports' }] }],
      /related\[0\]\.claim: there is no claim gone/,
    ],
    ['a claim related to itself', [{ related: [{ claim: 'tunnel', how: 'supports' }] }], /related to itself/],
    [
      'a step that is gone',
      [{ escalation: [{ id: 'a', text: 'x', state: 'argued', after: ['b'] }] }],
      /escalation\[0\]\.after\[0\]: there is no step b/,
    ],
    [
      'an objection to nothing',
      [
        {
          counterarguments: [
            {
              id: 'a',
              text: 'x',
              strength: 'weak',
              state: 'open',
              against: 'b',
              cites: [{ source: 'news' }],
            },
          ],
        },
      ],
      /counterarguments\[0\]\.against: there is no position or step b/,
    ],
    [
      'a file that is gone',
      [{ axes: { reproduction: { level: 'mechanism', by: [{ run: 'x', path: 'gone', shows: 'y' }] } } }],
      /reproduction\.by\[0\]\.path: there is no gone/,
    ],
    [
      'a scenario that is gone',
      [
        {
          axes: {
            reproduction: { level: 'mechanism', by: [{ run: 'x', path: 'scenarios/gone.yaml', shows: 'y' }] },
          },
        },
      ],
      /reproduction\.by\[0\]\.path: there is no scenario gone/,
    ],
    [
      'a scenario of other claims',
      [
        {
          axes: {
            reproduction: {
              level: 'mechanism',
              by: [{ run: 'x', path: 'scenarios/remote-control.other.yaml', shows: 'y' }],
            },
          },
        },
      ],
      /reproduction\.by\[0\]\.path: the scenario remote-control\.other does not name this claim/,
    ],
    [
      'steps in a circle',
      [
        {
          escalation: [
            { id: 'a', text: 'x', state: 'argued', after: ['b'] },
            { id: 'b', text: 'x', state: 'argued' },
          ],
        },
      ],
      /the steps go in a circle: a → b → a/,
    ],
    [
      'a quote that is too long',
      [cite('word '.repeat(41))],
      /evidence\[0\]\.cite\.quote: a quote of 41 words/,
    ],
    [
      'a quote of what was not read',
      [cite('words'), { sources: [over(PAPER, { checked: { how: 'not-re-read' } }), NEWS] }],
      /cite\.checked: in-source, but the text of paper was not read/,
    ],
    [
      'a quote of more than the abstract that was read',
      [cite('words'), { sources: [over(PAPER, { checked: { how: 'abstract' } }), NEWS] }],
      /cite\.checked: in-source, but of paper only the abstract was read/,
    ],
    [
      'a licence that is none',
      [{}, { sources: [over(PAPER, { licence: 'free' }), NEWS] }],
      /^claims\/sources\/paper\.yaml:\d+:\d+: licence: free is not the id of a licence/,
    ],
    [
      'a day in the future',
      [{}, { sources: [over(PAPER, { published: '2026-04' }), NEWS] }],
      /published: 2026-04 is in the future/,
    ],
    [
      'a history that runs backwards',
      [
        {
          history: [
            { on: '2026-03-17', what: 'x' },
            { on: '2026-03-10', what: 'y' },
          ],
        },
      ],
      /history\[1\]\.on: 2026-03-10 stands after 2026-03-17/,
    ],
    [
      'a reading before the publication',
      [{}, { sources: [over(PAPER, { accessed: '2025-11-30' }), NEWS] }],
      /looked at 2025-11-30, before it was published/,
    ],
    [
      'a verification before the entry',
      [{ verification: [{ on: '2026-03-01', by: 'us', how: 'form-only' }] }],
      /verified on 2026-03-01, before it was entered/,
    ],
    ['a stale claim', [{}, { world: { today: '2027-06-01' } }], /verification: stale: verified 441 days ago/],
    ['a claim that nobody verified', [{ verification: [] }], /nobody has verified it/],
    [
      'a verification that says too much',
      [
        { verification: [{ on: '2026-03-17', by: 'us', how: 'sources-read' }] },
        { sources: [over(PAPER, { checked: { how: 'abstract' } }), NEWS] },
      ],
      /sources-read, but paper was not read/,
    ],
    [
      'an experiment that was none',
      [{ axes: { setting: 'argument' } }],
      /axes\.setting: demonstrated, but nothing was run/,
    ],
    [
      'a realized experiment',
      [{ axes: { maturity: 'realized', setting: 'controlled' } }],
      /axes\.maturity: realized, but the setting is controlled/,
    ],
    [
      'a certainty that the rules do not give',
      [{ axes: { certainty: { level: 'high' } } }],
      /axes\.certainty\.level: the rules give moderate, not high\n {2}Starts? at moderate: records|the rules give moderate, not high\n {2}starts at moderate: records/,
    ],
    [
      'secondary sources alone',
      [{ evidence: [{ shows: 'x', cite: { source: 'news' } }], axes: { certainty: { level: 'low' } } }],
      /evidence: rests on secondary sources alone, and does not say so/,
    ],
    [
      'a primary source that is denied',
      [{ 'secondary-only': 'there is none' }],
      /secondary-only: there is a primary source among the evidence/,
    ],
    ['a claim without a hazard', [{ hazards: [] }], /the claim names no hazard/],
    [
      'a source that nobody cites',
      [{}, { sources: [PAPER, NEWS, { ...NEWS, id: 'other', url: 'https://x.example.com/' }] }],
      /^claims\/sources\/other\.yaml:\d+:\d+: id: no claim cites other/,
    ],
    [
      'the same text twice',
      [
        {
          evidence: [
            { shows: 'x', cite: { source: 'paper' } },
            { shows: 'x', cite: { source: 'twin' } },
          ],
        },
        { sources: [PAPER, NEWS, { ...PAPER, id: 'twin', url: 'http://www.papers.example.com/1/' }] },
      ],
      /twin\.yaml:\d+:\d+: id: the same text as paper/,
    ],
    [
      'a hazard without a claim',
      [{}, { world: { hazards: new Set(['remote-control', 'escape']) } }],
      /^claims:1:1: no claim is evidence for the hazard escape/,
    ],
    [
      'a rule without a claim',
      [{}, { world: { rules: [...WORLD.rules, { id: 'escape.probe', file: 'rules/escape.yml', line: 7 }] } }],
      /^rules\/escape\.yml:7:1: no claim names the rule escape\.probe/,
    ],
  ])('%s', (_name, given, expected) => {
    expect(lint(...given).join('\n')).toMatch(expected);
  });

  it.each([
    ['missing', /event\.seq: run r1 has no event 4/],
    ['broken', /event\.run: the record of run r1 is broken/],
    ['b'.repeat(64), /event\.hash: event 4 of run r1 has another hash/],
  ])('an event that is not in the record: %s', (found, expected) => {
    const event = { run: 'r1', seq: 4, hash: 'a'.repeat(64) };
    const change = {
      evidence: [
        { shows: 'x', cite: { source: 'paper' } },
        { shows: 'x', cite: { event } },
      ],
    };
    expect(lint(change, { world: { recordOf: () => found } }).join()).toMatch(expected);
    expect(lint(change, { world: { recordOf: () => event.hash } })).toEqual([]);
    expect(lint(change)).toEqual([]);
  });

  it('a circle of ten thousand steps', () => {
    const escalation = Array.from({ length: 10_000 }, (_, index) => ({
      id: `s${index}`,
      text: 'x',
      state: 'argued',
      ...(index === 0 && { after: ['s9999'] }),
    }));
    const evidence = baseOf([CLAIM]);
    const [claim] = evidence.claims;
    const long = {
      ...claim,
      escalation: escalation.map((step) => ({ ...step, techniques: [], cites: [] })),
    } as typeof claim;
    const problems = lintEvidence({ ...evidence, claims: long ? [long] : [] }, WORLD, true);
    expect(problems.some(({ message }) => message.startsWith('the steps go in a circle: '))).toBe(true);
  });

  it('claims that go in a circle', () => {
    const other = over(CLAIM, { id: 'other', related: [{ claim: 'tunnel', how: 'leads-to' }] });
    expect(lint({ related: [{ claim: 'other', how: 'leads-to' }] }, { others: [other] }).join()).toMatch(
      /related\[0\]: claims go in a circle: \w+ leads-to \w+ leads-to \w+/,
    );
    // each supports the other in another way: no circle
    expect(lint({ related: [{ claim: 'other', how: 'explains' }] }, { others: [other] })).toEqual([]);
  });

  it('what cannot be read at all', () => {
    expect(lint({ tittle: 'x' }).join('\n')).toMatch(
      /^claims\/tunnel\.yaml:\d+:1: tittle: unknown key "tittle"/m,
    );
  });
});

it('points at the very line', () => {
  const base = baseOf([CLAIM]);
  const [problem] = lintEvidence(base, { ...WORLD, contracts: new Set() }, true);
  expect(problem).toMatchObject({ path: 'contracts[0]', column: 5 });
});

it('asks nothing of drafts but that their links lead somewhere', () => {
  expect(
    lint(
      { draft: true, verification: [], hazards: [], evidence: [{ shows: 'x', cite: { source: 'news' } }] },
      { complete: false },
    ),
  ).toEqual([]);
  expect(lint({ draft: true, rules: ['gone'] }, { complete: false }).join()).toMatch(/there is no rule gone/);
});

it('says of a source that cannot be read no more than that', () => {
  const found = lint({}, { sources: [over(PAPER, { url: 'javascript:alert(1)' }), NEWS] });
  expect(found.join('\n')).toMatch(/^claims\/sources\/paper\.yaml:\d+:\d+: url: /);
  expect(found).toHaveLength(1);
});

it.each([
  ['text of spaces', { title: '   ' }, /^claims\/tunnel\.yaml:\d+:\d+: title: /],
  [
    'an address with a password',
    { external: [{ scheme: 'X', id: 'x', url: 'https://me:secret@example.com/' }] },
    /external\[0\]\.url: /,
  ],
])('refuses %s', (_name, change, expected) => {
  expect(lint(change).join('\n')).toMatch(expected);
});

it('does not count drafts as claims of a hazard', () => {
  expect(lint({ draft: true }).join('\n')).toMatch(/no claim is evidence for the hazard remote-control/);
});

it('counts words as people do', () => {
  expect(wordsIn('a — b, “c d” (e-f)')).toBe(5);
  expect(wordsIn('2,644 attacks at 0.5–1 % by o4-mini')).toBe(7);
  expect(wordsIn('one—two/three--four')).toBe(4);
  expect(wordsIn('字'.repeat(80))).toBe(40);
});
