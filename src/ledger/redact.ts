/**
 * Redaction: secrets are taken out of an event before it is hashed, so that the record never holds them.
 *
 * A secret becomes `[redacted:KIND:HASH]`, HASH being 12 hex digits of an HMAC with the installation's key: equal
 * secrets can be joined, and nobody without the key can test a guess. Every pattern runs in linear time: it starts
 * with a literal, and a failing match is bounded or cannot start twice in the same word.
 *
 * @module
 */
import { createHmac } from 'node:crypto';

/** Takes secrets out of events. */
export interface Redactor {
  /** the body, or a copy without its secrets; `json` is the body's JSON, by which most bodies are passed at once */
  body<T extends object>(body: T, json: string): T;
  /** one text without its secrets */
  text(text: string): string;
  /** an argument vector without its secrets: knows options whose value is the next argument */
  argv(argv: readonly string[]): string[];
}

interface Shape {
  /** must not look like the name of a secret itself: later shapes see the marks of earlier ones */
  kind: string;
  pattern: RegExp;
  /** which group is the secret; 0 is the whole match */
  group: 0 | 1 | 2;
}

/** A placeholder that stands alone is not redacted again; anything glued to it is. */
const DONE = /^\[redacted:[a-z-]+:[0-9a-f]{12}\]$/;

/**
 * Shapes of tokens, from the issuers' documentation of their prefixes. Where a class holds a prefix's own characters
 * a look-behind keeps a second start out of the same word.
 */
