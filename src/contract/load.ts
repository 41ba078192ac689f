/**
 * Loading: a contract's text → a validated contract, or every problem with its place. Fails closed: what cannot be
 * read, understood or enforced is a problem, and a contract with a problem starts nothing.
 *
 * @module
 */
import { createHash } from 'node:crypto';
import { checkContract } from './checks.ts';
import { explainIssues } from './hints.ts';
import { knownKeys } from './keys.ts';
import { type Finding, formatPath, type Problem } from './problem.ts';
import { type Contract, contractSchema } from './schema.ts';
import { type ContractSource, MAX_CONTRACT_BYTES, positionIn, readBounded } from './source.ts';
import { unsupported } from './support.ts';
import { parseYaml } from './yaml.ts';

export type Loaded =
  | { ok: true; contract: Contract; source: ContractSource }
  | { ok: false; problems: Problem[] };

/** Problems beyond this many are not listed: the first ones usually cause the rest. */
const MAX_PROBLEMS = 50;

/** Reads and validates the contract at `path`. Never throws. */
export function loadContract(path: string): Loaded {
  const bytes = readBounded(path);
  if (!bytes.ok)
    return {
      ok: false,
      problems: [{ file: path, line: 1, column: 1, path: '', message: bytes.message, hint: bytes.hint }],
    };
  return parseContract(bytes.content, path);
}

/**
 * Validates a contract's text (or bytes, as read). `path` is what problems call the file. Never throws.
 *
 * @example
 * const loaded = parseContract('ringfence: 1\nname: t\n', 'ringfence.yaml');
 * if (loaded.ok) console.log(loaded.contract.compute.memory.max); // 4294967296
 */
export function parseContract(content: string | Uint8Array, path: string): Loaded {
  const read = readMapping(content, path);
  if (!read.ok) return read;
  // jitless: a contract is validated once, so compiling validators would cost more than it saves
  const validated = contractSchema.safeParse(read.value, { jitless: true });
  if (!validated.success)
    return {
      ok: false,
      problems: ordered(explainIssues(validated.error.issues, read.value, knownKeys).map(read.place)),
    };
  const contract = validated.data;
  const findings = [...checkContract(contract), ...unsupported(contract)];
  if (findings.length > 0) return { ok: false, problems: ordered(findings.map(read.place)) };
  return { ok: true, contract, source: read.source };
}

export type ReadMapping =
  | {
      ok: true;
      value: Record<string, unknown>;
      source: ContractSource;
      place: (finding: Finding) => Problem;
    }
  | { ok: false; problems: Problem[] };

/** A text as the mapping that it has to be, before anything is known of its keys. Never throws. */
export function readMapping(content: string | Uint8Array, path: string): ReadMapping {
  const whole = (message: string, hint: string): ReadMapping => ({
    ok: false,
    problems: [{ file: path, line: 1, column: 1, path: '', message, hint }],
  });
  const bytes = typeof content === 'string' ? Buffer.from(content, 'utf8') : content;
  if (bytes.length > MAX_CONTRACT_BYTES)
    return whole(
      `the contract is larger than ${MAX_CONTRACT_BYTES / 1024} KiB`,
      'A contract is a page or two; is this the right file?',
    );
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return whole('the contract is not UTF-8 text', 'Save it as UTF-8.');
  }
  const parsed = parseYaml(text);
  if (parsed.faults.length > 0)
    return { ok: false, problems: ordered(parsed.faults.map((fault) => ({ file: path, ...fault }))) };

  const place = (finding: Finding): Problem => ({
    file: path,
    ...positionIn(parsed.places, finding.path, finding.at).position,
    path: formatPath(finding.path),
    message: finding.message,
    hint: finding.hint,
  });
  if (parsed.value === null || typeof parsed.value !== 'object' || Array.isArray(parsed.value))
    return whole(
      'a contract is a mapping (KEY: VALUE lines)',
      'Write "ringfence: 1" and, on the next line, "name: my-contract".',
    );

  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    ok: true,
    value: parsed.value as Record<string, unknown>,
    source: { path, sha256, text, positions: parsed.places },
    place,
  };
}

/** In the order of the file, without repeats. */
export function ordered(problems: Problem[]): Problem[] {
  const seen = new Set<string>();
  return problems
    .filter((problem) => {
      const key = `${problem.line}:${problem.column}:${problem.path}:${problem.message}`;
      return seen.size < MAX_PROBLEMS && !seen.has(key) && seen.add(key);
    })
    .sort((a, b) => a.line - b.line || a.column - b.column);
}
