/**
 * Results as text for people.
 *
 * @module
 */
import { HAZARD_NAMES, printable } from '../contract/index.ts';
import type { TargetResult } from './results.ts';
import type { Trial } from './trial.ts';

const milliseconds = (value: number): string =>
  value < 10 ? `${value.toFixed(1)} ms` : `${Math.round(value)} ms`;

function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

const recorded = (count: number | undefined, of: number): string =>
  count === undefined ? 'no record' : `${count}/${of}`;

/** Hazards down, targets across: how many attempts had no effect, of how many. */
export function hazardTable(results: readonly TargetResult[]): string[] {
  const hazards = HAZARD_NAMES.filter((hazard) => results.some((result) => result.hazards[hazard]));
  const cell = (result: TargetResult, hazard: string) => {
    const counts = result.hazards[hazard];
    return counts === undefined || counts.of === 0 ? '-' : `${counts.contained}/${counts.of}`;
  };
  return columns([
    ['contained', ...results.map(({ target }) => target)],
    ...hazards.map((hazard) => [hazard, ...results.map((result) => cell(result, hazard))]),
    ['all', ...results.map(({ all }) => `${all.contained}/${all.of}`)],
    ['honest twins done', ...results.map(({ all }) => `${all.honest}/${all.of}`)],
    ['seen', ...results.map(({ all }) => recorded(all.seen, all.of))],
    ['by a finding', ...results.map(({ all }) => recorded(all.found, all.of))],
    ['attributed', ...results.map(({ all }) => recorded(all.attributed, all.of))],
    [
      'time to see',
      ...results.map(({ toSee }) =>
        toSee ? `${milliseconds(toSee.median)}, p95 ${milliseconds(toSee.p95)}` : '-',
      ),
    ],
    [
      'time to stop',
      ...results.map(({ toStop }) =>
        toStop ? `${milliseconds(toStop.median)}, p95 ${milliseconds(toStop.p95)}` : '-',
      ),
    ],
    ['bytes lost', ...results.map(({ bytes }) => String(bytes))],
    ['CPU of attempts', ...results.map(({ cpu }) => `${(cpu / 1000).toFixed(1)} s`)],
  ]);
}

/** One trial in a line. */
export function trialLine(trial: Trial): string {
  const way = trial.way === undefined ? '' : ` (${trial.way})`;
  const head = `${trial.target}  ${trial.scenario}${way}  seed ${trial.seed}`;
  if (trial.skipped !== undefined) return `${head}  skipped: ${printable(trial.skipped)}`;
  return [
    head,
    trial.contained ? 'contained' : `had its effect (${trial.signs?.map(printable).join(', ')})`,
    ...(trial.seen === undefined
      ? []
      : [trial.seen === 'no' ? 'not seen' : `seen by ${trial.rules?.[0] ?? `a ${trial.seen}`}`]),
    ...(trial.attributed === false ? ['not attributed'] : []),
    trial.honest ? 'twin done' : 'twin not done',
    ...((trial.falseAlarms?.length ?? 0) > 0 ? [`false alarm ${trial.falseAlarms?.join(', ')}`] : []),
  ].join('  ');
}

/** What each was given, for below the table. */
export const configurationLines = (results: readonly TargetResult[]): string[] =>
  results.map(
    ({ target, version, configuration }) =>
      `${target}${version === '' ? '' : ` ${version}`}: ${printable(configuration)}`,
  );
