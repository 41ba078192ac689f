/**
 * Events: what the ledger records. One envelope, one discriminated union; everything else (index, export, rules,
 * the record of a run) is derived from these.
 *
 * @module
 */
import type { Hazard } from './hazards.ts';
import type { JudgedAct, JudgeFailure } from './judges.ts';
import type { FindingLevel } from './responses.ts';
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
      /** SHA-256 of what it ran with, by name: plan, program, launcher, kernel, compiled rules; `words`: the kernel's release, version and machine */
      built?: { digests: Record<string, string>; words: string };
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
  | {
      kind: 'process.exec';
      owner: Owner;
      path: string;
      cwd: string;
      /** W3C trace context in its environment */
      traceparent?: string;
      observed: true;
    }
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
      content?: RequestContent;
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
  /** one call of a model through the gateway, with what was said since the call before it and what it answered */
  | {
      kind: 'model.turn';
      /** unique in the run */
      turn: string;
      provider: string;
      api: 'messages' | 'chat' | 'responses';
      model: string;
      owner?: Owner;
      /** W3C trace context that the request carried */
      traceparent?: string;
      stream: boolean;
      /** HTTP status; absent: no answer came */
      status?: number;
      ms: number;
      /** parts of the request that no earlier turn of the run had */
      input: ModelPart[];
      output: ModelPart[];
      /** parts that the record had no room for; those of a request are recorded when they come again */
      omitted?: number;
      /** `input` and `output`, which are empty then, as the record has them encrypted; without its key they stay so */
      sealed?: string;
      /** names of the tools that were offered */
      tools?: string[];
      usage?: { input: number; output: number; cached?: number; reasoning?: number };
      /** what it cost, in the currency of the contract's prices */
      cost?: number;
      finish?: string;
      /** false: it went nowhere, `detail` says why */
      allowed: boolean;
      clause: string;
      detail?: string;
    }
  /** a tool was called: through the gateway (`mcp`), or as a scaffold declared it (`declared`) */
  | {
      kind: 'tool.call';
      /** unique in the run: `mcp-1`, `declared-1` */
      call: string;
      server?: string;
      tool: string;
      /** JSON */
      arguments: string;
      /** `arguments`, as the record has them encrypted */
      sealed?: string;
      via: 'mcp' | 'declared';
      owner?: Owner;
      traceparent?: string;
      /** what a declaration says beside it: its own id of the call, a turn, a process by its number inside */
      told?: { call: string; turn?: string; pid?: number };
      /** the process of `told.pid` on the host, where it is one of this cell and on one line with `owner` */
      process?: number;
      decision: 'allowed' | 'denied' | 'held';
      /** of a held one: of the question that holds it, and of the answer that lets it go on */
      digest?: string;
      clause?: string;
      detail?: string;
    }
  | {
      kind: 'tool.result';
      call: string;
      ok: boolean;
      content: string;
      /** `content`, likewise */
      sealed?: string;
      ms: number;
      /** `declared`: it is what a scaffold says, and `owner` who said it */
      via?: 'declared';
      owner?: Owner;
      detail?: string;
    }
  /** what a tool server says that it offers; `changed`: what is not as it was pinned */
  | {
      kind: 'tool.definitions';
      server: string;
      digest: string;
      tools: { name: string; digest: string }[];
      changed?: string[];
    }
  /** something that a person will read, on its way through a tool: held before it is delivered or refused */
  | {
      kind: 'message';
      call: string;
      channel: string;
      to: string[];
      subject?: string;
      text: string;
      /** `subject` and `text`, likewise */
      sealed?: string;
      state: 'held' | 'delivered' | 'refused';
      /** labels of what it holds: `leverage`, `threat`, `confidential`; and `unknown-recipient` */
      labels?: string[];
      clause: string;
      detail?: string;
    }
  /** how a flow behaves, seen from outside its encryption; told while it is open, when something of it is decided */
  | {
      kind: 'flow.shape';
      flow: string;
      owner?: Owner;
      protocol: string;
      host?: string;
      port: number;
      sent: number;
      received: number;
      ms: number;
      /** what it looks like: `reverse-ssh`, `ssh-session`, `stratum`, `socks`, `dns-tunnel`, `poll`, `interactive`, `bulk` */
      shape: string;
      /** 0 to 1 */
      confidence: number;
      detail?: string;
    }
  /**
   * a judge model was asked about an act of the agent; without `score` it failed, and nothing is known of the act. `about`:
   * numbers of the events that show it; apart from the agent's own turns in all that is counted
   */
  | {
      kind: 'judgement';
      /** its name in the contract */
      judge: string;
      provider: string;
      model: string;
      of: JudgedAct;
      about: number[];
      /** 0 to 1 */
      score?: number;
      threshold: number;
      /** what it says of it: a model's words, moved by whatever it read */
      reason?: string;
      /** `reason`, as the record has it encrypted */
      sealed?: string;
      /** of a finding from `threshold` on */
      hazard: Hazard;
      level: FindingLevel;
      failed?: JudgeFailure;
      detail?: string;
      /** what followed from its failing */
      action?: string;
      /** characters of the act that it was not shown */
      omitted?: number;
      status?: number;
      ms?: number;
      usage?: { input: number; output: number; cached?: number; reasoning?: number };
      cost?: number;
      /** further failures of the same kind, not listed one by one */
      count?: number;
      clause: string;
    }
  /**
   * a rule's statement that something happened; `cites`: numbers of the events that show it. `response` is what was done,
   * `us` microseconds from the last cited event to it, `turn`, `call` and `pid` the chain that caused it as far as it is known
   */
  | {
      kind: 'finding';
      rule: string;
      hazard: Hazard;
      text: string;
      cites: number[];
      diff?: string;
      level?: FindingLevel;
      response?: FindingResponse;
      clause?: string;
      techniques?: string[];
      turn?: string;
      call?: string;
      pid?: number;
      us?: number;
      /** how often it was seen again, without a finding of its own */
      count?: number;
      /** the campaign that it belongs to, where cells are judged together */
      campaign?: string;
    }
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

