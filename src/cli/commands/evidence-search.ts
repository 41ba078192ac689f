/**
 * `ringfence evidence search`.
 *
 * @module
 */
import { statusLine } from '../../evidence/index.ts';
import { searchClaims } from '../../evidence/search/index.ts';
import type { Invocation } from '../command.ts';
import { openBase, reportProblems } from '../evidence/base.ts';
import { facetsOf, filterClaims } from '../evidence/filter.ts';
import { statusStyle } from '../evidence/list.ts';
import { wrapText } from '../evidence/wrap.ts';
import { EXIT } from '../exit-codes.ts';
import { safe } from '../text.ts';

export function run({ args, options, terminal }: Invocation<'evidence search'>): number {
  const base = openBase(options);
  reportProblems(base, terminal.err);
  const listed = filterClaims(base, facetsOf(options));
  const statuses = new Map(listed.map(({ claim, status }) => [claim.id, status]));
  const found = searchClaims(
    listed.map(({ claim }) => claim),
    base.sources,
    args.join(' '),
  ).flatMap((one) => {
    const status = statuses.get(one.claim.id);
    return status ? [{ ...one, status }] : [];
  });
  if (options.json) {
    const results = found.map(({ claim, score, field, excerpt, terms, status }) => ({
      ...{ id: claim.id, title: claim.title, status: statusLine(status), certainty: status.certainty.level },
      ...{ score: Math.round(score * 100) / 100, field, excerpt, terms },
    }));
    terminal.out(JSON.stringify({ query: args.join(' '), results }, null, 2));
  } else {
    const width = Math.min(terminal.columns(), 100);
    for (const { claim, status, field, excerpt } of found) {
      terminal.out(terminal.style('bold', safe(claim.id)));
      for (const line of wrapText(safe(claim.title), width, '  ')) terminal.out(line);
      for (const line of wrapText(statusLine(status), width, '  '))
        terminal.out(terminal.style(statusStyle({ status }), line));
      if (excerpt !== '')
        for (const line of wrapText(`${field}: ${safe(excerpt)}`, width, '    '))
          terminal.out(terminal.style('dim', line));
    }
    terminal.out(`${found.length} of ${base.evidence.claims.length} claims`);
  }
  return found.length > 0 ? EXIT.ok : EXIT.failed;
}
