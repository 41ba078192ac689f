/**
 * Examples of rules, as analysers would see them: a step that holds a `Script` stands for the commands of that script, run
 * in /home/me/project by somebody whose home is /home/me.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';
import type { Category, Observation } from '../observation.ts';
import { ShellAnalyser } from './shell/analyser.ts';

export const EXAMPLE_PLACE = { workspace: '/home/me/project', home: '/home/me' } as const;

/** One observation of an example; `after` is microseconds since the one before. */
export interface Step {
  readonly category: Category;
  readonly after: number;
  readonly run?: string;
  readonly cell?: string;
  readonly fields: Readonly<Record<string, string | number | boolean | readonly string[]>>;
}

/** What detectors see of an example, in order. */
export function observationsOf(steps: readonly Step[]): Observation[] {
  const observations: Observation[] = [];
  let time = 1_700_000_000_000_000;
  steps.forEach(({ category, after, run = 'example', cell = 'example', fields }, seq) => {
    time += after;
    const { Script, ...given } = fields;
    const base = { time, run, cell, cites: [seq] };
    if (typeof Script !== 'string') {
      observations.push({ ...base, category, fields: given });
      return;
    }
    const event = {
      ...{ seq, time: new Date(time / 1000).toISOString(), run, cell },
      ...{ kind: 'tool.call', call: String(seq), tool: 'bash', via: 'mcp', decision: 'allowed' },
      arguments: JSON.stringify({ command: Script }),
    } as const satisfies LedgerEvent;
    new ShellAnalyser(EXAMPLE_PLACE).observe(
      event,
      (one) => observations.push({ ...one, ...base, fields: { ...one.fields, ...given } }),
      { time },
    );
  });
  return observations;
}
