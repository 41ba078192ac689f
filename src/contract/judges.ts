/**
 * Judge models: what the controller and the process that asks them agree on. They share no memory and no files.
 *
 * @module
 */
import type { ModelAccess } from './gateway.ts';

/** Acts that a judge can be asked about, as contracts name them. */
export const JUDGED_ACTS = ['messages', 'tool-calls', 'turns', 'changes'] as const;
/** Answers to a judge that failed, weakest first. */
export const ON_FAILED_JUDGE = ['note', 'alert', 'freeze', 'stop', 'kill'] as const;

export type JudgedAct = (typeof JUDGED_ACTS)[number];
export type OnFailedJudge = (typeof ON_FAILED_JUDGE)[number];

/**
 * Why there is no answer. `unreachable`: no connection, or one that broke; `timeout`; `status`: an HTTP error; `refused`: the
 * model would not answer; `form`: its answer has another form than was asked for; `budget`: it is used; `busy`: more was
 * asked than it answers; `gone`: the process that asks it is not there.
 */
export type JudgeFailure =
  | 'unreachable'
  | 'timeout'
  | 'status'
  | 'refused'
  | 'form'
  | 'budget'
  | 'busy'
  | 'gone';

/** Controller → judges' process, first message. */
export interface JudgeConfig {
  judges: JudgeAccess[];
  /** as for the gateway: names that the contract and the machine know, and who is asked for others */
  resolve: Record<string, string[]>;
  resolvers: string[];
  hosts: Record<string, string[]>;
}

/** One judge, with the key that its process alone has. `access.rule`: which of `oversight.judges`. */
export interface JudgeAccess {
  access: ModelAccess;
  model: string;
  asks: string;
  /** what the agent was asked to do, by the contract */
  task?: string;
  /** milliseconds */
  timeout: number;
}

/** Controller → judges' process: a question about an act. */
export interface JudgeAsk {
  ask: number;
  /** which judge */
  judge: number;
  of: JudgedAct;
  /** the act as JSON, within bounds, without secrets */
  act: string;
  /** characters that were left out of it */
  cut: number;
}

/** What a call came to, beside its answer. */
export interface JudgeUse {
  status?: number;
  ms: number;
  usage?: { input: number; output: number; cached?: number; reasoning?: number };
  cost?: number;
}

export type JudgeResult = JudgeUse &
  (
    | { ok: true /** 0 to 1 */; score: number; reason: string }
    | { ok: false; why: JudgeFailure; detail: string }
  );

/** Judges' process → controller. */
export type JudgeAnswer = { ask: number } & JudgeResult;

const isCount = (value: unknown): boolean =>
  value === undefined || (typeof value === 'number' && Number.isFinite(value) && value >= 0);

const FAILURES: Readonly<Record<JudgeFailure, true>> = {
  unreachable: true,
  timeout: true,
  status: true,
  refused: true,
  form: true,
  budget: true,
  busy: true,
  gone: true,
};

/** Whether something is a result: a score that is none is no result. */
export function isJudgeResult(value: unknown): value is JudgeResult {
  if (typeof value !== 'object' || value === null) return false;
  const { ok, score, reason, why, detail, status, ms, usage, cost } = value as Record<string, unknown>;
  const counts = typeof usage === 'object' && usage !== null ? Object.values(usage) : [];
  if (usage !== undefined && counts.length === 0) return false;
  if (typeof ms !== 'number' || ![status, ms, cost, ...counts].every(isCount)) return false;
  return ok === true
    ? typeof score === 'number' && score >= 0 && score <= 1 && typeof reason === 'string'
    : typeof why === 'string' && Object.hasOwn(FAILURES, why) && typeof detail === 'string';
}
