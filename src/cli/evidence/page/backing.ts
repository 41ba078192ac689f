/**
 * What a claim rests on and is linked to: figures, sources, links, who checked it when.
 *
 * @module
 */
import { amountOf, type Claim, citesOf, type Source, titleOf } from '../../../evidence/index.ts';
import { type Citations, withMarks } from './cited.ts';
import type { Paper } from './paper.ts';

export function writeFigures(paper: Paper, { figures }: Claim, { marks, quotes }: Citations): void {
  if (figures.length === 0) return;
  paper.heading('Figures');
  for (const figure of figures) {
    paper.item(
      '  • ',
      withMarks(`${figure.what}: ${amountOf(figure)}. ${figure.setup}`, marks([figure.cite])),
    );
    quotes(paper, [figure.cite], 4);
  }
}

export function writeEvidence(paper: Paper, claim: Claim, { marks, quotes }: Citations): void {
  paper.heading('What it rests on');
  for (const { shows, cite } of claim.evidence) {
    paper.item('  • ', withMarks(shows, marks([cite])));
    quotes(paper, [cite], 4);
  }
  paper.field('secondary sources alone', claim['secondary-only']);
}

const IDENTIFIERS = { arxiv: 'arXiv:', doi: 'doi:', isbn: 'ISBN ', cve: '' } as const;

function identifiersOf({ identifiers }: Source): string {
  return Object.entries(IDENTIFIERS)
    .flatMap(([key, before]) => {
      const id = identifiers[key as keyof typeof IDENTIFIERS];
      return id === undefined ? [] : [`${before}${id}`];
    })
    .join(' · ');
}

/** Events that drafts cite: the record itself, which `log verify` checks. */
export function writeEvents(paper: Paper, claim: Claim): void {
  const events = new Map(
    citesOf(claim).flatMap(({ cite: { event } }) =>
      event ? [[`${event.run} ${event.seq}`, event] as const] : [],
    ),
  );
  if (events.size === 0) return;
  paper.heading(`Events of runs (${events.size})`);
  for (const { run, seq, hash } of events.values())
    paper.item('  • ', `event ${seq} of run ${run}, SHA-256 ${hash}`);
}

export function writeSources(paper: Paper, { ids }: Citations, sources: ReadonlyMap<string, Source>): void {
  if (ids.length === 0) return;
  paper.heading(`Sources (${ids.length})`);
  for (const [index, id] of ids.entries()) {
    const label = `  [${index + 1}] `;
    const indent = label.length;
    const source = sources.get(id);
    if (!source) {
      paper.item(label, `${id}: there is no such source`, 'yellow');
      continue;
    }
    const named = source.authors.join(', ');
    const authors = named === '' ? '' : `${named}${named.endsWith('.') ? '' : '.'} `;
    const stop = /[.!?]$/.test(source.title) ? '' : '.';
    paper.item(label, `${authors}${source.title}${stop} ${source.publisher}, ${source.published}.`);
    const dates = [
      source.updated && `updated ${source.updated}`,
      source.accessed && `accessed ${source.accessed}`,
    ];
    paper.text(
      [titleOf(source.type), source.tier, ...dates, `licence ${source.licence}`]
        .filter((part) => part)
        .join(' · '),
      { indent, style: 'dim' },
    );
    const where = [source.url, identifiersOf(source)].filter((part) => part);
    if (where.length > 0) paper.text(where.join(' · '), { indent, style: 'dim' });
    paper.text(
      source.archive.url === undefined
        ? `no archived copy: ${source.archive.none}`
        : `archived: ${source.archive.url}`,
      { indent, style: 'dim' },
    );
    const { how, on, by, note } = source.checked;
    paper.text(`${titleOf(how)} on ${on} by ${by}${note === undefined ? '' : `: ${note}`}`, {
      indent,
      style: 'dim',
    });
    if (source.retracted !== undefined)
      paper.text(`withdrawn: ${source.retracted}`, { indent, style: 'red' });
    if (source.note !== undefined) paper.text(source.note, { indent, style: 'dim' });
  }
}

export function writeLinks(paper: Paper, claim: Claim): void {
  paper.heading('Links');
  paper.field('hazards', claim.hazards.join(', '));
  paper.field('rules that would see it', claim.rules.join(', '));
  paper.field('affordances', claim.affordances.join(', '));
  paper.field('contracts against it', claim.contracts.map((name) => `contracts/${name}.yaml`).join(', '));
  for (const { claim: other, how, note } of claim.related)
    paper.field(how.replaceAll('-', ' '), note === undefined ? other : `${other} (${note})`);
  for (const { scheme, id, url, note } of claim.external)
    paper.field(scheme, [id, note, url].filter((part) => part !== undefined).join(' · '));
  paper.field('tags', claim.tags.join(', '));
}

export function writeHistory(paper: Paper, claim: Claim): void {
  paper.heading('Verification and history');
  for (const { on, by, how, note } of claim.verification)
    paper.item('  ✓ ', `${on} ${how.replaceAll('-', ' ')}, by ${by}${note === undefined ? '' : `: ${note}`}`);
  for (const { on, what, by } of claim.history)
    paper.item('  • ', `${on} ${what}${by === undefined ? '' : ` (${by})`}`);
}
