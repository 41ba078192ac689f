/**
 * Maximum contracts: what contracts of an organisation may give at most. Written as a contract, of which only what differs from the
 * defaults needs to be there; `any` for what it does not limit.
 *
 * @module
 */
import { checkContract } from './checks.ts';
import { explainIssues } from './hints.ts';
import { knownKeys } from './keys.ts';
import { ordered, readMapping } from './load.ts';
import type { Problem } from './problem.ts';
import { type Contract, contractSchema } from './schema.ts';
import { type ContractSource, readBounded } from './source.ts';

export interface Maximum {
  /** Defaults are filled in, also where `any` is written. */
  contract: Contract;
  /** Paths that say `any`: `secrets`, `compute.memory`, `packages[0].only`. */
  any: ReadonlySet<string>;
}

export type LoadedMaximum =
  | { ok: true; maximum: Maximum; source: ContractSource }
  | { ok: false; problems: Problem[] };

/** Where `any` may stand; `programs` has the word by itself. */
const ANY: Readonly<Record<string, readonly string[]>> = {
  objective: [],
  isolation: [],
  files: ['workspace', 'write', 'read', 'hide'],
  network: [],
  resolve: [],
  packages: [],
  models: [],
  tools: [],
  people: [],
  secrets: [],
  environment: ['pass', 'set'],
  compute: ['cpus', 'memory', 'processes', 'time', 'cpu-time', 'disk'],
  oversight: ['approve', 'patience', 'questions', 'on', 'calls'],
  never: [],
  accept: [],
};

/** Reads and validates the maximum at `path`. Never throws. */
export function loadMaximum(path: string): LoadedMaximum {
  const bytes = readBounded(path);
  if (bytes.ok) return parseMaximum(bytes.content, path);
  const { message, hint } = bytes;
  return { ok: false, problems: [{ file: path, line: 1, column: 1, path: '', message, hint }] };
}

/**
 * Validates a maximum's text. Never throws.
 *
 * A maximum needs no name, several of its rules may be for the same host, and it may ask for what no run could keep: it is held
 * against, never run.
 *
 * @example
 * parseMaximum('ringfence: 1\nnetwork: [{ host: "*.example.com" }]\nsecrets: any\n', 'maximum.yaml')
 */
export function parseMaximum(content: string | Uint8Array, path: string): LoadedMaximum {
  const read = readMapping(content, path);
  if (!read.ok) return read;
  const { value, any } = withoutAny(read.value);
  const whole = Object.hasOwn(value, 'name') ? value : { ...value, name: 'maximum' };
  const validated = contractSchema.safeParse(whole, { jitless: true });
  if (!validated.success) {
    const findings = explainIssues(validated.error.issues, whole, knownKeys);
    return { ok: false, problems: ordered(findings.map(read.place)) };
  }
  const contract = validated.data;
  // where every host may be reached, no secret is for a host that may not
  const checked = any.has('network') ? { ...contract, secrets: {}, resolve: {} } : contract;
  const findings = checkContract(checked, { overlaps: true });
  if (findings.length > 0) return { ok: false, problems: ordered(findings.map(read.place)) };
  return { ok: true, maximum: { contract, any }, source: read.source };
}

const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What is left to validate, and the paths that said `any`. */
function withoutAny(written: Record<string, unknown>): {
  value: Record<string, unknown>;
  any: ReadonlySet<string>;
} {
  const any = new Set<string>();
  const value = { ...written };
  for (const [section, keys] of Object.entries(ANY)) {
    const part = value[section];
    if (part === 'any') {
      any.add(section);
      delete value[section];
    } else if (isMapping(part)) {
      const left = { ...part };
      for (const key of keys)
        if (left[key] === 'any') {
          any.add(`${section}.${key}`);
          delete left[key];
        }
      value[section] = left;
    }
  }
  // the key is required, and a text is a file's name: it stays
  if (Array.isArray(value.packages))
    for (const [index, rule] of value.packages.entries())
      if (isMapping(rule) && rule.only === 'any') any.add(`packages[${index}].only`);
  return { value, any };
}
