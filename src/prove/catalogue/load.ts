/**
 * The catalogue's texts → entries, or every problem in them with its place.
 *
 * @module
 */
import { basename } from 'node:path';
import { parseDocument } from '../../contract/document.ts';
import { type Finding, formatPath, type Problem } from '../../contract/index.ts';
import { parseHost, parsePath } from '../patterns/index.ts';
import { familySchema, type WrittenAffordance } from './schema.ts';

export interface Affordance extends WrittenAffordance {
  family: string;
  /** where it is written: file (relative to the folder) and line */
  at: { file: string; line: number };
}

export interface Family {
  name: string;
  about: string;
}

export interface Catalogue {
  families: readonly Family[];
  /** in the order of the files' names, then of the file */
  affordances: readonly Affordance[];
  /** Of a compiled catalogue: a path pattern of a trigger → a shortest relative path that it matches. Spares those who may write everything the search. */
  words?: Readonly<Record<string, string>>;
}

export type LoadedCatalogue = { ok: true; catalogue: Catalogue } | { ok: false; problems: Problem[] };

/** What of `match` each kind may rest on: the rest has nothing to be found by. */
const GROUNDS: Record<WrittenAffordance['kind'], readonly string[]> = {
  trigger: ['path', 'env', 'socket'],
  relay: ['host', 'port', 'protocol', 'service', 'env', 'program'],
  authority: ['path', 'env', 'socket', 'container', 'service', 'host', 'program'],
  boundary: ['service', 'host', 'port', 'path', 'socket', 'container'],
};

function checkEntry(entry: WrittenAffordance, family: string, path: readonly (string | number)[]): Finding[] {
  const findings: Finding[] = [];
  const say = (below: (string | number)[], message: string, hint: string) =>
    findings.push({ path: [...path, ...below], message, hint });
  if (!entry.id.startsWith(`${family}.`))
    say(
      ['id'],
      `${entry.id} is not of the family ${family}`,
      `Write ${family}.${entry.id.split('.').at(-1)}.`,
    );
  if (entry.kind === 'trigger' && !entry.runs)
    say([], 'a trigger does not say who runs it', 'Write runs: { as: …, when: … }.');
  if (entry.kind !== 'trigger' && entry.runs)
    say(['runs'], `only triggers are run by somebody, not a ${entry.kind}`, 'Remove it.');
  if (!GROUNDS[entry.kind].some((ground) => Object.hasOwn(entry.match, ground)))
    say(['match'], `nothing to recognise it by`, `Write one of: ${GROUNDS[entry.kind].join(', ')}.`);
  const { path: paths = [], socket = [], host = [] } = entry.match;
  const patterns = [
    ...paths.map((text, index) => ['path', index, parsePath(text)] as const),
    // an abstract socket is a name, not a path
    ...socket.map((text, index) => ['socket', index, parsePath(text.replace(/^@/, '/'))] as const),
    ...host.map((text, index) => ['host', index, parseHost(text)] as const),
  ];
  for (const [what, index, parsed] of patterns)
    if (!parsed.ok) say(['match', what, index], parsed.message, parsed.hint);
  if ((entry.witness === undefined) === (entry.unwitnessed === undefined))
    say(
      [],
      entry.witness
        ? 'both a witness and a reason for having none'
        : 'neither a witness nor a reason for having none',
      'Write witness: { attempt: […], effect: … } or unwitnessed: REASON.',
    );
  return findings;
}

/** Validates one file's text. Never throws. */
export function parseFamily(
  content: string,
  file: string,
): { ok: true; family: Family; affordances: Affordance[] } | { ok: false; problems: Problem[] } {
  const parsed = parseDocument(content, file, familySchema);
  if (!parsed.ok) return parsed;
  const { family, about, entries } = parsed.value;
  const problems: Problem[] = [];
  if (basename(file) !== `${family}.yaml`)
    problems.push(
      parsed.problem({
        path: ['family'],
        message: `not the name of the file`,
        hint: `Write ${basename(file, '.yaml')}.`,
      }),
    );
  const affordances = entries.map((entry, index): Affordance => {
    const path = ['entries', index] as const;
    problems.push(...checkEntry(entry, family, path).map(parsed.problem));
    const { line } = parsed.problem({ path, message: '', hint: '' });
    return { ...entry, family, at: { file, line } };
  });
  return problems.length > 0
    ? { ok: false, problems }
    : { ok: true, family: { name: family, about }, affordances };
}

/** Validates files together: no id twice. */
export function joinFamilies(files: readonly (readonly [file: string, content: string])[]): LoadedCatalogue {
  const problems: Problem[] = [];
  const families: Family[] = [];
  const byId = new Map<string, Affordance>();
  for (const [file, content] of files) {
    const parsed = parseFamily(content, file);
    if (!parsed.ok) {
      problems.push(...parsed.problems);
      continue;
    }
    families.push(parsed.family);
    parsed.affordances.forEach((affordance, index) => {
      const first = byId.get(affordance.id);
      if (first) {
        const path = formatPath(['entries', index, 'id']);
        const message = `the id ${affordance.id} is written twice`;
        const hint = `It stands first in ${first.at.file}, line ${first.at.line}.`;
        problems.push({ ...affordance.at, column: 1, path, message, hint });
      } else byId.set(affordance.id, affordance);
    });
  }
  if (problems.length > 0) return { ok: false, problems };
  return { ok: true, catalogue: { families, affordances: [...byId.values()] } };
}
