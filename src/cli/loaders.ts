/**
 * Where each command lies. Each is loaded only when it is called, so that `run` pays for nothing else.
 *
 * @module
 */
import type { CommandModule, CommandName } from './command.ts';

export const LOADERS: { readonly [Name in CommandName]: () => Promise<CommandModule<Name>> } = {
  run: () => import('./commands/run.ts'),
  exec: () => import('./commands/exec.ts'),
  check: () => import('./commands/check.ts'),
  prove: () => import('./commands/prove.ts'),
  explain: () => import('./commands/explain.ts'),
  init: () => import('./commands/init.ts'),
  schema: () => import('./commands/schema.ts'),
  runs: () => import('./commands/runs.ts'),
  ps: () => import('./commands/ps.ts'),
  stop: () => import('./commands/stop.ts'),
  freeze: () => import('./commands/freeze.ts'),
  thaw: () => import('./commands/thaw.ts'),
  review: () => import('./commands/review.ts'),
  apply: () => import('./commands/apply.ts'),
  undo: () => import('./commands/undo.ts'),
  discard: () => import('./commands/discard.ts'),
  grade: () => import('./commands/grade.ts'),
  verdict: () => import('./commands/verdict.ts'),
  why: () => import('./commands/why.ts'),
  questions: () => import('./commands/questions.ts'),
  allow: () => import('./commands/allow.ts'),
  campaigns: () => import('./commands/campaigns.ts'),
  learn: () => import('./commands/learn.ts'),
  deny: () => import('./commands/deny.ts'),
  watch: () => import('./commands/watch.ts'),
  'rules check': () => import('./commands/rules-check.ts'),
  'rules list': () => import('./commands/rules-list.ts'),
  'rules test': () => import('./commands/rules-test.ts'),
  trace: () => import('./commands/trace.ts'),
  doctor: () => import('./commands/doctor.ts'),
  'log show': () => import('./commands/log-show.ts'),
  'log follow': () => import('./commands/log-follow.ts'),
  'log verify': () => import('./commands/log-verify.ts'),
  'log export': () => import('./commands/log-export.ts'),
  'log erase': () => import('./commands/log-erase.ts'),
  'log prune': () => import('./commands/log-prune.ts'),
  completion: () => import('./commands/completion.ts'),
  man: () => import('./commands/man.ts'),
  version: () => import('./commands/version.ts'),
};
