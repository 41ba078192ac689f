/**
 * What is said about a claim: the debate, the path to worse, objections, contradictions.
 *
 * @module
 */
import { type Claim, stepsBefore } from '../../../evidence/index.ts';
import type { Style } from '../../terminal.ts';
import { type Citations, withMarks } from './cited.ts';
import type { Paper } from './paper.ts';

const COUNTER_STYLE = { open: 'yellow', answered: 'green', conceded: 'red' } as const satisfies Record<
  string,
  Style
>;

export function writeDebate(paper: Paper, { debate }: Claim, { marks, quotes }: Citations): void {
  if (!debate) return;
  paper.heading(`The debate on the mechanism (${debate.state})`);
  paper.text(debate.question, { indent: 2 });
  for (const position of debate.positions) {
    paper.blank();
    paper.text(`${position.name}${position.by.length === 0 ? '' : ` (${position.by.join('; ')})`}`, {
      indent: 2,
      style: 'cyan',
    });
    paper.text(withMarks(position.holds, marks(position.cites)), { indent: 4 });
    quotes(paper, position.cites, 4);
    paper.field('expects', position.expects, 4);
  }
  if (debate.note !== undefined) {
    paper.blank();
    paper.text(debate.note, { indent: 2 });
  }
}

export function writeEscalation(paper: Paper, claim: Claim, { marks, quotes }: Citations): void {
  const { escalation } = claim;
  if (escalation.length === 0) return;
  paper.heading('The escalation path');
  const numberOf = new Map(escalation.map(({ id }, index) => [id, index + 1]));
  const width = String(escalation.length).length;
  for (const [index, step] of escalation.entries()) {
    const before = stepsBefore(claim, index);
    const isNext = before.length === 1 && numberOf.get(before[0] as string) === index;
    const from =
      before.length === 0 || isNext
        ? ''
        : ` (after ${before.map((id) => numberOf.get(id) ?? id).join(', ')})`;
    const label = `  ${index === 0 || !isNext ? ' ' : '↓'} ${String(index + 1).padStart(width)}. `;
    paper.item(label, withMarks(`${step.text}${from}`, marks(step.cites)));
    const links = [
      step.state,
      step.hazard && `hazard ${step.hazard}`,
      step.techniques.join(', '),
      step.affordance && `affordance ${step.affordance}`,
      step.claim && `see claim ${step.claim}`,
    ];
    paper.text(links.filter((link) => link).join(' · '), {
      indent: label.length,
      style: step.state === 'observed' ? 'red' : 'dim',
    });
    quotes(paper, step.cites, label.length);
  }
}

export function writeCounterarguments(
  paper: Paper,
  { counterarguments }: Claim,
  { marks, quotes }: Citations,
): void {
  if (counterarguments.length === 0) return;
  paper.heading('Counterarguments');
  for (const [index, one] of counterarguments.entries()) {
    if (index > 0) paper.blank();
    const against = one.against === 'claim' ? 'the claim' : one.against;
    paper.text(`${one.id}: against ${against} · ${one.strength} · ${one.state}`, {
      indent: 2,
      style: COUNTER_STYLE[one.state],
    });
    const by = one.by.length === 0 ? '' : ` (${one.by.join('; ')})`;
    paper.text(withMarks(`${one.text}${by}`, marks(one.cites)), { indent: 4 });
    quotes(paper, one.cites, 4);
    if (!one.response) {
      paper.text('No response.', { indent: 4, style: 'dim' });
      continue;
    }
    const whose = one.response.by.length === 0 ? '' : ` (${one.response.by.join('; ')})`;
    paper.item('    → ', withMarks(`${one.response.text}${whose}`, marks(one.response.cites)));
    quotes(paper, one.response.cites, 6);
  }
}

export function writeContradictions(
  paper: Paper,
  { contradictions }: Claim,
  { marks, quotes }: Citations,
): void {
  if (contradictions.length === 0) return;
  paper.heading('Contradictions between sources');
  for (const [index, { about, says, against, state, finding }] of contradictions.entries()) {
    if (index > 0) paper.blank();
    paper.text(`${about} (${state})`, { indent: 2, style: state === 'resolved' ? 'green' : 'yellow' });
    for (const side of [says, against]) {
      paper.item('    • ', withMarks(side.text, marks([side.cite])));
      quotes(paper, [side.cite], 6);
    }
    paper.item('    → ', finding);
  }
}
