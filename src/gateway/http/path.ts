/**
 * Paths of requests, in the one spelling that is both judged and sent. What two servers could read as different paths
 * (RFC 3986 §6 leaves room) has no such spelling and is refused: dot segments, empty segments, encoded separators,
 * parameters after `;`, double encoding, and characters that some servers fold into these.
 *
 * @module
 */

/** `why` is for the operator. */
export type PathResult = { ok: true; path: string } | { ok: false; why: string };

const fail = (why: string): PathResult => ({ ok: false, why });

/** What may stand for itself in a segment (RFC 3986 §3.3, without `;`). */
const PLAIN = /^[A-Za-z0-9\-._~!$&'()*+,=:@%]*$/;
const UNRESERVED = /^[A-Za-z0-9\-._~]$/;
const ENCODED = /%([0-9A-Fa-f]{2})/g;
/** What servers that fold Unicode (NFKC, best fit) could make of a harmless character. */
const FOLDED = /[./\\%;?#\p{Cc}]/u;

/**
 * One segment in canonical form: unreserved characters plain, all others encoded in capitals. `%2F` is kept: only a
 * pattern that has it too matches it.
 */
function readSegment(segment: string): PathResult {
  if (!PLAIN.test(segment)) {
    if (segment.includes('\\')) return fail('backslash in the path');
    if (segment.includes(';')) return fail('parameter (;) in the path');
    return fail('a character in the path that must be encoded');
  }
  if (/%(?![0-9A-Fa-f]{2})/.test(segment)) return fail('malformed percent-encoding in the path');
  if (/%5c/i.test(segment)) return fail('encoded backslash in the path');
  if (/%3b/i.test(segment)) return fail('encoded parameter (;) in the path');
  if (/%(0[0-9a-f]|1[0-9a-f]|7f)/i.test(segment)) return fail('encoded control character in the path');
  let decoded: string;
  try {
    // refuses overlong forms, surrogates and stray continuation bytes
    decoded = decodeURIComponent(segment);
  } catch {
    return fail('the path is not UTF-8');
  }
  if (/^[. ]+$/.test(decoded) || /^\.\.?[/\\]|[/\\]\.\.?$/.test(decoded))
    return fail('dot segment in the path');
  for (const character of decoded) {
    if ((character.codePointAt(0) as number) > 0x7f && FOLDED.test(character.normalize('NFKC')))
      return fail('a character in the path that some servers take for a separator');
  }
  const path = segment.replace(ENCODED, (_all, hex: string) => {
    const character = String.fromCharCode(Number.parseInt(hex, 16));
    return UNRESERVED.test(character) ? character : `%${hex.toUpperCase()}`;
  });
  // looked for last: the digits themselves may have been encoded
  if (/%25[0-9A-F]{2}/i.test(path)) return fail('double percent-encoding in the path');
  return { ok: true, path };
}

/** The canonical form of a path that begins with `/` and has no query. */
export function canonicalPath(path: string): PathResult {
  if (!path.startsWith('/')) return fail('the path does not begin with /');
  const segments = path.slice(1).split('/');
  const result: string[] = [];
  for (const [index, segment] of segments.entries()) {
    if (segment === '' && index < segments.length - 1) return fail('empty segment (//) in the path');
    const read = readSegment(segment);
    if (!read.ok) return read;
    result.push(read.path);
  }
  return { ok: true, path: `/${result.join('/')}` };
}

type Pattern = readonly string[];

/** Matches one segment; `*` stands for any characters but an encoded slash. Linear: only the last `*` is retried. */
function matchesSegment(pattern: string, segment: string): boolean {
  if (!pattern.includes('*')) return pattern === segment;
  if (/%2F/.test(segment) && !/%2F/.test(pattern)) return false;
  let at = 0;
  let p = 0;
  let star = -1;
  let retry = 0;
  while (at < segment.length) {
    if (pattern[p] === '*') {
      star = p;
      p += 1;
      retry = at;
    } else if (p < pattern.length && pattern[p] === segment[at]) {
      p += 1;
      at += 1;
    } else if (star >= 0) {
      retry += 1;
      at = retry;
      p = star + 1;
    } else return false;
  }
  while (pattern[p] === '*') p += 1;
  return p === pattern.length;
}

function matches(pattern: Pattern, segments: readonly string[]): boolean {
  // rows of a table over segments: what the pattern up to here can have consumed
  let reached = new Set([0]);
  for (const [index, part] of pattern.entries()) {
    const next = new Set<number>();
    for (const from of reached) {
      if (part !== '**') {
        const segment = segments[from];
        // a `*` stands for a segment that is there
        if (segment !== undefined && (segment !== '' || part === '') && matchesSegment(part, segment))
          next.add(from + 1);
        continue;
      }
      const least = index === pattern.length - 1 ? from + 1 : from;
      for (let to = from; to <= segments.length; to += 1) {
        if (to > from && segments[to - 1]?.includes('%2F')) break;
        if (to >= least) next.add(to);
      }
    }
    reached = next;
    if (reached.size === 0) return false;
  }
  return reached.has(segments.length);
}

/** The `paths` of a rule, read once. Patterns that have no canonical form match nothing (`check` refuses them). */
export class PathPatterns {
  readonly #patterns: Pattern[];

  constructor(patterns: readonly string[]) {
    this.#patterns = patterns.flatMap((pattern) => {
      const read = canonicalPath(pattern);
      return read.ok ? [read.path.slice(1).split('/')] : [];
    });
  }

  /** Whether a path in canonical form is allowed. */
  allow(path: string): boolean {
    const segments = path.slice(1).split('/');
    return this.#patterns.some((pattern) => matches(pattern, segments));
  }
}
