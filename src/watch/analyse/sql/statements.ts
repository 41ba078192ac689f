/**
 * Statements of an SQL script: what each does, to what, and whether it can be taken back.
 *
 * @module
 */
import { type Token, tokenize } from './tokens.ts';

export interface Statement {
  /** first word that says what is done: `SELECT`, `DROP TABLE` */
  verb: string;
  /** name of what it is done to, lower case */
  object: string;
  /** removes or replaces data without a condition that holds for less than all */
  irreversible: boolean;
  /** what it is done to was made by the same script, or is temporary */
  own: boolean;
  /** the statement, put together from its words */
  text: string;
}

/** Statements of one script, at most, and scripts in statements. */
const MOST = 500;
const DEPTH = 3;
/** Longest text of a statement that is told, characters. */
const LONGEST = 500;

const DROPPED = new Set(['TABLE', 'DATABASE', 'SCHEMA', 'TABLESPACE', 'KEYSPACE', 'COLLECTION', 'OWNED']);

export function statementsOf(script: string, depth = 0): Statement[] {
  const made = new Set<string>();
  const statements: Statement[] = [];
  let begun: number | undefined;
  for (const tokens of split(tokenize(script)).slice(0, MOST)) {
    const [first, second] = tokens;
    const verb = first?.value ?? '';
    if (verb === 'BEGIN' || (verb === 'START' && second?.value === 'TRANSACTION')) begun = statements.length;
    if (verb === 'COMMIT' || verb === 'END') begun = undefined;
    if ((verb === 'ROLLBACK' || verb === 'ABORT') && begun !== undefined) {
      // taken back: as if it had not been said
      for (const statement of statements.slice(begun)) statement.irreversible = false;
      begun = undefined;
    }
    if (verb === 'CREATE') made.add(objectAfter(tokens, ['TABLE', 'DATABASE', 'SCHEMA']));
    statements.push(...judge(tokens, made));
    const inner = verb === 'DO' || tokens.some(({ kind, value }) => kind === 'word' && value === 'EXECUTE');
    if (inner && depth < DEPTH) {
      for (const { kind, value } of tokens)
        if (kind === 'text' && /\s/.test(value)) statements.push(...statementsOf(value, depth + 1));
    }
  }
  return statements;
}

function split(tokens: readonly Token[]): Token[][] {
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'sign' && token.value === ';') statements.push([]);
    else if (token.kind === 'word' && token.value === 'GO' && statements.at(-1)?.length === 0) continue;
    else statements.at(-1)?.push(token);
  }
  return statements.filter((statement) => statement.length > 0);
}

const isWord = (token: Token | undefined, ...words: string[]): boolean =>
  token?.kind === 'word' && words.includes(token.value);

/** Name after one of the words, past IF EXISTS, ONLY and the like; `public.users` is `users`. */
function objectAfter(tokens: readonly Token[], words: readonly string[]): string {
  const at = tokens.findIndex((token) => isWord(token, ...words));
  let name = '';
  for (let index = at + 1; at >= 0 && index < tokens.length; index++) {
    const token = tokens[index];
    if (token === undefined) break;
    if (
      isWord(
        token,
        'IF',
        'NOT',
        'EXISTS',
        'ONLY',
        'FROM',
        'TABLE',
        'LOW_PRIORITY',
        'IGNORE',
        'QUICK',
        'CONCURRENTLY',
        'BY',
        'OR',
      )
    )
      continue;
    if (token.kind !== 'word' && token.kind !== 'name') break;
    name = token.value.toLowerCase();
    if (tokens[index + 1]?.value !== '.') break;
    index++;
  }
  return name;
}

