/**
 * Claims as a bundle of STIX 2.1 (OASIS Standard, 10 June 2021): a report for each claim, the techniques of its
 * escalation path as attack patterns, its objections as notes, and relationships between claims.
 *
 * @module
 */
import { sourcesOf } from '../cites.ts';
import type { Source } from '../load.ts';
import type { Certainty } from '../words.ts';
import { datesOf, type Entry, type Exported, pageOf, techniquesOf, timeOf, uuidOf } from './entry.ts';

type Stix = { type: string; id: string } & Record<string, unknown>;
interface Reference {
  source_name: string;
  description?: string;
  url?: string;
  external_id?: string;
}

/** `confidence`, within the bands of the standard’s scale None / Low / Med / High (appendix A). */
const CONFIDENCE: Readonly<Record<Certainty, number>> = { 'very-low': 10, low: 25, moderate: 55, high: 85 };

/** When the ids below were first given out: attack patterns and our identity have no date of their own. */
const FIRST = '2026-11-22T00:00:00.000Z';

const idOf = (type: string, name: string): string => `${type}--${uuidOf(`${type}/${name}`)}`;
const AUTHOR = idOf('identity', 'ringfence');

function object(
  type: string,
  name: string,
  dates: { created: string; modified: string },
  rest: object,
): Stix {
  return { type, spec_version: '2.1', id: idOf(type, name), created_by_ref: AUTHOR, ...dates, ...rest };
}

function referenceTo(source: Source): Reference {
  const { arxiv, doi, isbn } = source.identifiers;
  const external =
    (doi && `doi:${doi}`) || (arxiv && `arXiv:${arxiv}`) || (isbn && `isbn:${isbn}`) || undefined;
  const authors = source.authors.length === 0 ? '' : `${source.authors.join(', ')}. `;
  return {
    source_name: source.publisher.replace(/^(cve|capec)$/, (name) => name.toUpperCase()),
    description: `${authors}${source.title} (${source.published}; ${source.tier}, ${source.checked.how})`,
    ...(source.url !== undefined && { url: source.url }),
    ...(external !== undefined && { external_id: external }),
  };
}

/** A number elsewhere; those of CVE and CAPEC must stand under these names, and nothing else may (§2.5.2). */
function namedReference(scheme: string, id: string): Reference {
  const named = /^CVE-\d{4}-(0\d{3}|[1-9]\d{3,})$/.test(id)
    ? 'cve'
    : /^CAPEC-\d+$/.test(id)
      ? 'capec'
      : undefined;
  return {
    source_name: named ?? scheme.replace(/^(cve|capec)$/, (name) => name.toUpperCase()),
    external_id: id,
  };
}

/** MITRE’s own page of a technique, and the name that its feeds use for the source. */
function techniqueReference(id: string): Reference {
  return id.startsWith('AML.')
    ? { source_name: 'mitre-atlas', external_id: id, url: `https://atlas.mitre.org/techniques/${id}` }
    : {
        ...{ source_name: 'mitre-attack', external_id: id },
        url: `https://attack.mitre.org/techniques/${id.replace('.', '/')}`,
      };
}

function noteOf(
  { claim, status }: Entry,
  { id, text, by, state, strength, response }: Entry['claim']['counterarguments'][number],
): Stix {
  const dates = { created: timeOf(status.updated), modified: timeOf(status.updated) };
  return object('note', `${claim.id}/${id}`, dates, {
    abstract: `Objection (${strength}, ${state})`,
    content: response ? `${text}\n\nResponse: ${response.text}` : text,
    ...(by.length > 0 && { authors: by }),
    object_refs: [idOf('report', claim.id)],
  });
}

function reportOf(entry: Entry, exported: Exported, sources: ReadonlyMap<string, Source>): Stix {
  const { claim, status } = entry;
  const { created, updated } = datesOf(entry);
  const page = pageOf(exported, claim.id);
  const references = [
    ...(page === undefined ? [] : [{ source_name: 'ringfence', external_id: claim.id, url: page }]),
    ...sourcesOf(claim).flatMap((id) => {
      const source = sources.get(id);
      if (!source) return [];
      const { cve } = source.identifiers;
      return [referenceTo(source), ...(cve === undefined ? [] : [namedReference('CVE', cve)])];
    }),
    ...claim.external.map(({ scheme, id, url }) => ({
      ...namedReference(scheme, id),
      ...(url !== undefined && { url }),
    })),
  ];
  const about = techniquesOf(claim).map((technique) => idOf('attack-pattern', technique));
  return object(
    'report',
    claim.id,
    { created: timeOf(created), modified: timeOf(updated) },
    {
      name: claim.title,
      description: claim.statement,
      report_types: [about.length > 0 ? 'attack-pattern' : 'threat-report'],
      published: timeOf(created),
      confidence: CONFIDENCE[status.certainty.level],
      lang: 'en',
      labels: [
        `status:${status.code}`,
        ...(status.code === status.evidence ? [] : [`evidence:${status.evidence}`]),
        `category:${claim.category}`,
        ...claim.hazards.map((hazard) => `hazard:${hazard}`),
        ...claim.tags,
      ],
      ...(references.length > 0 && { external_references: references }),
      object_refs: about.length > 0 ? about : [AUTHOR],
    },
  );
}

/** @param techniques id → name, as `rules/techniques.txt` has them */
export function toStix(exported: Exported, techniques: ReadonlyMap<string, string>): string {
  const { entries } = exported;
  const sources = new Map(exported.sources.map((source) => [source.id, source]));
  const listed = new Set(entries.map(({ claim }) => claim.id));
  const first = { created: FIRST, modified: FIRST };
  const identity = {
    ...{ type: 'identity', spec_version: '2.1', id: AUTHOR, ...first },
    ...{ name: 'Ringfence evidence base', identity_class: 'group' },
  };
  const patterns = [...new Set(entries.flatMap(({ claim }) => techniquesOf(claim)))].sort().map((id) =>
    object('attack-pattern', id, first, {
      name: techniques.get(id) ?? id,
      external_references: [techniqueReference(id)],
    }),
  );
  const relationships = entries.flatMap(({ claim, status }) =>
    claim.related
      .filter((one) => listed.has(one.claim))
      .map(({ claim: other, how, note }) =>
        object(
          'relationship',
          `${claim.id}/${how}/${other}`,
          { created: timeOf(status.updated), modified: timeOf(status.updated) },
          {
            relationship_type: how,
            ...(note !== undefined && { description: note }),
            ...{ source_ref: idOf('report', claim.id), target_ref: idOf('report', other) },
          },
        ),
      ),
  );
  const objects: Stix[] = [
    identity,
    ...patterns,
    ...entries.map((entry) => reportOf(entry, exported, sources)),
    ...entries.flatMap((entry) => entry.claim.counterarguments.map((one) => noteOf(entry, one))),
    ...relationships,
  ];
  const content = JSON.stringify(objects);
  return `${JSON.stringify({ type: 'bundle', id: `bundle--${uuidOf(content)}`, objects }, null, 2)}\n`;
}
