/**
 * What a protocol break is given: the rules, the secrets, and who is told.
 *
 * @module
 */
import type { Candidates } from '../guard/guard.ts';
import type { Candidate } from '../policy/pins.ts';
import type { RequestRecord } from './exchange.ts';
import type { RuleJudge } from './judge.ts';
import type { HostSecrets } from './secrets.ts';

/** What the flow is told about requests. `secretUsed` is called for each secret that a request carries. */
export interface BreakSink {
  request(record: RequestRecord): void;
  denied(what: string, clause: string, allow: string | undefined): void;
  secretUsed(name: string, host: string, clause: string): void;
}

export interface BreakOptions {
  candidates: Candidates;
  scheme: 'http' | 'https';
  judgeOf(candidate: Candidate): RuleJudge;
  /** nothing over plain HTTP */
  secretsOf(candidate: Candidate): HostSecrets | undefined;
  sink: BreakSink;
  /** milliseconds */
  now(): number;
}
