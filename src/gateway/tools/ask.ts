/**
 * What a server says of its tools, asked by the operator's own command: the same reading as during a run.
 *
 * @module
 */
import type { Readable, Writable } from 'node:stream';
import { Client } from './client.ts';
import { MOST_TOOLS, type Read, readDefinition } from './definitions.ts';
import { HttpWire, type HttpWireOptions } from './http-wire.ts';
import type { Json, JsonObject } from './json.ts';
import { LinesWire } from './lines.ts';
import { PROTOCOL_VERSIONS } from './rpc.ts';
import type { Wire, WireEvents } from './wire.ts';

export type Reach =
  | { kind: 'process'; read: Readable; write: Writable }
  | { kind: 'http'; options: Omit<HttpWireOptions, 'time' | 'most'> };

/** Characters of one message. */
const LONGEST = 8 * 1024 * 1024;
const PAGES = 32;

/** @throws Error where the server does not say it */
export async function askDefinitions(reach: Reach, time: number): Promise<Read[]> {
  const open = (events: WireEvents): Wire =>
    reach.kind === 'process'
      ? new LinesWire(reach.read, reach.write, LONGEST, events)
      : new HttpWire({ ...reach.options, time, most: LONGEST }, events);
  const nothing = () => {};
  const client = new Client(open, { notified: nothing, refused: nothing, problem: nothing, closed: nothing });
  try {
    const begun = await client.request(
      'initialize',
      {
        protocolVersion: PROTOCOL_VERSIONS[0],
        capabilities: {},
        clientInfo: { name: 'ringfence', version: '1' },
      },
      { time },
    );
    if (!begun.ok) throw new Error(begun.message);
    client.notify('notifications/initialized');
    const listed: Json[] = [];
    let cursor: Json | undefined;
    for (let page = 0; page < PAGES; page += 1) {
      const params: JsonObject = cursor === undefined ? {} : { cursor };
      const answer = await client.request('tools/list', params, { time });
      if (!answer.ok) throw new Error(answer.message);
      if (Array.isArray(answer.result.tools)) listed.push(...answer.result.tools);
      cursor = answer.result.nextCursor;
      if (typeof cursor !== 'string') break;
    }
    return listed.slice(0, MOST_TOOLS).map(readDefinition);
  } finally {
    client.close();
  }
}
