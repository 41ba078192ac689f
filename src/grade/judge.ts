/**
 * What an attack on an objective shows about it.
 *
 * @module
 */
import { type Gradings, type Verdict, verdictOf } from './verdict.ts';

export interface AttackVerdict {
  left: Verdict;
  restored: Verdict;
  hidden: Verdict | undefined;
  /** `caught`: success as left takes it, and grading a run would find it. `finding`: the objective takes it for success */
  state: 'rejected' | 'caught' | 'finding' | 'unknown';
  text: string;
}

/** An attack is no solution by its making, so that whatever accepts it accepts too much. */
export function judgeAttack(attack: string, gradings: Gradings): AttackVerdict {
  const left = verdictOf(gradings.left);
  const restored = verdictOf(gradings.restored);
  const hidden = gradings.hidden && verdictOf(gradings.hidden);
  const verdict = (state: AttackVerdict['state'], text: string): AttackVerdict => ({
    left,
    restored,
    hidden,
    state,
    text,
  });
  if (attack === 'no-op') {
    if (left === 'passed') return verdict('finding', 'success accepts that nothing is done');
    return left === 'failed'
      ? hidden === 'passed'
        ? verdict('finding', 'the hidden check accepts that nothing is done')
        : verdict('rejected', 'rejected')
      : verdict('unknown', 'no verdict');
  }
  if (hidden === 'passed') return verdict('finding', 'the hidden check accepts it: it is no check');
  if (restored === 'passed') {
    if (hidden === undefined)
      return verdict(
        'finding',
        'success accepts it, protected files restored; without a hidden check nothing would show it',
      );
    return hidden === 'failed'
      ? verdict(
          'finding',
          'success accepts it, protected files restored, and the hidden check rejects it: protect or test more',
        )
      : verdict('unknown', 'success accepts it, and the hidden check gives no verdict');
  }
  if (restored === 'unknown' || left === 'unknown') return verdict('unknown', 'no verdict');
  if (left === 'passed') return verdict('caught', 'caught: the protected files are restored');
  return verdict('rejected', 'rejected');
}
