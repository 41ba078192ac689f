/**
 * The top of the page: what ran, under which contract, how it ended, and whether the record can be believed.
 *
 * @module
 */
import { shellWord } from '../../contract/index.ts';
import { type Html, html } from '../../evidence/html/index.ts';
import type { Gathered } from './gather.ts';
import type { Integrity, ReportInput } from './input.ts';
import { badge, foreign, plural, type Section, sinceBegin, table } from './parts.ts';

/** As a shell would need it written, where it is not plain. */
const word = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : shellWord(argument);

const ending = (exit: { code?: number; signal?: number } | undefined): string =>
  exit?.signal === undefined ? `code ${exit?.code ?? '?'}` : `signal ${exit.signal}`;

function endOf({ gathered, isOngoing, status }: ReportInput): Html {
  const { stop } = gathered;
  if (!stop)
    return isOngoing
      ? html`${badge('still going on', 'blue')} this page shows what was recorded until it was made`
      : html`${badge('no end on record', 'orange')} it crashed, or its record was cut`;
  const said = status === undefined ? '' : `; ringfence run exited with ${status}`;
  return html`${foreign(stop.reason, 300)}: the program ended with ${ending(stop.exit)}${said}${stop.incomplete === true && html` ${badge('record incomplete', 'orange')}`}`;
}

const STATES: Record<Integrity['state'], readonly [text: string, colour: string, meaning: string]> = {
  ok: ['whole', 'green', 'every record is the one that was signed'],
  incomplete: [
    'not closed',
    'orange',
    'nothing contradicts the signatures, but the record has no end yet: what came last may be missing',
  ],
  broken: ['BROKEN', 'red', 'records are not those that were signed: believe nothing below without checking'],
  unknown: ['not verified', 'orange', 'nothing vouches for what is below'],
};

/** Of a run that is over, every record is closed, also where it crashed: the next command ends it. */
const CUT =
  'nothing contradicts the signatures, but the run is over and its record has no end: what came last was never written, or somebody removed it';

function integrityOf({ integrity, run, made, isOngoing }: ReportInput): Html {
  const [word, colour, general] = STATES[integrity.state];
  const meaning = integrity.state === 'incomplete' && !isOngoing ? CUT : general;
  const { size, signed, checkpoints, head, pruned, recoveries, problems } = integrity;
  const facts = [
    plural(size, 'record'),
    `${signed.toLocaleString('en')} under ${plural(checkpoints, 'signed checkpoint')}`,
    ...(pruned === undefined ? [] : [`${plural(pruned, 'older record')} removed by retention`]),
    ...(recoveries === 0 ? [] : [`recovered ${plural(recoveries, 'time')} after a crash`]),
  ].join(', ');
  return html`<p>${badge(word, colour)} ${meaning}.</p>
<p class="meta">${facts}. Checked ${made} when this page was made; check it again: <code>ringfence log verify ${run}</code></p>
${
  problems.length > 0 &&
  html`<ul class="problems">${problems.slice(0, 20).map(
    (problem) => html`<li>${foreign(problem, 400)}</li>
`,
  )}</ul>
`
}${head !== '' && html`<p class="meta">Hash of the last record: <code class="hex">${head}</code></p>`}`;
}

/** Numbers that say at a glance where to look. */
function tilesOf({ gathered, changes }: ReportInput): Html {
  const { processes, flows, grave, refused } = gathered;
  const findings = gathered.count('finding');
  const wrong = gathered.count('violation') + gathered.count('tampering');
  const tile = (number: number, word: string, href: string, colour = '', note = ''): Html =>
    html`<li><a href="#${href}" class="tile ${number > 0 ? colour : ''}"><span class="big">${number.toLocaleString('en')}</span> ${word}${note !== '' && html`<span class="meta">${note}</span>`}</a></li>
`;
  return html`<ul class="tiles">
${tile(findings, findings === 1 ? 'finding' : 'findings', 'findings', grave > 0 ? 'red' : 'amber', grave > 0 ? `${grave.toLocaleString('en')} high or critical` : '')}${tile(refused, 'refused', 'refused', 'amber')}${tile(wrong, wrong === 1 ? 'violation' : 'violations', 'refused', 'red')}${tile(processes.all, processes.all === 1 ? 'process' : 'processes', 'processes')}${tile(flows.all, flows.all === 1 ? 'flow' : 'flows', 'flows')}${'missing' in changes ? tile(gathered.count('file.change'), 'writes seen', 'changes') : tile(changes.all, 'paths changed', 'changes')}${tile(gathered.count('model.turn'), 'model turns', 'events')}${tile(gathered.events, 'events', 'events')}</ul>
`;
}

