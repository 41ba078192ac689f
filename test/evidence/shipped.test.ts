/**
 * The claims that come with Ringfence: they are clean, complete, and every link of theirs is watched by lint.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claimPage } from '../../src/cli/evidence/page/index.ts';
import { readWorld } from '../../src/cli/evidence/world.ts';
import { formatProblem, type Problem } from '../../src/contract/index.ts';
import { UNMEASURED } from '../../src/evidence/coverage/index.ts';
import { citesOf, deriveStatus, type Evidence, loadEvidence } from '../../src/evidence/index.ts';
import { lintEvidence, type World } from '../../src/evidence/lint/index.ts';
import { ownTexts } from '../../src/evidence/own.fixture.ts';

const ROOT = resolve(import.meta.dirname, '../..');

const claims = ownTexts('claims');
const sources = ownTexts('claims/sources');
const evidence = loadEvidence({ claims, sources });
// the day of the newest entry: what is stale next year was not so when it was written
const today =
  evidence.claims
    .flatMap(({ history, verification }) => [...history, ...verification].map(({ on }) => on))
    .sort()
    .at(-1) ?? '';
const world = readWorld('claims', today);

const lint = (base: Evidence, changed: Partial<World> = {}): Problem[] =>
  lintEvidence(base, { ...world, ...changed }, true);
const without = (set: ReadonlySet<string>, id: string): ReadonlySet<string> =>
  new Set([...set].filter((one) => one !== id));

/** Whether a problem names a file and line of a claim in which the id stands. */
function pointsAt(problem: Problem, id: string): boolean {
  const text = claims.find(([file]) => file === problem.file)?.[1];
  return text?.split('\n')[problem.line - 1]?.includes(id) ?? false;
}

it('are clean', () => {
  expect(lint(evidence).map(formatProblem)).toEqual([]);
});

describe('what a claim links to cannot be removed unseen:', () => {
  const used = (pick: (claim: (typeof evidence.claims)[number]) => readonly string[]): string[] => [
    ...new Set(evidence.claims.flatMap(pick)),
  ];

  it('rules', () => {
    for (const id of used(({ rules }) => rules)) {
      const problems = lint(evidence, { rules: world.rules.filter((rule) => rule.id !== id) });
      expect(
        problems.some((problem) => pointsAt(problem, id)),
        id,
      ).toBe(true);
    }
  });

  it('hazards', () => {
    for (const id of used(({ hazards }) => hazards)) {
      const problems = lint(evidence, { hazards: without(world.hazards, id) });
      expect(
        problems.some((problem) => pointsAt(problem, id)),
        id,
      ).toBe(true);
    }
  });

  it('affordances, contracts, techniques', () => {
    const kinds = [
      [
        'affordances',
        used(({ affordances, escalation }) => [
          ...affordances,
          ...escalation.flatMap((step) => step.affordance ?? []),
        ]),
      ],
      ['contracts', used(({ contracts }) => contracts)],
      ['techniques', used(({ escalation }) => escalation.flatMap(({ techniques }) => techniques))],
    ] as const;
    for (const [kind, ids] of kinds)
      for (const id of ids) {
        const problems = lint(evidence, { [kind]: without(world[kind], id) });
        expect(
          problems.some((problem) => pointsAt(problem, id)),
          `${kind}: ${id}`,
        ).toBe(true);
      }
  });

  it('sources', () => {
    const cited = used((claim) => citesOf(claim).flatMap(({ cite }) => cite.source ?? []));
    expect(cited.length).toBeGreaterThan(0);
    for (const id of cited) {
      const problems = lint({ ...evidence, sources: evidence.sources.filter((source) => source.id !== id) });
      expect(
        problems.some((problem) => pointsAt(problem, id) && problem.message === `there is no source ${id}`),
        id,
      ).toBe(true);
    }
  });

  it('claims', () => {
    const linked = used(({ related, escalation }) => [
      ...related.map(({ claim }) => claim),
      ...escalation.flatMap((step) => step.claim ?? []),
    ]);
    for (const id of linked) {
      const problems = lint({ ...evidence, claims: evidence.claims.filter((claim) => claim.id !== id) });
      expect(
        problems.some((problem) => pointsAt(problem, id) && problem.message === `there is no claim ${id}`),
        id,
      ).toBe(true);
    }
  });
});