function judge(tokens: readonly Token[], made: ReadonlySet<string>): Statement[] {
  const text = tokens
    .map(({ kind, value }) => (kind === 'text' ? `'${value}'` : value))
    .join(' ')
    .slice(0, LONGEST);
  const [first] = tokens;
  const verb = first?.value ?? '';
  const say = (name: string, object: string, irreversible: boolean): Statement => ({
    verb: name,
    object,
    irreversible,
    own:
      made.has(object) ||
      tokens.some((token) => isWord(token, 'TEMP', 'TEMPORARY')) ||
      object.startsWith('#'),
    text,
  });
  if (verb === 'DROP') {
    const kind =
      tokens.slice(1).find((token) => token.kind === 'word' && !isWord(token, 'TEMPORARY'))?.value ?? '';
    return [say(`DROP ${kind}`, objectAfter(tokens, [kind]), DROPPED.has(kind))];
  }
  if (verb === 'TRUNCATE') return [say(verb, objectAfter(tokens, [verb]), true)];
  if (verb === 'ALTER') {
    const drop = tokens.findIndex((token) => isWord(token, 'DROP'));
    const lost =
      drop > 0 &&
      !isWord(
        tokens[drop + 1],
        'CONSTRAINT',
        'DEFAULT',
        'NOT',
        'INDEX',
        'KEY',
        'FOREIGN',
        'PRIMARY',
        'IDENTITY',
        'EXPRESSION',
      );
    return [say('ALTER TABLE', objectAfter(tokens, ['TABLE']), lost)];
  }
  if (verb === 'EXPLAIN' && !tokens.some((token) => isWord(token, 'ANALYZE', 'ANALYSE')))
    return [say(verb, '', false)];
  // DELETE and UPDATE may stand within others: WITH x AS (DELETE …), CREATE RULE … DO ALSO
  const found: Statement[] = [];
  tokens.forEach((token, index) => {
    const isDelete =
      isWord(token, 'DELETE') && isWord(tokens[index + 1], 'FROM', 'LOW_PRIORITY', 'QUICK', 'IGNORE');
    const isUpdate =
      isWord(token, 'UPDATE') &&
      (index === 0 || verb === 'WITH' || verb === 'EXPLAIN') &&
      tokens.slice(index).some((one) => isWord(one, 'SET'));
    if (!isDelete && !isUpdate) return;
    const rest = sameLevel(tokens.slice(index + 1));
    found.push(say(token.value, objectAfter(tokens.slice(index), [token.value]), !hasCondition(rest)));
  });
  return found.length > 0
    ? found
    : [say(verb, objectAfter(tokens, ['INTO', 'FROM', 'TABLE', 'UPDATE']), false)];
}

/** What belongs to a statement that may stand in brackets. */
function sameLevel(tokens: readonly Token[]): Token[] {
  const level: Token[] = [];
  let depth = 0;
  for (const token of tokens) {
    if (token.value === '(' && token.kind === 'sign') depth++;
    if (token.value === ')' && token.kind === 'sign' && --depth < 0) break;
    if (depth === 0 || level.some((one) => isWord(one, 'WHERE'))) level.push(token);
  }
  return level;
}

/** Whether there is a WHERE, LIMIT or JOIN … that does not plainly hold for every row. */
function hasCondition(tokens: readonly Token[]): boolean {
  const at = tokens.findIndex((token) => isWord(token, 'WHERE'));
  if (at < 0) return tokens.some((token) => isWord(token, 'LIMIT', 'JOIN', 'USING'));
  const end = tokens.findIndex((token, index) => index > at && isWord(token, 'RETURNING', 'ORDER', 'LIMIT'));
  const condition = tokens
    .slice(at + 1, end < 0 ? undefined : end)
    .filter(({ value }) => value !== '(' && value !== ')');
  return !isAlways(condition);
}

/** `1`, `TRUE`, `1 = 1`, `'a' = 'a'`, `id = id`, `NOT FALSE`, and those joined by OR with anything. */
function isAlways(condition: readonly Token[]): boolean {
  const parts: Token[][] = [[]];
  for (const token of condition) {
    if (isWord(token, 'OR')) parts.push([]);
    else parts.at(-1)?.push(token);
  }
  return parts.some((part) => {
    const values = part.map(({ value }) => value);
    const [a, sign, b] = values;
    if (part.length === 0) return false;
    if (part.length === 1) return a === 'TRUE' || (part[0]?.kind === 'number' && Number(a) !== 0);
    if (part.length === 2) return a === 'NOT' && (sign === 'FALSE' || sign === '0');
    if (part.length === 3 && (sign === '=' || sign === 'IS')) return a === b;
    if (part.length === 3 && (sign === '<' || sign === '>')) {
      const [left, right] = [Number(a), Number(b)];
      return sign === '<' ? left < right : left > right;
    }
    if (part.length === 4 && values[3] === 'NULL' && values[2] === 'NOT')
      return (a ?? '').toLowerCase() === 'id';
    return false;
  });
}
