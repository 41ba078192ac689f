/**
 * Texts of claims and sources → an evidence base, or every problem in them with its place.
 *
 * @module
 */
import { basename } from 'node:path';
import { parseDocument } from '../contract/document.ts';
import type { Finding, Path, Problem } from '../contract/index.ts';
import { claimSchema, type WrittenClaim } from './schema/claim.ts';
import { sourceSchema, type WrittenSource } from './schema/source.ts';

interface Placed {
  /** the file as the caller named it */
  readonly file: string;
  /** a problem at a path of this file */
  readonly problem: (finding: Finding) => Problem;
}

export interface Claim extends WrittenClaim, Placed {}
export interface Source extends WrittenSource, Placed {}

export interface Evidence {
  /** in the order of their ids */
  readonly claims: readonly Claim[];
  readonly sources: readonly Source[];
  /** what could not be read; the claims and sources that could stand beside it */
  readonly problems: readonly Problem[];
}

/** A file: its path as the caller names it, and its text. */
export type Text = readonly [file: string, text: string];

export interface Texts {
  readonly claims: readonly Text[];
  readonly sources: readonly Text[];
}

type Parsed<T> = { ok: true; value: T } | { ok: false; problems: Problem[] };

/** The file is named after the id: whoever knows one knows the other. */
function misnamed(id: string, file: string): Finding[] {
  const name = basename(file).replace(/\.ya?ml$/, '');
  return name === id
    ? []
    : [
        {
          path: ['id'],
          message: `${id} is not the name of the file`,
          hint: `Write ${name}, or rename the file to ${id}.yaml.`,
        },
      ];
}

/** Ids that stand twice in a list of mappings. */
function twice(items: readonly { id: string }[], list: string): Finding[] {
  const seen = new Set<string>();
  return items.flatMap(({ id }, index) => {
    if (!seen.has(id)) {
      seen.add(id);
      return [];
    }
    return [
      { path: [list, index, 'id'], message: `the id ${id} is written twice`, hint: 'Give each its own.' },
    ];
  });
}

/** What the schema cannot say: parts that belong together. */
function checkWhole(claim: WrittenClaim): Finding[] {
  const { counterarguments, escalation, contradictions, debate, axes } = claim;
  const say = (path: Path, message: string, hint: string): Finding => ({ path, message, hint });
  const unanswered = counterarguments.flatMap(({ state, response }, index) =>
    state === 'answered' && response === undefined
      ? [
          say(
            ['counterarguments', index, 'state'],
            'answered, but there is no response',
            'Write response: { text: … }, or state: open.',
          ),
        ]
      : [],
  );
  const { level, by } = axes.reproduction;
  const unshown =
    (level === 'none') === (by.length === 0)
      ? []
      : [
          say(
            ['axes', 'reproduction'],
            level === 'none'
              ? 'reproduced by something, but the level is none'
              : `${level}, but nothing is named that runs it`,
            'Write level: none, or by: [{ run, path, shows }] with mechanism or propensity.',
          ),
        ];
  return [
    ...twice(escalation, 'escalation'),
    ...twice(counterarguments, 'counterarguments'),
    ...twice(contradictions, 'contradictions'),
    ...twice(debate?.positions ?? [], 'debate.positions').map((finding) => ({
      ...finding,
      path: ['debate', 'positions', ...finding.path.slice(1)],
    })),
    ...unanswered,
    ...unshown,
  ];
}

/** Validates the text of a claim. Never throws. */
export function parseClaim(text: string, file: string): Parsed<Claim> {
  const parsed = parseDocument(text, file, claimSchema);
  if (!parsed.ok) return parsed;
  const findings = [...misnamed(parsed.value.id, file), ...checkWhole(parsed.value)];
  if (findings.length > 0) return { ok: false, problems: findings.map(parsed.problem) };
  return { ok: true, value: { ...parsed.value, file, problem: parsed.problem } };
}

/** Validates the text of a source. Never throws. */
export function parseSource(text: string, file: string): Parsed<Source> {
  const parsed = parseDocument(text, file, sourceSchema);
  if (!parsed.ok) return parsed;
  const findings = misnamed(parsed.value.id, file);
  if (findings.length > 0) return { ok: false, problems: findings.map(parsed.problem) };
  return { ok: true, value: { ...parsed.value, file, problem: parsed.problem } };
}

const byId = (first: { id: string }, second: { id: string }): number => (first.id < second.id ? -1 : 1);

/** Validates all texts of a base. Never throws: what cannot be read is in `problems`. */
export function loadEvidence({ claims, sources }: Texts): Evidence {
  const problems: Problem[] = [];
  const collect = <T extends { id: string; file: string; problem: Placed['problem'] }>(
    texts: readonly Text[],
    parse: (text: string, file: string) => Parsed<T>,
  ): T[] => {
    const found = new Map<string, T>();
    for (const [file, text] of texts) {
      const parsed = parse(text, file);
      if (!parsed.ok) {
        problems.push(...parsed.problems);
        continue;
      }
      const first = found.get(parsed.value.id);
      if (first)
        problems.push(
          parsed.value.problem({
            path: ['id'],
            message: `the id ${parsed.value.id} is written twice`,
            hint: `It stands first in ${first.file}.`,
          }),
        );
      else found.set(parsed.value.id, parsed.value);
    }
    return [...found.values()].sort(byId);
  };
  return { claims: collect(claims, parseClaim), sources: collect(sources, parseSource), problems };
}
