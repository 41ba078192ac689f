/**
 * The status of a claim, derived from its axes, sources and dates by rules that are written down
 * (docs/reference/evidence-status.md). Pure: the same claim, sources and day give the same status.
 *
 * @module
 */
import { type DerivedCertainty, deriveCertainty } from './certainty.ts';
import type { WrittenClaim } from './schema/claim.ts';
import type { WrittenSource } from './schema/source.ts';
import { SETTINGS, type Setting } from './words.ts';

/** What evidence alone makes of a claim, from the least to the most. */
export const STATUSES = {
  unsupported: 'no evidence that stands: none is cited, known, or all of it was withdrawn',
  feasible: 'argued, derived or shown in parts',
  reported: 'secondary sources say that a system did it',
  'demonstrated-simulated': 'a system did it in a world of text or a toy',
  'demonstrated-controlled': 'a system really did it, in an experiment',
  'demonstrated-real-world': 'a system did it on systems that were in use for something else',
  realized: 'it happened outside any experiment to the cost of others, and more than one party says so',
} as const;

/** What stands before it. */
export const MARKS = {
  draft: 'proposed, not reviewed',
  disputed: 'a party that should know denies it, or a strong objection to it was conceded',
  stale: 'verified too long ago, or a source was changed since',
} as const;

export type EvidenceStatus = keyof typeof STATUSES;
export type Mark = keyof typeof MARKS;

/** Days after which a verification no longer counts. */
export const STALE_AFTER = 365;

export interface Reason {
  /** name of the rule, as docs/reference/evidence-status.md lists it */
  rule: string;
  text: string;
}

export interface Status {
  /** the mark where there is one, else what evidence makes of it: one word to filter by */
  code: EvidenceStatus | Mark;
  evidence: EvidenceStatus;
  /** every mark that applies, the most important first */
  marks: readonly Mark[];
  /** `DEMONSTRATED (REAL-WORLD)`, `DISPUTED: REALIZED` */
  label: string;
  /** `read`: whole or in part; `abstract`: no more than abstracts; `form`: the sources were not read; undefined: never */
  verified: { on: string; by: string; depth: 'read' | 'abstract' | 'form' } | undefined;
  /** day of the last change */
  updated: string;
  /** `✓ verified 2026-03-17 · updated 2026-03-17` */
  dates: string;
  certainty: DerivedCertainty;
  reasons: readonly Reason[];
}

const DAY = 86_400_000;
/** Whole days from one day to another. */
const daysBetween = (from: string, to: string): number =>
  Math.round((Date.parse(to) - Date.parse(from)) / DAY);

/** The latest of entries with a day. */
export function latest<T extends { on: string }>(entries: readonly T[]): T | undefined {
  return entries.reduce<T | undefined>(
    (best, entry) => (best === undefined || entry.on >= best.on ? entry : best),
    undefined,
  );
}

/** What status rules ask of a source. */
export type SourceFacts = Pick<WrittenSource, 'tier' | 'updated' | 'retracted' | 'checked'>;

/** An event of a run's ledger, as far as status rules know it: it is the record itself. */
const EVENT: SourceFacts = {
  tier: 'primary',
  updated: undefined,
  retracted: undefined,
  checked: { how: 'read-whole', on: '1970-01-01', by: 'ledger' },
};

/**
 * @param sourceOf a source by its id; undefined where there is none: then it counts for nothing
 * @param today `YYYY-MM-DD`
 */
export function deriveStatus(
  claim: WrittenClaim,
  sourceOf: (id: string) => SourceFacts | undefined,
  today: string,
): Status {
  const reasons: Reason[] = [];
  const because = (rule: string, text: string): void => {
    reasons.push({ rule, text });
  };
  const cited = claim.evidence.flatMap(({ cite }) => {
    const source = cite.event ? EVENT : sourceOf(cite.source ?? '');
    return source ? [{ id: cite.source ?? `event ${cite.event?.seq}`, source }] : [];
  });
  const standing = cited.filter(({ source }) => source.retracted === undefined);
  for (const { id, source } of cited)
    if (source.retracted !== undefined) because('withdrawn', `${id} does not count: ${source.retracted}`);
  const hasPrimary = standing.some(({ source }) => source.tier === 'primary');

  const evidence = byEvidence(claim, standing.length, hasPrimary, because);
  const verified = verification(
    claim,
    standing.map(({ source }) => source),
  );
  const marks = marksOf(claim, standing, verified?.on, today, because);
  const updated = latest(claim.history)?.on ?? '';
  const certainty = deriveCertainty({
    ...claim.axes.certainty,
    sourcing: claim.axes.sourcing,
    counterarguments: claim.counterarguments,
    hasPrimary,
  });
  because(
    'certainty',
    `${certainty.level}: ${certainty.steps.map(({ by, text }) => (by === 0 ? text : `${by > 0 ? '+' : '−'}${Math.abs(by)} ${text}`)).join('; ')}`,
  );
  const [mark] = marks;
  const label = `${mark ? `${mark.toUpperCase()}: ` : ''}${labelOf(evidence)}`;
  return {
    code: mark ?? evidence,
    evidence,
    marks,
    label,
    verified,
    updated,
    dates: datesOf(verified, updated),
    certainty,
    reasons,
  };
}

