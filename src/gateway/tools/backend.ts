/**
 * One server of tools: its conversation, its tools as they were pinned, and what happens when it goes and comes again.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import type { EventBody, GatewayMessage, ToolServer } from '../../contract/index.ts';
import { standingOf, type ToolDefinition, type ToolStanding } from '../../contract/tools.ts';
import type { Reporter } from '../reporter.ts';
import { type Asked, Client } from './client.ts';
import { MOST_TOOLS, readDefinition } from './definitions.ts';
import { isObject, type Json, type JsonObject } from './json.ts';
import { type Answer, failure, INTERNAL_ERROR, PROTOCOL_VERSIONS } from './rpc.ts';
import type { Wire, WireEvents } from './wire.ts';

export interface Tool {
  definition: ToolDefinition;
  digest: string;
  standing: ToolStanding;
}

export interface BackendOptions {
  number: number;
  server: ToolServer;
  reporter: Reporter;
  send: (message: GatewayMessage) => void;
  /** the tools changed: clients want to ask for them again */
  changed: () => void;
}

const PAGES = 32;
/** Milliseconds between two times that a list is asked for again because the server says so. */
const RELIST_MS = 1000;
/** Milliseconds until a server that nobody starts again is asked whether it is back; twice as long each time, up to the longest. */
const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 60_000;

export class Backend {
  readonly number: number;
  readonly server: ToolServer;
  readonly #options: BackendOptions;
  /** digests by which definitions are judged: those of the file, or the first that were seen */
  readonly #pins: Map<string, string>;
  readonly #firstSeen: boolean;
  #client: Client | undefined;
  #tools: Promise<ReadonlyMap<string, Tool>>;
  #arrived: (tools: ReadonlyMap<string, Tool>) => void = () => {};
  #isKnown = false;
  #digest = '';
  #relist: NodeJS.Timeout | undefined;
  #end: string | undefined;
  #pause: NodeJS.Timeout | undefined;
  #losses = 0;
  #since = 0;

  constructor(options: BackendOptions) {
    this.#options = options;
    this.number = options.number;
    this.server = options.server;
    this.#pins = new Map(Object.entries(options.server.pins ?? {}));
    this.#firstSeen = options.server.pins === undefined;
    this.#tools = this.#awaited();
  }

  /** As {@link connect}, for a server that nobody here starts: when it is gone, it is asked again. No call is made twice. */
  keep(open: (events: WireEvents) => Wire): void {
    this.#since = performance.now();
    this.connect(open, () => {
      // one that only begins well, and is gone at once, is asked ever more seldom, too
      if (performance.now() - this.#since > LONGEST_PAUSE) this.#losses = 0;
      const pause = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** this.#losses);
      this.#losses += 1;
      this.#pause = setTimeout(() => this.keep(open), pause);
    });
  }

  /** Begins a conversation over a new wire: the first one, or after the server was started again. */
  connect(open: (events: WireEvents) => Wire, lost: () => void = () => {}): void {
    this.#client?.close();
    const client: Client = new Client(open, {
      notified: (method) => {
        if (method === 'notifications/tools/list_changed' && this.#client === client) this.#askAgain(client);
      },
      refused: (method) =>
        this.#note(
          `server-asks ${this.server.name}`,
          `asked for ${method.slice(0, 64)}, which no server gets`,
        ),
      problem: (why) => this.#note(`server-problem ${this.server.name}`, why),
      closed: (why) => {
        if (this.#client !== client) return;
        this.#client = undefined;
        if (this.#isKnown) this.#tools = this.#awaited();
        if (this.#end !== undefined) return;
        this.#note(`server-gone ${this.server.name}`, `is gone: ${why}`);
        lost();
      },
    });
    this.#client = client;
    this.#begin(client).catch((error: Error) => this.#fail(client, error.message));
  }

  /** It will not come again. */
  gone(why: string): void {
    this.#end = why;
    this.#arrived(new Map());
    this.#client?.close();
  }

  close(): void {
    this.#end ??= 'the run ended';
    clearTimeout(this.#relist);
    clearTimeout(this.#pause);
    this.#client?.close();
    this.#arrived(new Map());
  }

  /** Tools that may be called, by name; waits for the server, but not for longer than a call may take. */
  async tools(): Promise<ReadonlyMap<string, Tool>> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<ReadonlyMap<string, Tool>>((resolve) => {
      timer = setTimeout(() => resolve(new Map()), this.server.time);
    });
    const tools = await Promise.race([this.#tools, late]);
    clearTimeout(timer);
    return tools;
  }

  call(name: string, args: JsonObject, asked: Omit<Asked, 'time'>): Promise<Answer> {
    if (!this.#client) return Promise.resolve(failure(INTERNAL_ERROR, 'the server is gone'));
    return this.#client.request(
      'tools/call',
      { name, arguments: args },
      { ...asked, time: this.server.time },
    );
  }

  #awaited(): Promise<ReadonlyMap<string, Tool>> {
    this.#isKnown = false;
    return new Promise((resolve) => {
      this.#arrived = (tools) => {
        this.#isKnown = true;
        resolve(tools);
      };
    });
  }

  async #begin(client: Client): Promise<void> {
    const asked = { time: this.server.time };
    const answer = await client.request(
      'initialize',
      {
        protocolVersion: PROTOCOL_VERSIONS[0],
        capabilities: {},
        clientInfo: { name: 'ringfence', version: '1' },
      },
      asked,
    );
    if (!answer.ok) throw new Error(`it does not begin: ${answer.message}`);
    const version = answer.result.protocolVersion;
    if (!(PROTOCOL_VERSIONS as readonly unknown[]).includes(version))
      throw new Error(`it speaks another version of the protocol: ${String(version).slice(0, 32)}`);
    client.notify('notifications/initialized');
    const tools = await this.#list(client);
    if (this.#losses > 0) this.#note(`server-back ${this.server.name}`, 'is there again');
    if (this.#isKnown) this.#tools = Promise.resolve(tools);
    else this.#arrived(tools);
  }

  #fail(client: Client, why: string): void {
    if (this.#client !== client || this.#end !== undefined) return;
    this.#note(`server-fails ${this.server.name}`, why);
    this.#arrived(new Map());
    client.close();
  }

  #askAgain(client: Client): void {
    this.#relist ??= setTimeout(() => {
      this.#relist = undefined;
      this.#list(client).then(
        (tools) => {
          this.#tools = Promise.resolve(tools);
          this.#options.changed();
        },
        (error: Error) => this.#fail(client, error.message),
      );
    }, RELIST_MS);
  }

  async #list(client: Client): Promise<ReadonlyMap<string, Tool>> {
    const listed: Json[] = [];
    let cursor: Json | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const params: JsonObject = cursor === undefined ? {} : { cursor };
      const answer = await client.request('tools/list', params, { time: this.server.time });
      if (!answer.ok) throw new Error(`it does not list its tools: ${answer.message}`);
      if (Array.isArray(answer.result.tools)) listed.push(...answer.result.tools);
      cursor = answer.result.nextCursor;
      if (typeof cursor !== 'string') break;
    }
    return this.#judge(listed);
  }

