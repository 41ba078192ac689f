/**
 * From an event up to what caused it, and down to what it led to.
 *
 * @module
 */
import type { Context } from '../../contract/index.ts';
import type { CallNode, Entry, FlowNode, Place, ProcessNode, TraceGraph, TurnNode } from './graph.ts';

/** A line of a trace. `seqs`: its events; `by` and `confidence`: how it was joined to the one above. */
export interface TraceLine {
  what: 'turn' | 'call' | 'process' | 'flow' | 'event' | 'finding';
  id: string;
  text: string;
  seqs: number[];
  by?: Context['by'];
  confidence?: number;
  /** what it led to */
  below: TraceLine[];
  /** more of the same, not listed */
  more?: number;
}

export interface Trace {
  /** from the first cause to the event itself */
  up: TraceLine[];
  /** what the last of `up` led to */
  down: TraceLine[];
  /** findings that cite an event of the trace */
  findings: TraceLine[];
}

/** So many of each are listed below one line. */
const LISTED = 50;
const DEEPEST = 32;

export function traceOf(graph: TraceGraph, place: Place): Trace {
  const up = upFrom(graph, place);
  const last = place.call ?? place.turn ?? place.flow ?? place.process;
  const down = last ? downFrom(graph, place) : [];
  const shown = new Set<number>();
  const collect = (lines: readonly TraceLine[]): void => {
    for (const line of lines) {
      for (const seq of line.seqs) shown.add(seq);
      collect(line.below);
    }
  };
  collect(up);
  collect(down);
  const findings = graph.findings
    .filter(({ cites, entry }) => entry.seq !== place.entry.seq && cites.some((seq) => shown.has(seq)))
    .map(({ entry }) => lineOf('finding', String(entry.seq), entry));
  return { up, down, findings };
}

function upFrom(graph: TraceGraph, place: Place): TraceLine[] {
  const { entry, process, flow } = place;
  const context = entry.context ?? flow?.context ?? causeOf(process);
  const lines: TraceLine[] = [];
  const call =
    place.call ?? (context?.toolCall === undefined ? undefined : graph.calls.get(context.toolCall));
  const turn = place.turn ?? turnOf(graph, call?.turn ?? context?.turn);
  if (turn) lines.push(turnLine(turn));
  if (call) lines.push({ ...callLine(call), ...joint(call.context) });
  const chain: ProcessNode[] = [];
  for (let at = process; at && chain.length < DEEPEST; at = at.parent) chain.unshift(at);
  lines.push(...chain.map((each) => ({ ...processLine(each), ...joint(each.context) })));
  if (flow) lines.push({ ...flowLine(flow), ...joint(flow.context) });
  const isNamed = lines.some(({ seqs }) => seqs.includes(entry.seq));
  if (!isNamed) lines.push({ ...lineOf('event', String(entry.seq), entry), ...joint(entry.context) });
  return lines;
}

function downFrom(graph: TraceGraph, { turn, call, flow, process, entry }: Place): TraceLine[] {
  if (turn) return turn.calls.map((each) => below(graph, each));
  if (call) return callBelow(graph, call);
  if (flow) return list(flow.events.filter(({ seq }) => seq !== entry.seq).map((each) => eventLine(each)));
  if (process && entry.kind === 'process.exec') return processBelow(process, 0);
  return [];
}

const below = (graph: TraceGraph, call: CallNode): TraceLine => ({
  ...callLine(call),
  below: callBelow(graph, call),
});

function callBelow(graph: TraceGraph, call: CallNode): TraceLine[] {
  const isOfCall = (context: Context | undefined) => context?.toolCall === call.id;
  const events = call.events.slice(1).map((each) => eventLine(each));
  const processes = graph.processes
    .filter((each) => isOfCall(each.context) && !isOfCall(each.parent?.context))
    .map((each) => ({ ...processLine(each), ...joint(each.context), below: processBelow(each, 0) }));
  // what the agent did itself, without a program of its own
  const own = graph.processes
    .filter((each) => !isOfCall(each.context))
    .flatMap((each) => [
      ...each.acts.filter(({ context }) => isOfCall(context)).map((entry) => eventLine(entry)),
      ...each.flows.filter(({ context }) => isOfCall(context)).map((flow) => flowLine(flow)),
    ]);
  return list([...events, ...processes, ...own]);
}

function processBelow(process: ProcessNode, depth: number): TraceLine[] {
  if (depth >= DEEPEST) return [];
  const children = process.children.map((each) => ({
    ...processLine(each),
    ...joint(each.context),
    below: processBelow(each, depth + 1),
  }));
  const acts = process.acts.map((each) => eventLine(each));
  const flows = process.flows.map((each) => ({ ...flowLine(each), ...joint(each.context) }));
  return [...list(children), ...list(flows), ...list(acts)];
}

/** The first of many, with the number of those that are left out. */
function list(lines: TraceLine[]): TraceLine[] {
  if (lines.length <= LISTED) return lines;
  const kept = lines.slice(0, LISTED);
  const more = lines.length - LISTED;
  return [...kept, { what: 'event', id: '', text: `and ${more} more`, seqs: [], below: [], more }];
}

const turnOf = (graph: TraceGraph, id: string | undefined): TurnNode | undefined =>
  id === undefined ? undefined : graph.turns.get(id);

function causeOf(process: ProcessNode | undefined): Context | undefined {
  for (let at = process; at; at = at.parent) if (at.context) return at.context;
  return undefined;
}

const joint = (context: Context | undefined): Pick<TraceLine, 'by' | 'confidence'> =>
  context?.by === undefined
    ? {}
    : { by: context.by, ...(context.confidence !== undefined && { confidence: context.confidence }) };

const seqsOf = (entries: readonly Entry[]): number[] => entries.map(({ seq }) => seq);

const turnLine = (turn: TurnNode): TraceLine => ({
  what: 'turn',
  id: turn.id,
  text: turn.events[0]?.text ?? '',
  seqs: seqsOf(turn.events),
  below: [],
});

const callLine = (call: CallNode): TraceLine => ({
  what: 'call',
  id: call.id,
  text: call.events[0]?.text ?? call.tool,
  seqs: seqsOf(call.events),
  below: [],
});

const processLine = (process: ProcessNode): TraceLine => ({
  what: 'process',
  id: String(process.pid),
  text:
    process.programs.length === 0
      ? 'executed nothing that was seen'
      : process.programs.map(({ text }) => text).join(' ⇒ '),
  seqs: seqsOf(process.programs),
  below: [],
});

const flowLine = (flow: FlowNode): TraceLine => ({
  what: 'flow',
  id: flow.id,
  text: flow.events[0]?.text ?? '',
  seqs: seqsOf(flow.events),
  below: [],
});

const lineOf = (what: TraceLine['what'], id: string, entry: Entry): TraceLine => ({
  what,
  id,
  text: `${entry.kind} ${entry.text}`,
  seqs: [entry.seq],
  below: [],
});

const eventLine = (entry: Entry): TraceLine => lineOf('event', String(entry.seq), entry);
