/**
 * Claims as a list.
 *
 * @module
 */
import { statusLine, titleOf } from '../../evidence/index.ts';
import type { Style, Terminal } from '../terminal.ts';
import { safe } from '../text.ts';
import type { Base } from './base.ts';
import { countFacet, type Listed } from './filter.ts';
import { wrapText } from './wrap.ts';

export const statusStyle = ({ status }: Pick<Listed, 'status'>): Style =>
  status.marks.length > 0
    ? 'yellow'
    : status.evidence === 'realized' || status.evidence === 'demonstrated-real-world'
      ? 'red'
      : 'cyan';

export function listJson(base: Base, listed: readonly Listed[]): unknown {
  return {
    folder: base.folder,
    on: base.today,
    claims: listed.map(({ claim, status }) => ({
      id: claim.id,
      title: claim.title,
      kind: claim.kind,
      category: claim.category,
      statement: claim.statement,
      hazards: claim.hazards,
      tags: claim.tags,
      status: {
        code: status.code,
        label: status.label,
        line: statusLine(status),
        evidence: status.evidence,
        marks: status.marks,
        verified: status.verified?.on ?? null,
        updated: status.updated,
        certainty: status.certainty.level,
      },
      coverage: base.coverageOf(claim).state,
      file: claim.file,
    })),
    facets: Object.fromEntries(
      (['category', 'hazard', 'status', 'certainty', 'maturity', 'tag'] as const).map((facet) => [
        facet,
        Object.fromEntries(countFacet(listed, facet)),
      ]),
    ),
  };
}

/** By subject; each claim with its status on a line of its own. */
export function listText(base: Base, listed: readonly Listed[], terminal: Terminal): string {
  const lines: string[] = [];
  const width = Math.min(terminal.columns(), 100);
  for (const [category] of countFacet(listed, 'category').sort(([one], [other]) => (one < other ? -1 : 1))) {
    lines.push(terminal.style('bold', titleOf(category)));
    for (const one of listed.filter(({ claim }) => claim.category === category)) {
      lines.push(`  ${safe(one.claim.id)}`);
      lines.push(...wrapText(safe(one.claim.title), width, '    '));
      for (const line of wrapText(statusLine(one.status), width, '    '))
        lines.push(terminal.style(statusStyle(one), line));
      const coverage = base.coverageOf(one.claim).state;
      const about = `certainty ${one.status.certainty.level} · ${one.claim.hazards.join(', ')} · coverage ${coverage}`;
      lines.push(...wrapText(about, width, '    ').map((line) => terminal.style('dim', line)));
    }
    lines.push('');
  }
  const all = base.evidence.claims.length;
  const facet = (name: 'hazard' | 'certainty') =>
    countFacet(listed, name)
      .map(([value, count]) => `${value} ${count}`)
      .join(', ');
  lines.push(`${listed.length} of ${all} claims`);
  if (listed.length > 0) {
    lines.push(...wrapText(`hazards: ${facet('hazard')}`, width, '  '));
    lines.push(...wrapText(`certainty: ${facet('certainty')}`, width, '  '));
  }
  return lines.join('\n');
}