  /** Tools as they may be called: pinned, and named by the contract. */
  #judge(listed: readonly Json[]): ReadonlyMap<string, Tool> {
    const { name: server, rule } = this.server;
    const tools = new Map<string, Tool>();
    const refused: string[] = [];
    const fresh: Record<string, string> = {};
    const changed: string[] = [];
    const seen: { name: string; digest: string }[] = [];
    for (const value of listed.slice(0, MOST_TOOLS)) {
      const read = readDefinition(value);
      if (!read.ok) {
        refused.push(`${read.name.slice(0, 64)}: ${read.why}`);
        continue;
      }
      const { definition, digest } = read;
      const { name } = definition;
      if (seen.some((each) => each.name === name)) {
        refused.push(`${name}: it is there twice`);
        tools.delete(name);
        continue;
      }
      seen.push({ name, digest });
      const standing = standingOf(this.server, server, name);
      const pinned = this.#pins.get(name);
      if (pinned === undefined && this.#firstSeen) {
        this.#pins.set(name, digest);
        fresh[name] = digest;
      } else if (pinned !== digest && standing !== 'denied') {
        changed.push(name);
        continue;
      }
      if (standing !== 'denied') tools.set(name, { definition, digest, standing });
    }
    if (Object.keys(fresh).length > 0) this.#options.send({ type: 'pins', server: this.number, pins: fresh });
    this.#report(seen, changed, refused, `tools[${rule}]`);
    return tools;
  }

  #report(
    seen: { name: string; digest: string }[],
    changed: readonly string[],
    refused: readonly string[],
    clause: string,
  ): void {
    const { reporter } = this.#options;
    const { name: server } = this.server;
    const text = JSON.stringify([seen, changed, refused]);
    if (text === this.#digest) return;
    this.#digest = text;
    const digest = overall(seen);
    reporter.event({
      kind: 'tool.definitions',
      server,
      digest,
      tools: seen,
      ...(changed.length > 0 && { changed: [...changed] }),
    });
    const finding = (rule: string, what: string): EventBody => ({
      kind: 'finding',
      rule,
      hazard: 'oversight-tampering',
      level: 'high',
      response: 'note',
      clause,
      cites: [],
      techniques: ['AML.T0053'],
      text: what,
    });
    if (changed.length > 0)
      reporter.event(
        finding(
          'tools.definition-changed',
          `tools of ${server} are not as they were pinned, and are refused: ${changed.join(', ')}; if the change is wanted: ringfence tools pin`,
        ),
      );
    for (const what of refused.slice(0, 8))
      reporter.event(finding('tools.definition-refused', `a tool of ${server} is refused: ${what}`));
  }

  #note(key: string, what: string): void {
    this.#options.reporter.coalesced(key, {
      kind: 'note',
      text: `tools[${this.server.rule}]: the server ${this.server.name} ${what}`.slice(0, 500),
    });
  }
}

const overall = (seen: readonly { name: string; digest: string }[]): string =>
  createHash('sha256')
    .update(
      seen
        .map(({ name, digest }) => `${name} ${digest}`)
        .sort()
        .join('\n'),
    )
    .digest('hex');

/** What of a result is passed on. */
export function readResult(result: JsonObject): JsonObject | undefined {
  const { content, structuredContent, isError } = result;
  if (content !== undefined && !Array.isArray(content)) return undefined;
  return {
    content: (content ?? []).filter(isObject),
    ...(isObject(structuredContent) && { structuredContent }),
    ...(isError === true && { isError: true }),
  };
}
