/**
 * What analysers know of a run beside its events.
 *
 * @module
 */

import type { Baseline } from '../baseline/score.ts';
import type { ChangedText } from './changes/weaken.ts';

export interface Setting {
  /** what honest runs did; absent: nothing is compared with it */
  baseline?: Baseline | undefined;
  /** absolute; absent: where the program was started */
  workspace?: string | undefined;
  /** the home that is seen inside, absolute; absent: `~` stays as it is */
  home?: string | undefined;
  /** folders that stand for others, where the run has no mounts: what lies in them is seen as lying there */
  standIns?: readonly (readonly [folder: string, standsFor: string])[] | undefined;
  /** `objective.task`: what was asked for is no alarm */
  task?: string | undefined;
  /** `objective.success.run`: the command whose exit code decides */
  success?: string | undefined;
  /** `objective.success.protect` */
  protect?: readonly string[] | undefined;
  /** texts that the run changed; asked once, when it has ended */
  changes?: (() => readonly ChangedText[]) | undefined;
  /** texts of the tests as they were, asked only where an answer looks copied from them */
  tests?: (() => readonly string[]) | undefined;
}
