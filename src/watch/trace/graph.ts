/**
 * The events of a run as turns, tool calls, processes and flows that lead to each other.
 *
 * @module
 */
import type { Context, EventKind, LedgerEvent } from '../../contract/index.ts';

/** What is kept of an event. */
export interface Entry {
  readonly seq: number;
  readonly kind: EventKind;
  readonly text: string;
  readonly context: Context | undefined;
}

/** One process: every program that it executed, and what it did. */
export interface ProcessNode {
  readonly pid: number;
  readonly parent: ProcessNode | undefined;
  readonly children: ProcessNode[];
  readonly programs: Entry[];
  readonly acts: Entry[];
  readonly flows: FlowNode[];
  context: Context | undefined;
  hasEnded: boolean;
}

export interface FlowNode {
  readonly id: string;
  readonly process: ProcessNode | undefined;
  readonly events: Entry[];
  context: Context | undefined;
}

export interface CallNode {
  readonly id: string;
  readonly tool: string;
  readonly turn: string | undefined;
  /** the call itself, its result, messages that it sends */
  readonly events: Entry[];
  readonly context: Context | undefined;
}

export interface TurnNode {
  readonly id: string;
  readonly events: Entry[];
  readonly calls: CallNode[];
  readonly agent: number | undefined;
}

/** `declared`: of those that are joined, to a call that a scaffold declared and nothing else knows of */
interface Count {
  joined: number;
  declared: number;
  all: number;
}

/** How much of what a run did has a known cause. */
export interface Joined {
  programs: Count;
  connections: Count;
  changes: Count;
}

/** Graph of one run; events in their order. `describe` says an event in a line. */
export class TraceGraph {
  readonly turns = new Map<string, TurnNode>();
  readonly calls = new Map<string, CallNode>();
  readonly flows = new Map<string, FlowNode>();
  readonly findings: { entry: Entry; cites: readonly number[] }[] = [];
  readonly joined: Joined = {
    programs: { joined: 0, declared: 0, all: 0 },
    connections: { joined: 0, declared: 0, all: 0 },
    changes: { joined: 0, declared: 0, all: 0 },
  };
  /** all that there ever were, in order; a number that was given again is there twice */
  readonly processes: ProcessNode[] = [];
  readonly #alive = new Map<number, ProcessNode>();
  readonly #bySeq = new Map<number, Place>();
  readonly #declared = new Map<string, string>();
  readonly #describe: (event: LedgerEvent) => string;

  constructor(describe: (event: LedgerEvent) => string) {
    this.#describe = describe;
  }

  /** Where an event stands. */
  placeOf(seq: number): Place | undefined {
    return this.#bySeq.get(seq);
  }

  add(event: LedgerEvent): void {
    const entry: Entry = {
      seq: event.seq,
      kind: event.kind,
      text: this.#describe(event),
      context: event.context,
    };
    this.#count(event);
    this.#bySeq.set(event.seq, { entry, ...this.#place(event, entry) });
  }

  #place(event: LedgerEvent, entry: Entry): Omit<Place, 'entry'> {
    switch (event.kind) {
      case 'model.turn': {
        const turn = this.#turn(event.turn, event.owner?.pid);
        turn.events.push(entry);
        for (const part of event.output)
          if (part.type === 'tool_call' && part.id !== undefined)
            this.#call(part.id, part.name ?? 'tool', event.turn, event.context);
        return { turn };
      }
      case 'tool.call': {
        // a declared call may be one of the model’s, under another name
        if (event.via === 'declared') this.#declared.set(event.call, event.context?.toolCall ?? event.call);
        const id = this.#declared.get(event.call) ?? event.call;
        const call = this.#call(id, event.tool, event.context?.turn, event.context);
        call.events.push(entry);
        return { call };
      }
      case 'tool.result':
      case 'message': {
        const call = this.calls.get(this.#declared.get(event.call) ?? event.call);
        call?.events.push(entry);
        return call ? { call } : {};
      }
      case 'finding':
        this.findings.push({ entry, cites: event.cites });
        return {};
      case 'process.exec': {
        const process = this.#process(event.owner.pid, event.owner.ppid);
        process.programs.push(entry);
        process.context ??= event.context;
        return { process };
      }
      case 'process.exit': {
        const process = this.#alive.get(event.owner.pid);
        if (process) process.hasEnded = true;
        return process ? { process } : {};
      }
      case 'flow.open': {
        const { owner } = event;
        const process = owner && this.#process(owner.pid, owner.ppid);
        const flow: FlowNode = { id: event.flow, process, events: [entry], context: event.context };
        this.flows.set(event.flow, flow);
        process?.flows.push(flow);
        return { flow, ...(process && { process }) };
      }
      default:
        return this.#other(event, entry);
    }
  }

  #other(event: LedgerEvent, entry: Entry): Omit<Place, 'entry'> {
    const flow = 'flow' in event && event.flow !== undefined ? this.flows.get(event.flow) : undefined;
    if (flow) {
      flow.events.push(entry);
      return { flow, ...(flow.process && { process: flow.process }) };
    }
    const owner = 'owner' in event ? event.owner : undefined;
    if (!owner) return {};
    const process = this.#process(owner.pid, owner.ppid);
    process.acts.push(entry);
    return { process };
  }

  #process(pid: number, ppid: number | undefined): ProcessNode {
    const known = this.#alive.get(pid);
    if (known && !known.hasEnded) return known;
    const parent = ppid === undefined ? undefined : this.#alive.get(ppid);
    const process: ProcessNode = {
      pid,
      parent,
      children: [],
      programs: [],
      acts: [],
      flows: [],
      context: undefined,
      hasEnded: false,
    };
    parent?.children.push(process);
    this.#alive.set(pid, process);
    this.processes.push(process);
    return process;
  }

  #turn(id: string, agent: number | undefined): TurnNode {
    const known = this.turns.get(id);
    if (known) return known;
    const turn: TurnNode = { id, events: [], calls: [], agent };
    this.turns.set(id, turn);
    return turn;
  }

  #call(id: string, tool: string, turn: string | undefined, context: Context | undefined): CallNode {
    const known = this.calls.get(id);
    if (known) return known;
    const call: CallNode = { id, tool, turn, events: [], context };
    this.calls.set(id, call);
    if (turn !== undefined) this.turns.get(turn)?.calls.push(call);
    return call;
  }

  #count(event: LedgerEvent): void {
    const { programs, connections, changes } = this.joined;
    const of =
      event.kind === 'process.exec'
        ? programs
        : event.kind === 'flow.open'
          ? connections
          : event.kind === 'file.change'
            ? changes
            : undefined;
    if (!of) return;
    of.all += 1;
    if (!event.context) return;
    of.joined += 1;
    const { toolCall } = event.context;
    if (toolCall !== undefined && this.#declared.get(toolCall) === toolCall) of.declared += 1;
  }
}

/** An event, and the nodes that it belongs to. */
export interface Place {
  entry: Entry;
  turn?: TurnNode;
  call?: CallNode;
  process?: ProcessNode;
  flow?: FlowNode;
}
