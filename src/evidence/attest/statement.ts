/**
 * Statements about this installation: in-toto Statement v1, one predicate type for each kind of evidence.
 *
 * The form is https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md; beyond it, unknown fields are errors, and a text has
 * one form alone: JSON with its keys in order and nothing between.
 *
 * @module
 */
import * as z from 'zod/mini';
import { describe, sha256, text } from './parts.ts';
import { proofSchema, readBackSchema, reproductionSchema, reviewSchema } from './predicates.ts';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

/** Kinds of evidence, each with what makes it. */
export const STATEMENT_KINDS = {
  proof: 'what is proved of a contract; made by `ringfence prove`',
  reproduction: 'what became of a scenario; made by `ringfence attack`',
  'read-back': 'what a run read back as effective; read out of the record of the run itself',
  review: 'that nothing is wrong in the evidence base; made by `ringfence evidence lint`',
} as const;

export type StatementKind = keyof typeof STATEMENT_KINDS;

/** Kind → predicate type. */
export const PREDICATE_TYPES = {
  proof: 'https://example.com/ringfence/attestation/proof/v1',
  reproduction: 'https://example.com/ringfence/attestation/reproduction/v1',
  'read-back': 'https://example.com/ringfence/attestation/read-back/v1',
  review: 'https://example.com/ringfence/attestation/review/v1',
} as const satisfies Record<StatementKind, string>;

export const subjectSchema = z.strictObject({
  name: describe(
    'Such as `contract`, `program`, `launcher`, `kernel`, `rules/detections/x.yml`, `scenarios/ID`, `claims/ID`.',
    z
      .string()
      .check(
        z.regex(/^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$/, 'not the name of a subject; letters, digits, . _ / -'),
      ),
  ),
  digest: describe('`sha256`, in hexadecimal.', z.strictObject({ sha256: sha256() })),
  annotations: describe(
    'Where a digest says nothing to people: `words`, such as the release of the kernel.',
    z.optional(z.strictObject({ words: text() })),
  ),
});

const statement = <K extends StatementKind, P extends z.ZodMiniType>(kind: K, predicate: P) =>
  z.strictObject({
    _type: z.literal(STATEMENT_TYPE),
    subject: z.array(subjectSchema).check(
      z.minLength(1),
      z.maxLength(5000),
      z.refine(
        (all) => new Set(all.map(({ name }) => name)).size === all.length,
        'two subjects have one name',
      ),
    ),
    predicateType: z.literal(PREDICATE_TYPES[kind]),
    predicate,
  });

/** Kind → schema of its predicate. */
export const PREDICATES = {
  proof: proofSchema,
  reproduction: reproductionSchema,
  'read-back': readBackSchema,
  review: reviewSchema,
} as const;

export const statementSchema = z.discriminatedUnion('predicateType', [
  statement('proof', proofSchema),
  statement('reproduction', reproductionSchema),
  statement('read-back', readBackSchema),
  statement('review', reviewSchema),
]);

/** Something that a statement is about. */
export type Subject = z.output<typeof subjectSchema>;
export type Predicate<K extends StatementKind> = z.output<(typeof PREDICATES)[K]>;
export type AttestedTrial = Predicate<'reproduction'>['results'][number]['trials'][number];
export type AttestedTarget = Predicate<'reproduction'>['results'][number]['target'];

export interface Statement<K extends StatementKind = StatementKind> {
  readonly kind: K;
  /** each name once, in order of names */
  readonly subjects: readonly Subject[];
  readonly predicate: Predicate<K>;
}

/** A statement of one of the kinds, told apart by `kind`. */
export type AnyStatement = { [K in StatementKind]: Statement<K> }[StatementKind];

const byName = (one: Subject, other: Subject): number => (one.name < other.name ? -1 : 1);

/** The in-toto form, as plain data. */
export const toInToto = ({ kind, subjects, predicate }: Statement): Record<string, unknown> => ({
  _type: STATEMENT_TYPE,
  subject: [...subjects].sort(byName),
  predicateType: PREDICATE_TYPES[kind],
  predicate,
});

export type ReadStatement = { ok: true; statement: AnyStatement } | { ok: false; detail: string };

/** Plain data → a statement; what is wrong is said with its place. */
export function fromInToto(value: unknown): ReadStatement {
  const found = statementSchema.safeParse(value, { jitless: true });
  if (!found.success) {
    const [issue] = found.error.issues;
    return { ok: false, detail: `${(issue?.path ?? []).map(String).join('.') || 'it'}: ${issue?.message}` };
  }
  const { subject, predicateType, predicate } = found.data;
  const kind = (Object.keys(PREDICATE_TYPES) as StatementKind[]).find(
    (one) => PREDICATE_TYPES[one] === predicateType,
  );
  return { ok: true, statement: { kind, subjects: subject, predicate } as AnyStatement };
}
