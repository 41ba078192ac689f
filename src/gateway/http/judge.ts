/**
 * What a rule says about one request. A request that asks for too much is *denied*: it gets a bare 403 and the
 * connection goes on. One that two parsers could read differently is a *violation*, and ends the flow.
 *
 * @module
 */
import type { NetworkRule } from '../../contract/index.ts';
import type { Violation } from '../guard/guard.ts';
import type { Candidate } from '../policy/pins.ts';
import { confusion, requestFilter } from './fields.ts';
import type { RequestHead } from './head.ts';
import { chooseByHost } from './host.ts';
import { canonicalPath, PathPatterns } from './path.ts';

/** A request that may not be made; `field` is the rule's key that says so, `allow` what would allow it. */
export interface Denied {
  field: 'methods' | 'paths' | 'headers' | 'body' | 'protocol';
  why: string;
  allow?: string;
}

/** `path` and `query` are what is sent; `path` is `*` for OPTIONS of the whole server. */
export interface Judged {
  candidate: Candidate;
  path: string;
  query: string | undefined;
  denied?: Denied;
}

export type Judgement = ({ ok: true } & Judged) | { ok: false; violation: Violation };

/** A rule, prepared for many requests. */
export class RuleJudge {
  readonly rule: NetworkRule;
  readonly crosses: ReturnType<typeof requestFilter>;
  readonly #methods: ReadonlySet<string> | undefined;
  readonly #paths: PathPatterns | undefined;

  constructor(rule: NetworkRule) {
    this.rule = rule;
    this.crosses = requestFilter(rule.headers);
    this.#methods = rule.methods && new Set(rule.methods);
    this.#paths = rule.paths && new PathPatterns(rule.paths);
  }

  /** What the rule has against a request; `path` becomes its canonical form where it matters. */
  judge(head: RequestHead, target: { path: string; query: string | undefined }): Denied | { path: string } {
    const { rule } = this;
    // TRACE sends back what was sent, secrets included (RFC 9110 §9.3.8)
    if (/^trac[ek]$/i.test(head.method))
      return { field: 'methods', why: `${head.method} is never passed on` };
    if (this.#methods && !this.#methods.has(head.method)) {
      return {
        field: 'methods',
        why: `method ${head.method}`,
        allow: `methods: [${[...this.#methods, head.method].join(', ')}]`,
      };
    }
    if (head.fields.has('max-forwards')) return { field: 'headers', why: 'Max-Forwards is never passed on' };
    const expect = head.fields.get('expect')?.[0]?.toLowerCase();
    if (expect !== undefined && expect !== '100-continue') return { field: 'headers', why: 'Expect' };
    const websocket = head.upgrade === 'websocket';
    if (websocket && rule.protocol !== 'websocket') {
      return { field: 'protocol', why: 'an upgrade to WebSocket', allow: 'protocol: websocket' };
    }
    if (head.framing.kind === 'length' && rule.body !== undefined && head.framing.length > rule.body) {
      return {
        field: 'body',
        why: `a body of ${head.framing.length} bytes`,
        allow: `body: ${head.framing.length}`,
      };
    }
    if (!this.#paths) return { path: target.path };
    const canonical =
      target.path === '*' ? { ok: false as const, why: 'OPTIONS *' } : canonicalPath(target.path);
    if (!canonical.ok) return { field: 'paths', why: canonical.why };
    if (this.#paths.allow(canonical.path)) return { path: canonical.path };
    return { field: 'paths', why: 'path', allow: `paths: [${canonical.path.slice(0, 200)}]` };
  }
}

const violation = (why: string, field: Violation['field'] = 'protocol', protocol = 'http'): Judgement => ({
  ok: false,
  violation: { why, field, protocol },
});

/** Path and query of a target, which is in origin or absolute form or `*`. */
function split(target: string): { path: string; query: string | undefined } {
  const origin = target.replace(/^https?:\/\/[^/?#]*/i, '');
  const mark = origin.indexOf('?');
  const path = mark < 0 ? origin : origin.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark < 0 ? undefined : origin.slice(mark + 1) };
}

/** Judges a request of a flow; `judgeOf` gives each rule's judge. */
export function judgeRequest(
  candidates: readonly Candidate[],
  head: RequestHead,
  scheme: 'http' | 'https',
  judgeOf: (candidate: Candidate) => RuleJudge,
): Judgement {
  const found = chooseByHost(candidates, head, scheme);
  if (typeof found === 'string') {
    const connect = head.method === 'CONNECT';
    return violation(found, connect ? 'protocol' : 'host', connect ? 'connect' : 'http');
  }
  const confused = confusion(head.fields);
  if (confused !== undefined) return violation(confused);
  if (head.target.includes('#')) return violation('fragment in the request target');
  const websocket = head.upgrade === 'websocket';
  const wanted = websocket ? 'websocket' : scheme;
  const candidate = found.find(({ match }) => match.rule.protocol === wanted) ?? found[0];
  if (!candidate) return violation('no rule for this host', 'host');
  if (candidate.match.rule.protocol === 'websocket' && !websocket) {
    return violation('a request that is no WebSocket upgrade');
  }
  const target = split(head.target);
  const outcome = judgeOf(candidate).judge(head, target);
  if ('field' in outcome) return { ok: true, candidate, ...target, denied: outcome };
  return { ok: true, candidate, path: outcome.path, query: target.query };
}
