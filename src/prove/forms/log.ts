/**
 * A SARIF log: the tool with its rules, the file, places in it, and paths as code flows.
 *
 * @module
 */
import { HAZARD_NAMES, HAZARDS, type Hazard } from '../../contract/index.ts';
import { ABOUT } from '../explain/index.ts';
import type { Place, Refuted } from '../report/index.ts';

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
  readonly kind: 'fail' | 'open' | 'pass';
  readonly level: 'error' | 'warning' | 'note' | 'none';
  /** Against an older file. */
  readonly baselineState?: 'new' | 'updated' | 'absent';
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

/** A log of one run about one file; `rules`: beside the hazards, those that results are by. */
export function sarifLog(
  name: string,
  results: readonly SarifResult[],
  { version, uri, sha256 }: Pick<SarifAbout, 'version' | 'uri' | 'sha256'>,
  properties: Readonly<Record<string, unknown>>,
  rules: readonly Record<string, unknown>[] = [],
): Record<string, unknown> {
  return {
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: { name: 'Ringfence', semanticVersion: version, rules: [...RULE_IDS.map(ruleOf), ...rules] },
        },
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
export const RULE_IDS: readonly Hazard[] = HAZARD_NAMES;

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

/** A path as a code flow. */
export function flowOf(steps: Refuted['steps'], about: SarifAbout) {
  const locations = steps.map(({ number, text, why, kind, by }) => {
    const message = why === undefined ? text : `${text}: ${why} (${by})`;
    return {
      location: locationOf(kind === 'clause' ? by : undefined, about, message),
      executionOrder: number,
    };
  });
  return { threadFlows: [{ locations }] };
}

/** A place in the file for sure: its beginning where nothing better is known. */
export function located(clause: string | undefined, about: SarifAbout): SarifLocation {
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
