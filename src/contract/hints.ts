/**
 * Zod's issues → findings in the contract's own words, with what to write instead.
 *
 * @module
 */
import type * as z from 'zod';
import type { Finding, Path } from './problem.ts';
import { didYouMean, suggest } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** The keys that may stand below a contract path (indexes left out), or `undefined` where any may. */
export type KnownKeys = (path: Path) => readonly string[] | undefined;

const KIND: Record<string, string> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping (KEY: VALUE lines)',
  record: 'a mapping (KEY: VALUE lines)',
  null: 'nothing',
  undefined: 'nothing',
};

/** A value as it was written; an object's own `toString` may be a value of the contract. */
const plainText = (value: unknown): string =>
  typeof value === 'object' && value !== null ? (JSON.stringify(value) ?? '') : String(value);

function kindOf(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return `the number ${value}`;
  if (typeof value === 'string') return `the text ${quote(value)}`;
  return 'a mapping';
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
}

function at(root: unknown, path: Path): unknown {
  let value = root;
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

/** Where a bare text is usually meant as this key of a mapping. */
const SHORT_FORM: Record<string, string> = {
  network: 'host',
  success: 'run',
  hidden: 'run',
  objective: 'task',
};

/** What to write where a value of another type stands. */
function writeInstead(expected: string, value: unknown, path: Path): string {
  const scalar = typeof value === 'string' || typeof value === 'number';
  const section = path.findLast((part) => typeof part === 'string') ?? '';
  const key = Object.hasOwn(SHORT_FORM, section) ? SHORT_FORM[section] : undefined;
  const mapping = key === undefined ? undefined : `{ ${key}: ${scalar ? String(value) : 'api.example.com'} }`;
  if (expected === 'array') {
    if (value === 'none' || value === false) return 'Write an empty list: [].';
    if (section === 'network') return `Write a list of rules: [${mapping}].`;
    if (scalar) return `Write a list: [${String(value)}].`;
  }
  if (expected === 'object' && scalar && mapping !== undefined) return `Write ${mapping}.`;
  if (expected === 'string' && (typeof value === 'number' || typeof value === 'boolean'))
    return `Put it in quotes: "${String(value)}".`;
  if (expected === 'number' && typeof value === 'string' && /^\d+$/.test(value))
    return `Write ${value}, without quotes.`;
  if (value === null && expected === 'string')
    return 'Write text; ~ or null alone mean nothing in YAML: put them in quotes.';
  if (value === null || value === undefined) return `Write ${KIND[expected] ?? expected}, or remove the key.`;
  return `Write ${KIND[expected] ?? expected}.`;
}

/** Hosts as people paste them: URLs, host:port, other scripts, a lone star. */
function hostHint(text: string): string {
  if (text === '*' || text === '**')
    return 'A contract names its hosts: write for example api.example.com or "*.example.com".';
  if (/\*/.test(text)) return 'One * is possible, as the whole first label: "*.example.com".';
  if (/^\[.*\]$/.test(text)) return `Write the address without brackets: ${text.slice(1, -1)}.`;
  if (/\/\d+$/.test(text) && !text.includes('://'))
    return 'Address ranges cannot be allowed: write each address or name as a rule of its own.';
  try {
    const url = new URL(text.includes('://') ? text : `https://${text}`);
    if (url.hostname !== '') {
      const scheme = text.includes('://') ? url.protocol.slice(0, -1) : '';
      const usual = scheme === 'http' ? '80' : scheme === 'ssh' ? '22' : '';
      const number = url.port === '' ? usual : url.port;
      const port = number === '' ? '' : `, port: ${number}`;
      const protocol = scheme === 'http' || scheme === 'ssh' ? `, protocol: ${scheme}` : '';
      return `Write { host: ${url.hostname}${port}${protocol} }.`;
    }
  } catch {
    // not a URL either: the general hint below
  }
  return 'Write for example api.example.com, "*.example.com" or 203.0.113.5.';
}

/** Findings for a failed validation of `input`. */
export function explainIssues(issues: readonly Issue[], input: unknown, known: KnownKeys): Finding[] {
  return issues.flatMap((issue) => explainIssue(issue, [], input, known));
}

function explainIssue(issue: Issue, base: Path, input: unknown, known: KnownKeys): Finding[] {
  const path = [...base, ...issue.path.map((part) => (typeof part === 'symbol' ? String(part) : part))];
  const value = at(input, path);
  const last = path.at(-1);
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        at: 'key' as const,
        message: `unknown key ${quote(key)}`,
        hint: unknownKeyHint(key, path, known),
      }));
    case 'invalid_type': {
      if (value === undefined)
        return [{ path, message: `${quote(last)} is missing`, hint: missingHint(path) }];
      const expected = KIND[issue.expected] ?? issue.expected;
      return [
        {
          path,
          message: `must be ${expected}, not ${kindOf(value)}`,
          hint: writeInstead(issue.expected, value, path),
        },
      ];
    }
    case 'invalid_value': {
      if (value === undefined)
        return [{ path, message: `${quote(last)} is missing`, hint: missingHint(path) }];
      if (path.length === 1 && last === 'ringfence')
        return [
          {
            path,
            message: `contract format ${quote(value)} is not known to this version`,
            hint: 'Write ringfence: 1.',
          },
        ];
      if (last === 'gpu')
        return [
          { path, message: 'this version cannot give GPUs', hint: 'Write gpu: none, or remove the line.' },
        ];
      const allowed = issue.values.map(String);
      return [
        {
          path,
          message: `${kindOf(value)} is not one of the possible values`,
          hint: didYouMean(plainText(value), allowed, 'Possible'),
        },
      ];
    }
    case 'invalid_union':
      return explainUnion(issue, path, value, input, known);
    case 'too_small':
    case 'too_big': {
      const bound = issue.code === 'too_small' ? issue.minimum : issue.maximum;
      const than = issue.code === 'too_small' ? 'least' : 'most';
      if (issue.origin === 'string')
        return [{ path, message: 'must not be empty', hint: 'Write a value, or remove the key.' }];
      return [
        {
          path,
          message: `must be at ${than} ${bound}, not ${plainText(value)}`,
          hint: last === 'port' ? 'Ports are 1 to 65535.' : '',
        },
      ];
    }
    case 'invalid_key':
      return [{ path, at: 'key', message: 'not a possible key', hint: '' }];
    default:
      return [
        {
          path,
          message: `${kindOf(value)} is ${issue.message.startsWith('not ') ? issue.message : `refused: ${issue.message}`}`,
          hint: last === 'host' && typeof value === 'string' ? hostHint(value) : '',
        },
      ].map(splitHint);
  }
}

