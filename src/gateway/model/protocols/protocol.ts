/**
 * What the gateway must know of a provider's protocol: which requests stay within what the contract names, what is said
 * in them, and what an answer said.
 *
 * @module
 */
import type { ModelFeature, ModelPart } from '../../../contract/index.ts';
import type { Usage } from '../budget.ts';
import { countOf, type Fields } from '../json.ts';
import type { ServerEvent } from '../sse.ts';

/** Why a request goes nowhere; `feature`: what the contract would have to name. */
export interface Objection {
  why: string;
  feature?: ModelFeature;
}

/** What an answer came to. */
export interface Collected {
  output: ModelPart[];
  usage?: Usage;
  finish?: string;
}

/** Reads an answer: events as they come, or all of it. */
export interface Collector {
  event(event: ServerEvent): void;
  whole(body: unknown): void;
  /** its own end came */
  readonly ended: boolean;
  collected(): Collected;
}

export interface Protocol {
  api: 'messages' | 'chat' | 'responses';
  /** `undefined`: it may go */
  object(body: Fields, allows: Allows): Objection | undefined;
  /** the request as it goes; `secret` is the run's own, for names that runs must not share */
  write(body: Fields, allows: Allows, secret: string): Fields;
  /** what is said in it, in order */
  parts(body: Fields): ModelPart[];
  tools(body: Fields): string[];
  /** tokens of output that it asks for at most; `undefined`: it does not say */
  bound(body: Fields): number | undefined;
  /** the request with a bound of its own, where it has none */
  withBound(body: Fields, tokens: number): Fields;
  collector(): Collector;
}

export type Allows = (feature: ModelFeature) => boolean;

/** The first objection. */
export function first<T>(
  values: readonly T[],
  judge: (value: T, index: number) => Objection | undefined,
): Objection | undefined {
  for (const [index, value] of values.entries()) {
    const objection = judge(value, index);
    if (objection) return objection;
  }
  return undefined;
}

/** An objection where the contract does not name a feature. */
export const needs = (allows: Allows, feature: ModelFeature, what: string): Objection | undefined =>
  allows(feature) ? undefined : { why: `${what} needs ${feature}`, feature };

/** What a field at the top means: always there, left out when written anew, or a feature's. */
export type FieldMeaning = 'known' | 'dropped' | ModelFeature;

/** Objections to fields: what nobody knows of may be a way out that came later. */
export const judgeFields = (
  body: Fields,
  known: ReadonlyMap<string, FieldMeaning>,
  allows: Allows,
): Objection | undefined =>
  first(Object.entries(body), ([name, value]) => {
    const meaning = known.get(name);
    if (meaning === undefined) return { why: `the field ${name.slice(0, 64)} is not known` };
    if (meaning === 'known' || meaning === 'dropped' || isAbsent(value)) return undefined;
    return needs(allows, meaning, `the field ${name}`);
  });

/** Objections to what should be a list and is something else: it would be judged as none, and might be read as one. */
export const judgeLists = (body: Fields, names: readonly string[]): Objection | undefined =>
  first(names, (name) =>
    body[name] === undefined || body[name] === null || Array.isArray(body[name])
      ? undefined
      : { why: `${name} is no list` },
  );

/** Objections to bounds that are no counts: whoever answers might read them as something larger. */
export const judgeCounts = (body: Fields, names: readonly string[]): Objection | undefined =>
  first(names, (name) =>
    body[name] === undefined || body[name] === null || countOf(body[name]) > 0
      ? undefined
      : { why: `${name} is no count` },
  );

const isAbsent = (value: unknown): boolean =>
  value === null || value === undefined || value === false || (Array.isArray(value) && value.length === 0);

/** A table of fields by what they mean. */
export const meanings = (table: Partial<Record<FieldMeaning, string>>): ReadonlyMap<string, FieldMeaning> =>
  new Map(
    Object.entries(table).flatMap(([meaning, names]) =>
      names.split(' ').map((name): [string, FieldMeaning] => [name, meaning as FieldMeaning]),
    ),
  );

/** An address that a provider would load: anything but data that is there itself. */
export const judgeAddress = (address: unknown, allows: Allows, what: string): Objection | undefined =>
  typeof address === 'string' && /^data:/i.test(address) ? undefined : needs(allows, 'remote-content', what);

export const withoutFields = (
  body: Fields,
  known: ReadonlyMap<string, FieldMeaning>,
): Record<string, unknown> =>
  Object.fromEntries(Object.entries(body).filter(([name]) => known.get(name) !== 'dropped'));

/** Data that is no text, for the record: what it is and how large. */
export const describeData = (kind: string, data: unknown): string =>
  `[${kind}${typeof data === 'string' ? `, ${data.length} characters` : ''}]`;
