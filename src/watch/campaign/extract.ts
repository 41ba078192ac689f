/**
 * What of a run's observations others need to know: one extractor for each run.
 *
 * @module
 */
import { isIP } from 'node:net';
import type { RequestContent } from '../../contract/index.ts';
import { markOf, oddWords, packedLength, placesIn } from '../../gateway/content/index.ts';
import type { Observation } from '../observation.ts';
import { contentOf } from './fields.ts';
import { Loops } from './loop.ts';
import { Pressure } from './pressure.ts';
import type { Signal } from './signal.ts';

/** Turns a text, or an unkeyed mark, into a mark that only this installation makes. */
export type Keyed = (mark: string) => string;

export interface ExtractOptions {
  keyed: Keyed;
  /** marks of words that are the task's own: of its contract, of the workspace as it was at the start; asked for once */
  vocabulary?: () => ReadonlySet<string>;
  /** the run's, where somebody else asks it too */
  pressure?: Pressure;
}

/** Signals of a run for each second, and at once; more are counted, not told. */
const RATE = 1000;
const BURST = 10_000;
const CALLS = 1024;

const READS = new Set(['GET', 'HEAD', 'OPTIONS']);
const WRITING_TOOL =
  /(?:^|[^a-z])(?:write|put|post|create|send|push|commit|upload|set|add|append|update|publish|reply|comment|delete)/i;
const PUSH = /\bgit\b[^|;&]{0,200}\b(?:push|commit)\b/;

interface Call {
  service: string;
  object: string;
  write: boolean;
}

export class Extractor {
  readonly #options: ExtractOptions;
  readonly #pressure: Pressure;
  readonly #loops = new Loops();
  readonly #calls = new Map<string, Call>();
  #vocabulary: ReadonlySet<string> | undefined;
  #attention = 1;
  #allowance = BURST;
  #refilled = 0;
  #lost = 0;

  constructor(options: ExtractOptions) {
    this.#options = options;
    this.#pressure = options.pressure ?? new Pressure();
  }

  /** signals that were too many, and objects that were forgotten, since it was last asked */
  lost(): number {
    const lost = this.#lost + this.#loops.lost();
    this.#lost = 0;
    return lost;
  }

