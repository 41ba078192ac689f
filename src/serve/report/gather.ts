/**
 * One pass over the events of a run: what the page shows of them, bounded, whatever they hold.
 *
 * @module
 */
import type { EventBody, EventKind, LedgerEvent } from '../../contract/index.ts';
import { describeEvent, parseTime, withoutTranscript } from '../../ledger/index.ts';
import { type Joined, TraceGraph } from '../../watch/trace/index.ts';
import { BOUNDS, bounded, shareOf, slim } from './bounds.ts';
import { FlowTable } from './flows.ts';
import { weightOf } from './kinds.ts';
import { ProcessTable } from './processes.ts';
import { saidIn } from './said.ts';

type Of<Kind extends EventKind> = Extract<EventBody, { kind: Kind }>;
/** An event of a kind, with its number. */
export type Seen<Kind extends EventKind> = Of<Kind> & { seq: number; time: string };

/** Events as columns: the same index is the same event. Times are microseconds since the first. */
export interface Columns {
  seq: number[];
  time: number[];
  kind: string[];
  weight: number[];
  text: string[];
  /** row of its process, and of its flow; -1: none */
  process: number[];
  flow: number[];
  /** turn of the model and tool call that caused it; empty: none is known */
  turn: string[];
  call: string[];
}

export interface GatherOptions {
  /** how many records the ledger has */
  total: number;
  /** numbers of events that findings cite, where there are too many events to keep all */
  cited?: ReadonlySet<number>;
  /** also what was said to models, tools and people */
  transcripts: boolean;
}

/** Kinds of which a page shows each, up to a bound. */
const LISTED = [
  'finding',
  'denial',
  'violation',
  'tampering',
  'judgement',
  'approval.ask',
  'approval.answer',
  'sensor.loss',
  'limit.reached',
  'control',
  'grade',
  'contract.change',
] as const;
type Listed = (typeof LISTED)[number];

export class Gathered {
  readonly columns: Columns = {
    ...{ seq: [], time: [], kind: [], weight: [], text: [] },
    ...{ process: [], flow: [], turn: [], call: [] },
  };
  readonly counts = new Map<string, number>();
  readonly processes: ProcessTable;
  readonly flows = new FlowTable();
  /** what was said, by the event’s number: what it is, and its text */
  readonly said = new Map<number, (readonly [what: string, text: string])[]>();
  /** microseconds since the first event, milliseconds of CPU, bytes of memory */
  readonly samples: [time: number, cpu: number, memory: number][] = [];
  readonly spans: Record<'turn' | 'tool', [from: number, to: number][]> = { turn: [], tool: [] };
  start: Seen<'run.start'> | undefined;
  stop: Seen<'run.stop'> | undefined;
  /** microseconds since 1970 of the first event */
  begin = 0;
  end = 0;
  /** events that were there, kept or not, and lines that were no records */
  events = 0;
  unreadable = 0;
  /** what is listed nowhere, by kind, because there was too much of it */
  readonly unlisted = new Map<string, number>();
  /** refused acts, each as often as it was */
  refused = 0;
  /** findings that are high or critical, refused acts without a known process, judgements that failed */
  grave = 0;
  unowned = 0;
  failed = 0;
  readonly #listed = new Map<string, LedgerEvent[]>();
  readonly #room = new Map<string, number>();
  readonly #graph: TraceGraph;
  readonly #options: GatherOptions;
  readonly #share: number;
  readonly #calls = new Map<string, number>();
  #between = 0;
  #spent = 0;
  #saidSoFar = 0;

  constructor(options: GatherOptions) {
    this.#options = options;
    this.#share = shareOf(Math.min(options.total, BOUNDS.events), BOUNDS.texts, BOUNDS.least, BOUNDS.most);
    // what the graph keeps of an event is its text: of programs alone is it shown
    this.#graph = new TraceGraph((event) =>
      event.kind === 'process.exec' ? bounded((event.owner.argv ?? [event.path]).join(' '), 300) : '',
    );
    this.processes = new ProcessTable(this.#graph);
  }

  /** How much of what was done has a known cause. */
  get joined(): Joined {
    return this.#graph.joined;
  }

  /** How many events of a kind there were, listed or not. */
  count(kind: EventKind): number {
    return this.counts.get(kind) ?? 0;
  }

