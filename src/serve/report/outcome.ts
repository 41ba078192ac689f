/**
 * What came of the run: the change set, how it was graded, what judges said, what people were asked, and what is not known.
 *
 * @module
 */

import type { GradeResult } from '../../contract/index.ts';
import { type Html, html } from '../../evidence/html/index.ts';
import { BOUNDS } from './bounds.ts';
import type { Gathered } from './gather.ts';
import type { ReportInput } from './input.ts';
import {
  badge,
  eventLink,
  eventLinks,
  foreign,
  notAll,
  plural,
  preformatted,
  type Section,
  table,
} from './parts.ts';

export function changesSection({ changes, gathered, run, landings }: ReportInput): Section {
  const stop = gathered.stop?.changes;
  const counted = stop
    ? html`<p>${stop.added} added, ${stop.changed} changed, ${stop.deleted} deleted, as counted at the end of the run.</p>
`
    : html``;
  const landed = landings.map(
    (landing) => html`<p>${foreign(landing, 200)}</p>
`,
  );
  if ('missing' in changes)
    return {
      id: 'changes',
      title: 'Change set',
      body: html`${counted}${landed}<p class="meta">Its paths cannot be listed: ${foreign(changes.missing, 300)}.</p>
`,
    };
  const colours: Record<string, string> = { rest: 'grey', refused: 'red', 'runs later': 'orange' };
  const rows = changes.items.map(({ path, kind, section, notes }) => [
    html`<code>${foreign(path, 400)}</code>`,
    foreign(kind, 20),
    section === 'rest' ? '' : badge(section, colours[section] ?? 'amber'),
    foreign(notes.join('; '), 400),
  ]);
  const more = changes.all - changes.items.length;
  return {
    id: 'changes',
    title: 'Change set',
    count: changes.all,
    body: html`${counted}${landed}${changes.incomplete !== undefined && html`<p class="warning">Incomplete: ${foreign(changes.incomplete, 300)}</p>`}${
      rows.length === 0
        ? html`<p>Nothing in the workspace was changed.</p>
`
        : html`${table('Changed paths', ['Path', 'Change', 'Look out for', 'Notes'], rows)}<p class="meta">What would land now, beside the workspace as it was when this page was made. Paths alone; contents: <code>ringfence review ${run}</code>. Digest <code class="hex">${changes.digest}</code></p>
`
    }${more > 0 && html`<p class="meta">And ${plural(more, 'path')} more.</p>`}`,
  };
}

function gradingRow(name: string, result: GradeResult | undefined): (Html | string)[][] {
  if (!result) return [];
  const { passed, runs, ms, failed } = result;
  const verdict =
    failed === undefined
      ? badge(`${passed} of ${runs} passed`, passed === runs ? 'green' : 'orange')
      : html`${badge('no verdict', 'orange')} ${foreign(failed, 200)}`;
  return [[name, verdict, `${ms} ms`]];
}

export function gradeSection(gathered: Gathered): Section {
  const all = gathered.list('grade');
  const last = all.at(-1);
  if (!last)
    return {
      id: 'grade',
      title: 'Grade',
      body: html`<p>The result was not graded: the contract says nothing of success, or the run did not come so far.</p>
`,
    };
  const { reward, flaky, text, left, restored, hidden, seq } = last;
  const figure = (value: number | undefined): string => (value === undefined ? 'not known' : String(value));
  const outputs = (
    [
      ['as the agent left it', left],
      ['with the protected files restored', restored],
      ['the hidden check', hidden],
    ] as const
  ).filter(([, result]) => result !== undefined && String(result.output ?? '') !== '');
  return {
    id: 'grade',
    title: 'Grade',
    body: html`<p>${foreign(text, 600)} ${flaky && badge('flaky', 'orange')} ${eventLink(seq)}</p>
<dl class="facts"><dt>Visible reward R</dt><dd>${figure(reward.visible)}</dd><dt>True performance R*</dt><dd>${figure(reward.true)}</dd><dt>Violations C</dt><dd>${figure(reward.violations)}</dd></dl>
${table(
  'Gradings',
  ['Graded', 'Result', '#Took'],
  [
    ...gradingRow('as the agent left it', left),
    ...gradingRow('with the protected files restored', restored),
    ...gradingRow('the hidden check', hidden),
  ],
)}${outputs.map(
  ([
    name,
    result,
  ]) => html`<details class="more"><summary>What it printed ${name}</summary>${preformatted(result?.output, 8_000)}</details>
`,
)}${all.length > 1 && html`<p class="meta">Graded ${all.length} times; this is the last.</p>`}`,
  };
}

