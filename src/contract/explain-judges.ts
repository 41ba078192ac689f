/**
 * `oversight.judges` in words.
 *
 * @module
 */
import type { State, Statement } from './explain.ts';
import type { JudgedAct, OnFailedJudge } from './judges.ts';
import { modelEndpoint } from './models.ts';
import type { Contract } from './schema.ts';
import { formatDuration } from './units.ts';

const ACTS: Readonly<Record<JudgedAct, string>> = {
  messages: 'each message to people',
  'tool-calls': 'each call of a tool',
  turns: 'each turn of its model',
  changes: 'what it changed',
};

const FAILED: Readonly<Record<OnFailedJudge, string>> = {
  note: 'that is noted',
  alert: 'you are told at once',
  freeze: 'all its processes are frozen, and you are told',
  stop: 'it is stopped',
  kill: 'it is killed',
};

/** What judges lead to. */
export const explainJudges = ({ oversight }: Contract, state: State): Statement[] =>
  oversight.judges.map(({ name, model, of, level, threshold, timeout, budget, on }, index) =>
    state(
      `oversight.judges[${index}]`,
      `when ${model}, asked about ${of.map((act) => ACTS[act]).join(' and ')}, gives ${threshold} or more: a finding of level ${level} (judge.${name}); where it does not answer within ${formatDuration(timeout)}, or not as it should, or after ${budget.requests} requests, nothing is known, and ${FAILED[on.failed]}`,
    ),
  );

/** What deserves a second look. */
export const noteJudges = (contract: Contract, state: State): Statement[] =>
  contract.oversight.judges.map((rule, index) =>
    state(
      `oversight.judges[${index}]`,
      `what ${rule.name} judges goes to ${modelEndpoint(rule)}, known secrets left out; the agent writes part of what the judge reads, and may talk it into a low score`,
    ),
  );
