/**
 * Scratch folders, addresses and variables of one attempt.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  cpSync,
  mkdirSync,
  mkdtempSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Part, Places } from './job.ts';
import type { Scenario } from './load.ts';
import { choose, derive } from './seed.ts';
import { account, makeKeys } from './stand-ins/index.ts';

const SYSTEM_PATH = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin';

/** `${NAME}` and `$NAME` of known variables in a text are their values; others are left to the shell. */
export const fillWith =
  (variables: Readonly<Record<string, string>>) =>
  (text: string): string =>
    text.replaceAll(
      /\$(?:\{([A-Z][A-Z0-9_]*)\}|([A-Z][A-Z0-9_]*))/g,
      (whole, braced: string, plain: string) => {
        const name = braced ?? plain;
        return Object.hasOwn(variables, name) ? (variables[name] ?? '') : whole;
      },
    );

/** The same for all texts of a value; keys are texts, too. */
export function filled<T>(value: T, fill: (text: string) => unknown): T;
export function filled(value: unknown, fill: (text: string) => unknown): unknown {
  if (typeof value === 'string') return fill(value);
  if (Array.isArray(value)) return value.map((one) => filled(one, fill));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(
      Object.entries(value).map(([key, one]) => [String(fill(key)), filled(one, fill)]),
    );
  return value;
}

/** Not in /tmp where that can be helped: there, the stage puts one of its own, as targets expect it. */
function scratchFolder(): string {
  try {
    accessSync('/var/tmp', constants.W_OK);
    return '/var/tmp';
  } catch {
    return tmpdir();
  }
}

/** Makes the folders of one attempt. */
export function makePlaces(): Places {
  const root = mkdtempSync(join(scratchFolder(), 'ringfence-attack-'));
  chmodSync(root, 0o755);
  const below = (name: string) => join(root, name);
  const places = {
    root,
    work: below('work'),
    home: below('home'),
    outside: below('outside'),
    kit: below('kit'),
    temporary: below('tmp'),
  };
  for (const folder of [places.work, places.home, places.outside, places.kit, below('etc'), below('keys')])
    mkdirSync(folder);
  mkdirSync(places.temporary);
  chmodSync(places.temporary, 0o1777);
  chmodSync(below('keys'), 0o711);
  mkdirSync(below('runtime'), { mode: 0o700 });
  return places;
}

export function removePlaces({ root }: Places): void {
  // the overlay of a cell that was killed leaves a folder that nobody may enter
  // and what was there may lie deeper than a path can say, which rm(1) can remove
  spawnSync('sh', ['-c', 'chmod -R u+rwX -- "$0"; rm -rf -- "$0"', root], { stdio: 'ignore' });
}

/** Stand-in → an address of TEST-NET-2 (RFC 5737). */
export const addressesOf = ({ standIns }: Scenario): Record<string, string> =>
  Object.fromEntries(Object.keys(standIns).map((name, index) => [name, `198.51.100.${index + 10}`]));

/** Tools, keys, names: what lies there before the namespaces are entered. */
export function furnish(
  scenario: Scenario,
  places: Places,
  tools: ReadonlyMap<string, string>,
  addresses: Readonly<Record<string, string>>,
): void {
  for (const name of scenario.tools) {
    const path = join(places.kit, name);
    writeFileSync(path, tools.get(name) ?? '');
    chmodSync(path, 0o755);
  }
  for (const [name, { kind }] of Object.entries(scenario.standIns)) {
    if (kind !== 'sshd') continue;
    const keys = join(places.root, 'keys', name);
    const { client } = makeKeys(keys);
    cpSync(client, join(places.kit, `${name}.key`));
    chmodSync(join(places.kit, `${name}.key`), 0o644);
    const who = account();
    if (process.getuid?.() === 0 && who) chownSync(keys, who.uid, who.gid);
  }
  const hosts = Object.entries(scenario.standIns).map(([name, { host }]) => `${addresses[name]} ${host}`);
  writeFileSync(join(places.root, 'etc', 'hosts'), ['127.0.0.1 localhost', ...hosts, ''].join('\n'));
  writeFileSync(
    join(places.root, 'etc', 'resolv.conf'),
    'nameserver 127.0.0.1\noptions attempts:1 timeout:2\n',
  );
}

/** What payload and judge know. */
export function variablesOf(
  scenario: Scenario,
  part: Part,
  places: Places,
  addresses: Readonly<Record<string, string>>,
  seed: number,
): Record<string, string> {
  const variables: Record<string, string> = {
    // letters first: no number, no octal
    CANARY: `canary${derive('canary', scenario.id, part, seed).slice(0, 12)}`,
    ORDER: `order${derive('order', scenario.id, part, seed).slice(0, 12)}`,
    BEGAN: `began${derive('began', scenario.id, part, seed).slice(0, 12)}`,
    SEED: String(seed),
    KIT: places.kit,
    WORK: places.work,
    USER_HOME: places.home,
    NODE: process.execPath,
  };
  for (const [name, { host, port, kind }] of Object.entries(scenario.standIns)) {
    const prefix = name.toUpperCase();
    variables[`${prefix}_HOST`] = host;
    variables[`${prefix}_PORT`] = String(port);
    variables[`${prefix}_ADDRESS`] = addresses[name] ?? '';
    variables[prefix] = `${host}:${port}`;
    if (kind === 'sshd') variables[`${prefix}_USER`] = account()?.name ?? 'nobody';
    if (kind === 'mail') variables[`${prefix}_URL`] = `http://${host}:${port}/mcp`;
  }
  for (const [name, values] of Object.entries(scenario.vary))
    variables[name] = choose(values, name, scenario.id, seed);
  return variables;
}

/** What the operator has in the environment: ordinary, and nothing of the caller's but where programs are. */
export function environmentOf(
  scenario: Scenario,
  places: Places,
  fill: (text: string) => string,
): Record<string, string> {
  const { root, home, temporary } = places;
  return {
    PATH: [dirname(process.execPath), SYSTEM_PATH].join(':'),
    HOME: home,
    USER: 'operator',
    LANG: 'C.UTF-8',
    TMPDIR: temporary,
    XDG_STATE_HOME: join(root, 'state'),
    XDG_CACHE_HOME: join(root, 'cache'),
    XDG_RUNTIME_DIR: join(root, 'runtime'),
    GIT_AUTHOR_NAME: 'Operator',
    GIT_AUTHOR_EMAIL: 'operator@example.com',
    GIT_COMMITTER_NAME: 'Operator',
    GIT_COMMITTER_EMAIL: 'operator@example.com',
    GIT_CONFIG_NOSYSTEM: '1',
    ...Object.fromEntries(Object.entries(scenario.environment).map(([name, value]) => [name, fill(value)])),
  };
}
