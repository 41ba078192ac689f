/**
 * Analysers: what is read out of several events, or out of text in them, before rules look at it.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import type { Analyser } from '../analyser.ts';
import { ChangesAnalyser } from './changes/analyser.ts';
import { ClaimsAnalyser } from './claims/analyser.ts';
import type { Setting } from './setting.ts';
import { ShellAnalyser } from './shell/analyser.ts';
import { SHELLS } from './shell/commands.ts';
import { basename } from './shell/wrappers.ts';
import { StoppingAnalyser } from './stopping.ts';

export type { ChangedText } from './changes/weaken.ts';
export { observationsOf, type Step } from './example.ts';
export type { Setting } from './setting.ts';
export { readScript, type SimpleCommand } from './shell/commands.ts';
export { commandsOfCall, type ToolCommand } from './tool-commands.ts';

/** Whether what is executed is a script from the beginning on: a shell, or something that starts one. */
export const isScript = (command: readonly string[]): boolean =>
  command.some((word) => SHELLS.has(basename(word)));

/** All analysers for a run of this contract, in the order in which they see its events. */
export function analysersOf({ objective }: Contract, setting: Setting = {}): Analyser[] {
  const known: Setting = {
    task: objective.task,
    success: objective.success?.run,
    protect: objective.success?.protect,
    ...setting,
  };
  return [
    new ShellAnalyser(known),
    new ClaimsAnalyser(known),
    new StoppingAnalyser(),
    new ChangesAnalyser(known),
  ];
}