  list<Kind extends Listed>(kind: Kind): readonly Seen<Kind>[] {
    return (this.#listed.get(kind) ?? []) as unknown as Seen<Kind>[];
  }

  /** The number of an event → whether it is in the page. */
  has(seq: number): boolean {
    const { seq: all } = this.columns;
    let [low, high] = [0, all.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((all[middle] as number) < seq) low = middle + 1;
      else high = middle;
    }
    return all[low] === seq;
  }

  /** A line that is no record was there. */
  skip(): void {
    this.unreadable += 1;
  }

  /** Takes an event; one that is not of the shape it should be (somebody edited the record) is shown as what it is. */
  add(event: LedgerEvent): void {
    this.events += 1;
    const said = typeof event.time === 'string' ? parseTime(event.time) : Number.NaN;
    // one whose time is none stands where the one before it stands
    const micros = Number.isFinite(said) ? said : this.begin + (this.columns.time.at(-1) ?? 0);
    if (this.events === 1) this.begin = micros;
    // what is recorded first need not have happened first
    const time = Math.max(0, micros - this.begin);
    this.end = Math.max(this.end, time);
    const shown = this.#options.transcripts ? event : withoutTranscript(event);
    try {
      this.#take(event, shown, time);
    } catch {
      this.unreadable += 1;
      this.#row(shown, time, 2, `not an event as it should be: ${bounded(shown, 400)}`);
    }
  }

  /** @param whole with what was said, of which only names of calls are taken */
  #take(whole: LedgerEvent, event: LedgerEvent, time: number): void {
    const { kind } = event;
    const weight = weightOf(event);
    const most = this.#spent > BOUNDS.texts ? BOUNDS.least : weight > 0 ? BOUNDS.most : this.#share;
    const text = bounded(describeEvent(event), most);
    this.counts.set(kind, (this.counts.get(kind) ?? 0) + 1);
    this.#graph.add(whole);
    this.processes.add(event, time);
    this.flows.add(event, time);
    if (kind === 'run.start') this.start ??= event;
    if (kind === 'run.stop') this.stop = event;
    if (kind === 'resource.sample' && this.samples.length < BOUNDS.samples)
      this.samples.push([time, Number(event.cpu), Number(event.memory)]);
    this.#span(event, time);
    if ((LISTED as readonly string[]).includes(kind)) this.#enlist(event, weight);
    if (this.#isKept(event.seq, weight)) {
      this.#row(event, time, weight, text);
      if (this.#options.transcripts) this.#keepSaid(event);
    }
  }

  #isKept(seq: number, weight: number): boolean {
    const { total, cited } = this.#options;
    if (total <= BOUNDS.events) return this.columns.seq.length < BOUNDS.events + BOUNDS.kept;
    const half = BOUNDS.events / 2;
    if (seq < half || seq >= total - half) return true;
    const isEvidence = weight >= 2 || cited?.has(seq) === true;
    if (weight === 0 && !isEvidence) return false;
    // who has a thousand things refused hides nothing that a finding cites
    if (this.#between >= (isEvidence ? BOUNDS.kept : BOUNDS.kept / 2)) return false;
    this.#between += 1;
    return true;
  }

  #row(event: LedgerEvent, time: number, weight: number, text: string): void {
    const { columns } = this;
    const seq = Number.isSafeInteger(event.seq) ? event.seq : (columns.seq.at(-1) ?? -1) + 1;
    if (seq <= (columns.seq.at(-1) ?? -1)) return; // edited: `log verify` says so
    const place = this.#graph.placeOf(seq);
    columns.seq.push(seq);
    columns.time.push(time);
    columns.kind.push(bounded(event.kind, 40));
    columns.weight.push(weight);
    columns.text.push(text);
    this.#spent += text.length;
    columns.process.push(place?.process ? this.processes.numberOf(place.process) : -1);
    columns.flow.push(place?.flow ? this.flows.rowOf(place.flow.id) : -1);
    const context = event.context ?? place?.flow?.context ?? place?.process?.context;
    const own = event.kind === 'finding' ? event : undefined; // says itself what caused what it found
    const turn = place?.turn?.id ?? own?.turn ?? context?.turn;
    const call = place?.call?.id ?? own?.call ?? context?.toolCall;
    columns.turn.push(turn === undefined ? '' : bounded(turn, 80));
    columns.call.push(call === undefined ? '' : bounded(call, 80));
  }

  #span(event: LedgerEvent, time: number): void {
    const { turn, tool } = this.spans;
    if (event.kind === 'model.turn' && turn.length < BOUNDS.spans)
      turn.push([Math.max(0, Math.round(time - event.ms * 1000)), time]);
    if (event.kind === 'tool.call' && this.#calls.size < BOUNDS.spans) this.#calls.set(event.call, time);
    if (event.kind === 'tool.result' && tool.length < BOUNDS.spans)
      tool.push([this.#calls.get(event.call) ?? time, time]);
  }

  /** Who has ten thousand small things found hides nothing great: what matters has room of its own. */
  #enlist(event: LedgerEvent, weight: number): void {
    const { kind } = event;
    if (kind === 'denial') this.refused += Number(event.count ?? 1) || 1;
    if (kind === 'denial' && event.owner === undefined) this.unowned += 1;
    if (kind === 'judgement' && event.score === undefined) this.failed += 1;
    if (kind === 'finding' && weight >= 2) this.grave += 1;
    const list = this.#listed.get(kind) ?? [];
    this.#listed.set(kind, list);
    const place = `${kind} ${weight >= 2}`;
    const taken = this.#room.get(place) ?? 0;
    this.#room.set(place, taken + 1);
    if (taken < BOUNDS.listed) list.push(slim(event) as LedgerEvent);
    else this.unlisted.set(kind, (this.unlisted.get(kind) ?? 0) + 1);
  }

  #keepSaid(event: LedgerEvent): void {
    for (const [what, text] of saidIn(event)) {
      if (this.#saidSoFar >= BOUNDS.allSaid) return;
      this.#saidSoFar += text.length;
      const all = this.said.get(event.seq) ?? [];
      all.push([what, text]);
      this.said.set(event.seq, all);
    }
  }
}
