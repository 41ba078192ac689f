/**
 * Everything that a contract does not name is refused at connect(2) or by DNS, and each refusal is on record with its
 * owner. The contract names hosts on this machine's loopback, so that refusing its neighbours is not a side effect of
 * refusing all of it.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, ofKind, type Project } from './cell.ts';
import { HOME4, HOME6 } from './origins.ts';
import {
  HALVES,
  makeProject,
  makeSetting,
  ordinaryTerms,
  personNamed,
  type Setting,
  trust,
} from './setting.ts';

let setting: Setting;
beforeAll(async () => {
  setting = await makeSetting();
});
afterAll(() => setting.close());

type Target = [address: string, port: number, kind?: string];

/** Addresses of this machine that a private network or the outside gave it. */
const ownAddresses = (): string[] =>
  Object.values(networkInterfaces()).flatMap((list = []) =>
    list.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address),
  );

/** A name of the machine's hosts file that means an address which must be written out. */
function localName(): string | undefined {
  const lines = readFileSync('/etc/hosts', 'utf8').split('\n');
  const entries = lines.map((line) => line.replace(/#.*/, '').trim().split(/\s+/));
  const close = entries.filter(([address = '']) =>
    /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|::1$|f[cd])/.test(address),
  );
  return close
    .flatMap(([, ...names]) => names)
    .find((name) => !/^localhost|\.localhost$/.test(name) && /^[\w.-]+$/.test(name));
}

const answersOf = (ended: Ended): Record<string, string> => {
  try {
    return JSON.parse(ended.out) as Record<string, string>;
  } catch {
    throw new Error(`no answer: ${ended.out}${ended.err}`);
  }
};

describe.each(HALVES)('as %s', (who) => {
  let project: Project;
  beforeAll(() => {
    project = makeProject(setting, personNamed(setting, who));
  });
  afterAll(() => project.remove());

  test('addresses, ports and names that the contract does not have', async () => {
    const { origins } = setting;
    const outside: Target[] = [
      ['203.0.113.9', 443],
      ['203.0.113.9', 443, 'blocking'],
      ['2001:db8::9', 443],
      ['169.254.169.254', 80],
      ['169.254.169.254', 80, 'udp'],
      ['fd00:ec2::254', 80],
      ['100.100.100.200', 80],
      ['::ffff:169.254.169.254', 80],
      ['::ffff:203.0.113.9', 443],
      ['10.0.0.1', 443],
      ['192.168.0.1', 443],
      ['fe80::1', 443],
      ['64:ff9b::7f00:1', origins.neighbour],
      ['203.0.113.9', 53, 'udp'],
      ...ownAddresses().map((address): Target => [address, origins.https]),
    ];
    const loopback: Target[] = [
      ['127.0.0.1', origins.neighbour],
      ['127.0.0.1', origins.neighbour, 'blocking'],
      ['::ffff:127.0.0.1', origins.neighbour],
      ['0.0.0.0', origins.neighbour],
      ['::1', origins.neighbour],
      ['::', origins.neighbour],
      // the named host's address at another port, and the named port at another address
      [HOME4, origins.neighbour],
      [HOME4, origins.http + 1],
      ['127.9.9.10', origins.https],
      [HOME6, origins.https],
      [HOME4, origins.https, 'udp'],
    ];
    const names = [
      'undeclared.example.com',
      'sub.api.example.com',
      'example.com',
      'api.example.com.example.com',
      `${'x'.repeat(63)}.example.com`,
      'metadata.google.internal',
    ];
    const addresses = [...outside, ...loopback];
    const ended = await project.run(
      ordinaryTerms(setting, project),
      'python3',
      'sockets.py',
      'refusals',
      JSON.stringify({ names, addresses }),
    );
    const answers = answersOf(ended);
    expect(names.map((name) => [name, answers[name]])).toEqual(names.map((name) => [name, 'unknown']));
    // an empty network namespace has no route, and nobody listens on the cell's own loopback
    for (const target of outside)
      expect([target, answers[target.join(' ')]]).toEqual([target, 'ENETUNREACH']);
    for (const target of loopback)
      expect([target, answers[target.join(' ')]]).toEqual([target, 'ECONNREFUSED']);
    expect(setting.origins.visits()).toBe(0);
    expect(ended.record.flows).toEqual([]);
    expect(ended.status).toBe(0);
    const denials = ofKind(ended.events, 'denial');
    for (const [address, port, kind] of outside) {
      const shown = address.startsWith('::ffff:') ? address.slice(7) : address;
      const what = `connect ${shown.includes(':') ? `[${shown}]` : shown}:${port}/${kind === 'udp' ? 'udp' : 'tcp'}`;
      const found = denials.find((denial) => denial.what === what);
      expect(found, what).toBeDefined();
      expect(found?.owner?.argv?.slice(0, 3)).toEqual(['python3', 'sockets.py', 'refusals']);
      expect(found?.layer).toBe('network');
    }
    for (const name of names.slice(0, 3)) {
      const found = denials.find(({ what }) => what.startsWith(`resolve ${name} `));
      expect(found?.layer, name).toBe('dns');
      expect(found?.owner?.argv?.[1], JSON.stringify(found)).toBe('sockets.py');
    }
  });

  test('clients fail as they do without a network, and say so', async () => {
    const { origins } = setting;
    const script = `
      curl -sS -m 5 https://undeclared.example.com/; echo $?
      curl -sS -m 5 https://203.0.113.9/; echo $?
      curl -sS -m 5 http://169.254.169.254/latest/meta-data/; echo $?
      curl -sS -m 5 http://127.0.0.1:${origins.neighbour}/; echo $?
      git ls-remote https://undeclared.example.com/x.git; echo $?
      (exec 3<>/dev/tcp/203.0.113.9/443); echo $?
      node fetch.mjs https://undeclared.example.com/ https://203.0.113.9/`;
    const ended = await project.run(ordinaryTerms(setting, project), 'bash', '-c', script);
    const lines = ended.out.trim().split('\n');
    // curl(1): 6 could not resolve, 7 could not connect
    expect(lines, ended.err).toEqual([
      '6',
      '7',
      '7',
      '7',
      '128',
      '1',
      'failed: ENOTFOUND',
      'failed: ENETUNREACH',
    ]);
    expect(ended.record.flows).toEqual([]);
    expect(setting.origins.visits()).toBe(0);
  });

  test('a name that means a private address which the contract does not write out', async (context) => {
    const name = localName();
    if (name === undefined) context.skip('the hosts file has no name for a private address');
    const { origins } = setting;
    const terms = {
      network: [{ host: name ?? '', port: origins.neighbour, protocol: 'tcp' }],
      environment: trust(project),
    };
    const ended = await project.run(
      terms,
      'python3',
      'sockets.py',
      'refusals',
      JSON.stringify({ names: [name] }),
    );
    expect(answersOf(ended)).toEqual({ [name ?? '']: 'unknown' });
    const denial = ofKind(ended.events, 'denial').find(({ what }) => what.startsWith(`resolve ${name} `));
    expect(denial?.allow).toContain('resolve:');
  });

  test('an IPv4-mapped address is the IPv4 address it holds', async () => {
    const { origins } = setting;
    const mapped = `::ffff:${HOME4}`;
    const terms = { ...ordinaryTerms(setting, project), on: { violation: 'note' } };
    const addresses = [[mapped, origins.digest]];
    const refused = await project.run(
      terms,
      'python3',
      'sockets.py',
      'refusals',
      JSON.stringify({ addresses }),
    );
    expect(answersOf(refused)).toEqual({ [`${mapped} ${origins.digest}`]: 'ECONNREFUSED' });
    const resolved = `web.example.com:${origins.http}:[${mapped}]`;
    const ended = await project.run(
      terms,
      'curl',
      '-sS',
      '--resolve',
      resolved,
      `http://web.example.com:${origins.http}/`,
    );
    expect(ended.out, ended.err).toBe('hello web.example.com');
    expect(ended.record.flows.map(({ address }) => address)).toEqual([HOME4]);
  });

  test('without a network there is none', async () => {
    const addresses: Target[] = [
      [HOME4, setting.origins.https],
      ['203.0.113.9', 443],
      ['127.0.0.1', setting.origins.neighbour],
    ];
    const given = JSON.stringify({ names: ['api.example.com'], addresses });
    const ended = await project.run({ network: [] }, 'python3', 'sockets.py', 'refusals', given);
    expect(Object.values(answersOf(ended)).slice(1)).toEqual(['ECONNREFUSED', 'ENETUNREACH', 'ECONNREFUSED']);
    expect(answersOf(ended)['api.example.com']).not.toBe('resolved');
    expect(setting.origins.visits()).toBe(0);
  });
});