/** `what is wrong; write X` → message and hint. */
function splitHint(finding: Finding): Finding {
  const [message, rest] = finding.message.split('; ', 2) as [string, string | undefined];
  if (rest === undefined) return finding;
  const hint = `${rest[0]?.toUpperCase() ?? ''}${rest.slice(1)}.`;
  return { ...finding, message, hint: finding.hint === '' ? hint : finding.hint };
}

/** The branch of a union that was meant is the one whose type fits; when none fits, all are named. */
function explainUnion(
  issue: Extract<Issue, { code: 'invalid_union' }>,
  path: Path,
  value: unknown,
  input: unknown,
  known: KnownKeys,
): Finding[] {
  if (value === undefined)
    return [{ path, message: `${quote(path.at(-1))} is missing`, hint: missingHint(path) }];
  const mismatch = (candidate: Issue): boolean =>
    candidate.path.length === 0 &&
    (candidate.code === 'invalid_type' ||
      candidate.code === 'invalid_value' ||
      (candidate.code === 'invalid_union' && candidate.errors.every((branch) => branch.some(mismatch))));
  const fitting = issue.errors.find((branch) => branch.length > 0 && !branch.some(mismatch));
  if (fitting) return fitting.flatMap((inner) => explainIssue(inner, path, input, known));

  const words: string[] = [];
  const kinds: string[] = [];
  const collect = (branches: readonly (readonly Issue[])[]) => {
    for (const inner of branches.flat()) {
      if (inner.path.length > 0) continue;
      if (inner.code === 'invalid_value') words.push(...inner.values.map(String));
      else if (inner.code === 'invalid_type') kinds.push(KIND[inner.expected] ?? inner.expected);
      else if (inner.code === 'invalid_union') collect(inner.errors);
    }
  };
  collect(issue.errors);
  const near = typeof value === 'string' ? suggest(value, words) : undefined;
  const options = [...words.map((word) => JSON.stringify(word)), ...new Set(kinds)];
  return [
    {
      path,
      message: `must be ${options.join(' or ')}, not ${kindOf(value)}`,
      hint:
        near !== undefined
          ? `Did you mean ${JSON.stringify(near)}?`
          : typeof value === 'string' && kinds.includes(KIND.array as string)
            ? writeInstead('array', value, path)
            : '',
    },
  ];
}

function missingHint(path: Path): string {
  switch (path.at(-1)) {
    case 'ringfence':
      return 'Write "ringfence: 1" as the first line.';
    case 'name':
      return 'Write a short name, for example "name: fix-unit-tests".';
    case 'host':
      return 'Write the name that may be reached: { host: api.example.com }.';
    case 'run':
      return 'Write the command, for example { run: npm test }.';
    case 'max':
      return 'Write the limit, for example { max: 4GiB, hard: true }.';
    default:
      return 'Add it.';
  }
}

/** Where a key is unknown: the nearest key here, or the section in which a key of that name lives. */
function unknownKeyHint(key: string, path: Path, known: KnownKeys): string {
  const here = known(path) ?? [];
  const near = suggest(key, here);
  if (near !== undefined) return `Did you mean ${JSON.stringify(near)}?`;
  if (path.length === 0) {
    for (const section of here)
      if (known([section])?.includes(key)) return `Write it below ${section}: "${section}: { ${key}: … }".`;
  } else if (known([])?.includes(key)) return 'Write it at the left margin, as a section of its own.';
  return here.length === 0 ? 'Remove it.' : `Possible here: ${here.join(', ')}.`;
}
