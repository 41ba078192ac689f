/**
 * Joins each event, before it is recorded, to the tool call and the turn of the model that caused it.
 *
 * In this order: what the gateways know themselves (ids of turns and calls); a span that a process carries; the script
 * that a call told to run, found again in what is executed; the parent, whose children inherit for as long as they live;
 * the only call that is being carried out. What the cell says of itself (spans, declared calls) can mislead, not hide:
 * whatever has no cause is counted.
 *
 * @module
 */
import type { Context, EventBody, Owner } from '../../contract/index.ts';
import type { Processes } from '../observe/index.ts';
import { type Call, Calls } from './calls.ts';
import { Declarations } from './declared.ts';
import { Spans } from './spans.ts';

type Of<Kind extends EventBody['kind']> = Extract<EventBody, { kind: Kind }>;

const CAUSES = 32_768;
const FLOWS = 16_384;
const AGENTS = 256;
const SERVED = 4096;
/** Programs without a cause that a turn which is told of later may still explain, and for how long (µs). */
const RECENT = 64;
const RECENT_FOR = 5e6;

export class Attribution {
  readonly #processes: Processes;
  readonly #calls = new Calls();
  readonly #spans = new Spans();
  readonly #causes = new Map<number, Context>();
  readonly #flows = new Map<string, Context>();
  /** processes that ask models → their last turn */
  readonly #agents = new Map<number, string>();
  /** calls that the gateway carries out, by its own names for them: what follows of one has the same cause */
  readonly #served = new Map<string, Context>();
  readonly #declarations: Declarations;
  /** causes that rest on what a scaffold declared, whatever call they name */
  readonly #words = new WeakSet<Context>();
  #recent: { pid: number; path: string; argv: readonly string[]; time: number }[] = [];

  constructor(processes: Processes) {
    this.#processes = processes;
    this.#declarations = new Declarations(processes, this.#calls, this.#spans, this.#agents);
  }

  /**
   * What caused it; undefined where that is not known. To be called once for each event, before it is recorded.
   *
   * @param time microseconds since 1970
   */
  contextOf(body: EventBody, time: number): Context | undefined {
    switch (body.kind) {
      case 'model.turn':
        return this.#turn(body, time);
      case 'tool.call':
        return body.via === 'declared' ? this.#declare(body, time) : this.#call(body);
      case 'tool.result': {
        if (body.via === 'declared') return this.#declarations.end(body, time);
        const ended = this.#calls.end(body.call);
        return this.#served.get(body.call) ?? contextOfCall(ended, 'gateway', 1);
      }
      case 'message':
        return this.#served.get(body.call) ?? contextOfCall(this.#calls.get(body.call), 'gateway', 1);
      case 'process.exec':
        return this.#executed(body, time);
      case 'process.exit':
        this.#declarations.gone(body.owner.pid);
        return this.#causes.get(body.owner.pid);
      case 'file.change':
        return this.#causeOf(body.owner) ?? this.#ownAct(body.owner, pathNames(body), time);
      case 'flow.open': {
        const cause =
          this.#causeOf(body.owner) ??
          this.#ownAct(body.owner, [body.host ?? body.address, body.address], time);
        if (cause) put(this.#flows, body.flow, cause, FLOWS);
        return cause;
      }
      case 'flow.close': {
        const cause = this.#flows.get(body.flow);
        this.#flows.delete(body.flow);
        return cause;
      }
      case 'dns.query':
        return this.#causeOf(body.owner) ?? this.#ownAct(body.owner, [body.name], time);
      default: {
        const flow = 'flow' in body && body.flow !== undefined ? this.#flows.get(body.flow) : undefined;
        return flow ?? this.#causeOf('owner' in body ? body.owner : undefined);
      }
    }
  }

  #turn(body: Of<'model.turn'>, time: number): Context {
    const agent = body.owner?.pid;
    for (const { type, id } of body.input)
      if (type === 'tool_result' && id !== undefined) this.#calls.end(id);
    if (agent !== undefined) {
      put(this.#agents, agent, body.turn, AGENTS);
      this.#declarations.turn(body.turn, agent);
    }
    this.#spans.learn(body.traceparent, { turn: body.turn, call: undefined });
    let begun = false;
    for (const part of body.output) {
      if (part.type !== 'tool_call' || part.id === undefined) continue;
      const { id, name = '', text } = part;
      this.#calls.begin({ id, tool: name, arguments: text, turn: body.turn, agent });
      begun = true;
    }
    if (begun) this.#explain(time);
    return { turn: body.turn, by: 'gateway', confidence: 1 };
  }

  #call(body: Of<'tool.call'>): Context {
    // held first, then allowed or denied: it is still the one call
    const served = this.#served.get(body.call);
    if (served) return served;
    const same = this.#calls.get(body.call);
    const found = same ? { call: same, confidence: 1 } : this.#calls.asked(body.tool, body.arguments);
    const span = found ? undefined : this.#spans.find(body.traceparent);
    const turn = found?.call.turn ?? span?.span.turn;
    if (found) found.call.isTaken = true;
    this.#spans.learn(body.traceparent, { turn, call: body.call });
    const confidence = found?.confidence ?? span?.confidence ?? 1;
    const context: Context = {
      ...(turn !== undefined && { turn }),
      toolCall: body.call,
      by: 'gateway',
      confidence,
    };
    put(this.#served, body.call, context, SERVED);
    return context;
  }

  /** A scaffold’s word for its call; programs that were told of before it have a cause from now on. */
  #declare(body: Of<'tool.call'>, time: number): Context {
    const known = this.#knownCause(body.owner);
    const { context, below, carrier } = this.#declarations.begin(body, time, known);
    if (below && this.#canReplace(below.pid)) put(this.#causes, below.pid, this.#word(below.cause), CAUSES);
    this.#recent = this.#recent.filter((each) => {
      if (carrier === undefined || each.time < time || each.pid === carrier) return true;
      if (!this.#declarations.isBelow(each.pid, carrier)) return true;
      const cause = this.#declarations.carriedBy(each.pid, undefined, each.time);
      if (cause) put(this.#causes, each.pid, this.#word(cause), CAUSES);
      return !cause;
    });
    return context;
  }

  #word(cause: Context): Context {
    this.#words.add(cause);
    return cause;
  }

