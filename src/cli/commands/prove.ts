/**
 * `ringfence prove`: reads what is asked about, and hands it to the part that answers. Each part is loaded when it is needed.
 *
 * @module
 */
import { CommandError } from '../errors.ts';
import { answer } from '../prove/answer.ts';
import { formatOf } from '../prove/format.ts';
import { setUp } from '../prove/setup.ts';
import { readContract } from '../prove/subject.ts';
import type { ProveInvocation, Question } from '../prove/types.ts';

export async function run(invocation: ProveInvocation): Promise<number> {
  const { options } = invocation;
  refuseTogether(options);
  const format = formatOf(options);
  const setup = setUp();
  const read =
    options.from === undefined
      ? readContract(invocation, setup)
      : await (await import('../prove/from.ts')).readOther(invocation, setup);
  if (!read.ok) return read.exit;
  const question: Question = { subject: read.value, setup, format, invocation };
  if (options.diff !== undefined) return (await import('../prove/diff.ts')).diff(question, options.diff);
  if (options.max !== undefined) return (await import('../prove/max.ts')).max(question, options.max);
  if (options.recorded !== undefined)
    return (await import('../prove/excess.ts')).excess(question, options.recorded);
  if (!options.replay) return answer(question);
  const subject = await (await import('../prove/replay.ts')).replay(question);
  return answer({ ...question, subject });
}

/** Options that each are a question of their own. */
function refuseTogether(options: ProveInvocation['options']): void {
  const given = [
    ...(options.replay ? ['--replay'] : []),
    ...(options.diff === undefined ? [] : ['--diff']),
    ...(options.max === undefined ? [] : ['--max']),
    ...(options.recorded === undefined ? [] : ['--recorded']),
  ];
  if (given.length > 1)
    throw new CommandError('usage', `${given.join(' and ')} are separate questions`, 'ask one at a time');
  if (options.from !== undefined && options.contract !== undefined)
    throw new CommandError(
      'usage',
      '--from reads no contract',
      'name the file alone: prove --from KIND FILE',
    );
  if (options.from !== undefined && options.replay)
    throw new CommandError(
      'usage',
      '--replay runs a contract’s own cell, and --from reads none',
      'type the commands of the report in the sandbox itself',
    );
}