/** The list of hazards of a run, as `never` judged them before it began. */
function hazardsOf({ start }: Gathered): Html | false {
  const entries = Object.entries(start?.never ?? {});
  const colours: Record<string, string> = { prevented: 'green', detected: 'blue', 'not covered': 'orange' };
  return (
    entries.length > 0 &&
    html`<details class="more"><summary>What the contract kept from happening, hazard by hazard</summary>
${table(
  'Hazards',
  ['Hazard', 'State', 'By'],
  entries.map(([hazard, coverage]) => [
    foreign(hazard, 60),
    badge(String(coverage?.state ?? '?').slice(0, 20), colours[coverage?.state] ?? 'grey'),
    foreign(coverage?.by, 600),
  ]),
)}</details>
`
  );
}

/** Beside what the record no longer holds, and `run.json` does. */
const UNSIGNED = html` <span class="meta">says run.json, which nobody signed; the record no longer holds how the run began</span>`;
const ABSENT = 'not on record';

function beginningOf({ gathered: { start }, unsigned, run }: ReportInput): Html {
  const command = start?.command ?? unsigned?.command;
  const contract = start?.contract ?? unsigned;
  const workspace = start?.cwd ?? unsigned?.workspace;
  const began = start?.time ?? unsigned?.started;
  const note = start ? false : UNSIGNED;
  return html`<dt>Command</dt><dd><code class="command" tabindex="0">${command ? foreign(command.map(word).join(' '), 1_000) : ABSENT}</code>${command && note}</dd>
<dt>Contract</dt><dd>${contract ? html`<strong>${foreign(contract.name, 120)}</strong> <span class="meta">${foreign(contract.path, 300)}, SHA-256 <code>${foreign(contract.sha256, 64)}</code></span>${note}` : ABSENT}</dd>
<dt>Workspace</dt><dd>${workspace === undefined ? ABSENT : html`${foreign(workspace, 400)}${note}`}</dd>
<dt>Isolation</dt><dd>${start ? html`${foreign(start.isolation, 120)} <span class="meta">Landlock ABI ${start.effective.landlock}, seccomp mode ${start.effective.seccomp.mode}, capabilities ${foreign(start.effective.capabilities.effective, 20)}, ${plural(Object.keys(start.effective.namespaces).length, 'namespace')}; read back before the program started</span>` : ABSENT}</dd>
<dt>Began</dt><dd>${began === undefined ? ABSENT : html`${foreign(began, 40)}${note}`} <span class="meta">run ${run}</span></dd>
`;
}

export function summarySection(input: ReportInput): Section {
  const { gathered } = input;
  const { events, unreadable } = gathered;
  return {
    id: 'summary',
    title: 'Summary',
    body: html`<dl class="facts">
${beginningOf(input)}<dt>Lasted</dt><dd>${sinceBegin(gathered.end)}</dd>
<dt>Ended</dt><dd>${endOf(input)}</dd>
<dt>Record</dt><dd>${integrityOf(input)}</dd>
</dl>
${tilesOf(input)}${
  unreadable > 0 &&
  html`<p class="warning">${plural(unreadable, 'line')} of ${events.toLocaleString('en')} could not be read as events.</p>
`
}${hazardsOf(gathered)}`,
  };
}
