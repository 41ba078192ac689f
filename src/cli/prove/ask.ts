/**
 * What is asked about is read and proved, and the question handed to the part that answers it. Each part is loaded when it is needed.
 *
 * @module
 */
import type { ForeignKind } from '../../prove/import/index.ts';
import { answer } from './answer.ts';
import { setUp } from './setup.ts';
import { readContract } from './subject.ts';
import type { Format, ProveInvocation, Question, Subject } from './types.ts';

/** @returns the exit code; `proved` is told of a subject that nothing but the contract and the catalogue went into */
export async function ask(
  invocation: ProveInvocation,
  format: Format,
  proved: (subject: Subject, catalogue: string) => void,
): Promise<number> {
  const { options } = invocation;
  const setup = await setUp();
  if (options.from !== undefined)
    return (await import('./from.ts')).proveOther(invocation, options.from as ForeignKind, setup, format);
  const read = await readContract(invocation, setup);
  if (!read.ok) return read.exit;
  const subject = read.value;
  const question: Question = { subject, setup, format, invocation };
  if (options.diff !== undefined) return (await import('./diff.ts')).diff(question, options.diff);
  if (options.max !== undefined) return (await import('./max.ts')).max(question, options.max);
  if (options.recorded !== undefined) return (await import('./excess.ts')).excess(question, options.recorded);
  proved(subject, setup.digest);
  const replayed = options.replay ? await (await import('./replay.ts')).replay(question) : subject;
  const { attestProof } = await import('./attest.ts');
  return answer({ ...question, subject: replayed, catalogue: setup.digest, onAnswer: attestProof });
}
