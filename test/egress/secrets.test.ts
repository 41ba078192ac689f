/**
 * A secret is looked for from inside a cell in every place and way that an agent would try, against hosts that give back
 * all that they are sent. What is found must be nothing, and the record must not hold it either.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, ofKind, type Project, type Terms } from './cell.ts';
import { HOME4 } from './origins.ts';
import { commandOf, descendantsOf } from './people.ts';
import { makeReflector, type Reflector, WAYS_BACK } from './reflector.ts';
import { HALVES, makeProject, makeSetting, personNamed, type Setting } from './setting.ts';

let setting: Setting;
let api: Reflector;
let other: Reflector;
let opaque: Reflector;
let ports: { api: number; other: number; opaque: number };
beforeAll(async () => {
  setting = await makeSetting();
  [api, other, opaque] = [makeReflector(), makeReflector(), makeReflector()];
  const listen = (reflector: Reflector) => setting.origins.listen(reflector.handler);
  ports = { api: await listen(api), other: await listen(other), opaque: await listen(opaque) };
});
afterAll(() => setting.close());

/** One secret for each way of putting it in; all begin alike, so that the hunter has something to look for. */
const makeSecrets = () =>
  Object.fromEntries(
    ['BEARER', 'HEADER', 'QUERY'].map((name) => [name, `CANARY-${randomBytes(15).toString('base64url')}`]),
  );

/** Every form of a secret that is as good as the secret. Reversed and the like is what masking cannot know. */
function formsOf(secret: string): Buffer[] {
  const bytes = Buffer.from(secret);
  const base64 = [0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), bytes])
      .toString('base64')
      .slice(Math.ceil((pad * 8) / 6) + 1, -4),
  );
  const texts = [
    secret,
    ...base64,
    bytes.toString('hex'),
    bytes.toString('hex').toUpperCase(),
    secret.slice(0, 16),
    secret.slice(-12),
  ];
  return [...texts.map((text) => Buffer.from(text)), Buffer.from(secret, 'utf16le')];
}

const found = (bytes: Uint8Array, secrets: Record<string, string>): string[] =>
  Object.entries(secrets).flatMap(([name, secret]) =>
    formsOf(secret).flatMap((form) =>
      Buffer.from(bytes).includes(form) ? [`${name} as ${form.subarray(0, 12)}…`] : [],
    ),
  );

interface Attempt {
  attempt: string;
  seen: string;
}

const attemptsOf = (ended: Ended): Attempt[] =>
  ended.out
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Attempt);

