/**
 * Calls that scaffolds declare, and how far they are believed. Whoever declares something is inside: it never takes the
 * place of what the gateways know, and counts only for processes on one line with who says it.
 *
 * @module
 */
import type { Context, EventBody } from '../../contract/index.ts';
import type { Processes } from '../observe/index.ts';
import type { Calls } from './calls.ts';
import type { Spans } from './spans.ts';

type Start = Extract<EventBody, { kind: 'tool.call' }>;
type End = Extract<EventBody, { kind: 'tool.result' }>;

/** The model's call that it names, where the processes fit; a turn or a trace that fits; a call of its own alone. */
const NAMED = 0.9;
const NEAR = 0.7;
const OWN = 0.6;
/** What its process, or one that it started, does; and what one above it does. */
const BELOW = 0.8;
const ABOVE = 0.5;
/** So many are remembered, ended or not; and so many turns. */
const MOST = 4096;

interface Declared {
  readonly context: Context;
  readonly by: number | undefined;
  /** the process that carries it out, and whose children do; undefined where a process below is named */
  readonly carrier: number | undefined;
  readonly confidence: number;
  /** microseconds since 1970; events of processes may be told of later than that it ended, and before */
  readonly since: number;
  until: number | undefined;
}

/** How long after its end a call is looked for, µs. */
const LATE = 5e6;

/** What a declaration comes to. `below`: a process below who declares it, of which it is the cause. */
export interface Believed {
  context: Context;
  below?: { pid: number; cause: Context };
  carrier?: number;
}

export class Declarations {
  readonly #processes: Processes;
  readonly #calls: Calls;
  readonly #spans: Spans;
  /** processes that ask models → their last turn */
  readonly #agents: ReadonlyMap<number, string>;
  readonly #turns = new Map<string, number>();
  readonly #known = new Map<string, Declared>();
  readonly #carried = new Map<number, Set<Declared>>();

