/**
 * Parts of events as fields: what needs to know nothing but the event.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';
import { contentFields } from '../campaign/fields.ts';
import type { FieldValue } from '../observation.ts';

type Fields = Record<string, FieldValue>;
type Of<Kind extends LedgerEvent['kind']> = Extract<LedgerEvent, { kind: Kind }>;

/** When something ends, µs; what has no end, or none that can be read, ends with the run. */
export const endOf = (until: string | undefined): number => {
  const end = until === undefined ? Number.NaN : Date.parse(until) * 1000;
  return Number.isNaN(end) ? Number.MAX_SAFE_INTEGER : end;
};

/** A judgement is shown by what was judged, too. */
export const citesOf = (event: LedgerEvent): number[] =>
  event.kind === 'judgement' ? [...event.about, event.seq] : [event.seq];

/** The user inside: numbers are those of the cell. */
export const userOf = ([real]: readonly number[]): string | undefined =>
  real === undefined ? undefined : real === 0 ? 'root' : String(real);

/** The fields of one. */
export function queryFields(event: Of<'dns.query'>): Fields {
  return {
    QueryName: event.name,
    query: event.name,
    QueryResults: event.answer.join(';'),
    QueryStatus: event.denied === undefined ? '0' : '5',
    record_type: event.type,
    answer: event.answer,
    Denied: event.denied,
    Count: event.count ?? 1,
  };
}

/** The fields of one. */
export function requestFields(event: Of<'http.request'>): Fields {
  return {
    'cs-method': event.method,
    'cs-host': event.host,
    'cs-uri-stem': event.path,
    'c-uri': `${event.host}${event.path}`,
    'cs-uri-query': event.query,
    'sc-status': event.status,
    'cs-bytes': event.sent,
    'sc-bytes': event.received,
    Allowed: event.allowed,
    Clause: event.clause,
    Detail: event.detail,
    ...contentFields(event.content),
  };
}

/** The fields of one. */
export function packageFields(event: Omit<Of<'package.request'>, 'kind' | 'from' | 'owner'>): Fields {
  return {
    Ecosystem: event.ecosystem,
    Name: event.name,
    Version: event.version,
    File: event.file,
    Served: event.served,
    Clause: event.clause,
    Detail: event.detail,
  };
}

/** The fields of one. */
export function gradeFields(event: Of<'grade'>): Fields {
  return {
    Visible: event.reward.visible,
    True: event.reward.true,
    Violations: event.reward.violations,
    Left: event.left?.passed,
    Restored: event.restored?.passed,
    Hidden: event.hidden?.passed,
    Flaky: event.flaky,
    Text: event.text,
  };
}

/** The fields of one. */
export function judgementFields(event: Of<'judgement'>): Fields {
  return {
    Judge: event.judge,
    Model: event.model,
    Of: event.of,
    Score: event.score,
    Threshold: event.threshold,
    Failed: event.failed,
    Reason: event.reason,
    Hazard: event.hazard,
    Level: event.level,
    Omitted: event.omitted,
    Clause: event.clause,
  };
}
