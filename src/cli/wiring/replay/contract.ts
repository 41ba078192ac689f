/**
 * The caller's contract, in a replay's place: its workspace and home are scratch folders with canaries in them, its hosts lead
 * to stand-ins, its secrets are canaries. What it allows and forbids stays as it is written.
 *
 * @module
 */
import { isIP } from 'node:net';
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

const asRecord = (value: unknown): Written =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Written) : {};
const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/** Name of the canary that stands for a secret's value, in the environment of the run. */
export const secretVariable = (name: string): string => `CANARY_${name}`;

/** The contract for one cell, as data; the workspace is filled in with {@link withWorkspace}. */
export function inPlace(written: Written, contract: Contract, { home, names, authority }: Setting): Written {
  const files = asRecord(written.files);
  const resolve = { ...asRecord(written.resolve) };
  for (const name of names.values()) if (isIP(name) === 0) resolve[name] ??= ['127.0.0.1'];
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
    objective: _graded, // not run
    never: _aims,
    ...rest
  } = written;
  return {
    ...rest,
    ...(network.length > 0 && { network }),
    ...(Object.keys(resolve).length > 0 && { resolve }),
    ...(Object.keys(secrets).length > 0 && { secrets }),
    files: { ...files, ...(files.read !== undefined && { read: asList(files.read).map(belowHome(home)) }) },
    compute: { ...compute, time: contract.compute.time.max < 20_000 ? compute.time : '20s' },
    oversight: withoutPackages(asRecord(written.oversight)),
  };
}

/** `packages.new` asks for what an index lists, and there is none here. */
function withoutPackages(oversight: Written): Written {
  if (oversight.approve === undefined) return oversight;
  return { ...oversight, approve: asList(oversight.approve).filter((effect) => effect !== 'packages.new') };
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

/** The operator's home in full is the scratch one, too. */
const belowHome =
  (home: string) =>
  (path: unknown): unknown =>
    typeof path === 'string' && (path === home || path.startsWith(`${home}/`))
      ? `~${path.slice(home.length)}`
      : path;
