/**
 * The filter options that the `log` commands share.
 *
 * @module
 */
import { parseDuration } from '../contract/index.ts';
import { type EventFilter, parseTime } from '../ledger/index.ts';
import type { OptionValues } from './command.ts';
import { CommandError } from './errors.ts';
import { EXIT } from './exit-codes.ts';

type FilterOptions = Pick<
  OptionValues<'log show'>,
  'kind' | 'pid' | 'denied' | 'flow' | 'since' | 'until' | 'text' | 'limit'
>;

function wrong(option: string, value: string, instead: string): CommandError {
  return new CommandError('usage', `--${option} ${JSON.stringify(value)} is not valid`, instead, EXIT.usage);
}

function readCount(option: string, value: string): number {
  if (!/^[1-9][0-9]{0,9}$/.test(value)) throw wrong(option, value, `write a number: --${option} 10`);
  return Number(value);
}

/** RFC 3339, or a duration back from now → microseconds since 1970. */
export function readTime(option: string, value: string): number {
  const back = /^\d+(\.\d+)?[a-z]+$/.test(value) ? parseDuration(value) : undefined;
  const time = back === undefined ? parseTime(value) : (Date.now() - back) * 1000;
  if (!Number.isFinite(time)) {
    throw wrong(
      option,
      value,
      `write a time or how long ago: --${option} 2026-01-02T03:04:05Z, or --${option} 10m`,
    );
  }
  return time;
}

/** @throws CommandError for a value that cannot be meant */
export function eventFilter(options: FilterOptions): EventFilter {
  const filter: EventFilter = { denied: options.denied };
  // A kind that no event has matches nothing, as a later version's kinds do here.
  if (options.kind.length > 0) filter.kinds = options.kind as NonNullable<EventFilter['kinds']>;
  if (options.pid !== undefined) filter.pid = readCount('pid', options.pid);
  if (options.flow !== undefined) filter.flow = options.flow;
  if (options.since !== undefined) filter.since = readTime('since', options.since);
  if (options.until !== undefined) filter.until = readTime('until', options.until);
  if (options.text !== undefined) filter.text = options.text;
  if (options.limit !== undefined) filter.limit = readCount('limit', options.limit);
  return filter;
}
