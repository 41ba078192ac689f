/**
 * The reference page of statements, generated from their schemas so that the two cannot differ.
 *
 * @module
 */
import type * as z from 'zod';
import * as zod from 'zod/mini';
import { PAYLOAD_TYPE } from './envelope.ts';
import {
  PREDICATE_TYPES,
  PREDICATES,
  STATEMENT_KINDS,
  type StatementKind,
  subjectSchema,
} from './statement.ts';

interface Row {
  readonly key: string;
  readonly required: boolean;
  readonly meaning: string;
}

/** What is inside wrappers; a list's element. */
function unwrap(schema: z.core.$ZodType): { schema: z.core.$ZodType; required: boolean; suffix: string } {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'optional') return { ...unwrap(def.innerType), required: false };
  if (def.type === 'array') {
    const { schema: element, suffix } = unwrap(def.element);
    return { schema: element, required: true, suffix: `[]${suffix}` };
  }
  return { schema, required: true, suffix: '' };
}

/** Fields of an object, with those below it that are described themselves; of a union, those of its options. */
function rowsOf(schema: z.core.$ZodType, prefix = ''): Row[] {
  const { def } = (schema as z.core.$ZodTypes)._zod;
  if (def.type === 'union') return def.options.flatMap((option) => rowsOf(option, prefix));
  if (def.type !== 'object') return [];
  return Object.entries(def.shape).flatMap(([name, field]) => {
    const inner = unwrap(field);
    const { description } = zod.globalRegistry.get(field) ?? {};
    if (description === undefined) return [];
    const key = `${prefix}${name}${inner.suffix}`;
    return [{ key, required: inner.required, meaning: description }, ...rowsOf(inner.schema, `${key}.`)];
  });
}

function table(schema: z.core.$ZodType): string[] {
  const seen = new Set<string>();
  const rows = rowsOf(schema).flatMap(({ key, required, meaning }) => {
    const row = `| \`${key}\` | ${required ? 'yes' : ''} | ${meaning.replaceAll('|', '\\|')} |`;
    // options of a union share fields
    if (seen.has(row)) return [];
    seen.add(row);
    return [row];
  });
  return ['| field | required | meaning |', '| --- | --- | --- |', ...rows];
}

const SUBJECTS: Readonly<Record<string, string>> = {
  contract: 'the bytes of the contract’s file',
  plan: 'what a run of `true` under the contract would load here, as data: the same from any folder, for one user, home and `PATH`',
  program:
    'the code that runs: names and digests of all JavaScript in `dist`, or of all sources where these run',
  launcher: 'the bytes of the native launcher',
  kernel: 'release, version and machine of the kernel, which `annotations.words` has in words',
  'rules/detections/FILE': 'the bytes of a file of rules; likewise `rules/monitors` and `rules/affordances`',
  'compiled/rules.json':
    'the bytes of what the build made of the rules, which runs read; likewise `compiled/affordances.json`, which proofs read, and `compiled/claims.json`',
  'scenarios/ID': 'the text of a scenario with those of its tools',
  'claims/ID': 'the bytes of a claim’s file; `claims/sources/ID` of a source’s',
};

/** The text of `docs/reference/attestations.md`: Markdown, ending with a newline. */
export function attestationReference(): string {
  const kinds = (Object.keys(STATEMENT_KINDS) as StatementKind[]).flatMap((kind) => [
    `## ${kind}`,
    '',
    `Tells ${STATEMENT_KINDS[kind]}. \`predicateType\`: \`${PREDICATE_TYPES[kind]}\`.`,
    '',
    ...table(PREDICATES[kind]),
    '',
  ]);
  return [
    '# Statements',
    '',
    'Generated from the schemas in `src/evidence/attest`; do not edit. How to check them: [verify evidence](../how-to/verify-evidence.md).',
    '',
    'A statement is an [in-toto Statement v1](https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md) in a',
    '[DSSE envelope](https://github.com/secure-systems-lab/dsse/blob/master/protocol.md), a file each in `$XDG_STATE_HOME/ringfence/attestations`:',
    `\`payloadType\` is \`${PAYLOAD_TYPE}\`, the signature is Ed25519 over its pre-authentication encoding, \`keyid\` is the name and id of the`,
    'verifier key (`keys/ledger.vkey` in the state folder, in the form of C2SP signed-note) without the key.',
    '',
    'A file has one form alone, and so has its payload: JSON with the keys of each object in order (of UTF-16 units), each once, nothing between, no',
    'number written otherwise than JavaScript does; base64 is the standard one with its padding; the file ends with a newline. Unknown fields are errors. It',
    'is at most 8 MiB long, with 1 to 16 signatures by different keys: one of a known key at least must hold, and none of a known key may be wrong.',
    'Times are RFC 3339 in UTC with milliseconds; durations are milliseconds.',
    '',
    '## Subjects',
    '',
    ...table(subjectSchema),
    '',
    'A statement is *fresh* while each of its subjects has the digest of what is here, and *stale* otherwise.',
    '',
    '| subject | its digest is of |',
    '| --- | --- |',
    ...Object.entries(SUBJECTS).map(([name, meaning]) => `| \`${name}\` | ${meaning} |`),
    '',
    ...kinds,
  ]
    .join('\n')
    .replace(/\n*$/, '\n');
}
