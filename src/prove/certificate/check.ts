/**
 * `node check.ts world.json certificate.json`: whether a set of facts proves that nothing bad follows from a world; exit status 0 or
 * 1. Shares no code with model and solver; short and slow, to be read. A set that holds a world's own facts and is closed under
 * its rules holds all that follows: if nothing in it is bad, nothing bad follows.
 * @module
 */
import { hash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';

type Literal = (string | { var: string })[];
type Rule = { head: Literal; body: Literal[]; id: string };

function need(condition: boolean, otherwise: string): asserts condition {
  if (!condition) throw new Error(otherwise);
}

/** A value's only text, where its keys are sorted. */
const canonical = (value: unknown): string => JSON.stringify(value);

/** Reads what has one spelling only: no doubled keys, no bytes that are passed over. */
function parse(file: Uint8Array): unknown {
  need(file.length <= 64 * 2 ** 20, 'a file is larger than 64 MiB');
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file);
  const value: unknown = JSON.parse(text);
  need(canonical(value) === text, 'a file is not canonical JSON');
  return value;
}

const isText = (value: unknown): value is string => typeof value === 'string';
const hasKeys = (value: unknown, keys: string): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && Object.keys(value).join() === keys;
const isTerm = (value: unknown) => isText(value) || (hasKeys(value, 'var') && isText(value.var));
const isLiteral = (value: unknown): value is Literal =>
  Array.isArray(value) && isText(value[0]) && value.every(isTerm);
const isFact = (value: unknown): value is string[] => isLiteral(value) && value.every(isText);
const isRule = (value: unknown): value is Rule =>
  hasKeys(value, 'body,head,id,source,text') && isLiteral(value.head) && all(isLiteral, value.body);
const all = <Part>(is: (value: unknown) => value is Part, value: unknown): value is Part[] =>
  Array.isArray(value) && value.every((part) => is(part));

/** Throws unless each way to apply the rule to facts leads to one of the facts. */
function needClosed(rule: Rule, shelves: Map<string, string[][]>, facts: Set<string>): void {
  let comparisons = 0;
  const apply = (literals: Literal[], values: ReadonlyMap<string, string>): void => {
    const fill = (term: Literal[0]) => (isText(term) ? term : values.get(term.var));
    const [literal, ...others] = literals;
    if (!literal)
      need(facts.has(canonical(rule.head.map(fill))), `rule ${rule.id} leads to a fact that is missing`);
    if (!literal) return;
    const known = literal.map(fill);
    const place = known.findLastIndex((value) => value !== undefined); // at least 0: the predicate
    for (const fact of shelves.get(`${known[0]} ${place} ${known[place]}`) ?? []) {
      need(++comparisons < 5e6, `rule ${rule.id} has too many facts to check`);
      const more = new Map(values);
      const fits = literal.every((term, index) => {
        if (isText(term)) return term === fact[index];
        if (!more.has(term.var)) more.set(term.var, fact[index] ?? '');
        return more.get(term.var) === fact[index];
      });
      if (fits && fact.length === literal.length) apply(others, more);
    }
  };
  apply(rule.body, new Map());
}

/** What is proved, from the bytes of both files. Throws an `Error` that says why where nothing is. */
export function checkCertificate(worldFile: Uint8Array, certificateFile: Uint8Array): string {
  const [world, certificate] = [parse(worldFile), parse(certificateFile)];
  need(hasKeys(world, 'bad,facts,rules') && all(isRule, world.rules), 'the world is malformed');
  need(all(isFact, world.bad) && all(isFact, world.facts), 'the world’s facts are malformed');
  need(hasKeys(certificate, 'facts,version,worldDigest') && certificate.version === 1, 'not a certificate');
  need(certificate.worldDigest === `sha256:${hash('sha256', worldFile)}`, 'it is of another world');
  need(all(isFact, certificate.facts), 'the certificate’s facts are malformed');
  const facts = new Set(certificate.facts.map(canonical));
  const [missing] = world.facts.filter((fact) => !facts.has(canonical(fact)));
  need(missing === undefined, `${canonical(missing)} is missing`);
  const [bad] = world.bad.filter((fact) => facts.has(canonical(fact)));
  need(bad === undefined, `${canonical(bad)} is bad`);
  const shelves = new Map<string, string[][]>();
  // two keys may be spelt alike: each fact on a shelf is compared whole
  for (const fact of certificate.facts)
    for (const key of fact.map((value, place) => `${fact[0]} ${place} ${value}`)) {
      if (!shelves.has(key)) shelves.set(key, []);
      shelves.get(key)?.push(fact);
    }
  for (const rule of world.rules) needClosed(rule, shelves, facts);
  return `valid: ${facts.size} facts, closed under ${world.rules.length} rules, none of the ${world.bad.length} bad ones`;
}

if (realpathSync(process.argv[1] ?? '.') === import.meta.filename) {
  try {
    const [world, certificate] = process.argv.slice(2).map((path) => readFileSync(path));
    if (!world || !certificate) throw new Error('usage: check.ts world.json certificate.json');
    console.log(checkCertificate(world, certificate));
  } catch (error) {
    console.log(`not valid: ${error instanceof Error ? error.message : error}`);
    process.exitCode = 1;
  }
}