type Because = (rule: string, text: string) => void;

function byEvidence(
  { axes }: WrittenClaim,
  count: number,
  hasPrimary: boolean,
  because: Because,
): EvidenceStatus {
  const { maturity, setting, sourcing } = axes;
  if (count === 0) {
    because('unsupported', 'no evidence that stands');
    return 'unsupported';
  }
  if (maturity === 'feasible') {
    because('feasible', 'maturity is feasible: no system was seen to do the whole');
    return 'feasible';
  }
  if (setting === 'argument') {
    because('feasible', `maturity is ${maturity}, but the setting is argument: nothing was run`);
    return 'feasible';
  }
  if (!hasPrimary) {
    because('reported', 'no primary source stands behind it');
    return 'reported';
  }
  if (maturity === 'realized') {
    if (setting === 'real-world' && (sourcing === 'corroborated' || sourcing === 'confirmed')) {
      because('realized', `it happened outside any experiment, and the sourcing is ${sourcing}`);
      return 'realized';
    }
    because(
      'not-yet-realized',
      setting === 'real-world'
        ? `realized needs a second party; the sourcing is ${sourcing}`
        : `realized needs the setting real-world; it is ${setting}`,
    );
  }
  because('demonstrated', `a system did it, by a primary source; setting ${setting}: ${SETTINGS[setting]}`);
  return `demonstrated-${setting as Exclude<Setting, 'argument'>}`;
}

const READ = new Set(['read-whole', 'read-part']);

function verification(claim: WrittenClaim, sources: readonly SourceFacts[]): Status['verified'] {
  const last = latest(claim.verification);
  if (!last) return undefined;
  const { on, by, how } = last;
  const wasRead = sources.some(({ checked }) => READ.has(checked.how));
  const wasSeen = sources.some(({ checked }) => checked.how === 'abstract');
  return { on, by, depth: how === 'form-only' ? 'form' : wasRead ? 'read' : wasSeen ? 'abstract' : 'form' };
}

function marksOf(
  claim: WrittenClaim,
  standing: readonly { id: string; source: SourceFacts }[],
  verified: string | undefined,
  today: string,
  because: Because,
): Mark[] {
  const marks = new Set<Mark>();
  const mark = (name: Mark, text: string): void => {
    marks.add(name);
    because(name, text);
  };
  if (claim.draft) mark('draft', 'marked as a draft');
  if (claim.axes.sourcing === 'disputed')
    mark('disputed', 'a party that should know says that it was not so');
  for (const { id, against, strength, state } of claim.counterarguments)
    if (against === 'claim' && strength === 'strong' && state === 'conceded')
      mark('disputed', `a strong objection to the claim was conceded: ${id}`);
  if (verified !== undefined) {
    const age = daysBetween(verified, today);
    if (age > STALE_AFTER)
      mark('stale', `verified ${age} days ago; after ${STALE_AFTER} it no longer counts`);
    for (const { id, source } of standing)
      if (source.updated !== undefined && source.updated.length === 10 && source.updated > verified)
        mark('stale', `${id} was changed on ${source.updated}, after the verification`);
  }
  if (verified === undefined) because('unverified', 'nobody has verified it');
  return [...marks];
}

/** `demonstrated-real-world` → `DEMONSTRATED (REAL-WORLD)`. */
export function labelOf(evidence: EvidenceStatus): string {
  const [word, ...setting] = evidence.split('-');
  return `${word?.toUpperCase()}${setting.length === 0 ? '' : ` (${setting.join('-').toUpperCase()})`}`;
}

function datesOf(verified: Status['verified'], updated: string): string {
  const how = {
    read: '✓ verified',
    abstract: '○ checked against abstracts',
    form: '○ form checked, sources not read',
  };
  return `${verified ? `${how[verified.depth]} ${verified.on}` : '✗ not verified'} · updated ${updated}`;
}

/** The line that stands below a claim's title. */
export const statusLine = ({ label, dates }: Status): string => `${label} ${dates}`;
