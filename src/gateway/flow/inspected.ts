/**
 * What a flow whose requests are read tells the operator: requests, denials, use of secrets, and why TLS could not be
 * terminated.
 *
 * @module
 */
import type { FlowRegistration } from '../../contract/index.ts';
import type { Candidates, Guard } from '../guard/guard.ts';
import { HttpBreak } from '../http/break.ts';
import type { Candidate } from '../policy/pins.ts';
import type { Terminated } from '../tls/terminate.ts';
import { type FlowContext, ownerOf } from './context.ts';

const READS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Reads and judges every request of a flow; `scheme` `https`: what was inside TLS. */
export function inspectRequests(
  context: FlowContext,
  registration: FlowRegistration,
  candidates: Candidates,
  scheme: 'http' | 'https',
): Guard {
  const flow = String(registration.flow);
  const owner = ownerOf(registration);
  const { reporter, inspector } = context;
  const used = new Set<string>();
  return new HttpBreak({
    candidates,
    scheme,
    judgeOf: (candidate) => inspector.judgeOf(candidate),
    secretsOf: (candidate) => (scheme === 'https' ? inspector.secretsOf(candidate) : undefined),
    now: () => performance.now(),
    sink: {
      request: (record) => {
        const event = { kind: 'http.request' as const, flow, owner, ...record };
        // so that many reads do not hide the one that writes, or goes elsewhere
        const sort = record.content?.places ? 'away' : READS.has(record.method) ? 'read' : 'write';
        if (record.allowed) reporter.bounded(`request ${sort} ${record.clause}`, event);
        else reporter.coalesced(`request ${record.clause}`, event);
      },
      denied: (what, clause, allow) =>
        reporter.coalesced(`denied ${clause}`, {
          kind: 'denial',
          layer: 'gateway',
          owner,
          what,
          clause,
          ...(allow === undefined ? {} : { allow }),
        }),
      secretUsed: (secret, host, clause) => {
        if (used.has(secret)) return;
        used.add(secret);
        reporter.bounded(`secret ${secret}`, { kind: 'secret.use', flow, owner, secret, host, clause });
      },
    },
  });
}

/** What in the contract makes the gateway look inside TLS for this name. */
function lookedInside(context: FlowContext, candidate: Candidate): string {
  const { rule } = candidate.match;
  const keys = (['methods', 'paths', 'headers', 'body', 'ca'] as const).filter(
    (key) => rule[key] !== undefined,
  );
  const secrets = context.inspector.secretsOf(candidate)?.secrets.map(({ name }) => `secret ${name}`) ?? [];
  return [...keys, ...secrets].join(', ') || `protocol ${rule.protocol}`;
}

/** Says why the agent's TLS could not be terminated. */
export function reportUnterminated(
  context: FlowContext,
  registration: FlowRegistration,
  candidate: Candidate,
  failure: Extract<Terminated, { ok: false }>,
): void {
  const { clause } = candidate.match;
  const owner = ownerOf(registration);
  const { pid, exe = 'unknown program' } = registration;
  const because = `${clause} looks inside TLS because of ${lookedInside(context, candidate)}`;
  const what = failure.rejected
    ? `process ${pid} (${exe}) does not accept this run’s certificate authority for ${candidate.name}: it pins certificates or does not read the trust stores (${failure.why}); ${because}`
    : `TLS to ${candidate.name}: ${failure.why}${failure.side === 'agent' ? `; ${because}` : ''}`;
  context.reporter.coalesced(`unterminated ${clause} ${failure.side} ${exe}`, {
    kind: 'denial',
    layer: 'gateway',
    owner,
    what,
    clause,
    ...(failure.side === 'agent'
      ? { allow: 'a rule without these keys, and without a secret, stays end-to-end encrypted' }
      : {}),
  });
}
