/**
 * A claim as a page for a terminal.
 *
 * @module
 */
import { ATTRIBUTIONS, REPRODUCTIONS, SETTINGS, statusLine, titleOf } from '../../../evidence/index.ts';
import type { Terminal } from '../../terminal.ts';
import type { Base } from '../base.ts';
import type { Listed } from '../filter.ts';
import { statusStyle } from '../list.ts';
import { writeContradictions, writeCounterarguments, writeDebate, writeEscalation } from './argument.ts';
import {
  writeEvents,
  writeEvidence,
  writeFigures,
  writeHistory,
  writeLinks,
  writeSources,
} from './backing.ts';
import { citationsOf, withMarks } from './cited.ts';
import { Paper } from './paper.ts';

export function claimPage(base: Base, listed: Listed, terminal: Pick<Terminal, 'columns' | 'style'>): string {
  const { claim, status } = listed;
  const paper = new Paper(terminal.columns(), (style, text) => terminal.style(style, text));
  const citations = citationsOf(claim);
  const { marks, quotes } = citations;

  paper.text(`${titleOf(claim.kind)} · ${titleOf(claim.category)} · ${claim.id}`, { style: 'dim' });
  paper.text(claim.title, { style: 'bold' });
  paper.text(statusLine(status), { style: statusStyle(listed) });
  paper.blank();
  paper.text(claim.statement);

  paper.heading('Why this status');
  for (const { rule, text } of status.reasons) paper.item('  • ', `${rule.replaceAll('-', ' ')}: ${text}`);
  const { attribution, reproduction, maturity, setting, sourcing } = claim.axes;
  paper.blank();
  paper.field('maturity', `${maturity}, sourcing ${sourcing}`);
  paper.field('setting', `${setting}: ${SETTINGS[setting]}`);
  paper.field('brought about', `${attribution.to}: ${ATTRIBUTIONS[attribution.to]}. ${attribution.text}`);
  paper.field('reproduction', `${reproduction.level}: ${REPRODUCTIONS[reproduction.level]}`);
  for (const { run, path, shows } of reproduction.by) paper.item('    → ', `${run} (${path}): ${shows}`);
  const coverage = base.coverageOf(claim);
  paper.field('coverage', `${coverage.state}. ${coverage.text}`);

  paper.heading('What is known');
  for (const [index, paragraph] of claim.narrative.entries()) {
    if (index > 0) paper.blank();
    paper.text(withMarks(paragraph.text, marks(paragraph.cites)), { indent: 2 });
    quotes(paper, paragraph.cites, 2);
  }
  writeEvidence(paper, claim, citations);
  writeFigures(paper, claim, citations);
  writeDebate(paper, claim, citations);
  if (claim.consequences.length > 0) paper.heading('What holds whatever the mechanism');
  for (const { text, cites } of claim.consequences) {
    paper.item('  • ', withMarks(text, marks(cites)));
    quotes(paper, cites, 4);
  }
  writeEscalation(paper, claim, citations);
  writeCounterarguments(paper, claim, citations);
  writeContradictions(paper, claim, citations);
  writeSources(paper, citations, base.sources);
  writeEvents(paper, claim);
  writeLinks(paper, claim);
  writeHistory(paper, claim);
  return paper.toString();
}
