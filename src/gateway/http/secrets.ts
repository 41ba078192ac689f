/**
 * Puts secrets into requests. What the agent itself wrote in their place is taken out, whatever it was: on such a host
 * no other credential of that kind can be used.
 *
 * @module
 */
import { type InsertedSecret, secretIsFor } from '../../contract/index.ts';
import { type Forms, makeForms } from './forms.ts';

/** The secrets of one host. */
export interface HostSecrets {
  secrets: readonly InsertedSecret[];
  /** every form of every value that must not come back */
  forms: Forms;
  /** the same for heads of messages, in lower case */
  foldedForms: Forms;
}

const AUTHORIZATION = 'authorization';

/** The secrets that are put into requests to a host (lower case), if there are any. */
export function secretsFor(secrets: readonly InsertedSecret[], host: string): HostSecrets | undefined {
  const found = secrets.filter(({ hosts }) => secretIsFor(hosts, host));
  if (found.length === 0) return undefined;
  const lent = found.flatMap(({ value, placeholder, user = '', as }) => [
    { value, placeholder },
    ...(as === 'basic' ? [{ value: `${user}:${value}`, placeholder: `${user}:${placeholder}` }] : []),
  ]);
  return { secrets: found, forms: makeForms(lent), foldedForms: makeForms(lent, true) };
}

/** Header that a secret goes into, lower case. */
function headerOf(secret: InsertedSecret): string | undefined {
  if (secret.as === 'query') return undefined;
  return secret.as === 'header' ? (secret.parameter ?? AUTHORIZATION).toLowerCase() : AUTHORIZATION;
}

/** Header fields that secrets fill: lower-case name → value. */
export function secretHeaders(secrets: readonly InsertedSecret[]): Map<string, string> {
  const headers = new Map<string, string>();
  for (const secret of secrets) {
    const name = headerOf(secret);
    if (name === undefined) continue;
    const { as, value, user } = secret;
    if (as === 'bearer') headers.set(name, `Bearer ${value}`);
    else if (as === 'basic')
      headers.set(name, `Basic ${Buffer.from(`${user ?? ''}:${value}`).toString('base64')}`);
    else headers.set(name, value);
  }
  return headers;
}

/** A query parameter's name as servers read it. */
function parameterName(piece: string): string {
  const name = (piece.split('=', 1)[0] as string).replaceAll('+', ' ');
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

/** The query (without `?`) with the secrets that go there, and without the agent's own parameters of these names. */
export function secretQuery(
  secrets: readonly InsertedSecret[],
  query: string | undefined,
): string | undefined {
  const mine = secrets.filter(({ as }) => as === 'query');
  if (mine.length === 0) return query;
  const names = new Set(mine.map(({ parameter }) => parameter ?? ''));
  // some servers part parameters at `;` too
  const kept = (query ?? '')
    .split('&')
    .filter((piece) => piece !== '' && !piece.split(';').some((part) => names.has(parameterName(part))));
  const added = mine.map(
    ({ parameter, value }) => `${encodeURIComponent(parameter ?? '')}=${encodeURIComponent(value)}`,
  );
  return [...kept, ...added].join('&');
}

/**
 * How many bytes longer a request is with these secrets than with their placeholders. Budgets are counted without it:
 * when they end would tell a secret's length.
 */
export function lengthBeyondPlaceholders(secrets: readonly InsertedSecret[]): number {
  const written = ({ as, user = '', value }: InsertedSecret, text = value): number => {
    if (as === 'query') return encodeURIComponent(text).length;
    const bytes = Buffer.byteLength(text);
    return as === 'basic' ? Math.ceil((Buffer.byteLength(user) + 1 + bytes) / 3) * 4 : bytes;
  };
  return secrets.reduce((sum, secret) => sum + written(secret) - written(secret, secret.placeholder), 0);
}

/** Names of a query's parameters, for the record, which never has their values. */
export function queryNames(query: string | undefined): string[] {
  if (query === undefined || query === '') return [];
  const pieces = query.split('&').slice(0, MAX_NAMES);
  return pieces.map((piece) => (piece.split('=', 1)[0] as string).slice(0, MAX_NAME));
}

const MAX_NAMES = 32;
const MAX_NAME = 64;