const SHAPES: readonly Shape[] = [
  { kind: 'aws', pattern: /(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}/g, group: 0 },
  { kind: 'github', pattern: /gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{22,}/g, group: 0 },
  { kind: 'gitlab', pattern: /gl(?:pat|dt|rt|ptt|cbt|agent|ft|imt|soat)-[\w.-]{20,}/g, group: 0 },
  { kind: 'slack', pattern: /xox[abceoprs](?:\.xox[a-z])?-[\w-]{10,}|xapp-[\w-]{10,}/g, group: 0 },
  { kind: 'slack', pattern: /hooks\.slack\.com\/(?:services|workflows)\/([\w/-]{10,})/g, group: 1 },
  { kind: 'jwt', pattern: /(?<![\w-])eyJ[\w-]+\.[\w-]+(?:\.[\w-]*){0,3}/g, group: 0 },
  {
    kind: 'api',
    pattern: /(?:sk-|sk_live_|sk_test_|rk_live_|rk_test_|npm_|pypi-|hf_)[\w-]{20,}/g,
    group: 0,
  },
  { kind: 'api', pattern: /AIza[\w-]{35}|AGE-SECRET-KEY-1[A-Z0-9]{50,}/g, group: 0 },
  {
    kind: 'auth',
    pattern: /\b(?:bearer|basic|digest|negotiate)\s{1,8}([\w.~+/=-]{8,})/gi,
    group: 1,
  },
  { kind: 'auth', pattern: /authorization["']?\s{0,8}[:=]\s{0,8}["']?([^\r\n"']+)/gi, group: 1 },
  { kind: 'cookies', pattern: /\b(?:set-)?cookie:\s{0,8}([^\r\n"']+)/gi, group: 1 },
  { kind: 'url', pattern: /:\/\/[^\s/?#:@]*:([^\s/?#]+)@/g, group: 1 },
  {
    kind: 'named-value',
    // password=…, API_KEY: "…", --client-secret=…, X-Auth-Token: …, ?access_token=…
    pattern:
      /(?:passw(?:or)?d|passphrase|passcode|[-_]pass|[-_]pwd|secret|token(?!s)|credential|api[-_]?key|[-_]key)(?:[\w.-]{0,32}?)["']?\s{0,4}(?:=|:(?!\/\/))\s{0,4}(?:"([^"]+)"|'([^']+)'|([^\s"'&;,]+))/gi,
    group: 1,
  },
];

/**
 * A quick look that says whether any shape could match; nearly every event has none. Several small patterns with few
 * first characters, spelled without the `i` flag, take half the time of one alternation (measured).
 */
const HINTS: readonly RegExp[] = [
  /A[KSBC][IC]A|AIza|BEGIN |SECRET/,
  /gh[pousr]_|github_|npm_|hf_|[rs]k_|sk-|pypi-/,
  /xox|eyJ|xapp-|hooks\.slack/,
  /gl[a-z]{2,5}-/,
  /:\/\/[^\s/?#:@]*:/,
  /"-(?:[uUp]|-user|-proxy)/,
  /[-_](?:[Pp][AaWw]|[Kk][Ee][Yy])/,
  /[Tt][Oo][Kk][Ee][Nn]|[Ss][Ee][Cc][Rr][Ee]|[Pp][Aa][Ss][Ss][WwPpCc]/,
  /[Aa][Uu][Tt][Hh][Oo][Rr][Ii]|[Bb][Ee][Aa][Rr][Ee]|[Bb][Aa][Ss][Ii][Cc]/,
  /[Cc][Oo][Oo][Kk][Ii][Ee]|[Cc][Rr][Ee][Dd][Ee]|[Aa][Pp][Ii][-_]?[Kk]/,
  /[Dd][Ii][Gg][Ee][Ss][Tt]|[Nn][Ee][Gg][Oo][Tt][Ii]/,
];

function hinted(text: string): boolean {
  for (const hint of HINTS) if (hint.test(text)) return true;
  return false;
}

/** Options whose next argument is a secret, whole or behind a colon. */
const SECRET_OPTION =
  /^--?[\w-]*(?:passw(?:or)?d|passphrase|passcode|-pass|-pwd|secret|token|credential|api-?key|-key)$|^--pass$/i;
/** Options of these names take a file or a name, not a secret. */
const NOT_SECRET_OPTION = /(?:file|path|-stdin|-type|-id|-name|public-key|ssh-key|host-key)$/i;
const USER_OPTION = /^(?:-u|-U|--user|--proxy-user)$/;
const MYSQL = /(?:^|\/)(?:mysql|mysqldump|mysqladmin|mariadb|mariadb-dump)$/;

const BEGIN = '-----BEGIN ';
const END = '-----END ';

/**
 * Makes a redactor.
 *
 * @param key 32 secret bytes, the same for all runs that should be joined
 * @param secrets exact values that must never be recorded (those the gateway injects); values under four characters
 *   are ignored, because they would blank out ordinary text. Their base64 and percent-encoded forms are found too.
 */
export function makeRedactor(key: Uint8Array, secrets: readonly string[] = []): Redactor {
  const exact = exactPattern(secrets);
  const exactInJson = exactPattern(secrets, true);

  const mark = (kind: string, secret: string): string => {
    if (DONE.test(secret)) return secret;
    const digest = createHmac('sha256', key).update(secret).digest('hex').slice(0, 12);
    return `[redacted:${kind}:${digest}]`;
  };

  const text = (input: string): string => {
    let output = input;
    if (exact) output = output.replace(exact, (found) => mark('known', canonical(found, secrets)));
    if (!hinted(output)) return output;
    output = privateKeys(output, mark);
    for (const shape of SHAPES) output = applyShape(output, shape, mark);
    return output;
  };

  const argv = (input: readonly string[]): string[] => {
    const output: string[] = [];
    const mysql = MYSQL.test(input[0] ?? '');
    const sshpass = /(?:^|\/)sshpass$/.test(input[0] ?? '');
    for (const [index, argument] of input.entries()) {
      const before = index > 0 ? (input[index - 1] ?? '') : '';
      const colon = argument.indexOf(':');
      if (SECRET_OPTION.test(before) && !NOT_SECRET_OPTION.test(before) && !argument.startsWith('-')) {
        output.push(mark('option-value', argument));
      } else if (USER_OPTION.test(before) && colon > 0) {
        output.push(`${text(argument.slice(0, colon))}:${mark('option-value', argument.slice(colon + 1))}`);
      } else if ((mysql || sshpass) && /^-p./s.test(argument)) {
        output.push(`-p${mark('option-value', argument.slice(2))}`);
      } else if (sshpass && before === '-p') {
        output.push(mark('option-value', argument));
      } else {
        output.push(text(argument));
      }
    }
    return output;
  };

  const walk = (value: unknown, name: string): unknown => {
    if (typeof value === 'string') return text(value);
    if (Array.isArray(value)) {
      if ((name === 'argv' || name === 'command') && value.every((item) => typeof item === 'string')) {
        return argv(value);
      }
      return value.map((item) => walk(item, name));
    }
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([field, item]) => [field, walk(item, field)]));
    }
    return value;
  };

  return {
    text,
    argv,
    body: (body, json) => {
      if (!hinted(json) && !exactInJson?.test(json)) return body;
      // A walk keeps the shape of what it walks: objects stay objects with the same fields.
      return walk(body, '') as typeof body;
    },
  };
}