  /** The model’s call, going on or over, that a process comes of, where more than a word or a guess says so. */
  #knownCause(owner: Owner | undefined): Context | undefined {
    const cause = this.#causeOf(owner);
    return cause && !this.#words.has(cause) && !isGuess(cause) ? cause : undefined;
  }

  /** Whether nothing but a scaffold’s word, or a guess, says what caused a process, or what caused it is over. */
  #canReplace(pid: number): boolean {
    const cause = this.#causeOf({ pid });
    if (cause?.toolCall === undefined || this.#words.has(cause)) return true;
    const call = this.#calls.get(cause.toolCall);
    return !call || call.isOver || isGuess(cause);
  }

  #executed(body: Of<'process.exec'>, time: number): Context | undefined {
    const { owner, path } = body;
    const { pid, argv = [path] } = owner;
    const known = this.#processes.get(pid);
    if (known?.ended !== undefined) this.#causes.delete(pid); // the number was given again
    const span = this.#spanOf(body.traceparent);
    const matched = span && !span.isDeclared ? undefined : this.#matched(owner, path, argv);
    // what the gateways know comes before what somebody inside says
    const isKnown = matched && !this.#words.has(matched) && !isGuess(matched);
    const cause =
      (span?.isDeclared && isKnown ? matched : undefined) ??
      span?.context ??
      matched ??
      this.#carried(owner, time) ??
      this.#onlyCall(owner);
    if (cause) put(this.#causes, pid, cause, CAUSES);
    else {
      this.#recent.push({ pid, path, argv, time });
      if (this.#recent.length > RECENT) this.#recent.shift();
    }
    return cause;
  }

  #spanOf(traceparent: string | undefined): { context: Context; isDeclared: boolean } | undefined {
    const found = this.#spans.find(traceparent);
    if (!found) return undefined;
    const { turn, call, isDeclared = false } = found.span;
    const context: Context = {
      ...(turn !== undefined && { turn }),
      ...(call !== undefined && { toolCall: call }),
      by: 'span',
      confidence: found.confidence,
    };
    return { context: isDeclared ? this.#word(context) : context, isDeclared };
  }

  /** What it inherits; where that call is over, one that is going on and named it comes first (a shell that stays). */
  #matched(owner: Owner, path: string, argv: readonly string[]): Context | undefined {
    const inherited = this.#causeOf(owner);
    const call = inherited?.toolCall === undefined ? undefined : this.#calls.get(inherited.toolCall);
    if (inherited && !this.#words.has(inherited) && (inherited.by === 'span' || (call && !call.isOver)))
      return inherited;
    const match = this.#calls.executed(path, argv);
    if (!match) return inherited;
    return contextOfCall(match.call, 'command', match.confidence);
  }

  /** The process itself, or the nearest of those that it descends from. */
  #causeOf(owner: Owner | undefined): Context | undefined {
    if (!owner) return undefined;
    const own = this.#causes.get(owner.pid);
    if (own) return own;
    const above = this.#above(owner);
    if (!above) return undefined;
    const inherited: Context = { ...above, by: 'ancestor' };
    if (this.#words.has(above)) this.#words.add(inherited);
    put(this.#causes, owner.pid, inherited, CAUSES);
    return inherited;
  }

  #above({ pid, ppid }: Owner): Context | undefined {
    const parent = ppid === undefined ? undefined : this.#causes.get(ppid);
    if (parent) return parent;
    for (const ancestor of this.#processes.ancestors(pid, ppid)) {
      const cause = this.#causes.get(ancestor.pid);
      if (cause) return cause;
      if (this.#agents.has(ancestor.pid)) return undefined;
    }
    return undefined;
  }

  /** A descendant of an agent that carries out one call, or several of one turn. */
  #onlyCall(owner: Owner): Context | undefined {
    const agent = this.#agentOf(owner);
    return agent === undefined ? undefined : this.#only(agent);
  }

  #only(agent: number): Context | undefined {
    const open = [...this.#calls.open(agent)];
    const [first] = open;
    if (!first) return undefined;
    if (open.length === 1) return contextOfCall(first, 'gateway', 0.5);
    if (first.turn === undefined || open.some(({ turn }) => turn !== first.turn)) return undefined;
    return { turn: first.turn, by: 'gateway', confidence: 0.5 };
  }

  #agentOf({ pid, ppid }: Owner): number | undefined {
    if (this.#agents.has(pid)) return pid;
    if (ppid !== undefined && this.#agents.has(ppid)) return ppid;
    for (const ancestor of this.#processes.ancestors(pid, ppid))
      if (this.#agents.has(ancestor.pid)) return ancestor.pid;
    return undefined;
  }

  /** What an agent does itself, without a program: the call that names it, or the only one. */
  #ownAct(owner: Owner | undefined, names: readonly string[], time: number): Context | undefined {
    if (!owner) return undefined;
    const agent = this.#agentOf(owner);
    for (const name of agent === undefined ? [] : names) {
      const call = this.#calls.naming(agent as number, name);
      if (call) return contextOfCall(call, 'command', 0.9);
    }
    return this.#carried(owner, time) ?? (agent === undefined ? undefined : this.#only(agent));
  }

  #carried({ pid, ppid }: Owner, time: number): Context | undefined {
    const carried = this.#declarations.carriedBy(pid, ppid, time);
    return carried && this.#word(carried);
  }

  /** An answer may be told of after what it led to: from now on those programs have a cause. */
  #explain(time: number): void {
    const isAgents = new Set(this.#agents.keys());
    for (const agent of this.#agents.keys())
      for (const { pid } of this.#processes.ancestors(agent)) isAgents.add(pid);
    const recent = this.#recent.filter(
      ({ pid, ...each }) => time - each.time <= RECENT_FOR && !isAgents.has(pid),
    );
    this.#recent = recent.filter(({ pid, path, argv }) => {
      const match = this.#calls.executed(path, argv);
      const cause = match && contextOfCall(match.call, 'command', match.confidence);
      if (cause) put(this.#causes, pid, cause, CAUSES);
      return !cause;
    });
  }
}

/** The only call that is being carried out, and what comes of that. */
const isGuess = (cause: Context | undefined): boolean => (cause?.confidence ?? 0) <= 0.5;

/** As a call’s arguments may have them: absolute, or the last part of a path below where the agent works. */
function pathNames({ path, to }: Of<'file.change'>): string[] {
  const whole = to === undefined ? [path] : [to, path];
  return [...whole, ...whole.map((each) => each.slice(each.lastIndexOf('/') + 1))];
}

function contextOfCall(
  call: Call | undefined,
  by: NonNullable<Context['by']>,
  confidence: number,
): Context | undefined {
  if (!call) return undefined;
  return { ...(call.turn !== undefined && { turn: call.turn }), toolCall: call.id, by, confidence };
}

function put<Key, Value>(map: Map<Key, Value>, key: Key, value: Value, most: number): void {
  map.delete(key);
  map.set(key, value);
  if (map.size <= most) return;
  for (const oldest of map.keys()) {
    map.delete(oldest);
    return;
  }
}