  observe(observation: Observation): Signal[] {
    const found = this.#signals(observation);
    if (found.length === 0) return found;
    const { time } = observation;
    this.#allowance = Math.min(
      BURST,
      this.#allowance + (Math.max(0, time - this.#refilled) / 1_000_000) * RATE,
    );
    this.#refilled = Math.max(time, this.#refilled);
    const told = found.slice(0, Math.floor(this.#allowance));
    this.#lost += found.length - told.length;
    this.#allowance -= told.length;
    return told;
  }

  #signals(observation: Observation): Signal[] {
    const { category, fields, time } = observation;
    const found: Signal[] = [];
    if (!this.#options.pressure) this.#pressure.observe(observation, () => {});
    const attention = this.#pressure.attention(observation.run);
    if (attention !== this.#attention) {
      this.#attention = attention;
      found.push({ ...this.#base(observation, 'pressure', 'pressure'), factor: attention });
    }
    switch (category) {
      case 'http_request':
        if (fields['cs-method'] !== undefined) found.push(...this.#request(observation));
        break;
      case 'tool_call':
        // what is declared goes nowhere, and is no act between two looks at a place
        if (fields.Via !== 'declared') found.push(...this.#call(observation));
        break;
      case 'tool_result':
        found.push(...this.#result(observation));
        break;
      case 'process_creation':
        this.#loops.act(time);
        if (PUSH.test(String(fields.CommandLine ?? '').slice(0, 4096)))
          found.push(...this.#written(observation, undefined, undefined));
        break;
      case 'dns_query':
        if (fields.Denied !== undefined) found.push(this.#place(observation, String(fields.QueryName)));
        break;
      case 'denial': {
        if (fields.Again) break;
        for (const place of placesIn(String(fields.What ?? ''), ''))
          found.push(this.#place(observation, place));
        break;
      }
      case 'package_request':
        if (fields.Served === false && typeof fields.Name === 'string')
          found.push(this.#named(observation, `package ${fields.Ecosystem} ${fields.Name}`));
        break;
      default:
        break;
    }
    return found;
  }

  #mark(text: string): string {
    return this.#options.keyed(markOf(text));
  }

  #known(): ReadonlySet<string> {
    this.#vocabulary ??= this.#options.vocabulary?.() ?? new Set();
    return this.#vocabulary;
  }

  #base({ time, run, cell, cites, context }: Observation, does: Signal['does'], service: string): Signal {
    return {
      does,
      time,
      run,
      cell,
      seq: cites.at(-1) ?? 0,
      ...(context?.turn !== undefined && { turn: context.turn }),
      ...(context?.toolCall !== undefined && { call: context.toolCall }),
      service: this.#mark(service),
    };
  }

  #place(observation: Observation, place: string): Signal {
    const signal = this.#base(observation, 'place', `place ${place.toLowerCase().replace(/\.$/, '')}`);
    return { ...signal, ok: false };
  }

  #named(observation: Observation, name: string): Signal {
    return this.#base(observation, 'name', name);
  }

  #request(observation: Observation): Signal[] {
    const { fields, time } = observation;
    if (fields.Allowed === false) return [];
    const host = String(fields['cs-host'] ?? '');
    const path = String(fields['cs-uri-stem'] ?? '');
    const status = Number(fields['sc-status'] ?? 0);
    const read = READS.has(String(fields['cs-method']));
    const raw = contentOf(fields);
    const ok = status >= 200 && status < 400;
    const object = this.#mark(`${host} ${path}`);
    const content = this.#own(raw);
    const [number] = packedAway(path).match(/\d{1,15}(?=\D*$)/) ?? [];
    const signal: Signal = {
      ...this.#base(observation, 'use', `host ${host}`),
      object,
      write: !read,
      ok,
      content,
      bare: [...(raw.places ?? []), ...(raw.mentions ?? [])].filter((place) => isIP(place) !== 0).length,
      ...((content.packed ?? 0) > 0 &&
        number !== undefined && {
          series: { of: this.#mark(`${host} ${pattern(path)}`), number: Number(number) },
        }),
    };
    // 304 says that nothing has changed
    if (read && status !== 304) {
      const answer = raw.answered ?? `${status} ${fields['sc-bytes']}`;
      this.#loops.read(object, answer, time);
      return [signal];
    }
    return read ? [signal] : [signal, ...this.#written(observation, object, host)];
  }

  #written(observation: Observation, object: string | undefined, host: string | undefined): Signal[] {
    return this.#loops.write(object, observation.time).map((loop) => ({
      ...this.#base(observation, 'loop', host === undefined ? 'git' : `host ${host}`),
      object: loop.object,
      cycles: loop.cycles,
      acted: loop.acted,
      regular: Math.round(loop.regular * 100) / 100,
    }));
  }

  /** Words of the task itself say nothing about who speaks with whom. Places become marks. */
  #own(raw: RequestContent): RequestContent {
    const known = this.#known();
    const odd = (words: string[] | undefined) => words?.filter((word) => !known.has(word));
    const away = (places: string[] | undefined) =>
      places?.map((place) => this.#mark(place)).filter((place) => !known.has(place));
    const content: Record<string, unknown> = {
      ...raw,
      named: odd(raw.named),
      told: odd(raw.told),
      heard: odd(raw.heard),
      places: away(raw.places),
      mentions: away(raw.mentions),
    };
    for (const [key, value] of Object.entries(content))
      if (value === undefined || (Array.isArray(value) && value.length === 0)) delete content[key];
    return content as RequestContent;
  }

  #call(observation: Observation): Signal[] {
    const { fields, time } = observation;
    const { Server: server, Tool: tool, Call: call } = fields;
    this.#loops.act(time);
    // what a scaffold runs in the cell itself is no service
    if (typeof server !== 'string' || typeof tool !== 'string' || fields.Decision === 'denied') return [];
    const text = String(fields.Arguments ?? '').slice(0, 65_536);
    const service = `tools ${server}`;
    const write = WRITING_TOOL.test(tool);
    const object = this.#mark(`${server} ${tool} ${text}`);
    const words = oddWords(valuesOf(text), 48).map((word) => this.#mark(word));
    const packed = packedLength(text);
    if (typeof call === 'string') {
      if (this.#calls.size >= CALLS) {
        const [first] = this.#calls.keys();
        if (first !== undefined) this.#calls.delete(first);
      }
      this.#calls.set(call, { service, object, write });
    }
    const signal: Signal = {
      ...this.#base(observation, 'use', service),
      object,
      write,
      ok: true,
      content: this.#own({ named: words, ...(packed > 0 && { packed }) }),
    };
    return write ? [signal, ...this.#written(observation, object, undefined)] : [signal];
  }

  #result(observation: Observation): Signal[] {
    const { fields, time } = observation;
    const call = typeof fields.Call === 'string' ? this.#calls.get(fields.Call) : undefined;
    if (!call) return [];
    this.#calls.delete(String(fields.Call));
    const text = String(fields.Content ?? '').slice(0, 65_536);
    const heard = oddWords(text, 128).map((word) => this.#mark(word));
    const answered = this.#mark(text);
    if (!call.write) this.#loops.read(call.object, answered, time);
    const base = this.#base(observation, 'use', call.service);
    const content = this.#own({ heard, ...(!call.write && text !== '' && { answered }) });
    return [{ ...base, object: call.object, write: false, ok: fields.Ok === true, content }];
  }
}

const packedAway = (path: string): string => path.replace(/[A-Za-z0-9+_=-]{24,}/g, '*');

/** A path with its numbers and its packed parts left out: what a series of pieces has in common. */
const pattern = (path: string): string => packedAway(path).replace(/\d+/g, '#');

/** The values of JSON, without its keys, which are the tool's and not the caller's. */
function valuesOf(json: string): string {
  try {
    const texts: string[] = [];
    JSON.parse(json, (_key, value: unknown) => {
      if (typeof value === 'string' || typeof value === 'number') texts.push(String(value));
      return value;
    });
    return texts.join(' ');
  } catch {
    return json;
  }
}
