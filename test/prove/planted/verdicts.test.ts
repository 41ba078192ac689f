/**
 * What is said of planted contracts against their answers: how much of what can happen is found, and how often it is said
 * of what cannot.
 */
import { describe, expect, it } from 'vitest';
import { HAZARD_NAMES } from '../../../src/contract/index.ts';
import { caseFiles, loadCases, openCatalogue, proveCase, verdictOf } from './cases.ts';
import { allFamilies, familyIn, textOf } from './make.ts';

const cases = loadCases();
const catalogue = openCatalogue();

describe('the planted set', () => {
  it('is what its families make', () => {
    // as data: how lines are broken is the formatter's
    const made = allFamilies().map((family) => familyIn(textOf(family)));
    expect([...caseFiles().values()].map(familyIn)).toEqual(made);
    expect(made).toEqual(allFamilies());
  });

  it('is large, half of it safe, made from the catalogue, with no two alike', () => {
    expect(cases.length).toBeGreaterThanOrEqual(200);
    const safe = cases.filter((one) => one.safe).length;
    expect(safe / cases.length).toBeGreaterThan(0.45);
    expect(safe / cases.length).toBeLessThan(0.55);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
    const ids = new Set(catalogue.affordances.map(({ id }) => id));
    for (const { about } of cases) expect(about === 'none' || ids.has(about), about).toBe(true);
    expect(new Set(cases.map(({ about }) => about)).size).toBeGreaterThan(70);
    for (const { name, open, closed } of cases)
      expect([name, open.filter((hazard) => closed.includes(hazard))]).toEqual([name, []]);
  });
});

describe('verdicts on planted contracts', () => {
  const reports = new Map(cases.map((one) => [one, proveCase(one, catalogue)]));

  it('find what is open, and do not cry over what is closed', () => {
    const lines: string[] = [];
    const all = { open: 0, found: 0, closed: 0, alarms: 0, proved: 0 };
    const wrong: string[] = [];
    for (const hazard of HAZARD_NAMES) {
      const one = { open: 0, found: 0, closed: 0, alarms: 0, proved: 0 };
      for (const [each, report] of reports) {
        const verdict = verdictOf(report, hazard);
        if (each.open.includes(hazard)) {
          one.open += 1;
          if (verdict === 'REFUTED') one.found += 1;
          else wrong.push(`${each.name}: ${hazard} is open, and said to be ${verdict}`);
          // the one answer that no share makes up for
          expect([each.name, hazard, verdict]).not.toEqual([each.name, hazard, 'PROVED']);
        }
        if (each.closed.includes(hazard)) {
          one.closed += 1;
          if (verdict === 'REFUTED') {
            one.alarms += 1;
            wrong.push(`${each.name}: ${hazard} is closed, and said to be REFUTED`);
          }
          if (verdict === 'PROVED') one.proved += 1;
        }
      }
      lines.push(
        `  ${hazard.padEnd(21)} open ${one.open}, found ${one.found}; closed ${one.closed}, alarms ${one.alarms}, proved ${one.proved}`,
      );
      // what every contract leaves open would only flatter
      if (hazard !== 'compute-diversion')
        for (const key of ['open', 'found', 'closed', 'alarms', 'proved'] as const) all[key] += one[key];
    }
    const recall = all.found / all.open;
    const falseAlarms = all.alarms / all.closed;
    const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
    console.log(
      [
        `planted set: ${cases.length} contracts; recall ${percent(recall)} (${all.found}/${all.open}), false alarms ${percent(falseAlarms)} (${all.alarms}/${all.closed}), closed and proved ${percent(all.proved / all.closed)}`,
        ...lines,
        ...wrong.map((line) => `  ${line}`),
      ].join('\n'),
    );
    expect(recall, wrong.join('\n')).toBeGreaterThanOrEqual(0.98);
    expect(falseAlarms, wrong.join('\n')).toBeLessThanOrEqual(0.05);
  });

  it('give a path to every contract in which something is planted', () => {
    for (const [each, report] of reports)
      if (!each.safe)
        expect(each.open.map((hazard) => [each.name, hazard, verdictOf(report, hazard)])).toContainEqual([
          each.name,
          each.open[0],
          'REFUTED',
        ]);
  });
});
