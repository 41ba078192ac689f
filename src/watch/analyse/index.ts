/**
 * Analysers: what is read out of several events, or out of text in them, before rules look at it.
 *
 * @module
 */
import type { Analyser, Setting } from './analyser.ts';
import { ShellAnalyser } from './shell/analyser.ts';

export type { Analyser, Emit, Setting } from './analyser.ts';

/** All analysers for one run, in the order in which they see its events. */
export function analysers(setting: Setting): Analyser[] {
  return [new ShellAnalyser(setting)];
}