  constructor(processes: Processes, calls: Calls, spans: Spans, agents: ReadonlyMap<number, string>) {
    [this.#processes, this.#calls, this.#spans, this.#agents] = [processes, calls, spans, agents];
  }

  /** A turn of the model's, and the process that asked for it. */
  turn(turn: string, agent: number): void {
    this.#turns.set(turn, agent);
    bound(this.#turns);
  }

  /**
   * @param time of the declaration, µs
   * @param cause what who declares it comes of, where the gateways know: it says of itself and others nothing beyond that
   */
  begin(body: Start, time: number, cause?: Context): Believed {
    const { call: name, owner, told, process } = body;
    const by = owner?.pid;
    if (cause) {
      const confidence = cause.confidence ?? 0;
      this.#add(name, { context: cause, by, carrier: undefined, confidence, since: time, until: undefined });
      return { context: cause };
    }
    const above = by === undefined ? new Set<number>() : this.#lineOf(by, owner?.ppid);
    const fits = (agent: number | undefined): boolean =>
      agent !== undefined &&
      (above.has(agent) ||
        (by !== undefined && this.#lineOf(agent).has(by)) ||
        (process !== undefined && this.#isOneLine(agent, process)));
    const model = this.#modelsCall(body, fits);
    const agent = told?.turn === undefined ? undefined : this.#turns.get(told.turn);
    const turn =
      model?.turn ??
      (fits(agent) ? told?.turn : undefined) ??
      this.#spans.find(body.traceparent)?.span.turn ??
      this.#onlyTurn(by);
    const confidence = model ? NAMED * model.confidence : turn === undefined ? OWN : NEAR;
    const context: Context = {
      ...(turn !== undefined && { turn }),
      toolCall: model?.id ?? name,
      by: 'span',
      confidence,
    };
    this.#spans.declare(body.traceparent, { turn, call: context.toolCall });
    // one above who declares it is believed only where it asks no model: of that the gateway knows
    const isAbove = process !== undefined && process !== by && above.has(process);
    const isBelow = process !== undefined && process !== by && !isAbove;
    const carrier = isBelow ? undefined : isAbove && !this.#agents.has(process) ? process : by;
    const declared = {
      context,
      by,
      carrier,
      confidence: Math.min(confidence, carrier === by ? BELOW : ABOVE),
      since: time,
      until: undefined,
    };
    this.#add(name, declared);
    return {
      context,
      ...(isBelow && {
        below: { pid: process, cause: { ...context, confidence: Math.min(confidence, BELOW) } },
      }),
      ...(carrier !== undefined && { carrier }),
    };
  }

  /** What ended; one that is not on a line with it ends nothing. */
  end({ call, owner }: End, time: number): Context | undefined {
    const declared = this.#known.get(call);
    if (!declared || !owner) return undefined;
    const line = this.#lineOf(owner.pid, owner.ppid);
    const isOurs = [declared.by, declared.carrier].some(
      (pid) => pid !== undefined && (line.has(pid) || this.#lineOf(pid).has(owner.pid)),
    );
    if (!isOurs) return undefined;
    declared.until ??= time;
    return declared.context;
  }

  /** A process has ended: its number may be given again. */
  gone(pid: number): void {
    this.#carried.delete(pid);
  }

  /** The one call that a process, or the nearest above it that says so, carries out; nothing where there are several. */
  carriedBy(pid: number, parent: number | undefined, time: number): Context | undefined {
    for (const each of this.#lineOf(pid, parent)) {
      const carried = [...(this.#carried.get(each) ?? [])].filter(
        ({ since, until }) => since <= time && (until === undefined || time < until),
      );
      const [one] = carried;
      if (one) return carried.length === 1 ? { ...one.context, confidence: one.confidence } : undefined;
      if (this.#agents.has(each)) return undefined;
    }
    return undefined;
  }

  /** Whether a process is the other, or below it. */
  isBelow(pid: number, other: number): boolean {
    return this.#lineOf(pid).has(other);
  }

  /** By its id, else by what it is given. */
  #modelsCall(
    { told, tool, arguments: given }: Start,
    fits: (agent: number | undefined) => boolean,
  ): { id: string; turn: string | undefined; confidence: number } | undefined {
    const named = told && this.#calls.get(told.call);
    if (named) return fits(named.agent) ? { id: named.id, turn: named.turn, confidence: 1 } : undefined;
    const asked = this.#calls.asked(tool, given);
    if (!asked || !fits(asked.call.agent)) return undefined;
    return { id: asked.call.id, turn: asked.call.turn, confidence: asked.confidence };
  }

  /** Of a process that asks a model itself: the turn whose calls are going on. */
  #onlyTurn(by: number | undefined): string | undefined {
    if (by === undefined || !this.#agents.has(by)) return undefined;
    const turns = new Set([...this.#calls.open(by)].map(({ turn }) => turn));
    const [turn] = turns;
    return turns.size === 1 ? turn : undefined;
  }

  #isOneLine(one: number, other: number): boolean {
    return this.#lineOf(one).has(other) || this.#lineOf(other).has(one);
  }

  /** A process and those above it, from itself up; one that has ended is where it was. */
  #lineOf(pid: number, parent?: number): Set<number> {
    const above = this.#processes.get(pid)?.parent ?? parent;
    const line = new Set([pid]);
    if (above === undefined) return line;
    line.add(above);
    for (const each of this.#processes.ancestors(above)) line.add(each.pid);
    return line;
  }

  #add(name: string, declared: Declared): void {
    this.#known.set(name, declared);
    const { carrier } = declared;
    if (carrier !== undefined) {
      const carried = this.#carried.get(carrier) ?? new Set();
      for (const each of carried)
        if (each.until !== undefined && each.until + LATE < declared.since) carried.delete(each);
      this.#carried.set(carrier, carried.add(declared));
    }
    if (this.#known.size <= MOST) return;
    const [oldest] = this.#known;
    if (!oldest) return;
    this.#known.delete(oldest[0]);
    this.#leave(oldest[1]);
  }

  #leave(declared: Declared): void {
    if (declared.carrier === undefined) return;
    const carried = this.#carried.get(declared.carrier);
    carried?.delete(declared);
    if (carried?.size === 0) this.#carried.delete(declared.carrier);
  }
}

function bound(map: Map<string, number>): void {
  if (map.size <= MOST) return;
  const [oldest] = map.keys();
  if (oldest !== undefined) map.delete(oldest);
}
