/**
 * Events: what the ledger records. One envelope, one discriminated union; everything else (index, export, rules,
 * the record of a run) is derived from these.
 *
 * @module
 */
import type { Hazard } from './hazards.ts';
import type { EffectiveState, Owner } from './supervisor.ts';

/** Which part of Ringfence refused: each is a layer that can stand alone. */
export type Layer =
  | 'file-view'
  | 'landlock'
  | 'seccomp'
  | 'network'
  | 'dns'
  | 'gateway'
  | 'limit'
  | 'identity'
  | 'supervisor';

/** One grading: how often it ran, how often it passed, how long it took (ms), the last lines it printed. */
export interface GradeResult {
  runs: number;
  passed: number;
  ms: number;
  exit?: { code?: number; signal?: number };
  /** why there is no verdict: time limit, could not be contained */
  failed?: string;
  output: string;
}

export type EventBody =
  | {
      kind: 'run.start';
      contract: { name: string; path: string; sha256: string };
      command: string[];
      cwd: string;
      isolation: string;
      version: string;
      effective: EffectiveState;
      limits: Record<string, { max: number; by: 'hard' | 'supervised'; how: string }>;
      never: Record<string, { state: 'prevented' | 'detected' | 'not covered'; by: string }>;
    }
  | {
      kind: 'run.stop';
      exit: { code?: number; signal?: number };
      reason: string;
      changes: { added: number; changed: number; deleted: number };
      incomplete?: boolean;
    }
  | { kind: 'process.exec'; owner: Owner; path: string; cwd: string; observed: true }
  | { kind: 'process.exit'; owner: Owner; code?: number; signal?: number }
  | { kind: 'file.change'; owner: Owner; op: string; path: string; to?: string; observed: true }
  | {
      kind: 'dns.query';
      owner?: Owner;
      name: string;
      type: string;
      answer: string[];
      ttl?: number;
      denied?: string;
      /** further look-ups that asked and got the same, at once: not listed one by one */
      count?: number;
    }
  | {
      kind: 'flow.open';
      flow: string;
      owner?: Owner;
      host?: string;
      address: string;
      port: number;
      transport: 'tcp' | 'udp';
      declared?: string;
      clause?: string;
    }
  | {
      kind: 'flow.verdict';
      flow: string;
      protocol: string;
      declared: string;
      ok: boolean;
      sni?: string;
      /** the name that it is for, where several share the address */
      host?: string;
      detail?: string;
    }
  | { kind: 'flow.close'; flow: string; sent: number; received: number; ms: number; reason: string }
  | {
      kind: 'denial';
      layer: Layer;
      owner?: Owner;
      /** what was tried, in a few words a person reads: `connect 198.51.100.7:22/tcp` */
      what: string;
      /** contract line that denies or would allow: `network`, `network[0].port`, `files.write` */
      clause?: string;
      /** what would allow it, for the operator */
      allow?: string;
      errno?: string;
      count?: number;
      /** true: the attempt was seen before the kernel decided; the layer denies it by construction */
      observed?: boolean;
      hazard?: Hazard;
    }
  | {
      kind: 'violation';
      what: string;
      flow?: string;
      owner?: Owner;
      clause?: string;
      action: string;
      hazard?: Hazard;
    }
  | { kind: 'tampering'; what: string; owner?: Owner; action: string }
  | { kind: 'resource.sample'; cpu: number; memory: number; processes: number; disk: number }
  | { kind: 'limit.reached'; limit: string; used: number; max: number; action: string }
  | { kind: 'probe'; ok: boolean; reached: string[]; changed: string[]; us: number }
  | { kind: 'sensor.loss'; sensor: string; reason: string; count: number }
  | { kind: 'control'; action: 'freeze' | 'thaw' | 'stop' | 'kill' | 'signal'; by: string; detail?: string }
  /** a request that the gateway read; `allowed` false: it went nowhere. `sent` and `received` are bytes of bodies */
  | {
      kind: 'http.request';
      flow: string;
      owner?: Owner;
      method: string;
      host: string;
      /** path without its query, whose names alone are recorded */
      path: string;
      query?: string[];
      status?: number;
      sent?: number;
      received?: number;
      ms?: number;
      allowed: boolean;
      clause?: string;
      detail?: string;
    }
  /** a secret was put into a request; never its value */
  | { kind: 'secret.use'; flow: string; owner?: Owner; secret: string; host: string; clause: string }
  /** an artefact of `packages`: served, or refused and why */
  | {
      kind: 'package.request';
      owner?: Owner;
      ecosystem: string;
      name: string;
      version?: string;
      file?: string;
      served: boolean;
      from?: 'copy' | 'upstream';
      bytes?: number;
      detail?: string;
      clause: string;
    }
  /** the gateway fetched an artefact (`file`), or a package's document, for itself; `digest`: what a named one turned out to be */
  | {
      kind: 'package.fetch';
      ecosystem: string;
      name: string;
      version?: string;
      file?: string;
      url: string;
      ok: boolean;
      bytes: number;
      ms: number;
      digest?: string;
      detail?: string;
      clause: string;
    }
  /** a question to the operator, and what became of it */
  /** `digest` is of exactly what is shown: the answer to it has the same */
  | {
      kind: 'approval.ask';
      question: number;
      effect: string;
      what: string;
      digest?: string;
      owner?: Owner;
    }
  | {
      kind: 'approval.answer';
      question: number;
      allow: boolean;
      by: string;
      digest?: string;
      until?: string;
      detail?: string;
    }
  /** the running contract was changed by an operator; `until`: RFC 3339, absent: as long as the run */
  | { kind: 'contract.change'; clause: string; rule: string; by: string; until?: string }
  /** a terminal was given to one more program of the cell */
  | { kind: 'session.open'; session: number; command: string[]; by: string; terminal: boolean }
  | { kind: 'session.close'; session: number; exit: { code?: number; signal?: number } }
  /**
   * success.run over the result: `left` as the agent left it, `restored` with the protected files restored, `hidden` the
   * hidden check. `visible` is R, `true` is R*, 0 or 1 each, `violations` is C
   */
  | {
      kind: 'grade';
      left?: GradeResult;
      restored?: GradeResult;
      hidden?: GradeResult;
      reward: { visible?: number; true?: number; violations: number };
      flaky: boolean;
      text: string;
    }
  /** a rule's statement that something happened; `cites`: numbers of the events that show it */
  | { kind: 'finding'; rule: string; hazard: Hazard; text: string; cites: number[]; diff?: string }
  | { kind: 'note'; text: string }
  /**
   * written by the ledger after a crash: what was kept aside or cannot be vouched for. `unsigned` records were intact but
   * not yet under a signed checkpoint; `torn` are the pieces cut off and kept beside the segments (bytes, SHA-256)
   */
  | {
      kind: 'ledger.recover';
      unsigned: number;
      torn: { file: string; bytes: number; sha256: string }[];
      text: string;
    }
  /** written by the ledger as its last record; nothing follows it */
  | { kind: 'ledger.close'; by: 'writer' | 'recovery' };

export type EventKind = EventBody['kind'];

/** What joins an event to what caused it, where known. */
export interface Context {
  rollout?: string;
  turn?: string;
  toolCall?: string;
}

/** An event as the ledger stores it. `time` is RFC 3339 with microseconds, UTC; `seq` counts from 0 per run. */
export type LedgerEvent = {
  seq: number;
  time: string;
  run: string;
  cell: string;
  context?: Context;
} & EventBody;