/**
 * What passed in a request and its answer, as marks: equal things have equal marks, and in the record nobody without the
 * installation's key can test a guess. Only what is odd enough to be somebody's has one.
 */
export interface RequestContent {
  /** of the bodies, whole */
  asked?: string;
  answered?: string;
  /** of odd words in path and query, in the request's body, in the answer */
  named?: string[];
  told?: string[];
  heard?: string[];
  /** hosts and addresses other than the request's own: those that path and query name to go to, and what they or the body name besides */
  places?: string[];
  mentions?: string[];
  /** marks of those that the answer names */
  shown?: string[];
  /** characters of the request that are bytes in disguise: base64, base32, hex */
  packed?: number;
  /** true: the path holds the body's own SHA-256, so the name is no one's choice */
  addressed?: boolean;
}

/** What is done about a finding; each includes those before it. */
export type FindingResponse = 'note' | 'alert' | 'ask' | 'freeze' | 'stop' | 'kill';

/** A piece of what a model was told or said. `text` of a tool call is its arguments as JSON. */
export interface ModelPart {
  role: 'system' | 'user' | 'assistant' | 'tool';
  type: 'text' | 'reasoning' | 'tool_call' | 'tool_result' | 'other';
  text: string;
  /** of the tool call, and of the result that answers it */
  id?: string;
  /** of the tool */
  name?: string;
  /** characters left out of `text` */
  cut?: number;
}

/** What joins an event to what caused it, where known. */
export interface Context {
  rollout?: string;
  turn?: string;
  toolCall?: string;
  /** how it was joined: declared by a span, known to the gateway, the command that the call named, a descendant of one joined */
  by?: 'span' | 'gateway' | 'command' | 'ancestor';
  /** 0 to 1 */
  confidence?: number;
}

/** An event as the ledger stores it. `time` is RFC 3339 with microseconds, UTC; `seq` counts from 0 per run. */
export type LedgerEvent = {
  seq: number;
  time: string;
  run: string;
  cell: string;
  context?: Context;
} & EventBody;
