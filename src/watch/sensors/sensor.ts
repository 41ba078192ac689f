/**
 * Sensors elsewhere: what other programs tell of hosts that do not run our cells, as observations.
 *
 * @module
 */
import type { Observation } from '../observation.ts';

/** Where observations are said to come from when the sensor names no host. */
export const UNNAMED_HOST = 'host';

/** Reads one sensor's lines, in order. Memory is bounded whatever comes. */
export interface Sensor {
  /**
   * The observations that a line completes; they may be those of lines before it.
   *
   * @throws {SensorError} a line that is not of the format; the next can be read all the same
   */
  line(text: string): Observation[];
  /** What waited for lines that did not come. */
  end(): Observation[];
}

/** A line that is not of the sensor's format. */
export class SensorError extends Error {
  readonly code = 'sensor-line';
  readonly hint: string;

  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/** What of a value is text: JSON of others is not to be trusted. */
export const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

/** A whole number, also where it is written as text, as 64-bit numbers are in protobuf's JSON. */
export function whole(value: unknown): number | undefined {
  if (typeof value === 'string' && !/^-?\d{1,15}$/.test(value)) return undefined;
  const number = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  return Number.isSafeInteger(number) ? number : undefined;
}

export type Json = Readonly<Record<string, unknown>>;

/** An object, or an empty one. */
export const object = (value: unknown): Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};

export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** One JSON object a line. */
export function parseObject(line: string, hint: string): Json {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw new SensorError('not JSON', hint);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new SensorError('not a JSON object', hint);
  return value as Json;
}

/** Without the keys that are undefined. */
export function defined<Value>(fields: Record<string, Value | undefined>): Record<string, Value> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Record<
    string,
    Value
  >;
}
