/**
 * The caller's contract, in a replay's place: its workspace and home are scratch folders with canaries in them, its hosts lead
 * to stand-ins, its secrets are canaries. What it allows and forbids stays as it is written.
 *
 * @module
 */
import { realpathSync } from 'node:fs';
import { isIP } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { type Contract, terminates } from '../../../contract/index.ts';

/** A contract as it is written: YAML's plain data. */
export type Written = Record<string, unknown>;

export interface Setting {
  /** The operator's own home, whose files are replaced. */
  readonly home: string;
  /** Concrete names that stand-ins answer for, by the rule's place in `network`. */
  readonly names: ReadonlyMap<number, string>;
  /** File with the stand-ins' authority. */
  readonly authority: string;
}

/** Variables that hold no data of anybody's, and whose values programs need. */
export const PLAIN_VARIABLES = new Set(['PATH', 'HOME', 'LANG', 'TERM', 'TZ', 'USER', 'LOGNAME', 'SHELL']);

/** Where names lead that the contract does not resolve; port 53 of 127.0.0.1 is the cell's own. */
const STAND_IN = '127.0.0.10';

const asRecord = (value: unknown): Written =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Written) : {};
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Name of the canary that stands for a secret's value, in the environment of the run. */
export const secretVariable = (name: string): string => `CANARY_${name}`;

/** The contract for one cell, as data; the workspace is filled in with {@link withWorkspace}. */
export function inPlace(written: Written, contract: Contract, { home, names, authority }: Setting): Written {
  const files = asRecord(written.files);
  const addresses = { ...asRecord(written.resolve) };
  for (const name of names.values()) if (isIP(name) === 0) addresses[name] ??= [STAND_IN];
  const network = asList(written.network).map((rule, index) => {
    const of = contract.network[index];
    return of !== undefined && of.protocol !== 'http' && terminates(contract, of)
      ? { ...asRecord(rule), ca: authority }
      : rule;
  });
  const secrets = Object.fromEntries(
    Object.entries(asRecord(written.secrets)).map(([name, secret]) => [
      name,
      { ...asRecord(secret), from: `env:${secretVariable(name)}` },
    ]),
  );
  const compute = asRecord(written.compute);
  const {
    packages: _index, // fixed artefacts: no path leads through them, and there is nobody to fetch them from
    models: _models, // nobody answers for them there
    tools: _tools, // nor for these, and no server of the caller's is started
    people: _people,
    objective: _graded, // not run
    never: _aims,
    ...rest
  } = written;
  return {
    ...rest,
    ...(network.length > 0 && { network }),
    ...(Object.keys(addresses).length > 0 && { resolve: addresses }),
    ...(Object.keys(secrets).length > 0 && { secrets }),
    files: { ...files, ...(files.read !== undefined && { read: readable(asList(files.read), home) }) },
    compute: { ...compute, time: contract.compute.time.max < 20_000 ? compute.time : '20s' },
    oversight: unwatched(withoutPackages(asRecord(written.oversight))),
  };
}

/** `packages.new` asks for what an index lists, and there is none here. */
function withoutPackages(oversight: Written): Written {
  if (oversight.approve === undefined) return oversight;
  return { ...oversight, approve: asList(oversight.approve).filter((effect) => effect !== 'packages.new') };
}

/** A path is tried against the layers that are to hold it: no proof rests on a rule that stops what it finds. */
function unwatched(oversight: Written): Written {
  const { rules: _rules, baseline: _baseline, judges: _judges, on, ...rest } = oversight;
  const noted = { informational: 'note', low: 'note', medium: 'note', high: 'note', critical: 'note' };
  return { ...rest, on: { ...asRecord(on), finding: noted, overload: 'note', loss: 'note' } };
}

/** The contract's text with a workspace. */
export function withWorkspace(contract: Written, path: string): string {
  const files = asRecord(contract.files);
  const { mode } = asRecord(files.workspace);
  return JSON.stringify({
    ...contract,
    files: { ...files, workspace: { path, ...(mode !== undefined && { mode }) } },
  });
}

/** Where machines keep programs and what belongs to them: nobody's own data. */
const TOOLCHAIN = /^\/(usr|opt|bin|sbin|lib\w*|nix|snap|etc\/(ssl|ca-certificates|alternatives))(\/|$)/;

/** What a path of `files.read` is in a replay: below the scratch home, the machine's programs, or somebody's data that no replay reads. */
export function placeOf(written: string, home: string): { below: string } | 'machine' | 'left out' {
  const path =
    written === '~' || written.startsWith('~/')
      ? resolve(home, `./${written.slice(1)}`)
      : resolve('/', written);
  const found = [path, real(path)];
  const folders = [home, real(home)];
  // by either of its names: what a link leads to is whose it is
  for (const one of found.toReversed())
    for (const folder of folders)
      if (one === folder || one.startsWith(`${folder}/`)) return { below: one.slice(folder.length + 1) };
  return found.every((one) => TOOLCHAIN.test(one)) ? 'machine' : 'left out';
}

/** The path without links, as far as it is there. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path === '/' ? path : join(real(dirname(path)), basename(path));
  }
}

const readable = (paths: readonly unknown[], home: string): unknown[] =>
  paths.flatMap((path) => {
    const place = typeof path === 'string' ? placeOf(path, home) : 'machine';
    if (place === 'left out') return [];
    return [place === 'machine' ? path : `~${place.below === '' ? '' : '/'}${place.below}`];
  });
