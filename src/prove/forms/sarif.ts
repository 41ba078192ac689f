/**
 * Reports as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), for code scanning: a result for each hazard that is refuted or
 * unknown, at the line of the file that opens it, with the path as a code flow. What is proved is no finding; it stands in the run's properties.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { HAZARDS, type Hazard } from '../../contract/index.ts';
import { COVERS_NOT, listed, type Refuted, type Report, type Unknown } from '../report/index.ts';
import { besideResults } from './beside.ts';
import { flowOf, located, RULE_IDS, type SarifAbout, type SarifResult, sarifLog } from './log.ts';

/** A report as one SARIF log. */
export function reportSarif(report: Report, about: SarifAbout): Record<string, unknown> {
  const results = report.verdicts.flatMap((verdict) => {
    if (verdict.verdict === 'REFUTED') return [refutedResult(verdict, about)];
    return verdict.verdict === 'UNKNOWN' ? [unknownResult(verdict, about)] : [];
  });
  const proved = report.verdicts.flatMap((verdict) =>
    verdict.verdict === 'PROVED'
      ? [{ hazard: verdict.hazard, rests: verdict.rests.map(({ text }) => text) }]
      : [],
  );
  const beside = besideResults(report, about);
  const properties = {
    model: report.model,
    proved,
    ...(report.certified !== undefined && { certificateFacts: report.certified }),
    coversNot: COVERS_NOT,
  };
  return sarifLog(report.contract, [...results, ...beside.results], about, properties, beside.rules);
}

function refutedResult(verdict: Refuted, about: SarifAbout): SarifResult {
  const { hazard, steps, command, closed, replay } = verdict;
  const lines = [
    `${hazard} can happen: ${HAZARDS[hazard]}.`,
    ...steps.map(
      ({ number, text, why, by, from }) =>
        `${number}. ${why === undefined ? text : `${text}: ${why}`} [${by}${from.length > 0 ? `, from ${listed(from.map(String))}` : ''}]`,
    ),
    ...(command === undefined ? [] : [`To see it, where the agent would be: ${command}`]),
    ...(replay === undefined ? [] : [`Replayed: ${replay.replayed}, ${replay.why}`]),
    closed === undefined
      ? 'No change of this file closes it.'
      : `${closed.minimal ? 'Smallest change' : 'A change'} that closes it: ${closed.changes.join('; ')}. Then it is ${closed.leaves}.`,
  ];
  return {
    ...common(hazard),
    kind: 'fail',
    level: about.required.includes(hazard) ? 'error' : 'warning',
    message: { text: lines.join('\n') },
    locations: [located(mainClause(verdict, about), about)],
    codeFlows: [flowOf(steps, about)],
    partialFingerprints: fingerprint(
      hazard,
      steps.map(({ text, by, kind }) => (kind === 'clause' ? text : by)),
    ),
    properties: {
      verdict: 'REFUTED',
      ...(command !== undefined && { command }),
      ...(closed && { closedBy: closed.changes }),
      ...(replay && { replayed: replay.replayed }),
    },
  };
}

function unknownResult({ hazard, reasons }: Unknown, about: SarifAbout): SarifResult {
  const clauses = reasons.flatMap(({ by }) => by);
  return {
    ...common(hazard),
    kind: 'open',
    level: 'none',
    message: {
      text: [
        `Whether ${hazard} can happen is not known: ${HAZARDS[hazard]}.`,
        ...reasons.map(({ text, by }) => (by.length > 0 ? `${text} [${by.join(', ')}]` : text)),
      ].join('\n'),
    },
    locations: [located(clauses[0], about)],
    ...(clauses.length > 1 && { relatedLocations: clauses.slice(1).map((clause) => located(clause, about)) }),
    partialFingerprints: fingerprint(
      hazard,
      reasons.map(({ text }) => text),
    ),
    properties: { verdict: 'UNKNOWN' },
  };
}

const common = (hazard: Hazard) => ({ ruleId: hazard, ruleIndex: RULE_IDS.indexOf(hazard) });

/** What stays the same while lines move: the hazard and what leads to it, without places and numbers of clauses. */
function fingerprint(hazard: Hazard, parts: readonly string[]): Record<string, string> {
  return { 'ringfencePath/v1': hash('sha256', JSON.stringify([hazard, ...parts])) };
}

/** The clause that a person would change: one that the smallest change names, else the last one that is written. */
function mainClause({ steps, closed }: Refuted, { place }: SarifAbout): string | undefined {
  const clauses = steps.flatMap(({ kind, by }) => (kind === 'clause' ? [by] : [])).reverse();
  const changed = clauses.find((clause) => closed?.changes.some((change) => change.includes(clause)));
  const written = clauses.find((clause) => place(clause)?.implied !== true);
  return changed ?? written ?? clauses[0];
}
