/**
 * Reports as SARIF 2.1.0 (OASIS, Static Analysis Results Interchange Format), for code scanning: a result for each hazard that is refuted or
 * unknown, at the line of the file that opens it, with the path as a code flow. What is proved is no finding; it stands in the run's properties.
 *
 * @module
 */
import { hash } from 'node:crypto';
import { HAZARD_NAMES, HAZARDS, type Hazard } from '../../contract/index.ts';
import { ABOUT } from '../explain/index.ts';
import { COVERS_NOT, listed, type Place, type Refuted, type Report, type Unknown } from '../report/index.ts';

/** What a report does not know of itself. */
export interface SarifAbout {
  /** Of this program. */
  readonly version: string;
  /** The file, as a URI reference: relative to where the report is made, or `file:`. */
  readonly uri: string;
  /** Of the file's bytes, lower-case hex. */
  readonly sha256: string;
  readonly place: (clause: string) => Place | undefined;
  /** Hazards that are an error where they are refuted; others are a warning. */
  readonly required: readonly Hazard[];
}

export interface SarifLocation {
  readonly physicalLocation?: {
    readonly artifactLocation: { readonly uri: string; readonly index: 0 };
    readonly region: { readonly startLine: number; readonly startColumn?: number };
  };
  readonly message?: { readonly text: string };
}

export interface SarifResult {
  readonly ruleId: string;
  readonly ruleIndex?: number;
  /** `open`: there was not enough to decide. */
  readonly kind: 'fail' | 'open';
  readonly level: 'error' | 'warning' | 'none';
  readonly message: { readonly text: string };
  readonly locations: readonly SarifLocation[];
  readonly relatedLocations?: readonly SarifLocation[];
  readonly codeFlows?: readonly {
    readonly threadFlows: readonly {
      readonly locations: readonly { readonly location: SarifLocation; readonly executionOrder: number }[];
    }[];
  }[];
  readonly partialFingerprints: Readonly<Record<string, string>>;
  readonly properties?: Readonly<Record<string, unknown>>;
}

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
  return sarifLog(report.contract, results, about, {
    model: report.model,
    proved,
    ...(report.certified !== undefined && { certificateFacts: report.certified }),
    coversNot: COVERS_NOT,
  });
}

/** A log of one run about one file. */
export function sarifLog(
  name: string,
  results: readonly SarifResult[],
  { version, uri, sha256 }: Pick<SarifAbout, 'version' | 'uri' | 'sha256'>,
  properties: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  return {
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'Ringfence', semanticVersion: version, rules: RULE_IDS.map(ruleOf) } },
        automationDetails: { id: `ringfence-prove/${name}/` },
        artifacts: [{ location: { uri }, roles: ['analysisTarget'], hashes: { 'sha-256': sha256 } }],
        columnKind: 'utf16CodeUnits',
        results,
        properties,
      },
    ],
  };
}

/** Rules are the hazards. */
const RULE_IDS: readonly Hazard[] = HAZARD_NAMES;

function ruleOf(id: Hazard): Record<string, unknown> {
  const { about, closes, beyond } = ABOUT[id];
  const more = `More: ringfence explain ${id}`;
  return {
    id,
    name: id.replace(/(^|-)([a-z])/g, (_whole, _dash, letter: string) => letter.toUpperCase()),
    shortDescription: { text: HAZARDS[id] },
    fullDescription: { text: about },
    help: {
      text: [about, ...closes.map((each) => `Closed by: ${each}.`), `No proof covers ${beyond}.`, more].join(
        '\n',
      ),
      markdown: [
        about,
        '',
        ...closes.map((each) => `- closed by: ${each}`),
        '',
        `No proof covers ${beyond}.`,
        '',
        more,
      ].join('\n'),
    },
    defaultConfiguration: { level: 'warning' },
    properties: { tags: ['security', 'ringfence'], precision: 'high' },
  };
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
  const flow = steps.map(({ number, text, why, kind, by }) => {
    const message = why === undefined ? text : `${text}: ${why} (${by})`;
    return {
      location: locationOf(kind === 'clause' ? by : undefined, about, message),
      executionOrder: number,
    };
  });
  return {
    ...common(hazard),
    kind: 'fail',
    level: about.required.includes(hazard) ? 'error' : 'warning',
    message: { text: lines.join('\n') },
    locations: [located(mainClause(verdict, about), about)],
    codeFlows: [{ threadFlows: [{ locations: flow }] }],
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

/** A place in the file for sure: its beginning where nothing better is known. */
function located(clause: string | undefined, about: SarifAbout): SarifLocation {
  const found = locationOf(clause, about, undefined);
  if (found.physicalLocation !== undefined) return found;
  return { physicalLocation: { artifactLocation: { uri: about.uri, index: 0 }, region: { startLine: 1 } } };
}

function locationOf(
  clause: string | undefined,
  { place, uri }: SarifAbout,
  message: string | undefined,
): SarifLocation {
  const at = clause === undefined ? undefined : place(clause);
  return {
    // what holds by default is written nowhere
    ...(at?.implied !== true &&
      at && {
        physicalLocation: {
          artifactLocation: { uri, index: 0 as const },
          region: { startLine: at.line, startColumn: at.column },
        },
      }),
    ...(message !== undefined && { message: { text: message } }),
  };
}
