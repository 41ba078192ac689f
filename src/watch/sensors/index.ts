/**
 * Sensors elsewhere: their lines as observations, to be judged by the same detectors.
 *
 * @module
 */
import type { Observation } from '../observation.ts';
import { AuditSensor } from './auditd.ts';
import { readLines } from './lines.ts';
import { type Sensor, SensorError, UNNAMED_HOST } from './sensor.ts';
import { TetragonSensor } from './tetragon.ts';

export { asEvent } from './event.ts';
export { LONGEST_LINE } from './lines.ts';
export { type Sensor, SensorError } from './sensor.ts';

export const SENSORS = ['auditd', 'tetragon'] as const;
export type SensorKind = (typeof SENSORS)[number];

export function makeSensor(kind: SensorKind): Sensor {
  return kind === 'auditd' ? new AuditSensor() : new TetragonSensor();
}

/** What reading came to, and a line that could not be read. */
export type Heard =
  | { line: number; observations: Observation[] }
  | { problem: { line: number; message: string; hint: string } };

/**
 * Reads a stream to its end. A line that cannot be read is a problem, and an observation of category `sensor`: what is
 * lost is said, and the rest is judged. Observations cite the number of the line that completed them.
 *
 * @example
 * for await (const heard of readSensor('tetragon', process.stdin)) …
 */
export async function* readSensor(
  kind: SensorKind,
  stream: AsyncIterable<Uint8Array | string>,
): AsyncGenerator<Heard> {
  const sensor = makeSensor(kind);
  let time = 0;
  let last = 0;
  const cited = (line: number, observations: readonly Observation[]): Heard => ({
    line,
    observations: observations.map((observation) => ({ ...observation, cites: [line] })),
  });
  for await (const line of readLines(stream)) {
    last = line.number;
    try {
      if (line.text === undefined)
        throw new SensorError('longer than a line may be', 'see what writes such lines; it was not judged');
      if (line.text.trim() === '') continue;
      const observations = sensor.line(line.text);
      time = observations.at(-1)?.time ?? time;
      if (observations.length > 0) yield cited(line.number, observations);
    } catch (error) {
      if (!(error instanceof SensorError)) throw error;
      yield { problem: { line: line.number, message: error.message, hint: error.hint } };
      yield cited(line.number, [lost(kind, time, error.message)]);
    }
  }
  const observations = sensor.end();
  if (observations.length > 0) yield cited(last, observations);
}

const lost = (kind: SensorKind, time: number, reason: string): Observation => ({
  category: 'sensor',
  time,
  run: UNNAMED_HOST,
  cell: UNNAMED_HOST,
  cites: [],
  fields: { Sensor: kind, Reason: `a line could not be read: ${reason}`, Count: 1 },
});
