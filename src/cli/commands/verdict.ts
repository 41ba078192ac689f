/**
 * `ringfence verdict`.
 *
 * @module
 */
import { FINDING_LEVELS } from '../../contract/index.ts';
import { readLedger } from '../../ledger/index.ts';
import { PENALTY_WARNING, type Verdict, VerdictMaker } from '../../watch/verdict/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import { safe } from '../text.ts';

const MEANING: Readonly<Record<Verdict['screen'], string>> = {
  keep: 'nothing counts against it',
  review: 'look at it before it is learnt from',
  discard: 'it is not to be learnt from',
  unknown: 'the record is not whole: nothing can be said',
};

export async function run({ options, args, terminal }: Invocation<'verdict'>): Promise<number> {
  const level = FINDING_LEVELS.find((one) => one === (options.level ?? 'medium'));
  if (level === undefined)
    throw new CommandError(
      'usage',
      `--level ${JSON.stringify(options.level)} is no level`,
      `write one of: ${FINDING_LEVELS.join(', ')}`,
      EXIT.usage,
    );
  const maker = new VerdictMaker({
    level,
    reserved: new Set(options.reserve ?? []),
    evaluation: options.evaluation === true,
    penalty: options.penalty === true,
  });
  for await (const event of readLedger(findRun(args[0]).ledger, {})) maker.hear(event);
  const verdict = maker.verdict();
  if (options.penalty) terminal.err(`ringfence: ${PENALTY_WARNING}`);
  if (options.json) terminal.out(JSON.stringify(verdict, null, 2));
  else for (const line of lines(verdict)) terminal.out(line);
  if (verdict.screen === 'unknown') return EXIT.unknown;
  return verdict.screen === 'keep' ? EXIT.ok : EXIT.failed;
}

function lines(verdict: Verdict): string[] {
  const { screen, because, reward, violations, excluded, penalty } = verdict;
  return [
    `${screen}: ${MEANING[screen]}`,
    ...because.map((reason) => `  ${safe(reason)}`),
    `  R (visible check) ${reward.visible ?? 'not graded'}, R* (true) ${reward.true ?? 'not known'}, C (violations) ${violations}`,
    ...(excluded.words > 0 ? [`  left out: ${excluded.words} that rest on what the model said`] : []),
    ...(excluded.reserved > 0 ? [`  left out: ${excluded.reserved} of reserved detectors`] : []),
    ...(excluded.judged > 0 ? [`  left out: ${excluded.judged} that a judge thinks`] : []),
    ...(penalty === undefined ? [] : [`  penalty ${penalty}`]),
  ];
}
