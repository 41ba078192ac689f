/**
 * Tool calls that a run's models asked for, and which of them are being carried out.
 *
 * @module
 */
import { commandsOfCall } from '../analyse/index.ts';
import { type Announced, announce, likeness } from './match.ts';

export interface Call {
  readonly id: string;
  readonly tool: string;
  /** JSON */
  readonly arguments: string;
  readonly turn: string | undefined;
  /** process that asked the model, and will carry the call out or have it carried out */
  readonly agent: number | undefined;
  readonly announced: readonly Announced[];
  /** true: its result was given back */
  isOver: boolean;
  /** a program was found that it caused */
  isTaken: boolean;
}

/** So many are remembered, those that are over included. */
const CALLS = 4096;
/** Longest arguments that paths and names are looked for in, characters. */
const SEARCHED = 65_536;

export class Calls {
  readonly #known = new Map<string, Call>();
  readonly #open = new Set<Call>();

  get(id: string): Call | undefined {
    return this.#known.get(id);
  }

  begin(call: Omit<Call, 'announced' | 'isOver' | 'isTaken'>): Call {
    const announced = commandsOfCall(call.tool, call.arguments).map(announce);
    const begun: Call = { ...call, announced, isOver: false, isTaken: false };
    const known = this.#known.get(call.id);
    if (known) this.#open.delete(known);
    this.#known.set(call.id, begun);
    this.#open.add(begun);
    if (this.#known.size > CALLS) {
      const [oldest] = this.#known.values();
      if (oldest) this.#forget(oldest);
    }
    return begun;
  }

  end(id: string): Call | undefined {
    const call = this.#known.get(id);
    if (!call) return undefined;
    call.isOver = true;
    this.#open.delete(call);
    return call;
  }

  /** Those that are being carried out by an agent; by any, where it is not known. */
  *open(agent?: number): Generator<Call> {
    for (const call of this.#open)
      if (agent === undefined || call.agent === undefined || call.agent === agent) yield call;
  }

  /** The call whose script was most likely executed here. `isUnsure`: others are as likely. */
  executed(path: string, argv: readonly string[]): { call: Call; confidence: number } | undefined {
    let best: { call: Call; score: number } | undefined;
    let rivals = 0;
    for (const call of this.#open)
      for (const each of call.announced) {
        const score = likeness(each, path, argv);
        if (score === 0) continue;
        if (best && score === best.score && call !== best.call && call.isTaken === best.call.isTaken)
          rivals += 1;
        const isBetter =
          !best || score > best.score || (score === best.score && best.call.isTaken && !call.isTaken);
        if (!isBetter) continue;
        if (!best || score > best.score) rivals = 0;
        best = { call, score };
      }
    if (!best) return undefined;
    best.call.isTaken = true;
    return { call: best.call, confidence: best.score / (rivals + 1) };
  }

  /** The one open call of an agent whose arguments name this: a path, a host. */
  naming(agent: number, name: string): Call | undefined {
    if (name.length < 3) return undefined;
    let found: Call | undefined;
    for (const call of this.open(agent)) {
      if (!call.arguments.slice(0, SEARCHED).includes(name)) continue;
      if (found) return undefined;
      found = call;
    }
    return found;
  }

  /** A call of the model’s that a tool server was asked for, with these arguments. */
  asked(tool: string, given: string): { call: Call; confidence: number } | undefined {
    const wanted = canonical(given);
    const same: Call[] = [];
    for (const call of this.#open)
      if (!call.isTaken && endsWithName(call.tool, tool) && canonical(call.arguments) === wanted)
        same.push(call);
    const [first] = same;
    return first && { call: first, confidence: 1 / same.length };
  }

  #forget(call: Call): void {
    this.#known.delete(call.id);
    this.#open.delete(call);
  }
}

/** Scaffolds put the server’s name before the tool’s: `mcp__mail__send_email`. */
const endsWithName = (offered: string, tool: string): boolean =>
  offered === tool || (offered.endsWith(tool) && /[^A-Za-z0-9]$/.test(offered.slice(0, -tool.length)));

function canonical(json: string): string {
  try {
    return JSON.stringify(sorted(JSON.parse(json)));
  } catch {
    return json;
  }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, each]) => [key, sorted(each)]),
  );
}
