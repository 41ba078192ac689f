/**
 * Amounts and responses: how much, how strictly, and which hazards are named.
 *
 * @module
 */
import {
  ACTIONS,
  type Contract,
  FINDING_LEVELS,
  formatDuration,
  formatSize,
  RESPONSES,
} from '../../contract/index.ts';
import { compareAccepted } from './accepted.ts';
import type { Findings } from './types.ts';

const LIMITS = {
  cpus: (value: number) => `${value} CPUs`,
  memory: (value: number) => `${formatSize(value)} of memory`,
  processes: (value: number) => `${value} processes`,
  time: (value: number) => `${formatDuration(value)} of time`,
  'cpu-time': (value: number) => `${formatDuration(value)} of CPU time`,
  disk: (value: number) => `${formatSize(value)} written`,
} as const;

const WRITTEN: Readonly<Record<keyof typeof LIMITS, (value: number) => string>> = {
  cpus: String,
  memory: (value) => formatSize(value).replace(' ', ''),
  processes: String,
  time: (value) => `${value / 1000}s`,
  'cpu-time': (value) => `${value / 1000}s`,
  disk: (value) => formatSize(value).replace(' ', ''),
};

export function compareCompute(
  { compute }: Contract,
  { compute: limit }: Contract,
  findings: Findings,
): void {
  for (const key of Object.keys(LIMITS) as (keyof typeof LIMITS)[]) {
    const clause = `compute.${key}`;
    if (findings.isAny(clause)) continue;
    const [given, most] = [compute[key], limit[key]];
    if (given.max > most.max)
      findings.add({
        clause,
        text: `${LIMITS[key](given.max)}, and ${LIMITS[key](most.max)} at most`,
        witness: LIMITS[key](given.max),
        limit: clause,
        fix: `write ${key}: ${WRITTEN[key](most.max)}`,
      });
    if (most.hard && !given.hard)
      findings.add({
        clause,
        text: `the limit ${key} may be supervised instead of enforced by the kernel`,
        witness: 'hard: false',
        limit: clause,
        fix: `write ${key}: { max: ${WRITTEN[key](Math.min(given.max, most.max))}, hard: true }`,
      });
  }
}

export function compareOversight(contract: Contract, limit: Contract, findings: Findings): void {
  const { oversight } = contract;
  if (!findings.isAny('oversight.approve'))
    for (const [index, effect] of oversight.approve.entries())
      if (!limit.oversight.approve.includes(effect))
        findings.add({
          clause: `oversight.approve[${index}]`,
          text: `${effect} is asked about instead of denied`,
          witness: effect,
          limit: 'oversight.approve',
          fix: `remove ${effect} from oversight.approve`,
        });
  const [waits, longest] = [oversight.patience, limit.oversight.patience];
  if (oversight.approve.length > 0 && waits > longest && !findings.isAny('oversight.patience'))
    findings.add({
      clause: 'oversight.patience',
      text: `a question waits for ${formatDuration(waits)}, and ${formatDuration(longest)} at most`,
      witness: `patience: ${waits / 1000}s`,
      limit: 'oversight.patience',
      fix: `write patience: ${longest / 1000}s`,
    });
  const [asks, most] = [oversight.questions, limit.oversight.questions];
  if (asks > most && !findings.isAny('oversight.questions'))
    findings.add({
      clause: 'oversight.questions',
      text: `${asks} questions may be asked, and ${most} at most`,
      witness: `questions: ${asks}`,
      limit: 'oversight.questions',
      fix: `write questions: ${most}`,
    });
  if (
    oversight.calls === 'declared' &&
    limit.oversight.calls !== 'declared' &&
    !findings.isAny('oversight.calls')
  )
    findings.add({
      clause: 'oversight.calls',
      text: 'the agent may say what its tool calls are',
      witness: 'calls: declared',
      limit: 'oversight.calls',
      fix: 'write calls: none',
    });
  for (const event of ['violation', 'tampering', 'budget', 'overload', 'loss'] as const) {
    const clause = `oversight.on.${event}`;
    const [given, least] = [oversight.on[event], limit.oversight.on[event]];
    if (findings.isAny(clause) || ACTIONS.indexOf(given) >= ACTIONS.indexOf(least)) continue;
    findings.add({
      clause,
      text: `${event} leads to ${given}, which is less than ${least}`,
      witness: `${event}: ${given}`,
      limit: clause,
      fix: `write ${event}: ${least}`,
    });
  }
  for (const level of FINDING_LEVELS.toReversed()) {
    const clause = `oversight.on.finding.${level}`;
    const [given, least] = [oversight.on.finding[level], limit.oversight.on.finding[level]];
    if (findings.isAny(clause) || RESPONSES.indexOf(given) >= RESPONSES.indexOf(least)) continue;
    findings.add({
      clause,
      text: `a finding of level ${level} leads to ${given}, which is less than ${least}`,
      witness: `${level}: ${given}`,
      limit: clause,
      fix: `write ${level}: ${least}`,
    });
  }
  compareAccepted(contract, limit, findings);
  if (findings.isAny('never')) return;
  const { require } = contract.never;
  // what is required is aimed at, too
  const aim = [...contract.never.aim, ...require];
  for (const hazard of limit.never.aim)
    if (!aim.includes(hazard))
      findings.add({
        clause: 'never',
        text: `${hazard} is not among what must never happen`,
        witness: hazard,
        limit: 'never',
        fix: `add ${hazard} to never`,
      });
  for (const hazard of limit.never.require)
    if (!require.includes(hazard))
      findings.add({
        clause: 'never',
        text: `a run would start where ${hazard} is not covered`,
        witness: hazard,
        limit: 'never.require',
        fix: `add ${hazard} to never.require`,
      });
}