describe.each(HALVES)('as %s', (who) => {
  let project: Project;
  let secrets: Record<string, string>;
  let ended: Ended;
  let attempts: Attempt[];
  /** of each process of the run, while it ran: what it was started with, and what a dump of it would hold */
  const seen: { command: string; environ: string; filter: string; core: string; own: boolean }[] = [];

  const terms = (): Terms => ({
    network: [
      { host: 'api.example.com', port: ports.api, protocol: 'https', ca: setting.authority },
      { host: 'other.example.com', port: ports.other, protocol: 'https', ca: setting.authority },
      { host: 'echo.example.com', port: ports.opaque, protocol: 'tls' },
      { host: 'web.example.com', port: setting.origins.http, protocol: 'http' },
    ],
    resolve: Object.fromEntries(
      ['api', 'other', 'echo', 'web'].map((name) => [`${name}.example.com`, [HOME4]]),
    ),
    secrets: {
      BEARER: { for: 'api.example.com' },
      HEADER: { for: 'api.example.com', as: 'header', name: 'X-Api-Key', from: 'env:OUTSIDE_HEADER' },
      QUERY: {
        for: 'api.example.com',
        as: 'query',
        name: 'api_key',
        from: `file:${join(project.root, 'home/query')}`,
      },
    },
    outside: { BEARER: secrets.BEARER as string, OUTSIDE_HEADER: secrets.HEADER as string },
    on: { violation: 'note', tampering: 'note' } as Record<string, string>,
    time: '120s',
  });

  beforeAll(async () => {
    project = makeProject(setting, personNamed(setting, who));
    secrets = makeSecrets();
    writeFileSync(join(project.root, 'home/query'), `${secrets.QUERY}\n`, { mode: 0o644 });
    const place = (name: string, port: number) => ({ host: `${name}.example.com`, port });
    const task = {
      api: place('api', ports.api),
      other: place('other', ports.other),
      web: place('web', setting.origins.http),
      plainTls: place('echo', ports.opaque),
      ways: WAYS_BACK,
      workspace: project.folder,
    };
    const given = terms();
    given.on = { violation: 'note' };
    const running = project.start(given, ['node', 'hunt.mjs', JSON.stringify(task)]);
    await running.said('given back: json');
    for (const pid of descendantsOf(running.child.pid ?? 0)) {
      try {
        const text = (name: string) => readFileSync(`/proc/${pid}/${name}`, 'latin1');
        const core = /^Max core file size\s+(\S+)/m.exec(text('limits'))?.[1] ?? '';
        seen.push({
          command: commandOf(pid),
          environ: text('environ'),
          filter: text('coredump_filter').trim(),
          core,
          own: true,
        });
      } catch {
        // it has just ended, or is not ours to look at, and so not the agent's either
      }
    }
    ended = await running.ended;
    attempts = attemptsOf(ended);
  }, 150_000);
  afterAll(() => project.remove());

  test('the hunter looked everywhere, and the secrets were sent where they belong', () => {
    expect(attempts.at(-1)?.attempt, ended.err + ended.out.slice(-2000)).toBe('end');
    expect(attempts.length).toBeGreaterThan(80);
    const heads = api.received.join('\n');
    expect(heads).toContain(
      `Authorization: Bearer ${secrets.BEARER}`.replace(
        'Authorization',
        heads.includes('authorization:') ? 'authorization' : 'Authorization',
      ),
    );
    expect(heads.toLowerCase()).toContain(`x-api-key: ${secrets.HEADER}`.toLowerCase());
    expect(heads).toContain(`api_key=${secrets.QUERY}`);
    const plain = attempts.find(({ attempt }) => attempt === 'given back: plain');
    expect(Buffer.from(plain?.seen ?? '', 'base64').toString('latin1')).toMatch(
      /Bearer ringfence-placeholder-[0-9a-f]{24}\r\n/i,
    );
  });

  test('it found nothing', () => {
    const finds = attempts.flatMap(({ attempt, seen }) => {
      const what = found(Buffer.from(seen, 'base64'), secrets);
      return what.length > 0 ? [`${attempt}: ${what.join(', ')}`] : [];
    });
    expect(finds).toEqual([]);
    expect(found(Buffer.from(ended.out), secrets)).toEqual([]);
  });

  test('no other host got it', () => {
    for (const reflector of [other, opaque]) {
      expect(reflector.received.length).toBeGreaterThan(0);
      expect(found(Buffer.from(reflector.received.join('\n'), 'latin1'), secrets)).toEqual([]);
    }
  });

  test('inside there is a placeholder, which tells nothing, and which is sent where it is written', () => {
    const environment = attempts.find(({ attempt }) => attempt === 'own environment');
    const inside = JSON.parse(Buffer.from(environment?.seen ?? '', 'base64').toString()) as Record<
      string,
      string
    >;
    for (const name of ['BEARER', 'HEADER', 'QUERY'])
      expect(inside[name]).toMatch(/^ringfence-placeholder-[0-9a-f]{24}$/);
    expect(inside).not.toHaveProperty('OUTSIDE_HEADER');
  });

  test('no process of the run shows it, and no dump of one would hold it', () => {
    expect(seen.length).toBeGreaterThan(2);
    expect(seen.some(({ command }) => command.includes('gateway'))).toBe(true);
    for (const { command, environ, filter, core } of seen) {
      expect(found(Buffer.from(command + environ, 'latin1'), secrets), command).toEqual([]);
      expect([filter, core], command).toEqual(['00000000', '0']);
    }
  });

  test('the record, the run’s folder and what was printed do not hold it', () => {
    const state = join(project.root, 'home/.local/state');
    expect(existsSync(state)).toBe(true);
    const files = execFileSync('find', [join(project.root, 'home'), '-type', 'f', '!', '-name', 'query'], {
      encoding: 'utf8',
    });
    for (const file of files.trim().split('\n')) expect(found(readFileSync(file), secrets), file).toEqual([]);
    expect(found(Buffer.from(JSON.stringify(ended.events)), secrets)).toEqual([]);
    expect(found(Buffer.from(ended.err), secrets)).toEqual([]);
    expect(ofKind(ended.events, 'flow.open').length).toBeGreaterThan(10);
  });

  test('secrets of any length give the same answer, to the byte', async () => {
    const seen: string[] = [];
    for (const length of [12, 40, 400]) {
      const value = () => `CANARY-${randomBytes(length).toString('base64url')}`.slice(0, length);
      secrets = { BEARER: value(), HEADER: value(), QUERY: value() };
      writeFileSync(join(project.root, 'home/query'), `${secrets.QUERY}\n`);
      const url = `https://api.example.com:${ports.api}`;
      const ways = ['plain', 'length', 'json', 'base64', 'hex', 'header', 'redirect'];
      const one = await project.run(
        { ...terms(), on: { violation: 'note' } },
        'curl',
        ...['-sS', '-i', '--raw', '--no-progress-meter', '-w', '%{size_header} %{size_download}\\n'],
        ...ways.map((way) => `${url}/${way}`),
      );
      expect(one.out, one.err).toMatch(/ringfence-placeholder-[0-9a-f]{24}/);
      expect(found(Buffer.from(one.out), secrets)).toEqual([]);
      // the placeholders are new in each run, and so is their base64
      const constant = one.out
        .replace(/ringfence-placeholder-[0-9a-f]{24}/g, 'PLACEHOLDER')
        .replace(/^[A-Za-z0-9+/=]{40,}$/gm, (text) => `base64 of ${text.length}`)
        .replace(/^[0-9a-f]{40,}$/gm, (text) => `hex of ${text.length}`)
        .replace(/^Date: .*$/gm, 'Date')
        .replace(/127\.\d+\.\d+\.\d+:\d+|localhost:\d+/g, 'ADDRESS');
      seen.push(constant);
    }
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).toBe(seen[0]);
  });

  test('a host that hands the secret on in disguise does so: the limit that the threat model states', async () => {
    const url = `https://api.example.com:${ports.api}/reversed`;
    const one = await project.run({ ...terms(), on: { violation: 'note' } }, 'curl', '-sS', url);
    expect([...one.out].reverse().join(''), one.err).toContain(secrets.BEARER);
    const model = readFileSync(join(import.meta.dirname, '../../THREAT-MODEL.md'), 'utf8');
    expect(model).toMatch(/reversed/);
  });

  test('nothing starts where the agent could read it another way', async () => {
    const base = { ...terms(), on: { violation: 'note' } };
    const cases: [Partial<Terms>, string[], RegExp][] = [
      [
        { outside: { OUTSIDE_HEADER: 'x'.repeat(20) } },
        ['true'],
        /secret BEARER: the variable BEARER is not set/,
      ],
      [{}, ['echo', `Bearer ${secrets.BEARER}`], /its value is part of the command/],
      [{ files: { read: [join(project.root, 'home')] } }, ['true'], /would show the agent/],
      [
        { environment: { COPY: secrets.BEARER as string } },
        ['true'],
        /its value is part of the variable COPY/,
      ],
    ];
    for (const [change, command, message] of cases) {
      const refused = await project.run({ ...base, ...change }, ...command);
      expect(refused.status).not.toBe(0);
      expect(refused.err).toMatch(message);
      expect(found(Buffer.from(refused.err), secrets)).toEqual([]);
    }
    const runs = join(project.root, 'home/.local/state/ringfence/runs');
    for (const run of readdirSync(runs)) expect(existsSync(join(runs, run, 'trust'))).toBe(false);
  });
});
