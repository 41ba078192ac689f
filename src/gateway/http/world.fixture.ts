/**
 * A protocol break without sockets: what goes to the server for what the agent sends, and back.
 *
 * @module
 */
import type { InsertedSecret, NetworkRule } from '../../contract/index.ts';
import type { Candidate } from '../policy/pins.ts';
import { ATTACKED_HOST } from './attacks.fixture.ts';
import { HttpBreak } from './break.ts';
import type { RequestRecord } from './exchange.ts';
import { RuleJudge } from './judge.ts';
import { secretsFor } from './secrets.ts';

export const VALUE = 'tok-0123456789/abcdef+"XYZ&';

export const PLACEHOLDER = 'ringfence-placeholder-0123456789abcdef01234567';

export interface World {
  flow: HttpBreak;
  up: string;
  down: string;
  violation: string | undefined;
  finished: boolean;
  aborted: string | undefined;
  records: RequestRecord[];
  denials: string[];
  client(text: string): World;
  server(text: string): World;
  end(direction: 'up' | 'down'): World;
}

export function world(
  rule: Partial<NetworkRule> = {},
  secrets: InsertedSecret[] = [],
  name = ATTACKED_HOST,
): World {
  const full: NetworkRule = { host: name, port: 443, protocol: 'https', ...rule };
  const match = { index: 0, rule: full, clause: 'network[0]', transport: 'tcp' as const };
  const candidate: Candidate = { name, literal: false, match };
  const judge = new RuleJudge(full);
  const records: RequestRecord[] = [];
  const denials: string[] = [];
  const flow = new HttpBreak({
    candidates: [candidate],
    scheme: full.protocol === 'http' ? 'http' : 'https',
    judgeOf: () => judge,
    secretsOf: () => secretsFor(secrets, name),
    now: () => 0,
    sink: {
      request: (record) => records.push(record),
      denied: (what, clause) => denials.push(`${clause} ${what}`),
      secretUsed: () => {},
    },
  });
  const take = (release: ReturnType<HttpBreak['feed']>) => {
    it.up += Buffer.concat(release.up).toString('latin1');
    it.down += Buffer.concat(release.down).toString('latin1');
    it.violation ??= release.violation?.why;
    it.finished ||= release.finish === true;
    it.aborted ??= release.abort;
    return it;
  };
  const it: World = {
    flow,
    up: '',
    down: '',
    violation: undefined,
    finished: false,
    aborted: undefined,
    records,
    denials,
    client: (text) => take(flow.feed('up', Buffer.from(text, 'latin1'))),
    server: (text) => take(flow.feed('down', Buffer.from(text, 'latin1'))),
    end: (direction) => take(flow.end(direction)),
  };
  return it;
}

export const GET = `GET /v1/a HTTP/1.1\r\nHost: ${ATTACKED_HOST}\r\n\r\n`;
export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi';

/** A bearer token for the attacked host. */
export function secret(more: Partial<InsertedSecret> = {}): InsertedSecret {
  return { name: 'S', hosts: [ATTACKED_HOST], as: 'bearer', value: VALUE, placeholder: PLACEHOLDER, ...more };
}