export function judgementsSection(run: string, gathered: Gathered): Section | undefined {
  const all = gathered.list('judgement');
  if (all.length === 0) return undefined;
  const rows = all
    .slice(0, BOUNDS.rows)
    .map(({ seq, judge, model, of, about, score, threshold, failed, detail, reason }) => [
      eventLink(seq),
      html`${foreign(judge, 80)} <span class="meta">${foreign(model, 80)}</span>`,
      html`${foreign(of, 40)} ${eventLinks(about, 4)}`,
      score === undefined
        ? html`${badge('failed', 'orange')} ${foreign(failed ?? 'not known why', 80)}${detail !== undefined && html`: ${foreign(detail, 200)}`}`
        : html`${badge(`${score} of 1`, score >= threshold ? 'red' : 'green')} <span class="meta">threshold ${threshold}</span>${reason !== undefined && html` ${foreign(reason, 400)}`}`,
    ]);
  return {
    id: 'judgements',
    title: 'Judgements',
    count: gathered.count('judgement'),
    body: html`<p class="meta">A judge is a model, and is moved by what it reads. One that failed says nothing of the act.</p>
${table('Judgements', ['#Event', 'Judge', 'Of', 'What it says'], rows)}${notAll(rows.length, gathered.count('judgement'), 'judgement', `log show --kind judgement ${run}`)}`,
  };
}

export function questionsSection(run: string, gathered: Gathered): Section | undefined {
  const asked = gathered.list('approval.ask');
  const changed = gathered.list('contract.change');
  if (asked.length + changed.length === 0) return undefined;
  const answers = new Map(gathered.list('approval.answer').map((answer) => [answer.question, answer]));
  const rows = asked.slice(0, BOUNDS.rows).map(({ seq, question, effect, what }) => {
    const answer = answers.get(question);
    return [
      eventLink(seq),
      html`${foreign(effect, 80)}: ${foreign(what, 500)}`,
      answer
        ? html`${badge(answer.allow ? 'allowed' : 'denied', answer.allow ? 'blue' : 'amber')} by ${foreign(answer.by, 120)}${answer.until !== undefined && html` until ${foreign(answer.until, 40)}`}${answer.detail !== undefined && html`: ${foreign(answer.detail, 200)}`} ${eventLink(answer.seq)}`
        : badge('not answered', 'orange'),
    ];
  });
  return {
    id: 'questions',
    title: 'Questions',
    count: gathered.count('approval.ask'),
    body: html`${asked.length > 0 && table('Questions', ['#Event', 'What was asked', 'Answer'], rows)}${notAll(rows.length, gathered.count('approval.ask'), 'question', `log show --kind approval.ask ${run}`)}${
      changed.length > 0 &&
      html`<h3>What people changed in the running contract</h3>
${table(
  'Changes of the contract',
  ['#Event', 'Clause', 'Rule', 'By'],
  changed
    .slice(0, BOUNDS.rows)
    .map(({ seq, clause, rule, by, until }) => [
      eventLink(seq),
      foreign(clause, 80),
      foreign(rule, 300),
      html`${foreign(by, 120)}${until !== undefined && html` until ${foreign(until, 40)}`}`,
    ]),
)}${notAll(Math.min(changed.length, BOUNDS.rows), gathered.count('contract.change'), 'change', `log show --kind contract.change ${run}`)}`
    }`,
  };
}

/** What could not be seen, or has no known cause. Unknown never counts as safe. */
export function unknownSection(run: string, gathered: Gathered): Section {
  const { programs, connections, changes } = gathered.joined;
  const lost = gathered.list('sensor.loss');
  const orphans = gathered.flows.rows.filter(({ pid }) => pid === undefined).length;
  const { unowned, failed } = gathered;
  const said = gathered.count('model.turn') + gathered.count('tool.call') > 0;
  const row = (name: string, { joined, declared, all }: typeof programs): string[] => [
    name,
    String(all),
    String(joined),
    String(all - joined),
    String(declared),
  ];
  return {
    id: 'unknown',
    title: 'What is not known',
    body: html`${
      said
        ? html`<p>What was done, and whether a model’s turn or a tool call is known that caused it:</p>
${table('What has a known cause', ['What', '#All', '#Cause known', '#Not known', '#Of the known: declared alone'], [row('programs', programs), row('connections', connections), row('changes of files', changes)])}`
        : html`<p>No turn of a model and no tool call is on record: there is nothing to join processes to.</p>
`
    }${orphans > 0 && html`<p class="warning">${plural(orphans, 'flow')} without a process that is known.</p>`}${unowned > 0 && html`<p class="warning">${plural(unowned, 'refused act')} without a process that is known.</p>`}${failed > 0 && html`<p class="warning">${plural(failed, 'judgement')} that failed: nothing is known of those acts. <a href="#judgements">Which</a>.</p>`}${
      lost.length > 0
        ? html`<h3>Sensors that lost something</h3>
${table(
  'Losses',
  ['#Event', 'Sensor', '#How much', 'Why'],
  lost
    .slice(0, BOUNDS.rows)
    .map(({ seq, sensor, reason, count }) => [
      eventLink(seq),
      foreign(sensor, 80),
      foreign(count, 20),
      foreign(reason, 300),
    ]),
)}${notAll(Math.min(lost.length, BOUNDS.rows), gathered.count('sensor.loss'), 'loss', `log show --kind sensor.loss ${run}`)}`
        : html`<p>No sensor said that it lost anything.</p>
`
    }`,
  };
}