describe('the entry that the base began from', () => {
  const claim = evidence.claims.find(({ id }) => id === 'specification-gaming');
  if (!claim) throw new Error('there is no claim specification-gaming');
  const byId = new Map(evidence.sources.map((source) => [source.id, source]));
  const status = deriveStatus(claim, (id) => byId.get(id), today);
  const base = {
    folder: 'claims',
    isOwn: true,
    evidence,
    sources: byId,
    statusOf: () => status,
    coverageOf: () => UNMEASURED,
    today,
  };
  const pageOf = (columns: number): string =>
    claimPage(base, { claim, status }, { columns: () => columns, style: (_style, text) => text });

  it('has a place for each of its fields', () => {
    const page = pageOf(100).replace(/\s+/g, ' ');
    const at = (text: string | RegExp): number =>
      typeof text === 'string' ? page.indexOf(text) : page.search(text);
    // in the order of the page: kind, category, title, status with both dates, claim, mechanism, escalation, objections, sources, tags
    const places = [
      at('Capability · Specification gaming'),
      at(claim.title),
      at(/DEMONSTRATED \(REAL-WORLD\) ✓ verified \d{4}-\d\d-\d\d · updated \d{4}-\d\d-\d\d /),
      at(claim.statement.slice(0, 40)),
      at('What is known'),
      at('The debate on the mechanism'),
      at('What holds whatever the mechanism'),
      at('The escalation path'),
      at('Counterarguments'),
      at('Alex Turner, as the database entry tells it'),
      at(/→ The claim does not need reward/),
      at('Sources ('),
      at(/ tags: .*instrumental-convergence.*specification-gaming/),
    ];
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((one, other) => one - other));
  });

  it.each([60, 80, 120])('reads well at %i columns: no line is wider', (columns) => {
    const page = pageOf(columns);
    expect(page.split('\n').filter((line) => [...line].length > Math.min(columns, 100))).toEqual([]);
    expect(page).not.toMatch(/[ \t]$/m);
  });

  it('says why, wherever an axis is changed', () => {
    const axes = [{ maturity: 'feasible' }, { setting: 'controlled' }, { sourcing: 'disputed' }] as const;
    for (const change of axes) {
      const changed = deriveStatus(
        { ...claim, axes: { ...claim.axes, ...change } },
        (id) => byId.get(id),
        today,
      );
      expect(changed.label).not.toBe(status.label);
      expect(changed.reasons).not.toEqual(status.reasons);
    }
  });
});

it('every page fits a narrow terminal, and no claim rests on secondary sources alone without a word', () => {
  const byId = new Map(evidence.sources.map((source) => [source.id, source]));
  const base = {
    folder: 'claims',
    isOwn: true,
    evidence,
    sources: byId,
    coverageOf: () => UNMEASURED,
    today,
  };
  for (const claim of evidence.claims) {
    const status = deriveStatus(claim, (id) => byId.get(id), today);
    const terminal = { columns: () => 60, style: (_style: string, text: string) => text };
    const page = claimPage({ ...base, statusOf: () => status }, { claim, status }, terminal);
    expect(page.split('\n').filter((line) => [...line].length > 60)).toEqual([]);
    const tiers = claim.evidence.map(({ cite }) => byId.get(cite.source ?? '')?.tier);
    if (tiers.every((tier) => tier === 'secondary')) expect(claim['secondary-only'], claim.id).toBeDefined();
  }
});

// The two documents that the base began from lie beside the repository where it is developed; they are not part of it.
const FOLDERS = ['../shared/sources', '../../shared/sources'].map((path) => resolve(ROOT, path));
const FIRST = { 'rich-2026': '000_', 'capability-database-2026': '001_' };
const folder = FOLDERS.find(existsSync);

describe.skipIf(folder === undefined)('quotes of the first two sources', () => {
  /** One kind of space and quotation mark: a copy may have others. */
  const plain = (text: string): string =>
    text.replace(/[‘’]/g, "'").replace(/[“”]/g, '"').replace(/\s+/g, ' ');

  it.each(Object.entries(FIRST))('%s: stand in its text', (id, prefix) => {
    const name = readdirSync(folder ?? '').find((file) => file.startsWith(prefix));
    const text = plain(readFileSync(join(folder ?? '', name ?? ''), 'utf8'));
    const quotes = evidence.claims.flatMap((claim) =>
      citesOf(claim).flatMap(({ cite }) =>
        cite.source === id && cite.quote !== undefined ? [{ claim: claim.id, ...cite }] : [],
      ),
    );
    expect(quotes.length).toBeGreaterThan(0);
    for (const { quote = '', checked, claim } of quotes) {
      expect(checked, `${claim}: it can be read from here`).toBe('in-source');
      expect(text, claim).toContain(plain(quote));
    }
  });
});

it.runIf(folder === undefined)(
  'quotes of the first two sources were not looked for: their texts are not beside this repository',
  () => {
    console.warn(
      'quotes of the first two sources were not looked for: their texts are not beside this repository',
    );
  },
);