function applyShape(input: string, shape: Shape, mark: (kind: string, secret: string) => string): string {
  return input.replace(shape.pattern, (...found) => {
    const whole = String(found[0]);
    if (shape.group === 0) return mark(shape.kind, whole);
    const secret = found.slice(1, 4).find((group, at) => typeof group === 'string' && at < 3 && group !== '');
    if (typeof secret !== 'string') return whole;
    // The secret is the last thing in the match, but for a closing quote or an @.
    const at = whole.lastIndexOf(secret);
    return whole.slice(0, at) + mark(shape.kind, secret) + whole.slice(at + secret.length);
  });
}

/** Replaces PEM private keys (RFC 7468) by hand: a pattern over BEGIN … END is quadratic where the END is missing. */
function privateKeys(input: string, mark: (kind: string, secret: string) => string): string {
  let output = '';
  let at = 0;
  for (;;) {
    const begin = input.indexOf(BEGIN, at);
    if (begin < 0) return output + input.slice(at);
    const label = input.slice(begin + BEGIN.length, begin + BEGIN.length + 64);
    const close = label.indexOf('-----');
    if (close < 0 || !label.slice(0, close).includes('PRIVATE KEY')) {
      output += input.slice(at, begin + BEGIN.length);
      at = begin + BEGIN.length;
      continue;
    }
    const end = input.indexOf(END, begin);
    const stop = end < 0 ? -1 : input.indexOf('-----', end + END.length);
    const until = stop < 0 ? input.length : stop + 5;
    output += input.slice(at, begin) + mark('pem', input.slice(begin, until));
    at = until;
  }
}

/** Every form a known secret is looked for in. */
function forms(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const base64 = bytes.toString('base64').replace(/=+$/, '');
  // encodeURIComponent throws on lone surrogates, which a secret from an environment may hold.
  const percent = secret.isWellFormed() ? encodeURIComponent(secret) : secret;
  return [secret, percent, base64, bytes.toString('base64url')];
}

function usable(secrets: readonly string[]): string[] {
  return secrets.filter((secret) => secret.length >= 4);
}

/** An alternation of literals, longest first, or undefined where there are none. */
function exactPattern(secrets: readonly string[], inJson = false): RegExp | undefined {
  const literals = new Set(usable(secrets).flatMap(forms));
  if (literals.size === 0) return undefined;
  const sources = [...literals]
    .sort((a, b) => b.length - a.length)
    .map((literal) => (inJson ? JSON.stringify(literal).slice(1, -1) : literal))
    .map((literal) => literal.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'));
  return new RegExp(sources.join('|'), inJson ? '' : 'g');
}

/** The plain secret behind a form of it, so that its encodings are marked alike. */
function canonical(found: string, secrets: readonly string[]): string {
  return usable(secrets).find((secret) => forms(secret).includes(found)) ?? found;
}
