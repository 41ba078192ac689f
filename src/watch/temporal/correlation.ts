/**
 * Correlations of Sigma as formulas: what each of them means, in one language with everything else that is said of time.
 * Of a match of rule number k holds `rule<k>(g0, …, v0, …)`: the values of the fields that are grouped by, then those that
 * are counted or added up.
 *
 * @module
 */
import type { Bounds, Presence, SigmaCorrelation } from '../sigma/types.ts';

/** What of a correlation its meaning depends on. */
export type Meaning = Pick<
  SigmaCorrelation,
  'type' | 'rules' | 'groupBy' | 'fields' | 'timespan' | 'bounds' | 'presence'
>;

const AGGREGATE = { value_sum: 'SUM', value_avg: 'AVG', value_median: 'MED' } as const;

/**
 * The formula that holds, of the values of a group, when a match comes that fulfils the correlation; undefined for what
 * this logic has no word for: percentiles other than the median, and chains of which some may be missing.
 */
export function correlationFormula(correlation: Meaning): string | undefined {
  const { type, rules, groupBy, fields, timespan, bounds, presence } = correlation;
  const groups = groupBy.map((_, index) => `g${index}`);
  const values = fields.map((_, index) => `v${index}`);
  const window = `ONCE[0us,${timespan}us]`;
  const match = (rule: number, more: readonly string[] = []) =>
    `rule${rule}(${[...groups, ...more].join(', ')})`;
  const any = (more: readonly string[] = []) =>
    `(${rules.map((_, rule) => match(rule, [...more, ...fields.slice(more.length).map(() => '_')])).join(' OR ')})`;
  const by = groups.length > 0 ? `; ${groups.join(', ')}` : '';
  const counted = (op: string, over: string, body: string, limits: Bounds) =>
    `(n <- ${op} ${over}${by} (${window} ${body})) AND ${within('n', limits)}`;
  switch (type) {
    case 'event_count':
      return hidden(['n'], `${any()} AND ${counted('CNT', 'i', `(${any()} AND tp(i))`, bounds ?? {})}`);
    case 'value_count': {
      if (values.length !== 1) return undefined;
      const now = hidden(values, any(values));
      return hidden(['n'], `${now} AND ${counted('CNT', 'v0', any(values), bounds ?? {})}`);
    }
    case 'value_sum':
    case 'value_avg':
    case 'value_median': {
      const now = hidden(values, any(values));
      const body = `(${any(values)} AND tp(i))`;
      return hidden(['n'], `${now} AND ${counted(AGGREGATE[type], 'v0', body, bounds ?? {})}`);
    }
    case 'temporal': {
      if (presence) return `${any()} AND ${present(presence, (rule) => `(${window} ${match(rule)})`)}`;
      if (bounds) {
        const numbered = rules.map((_, rule) => `(${match(rule)} AND k = ${rule})`).join(' OR ');
        return hidden(['n'], `${any()} AND ${counted('CNT', 'k', `(${numbered})`, bounds)}`);
      }
      return `${any()} AND ${rules.map((_, rule) => `(${window} ${match(rule)})`).join(' AND ')}`;
    }
    case 'temporal_ordered': {
      if (presence || bounds) return undefined;
      // the chain in the order of the rules, one match a link; s is the time of the first
      const chain = rules.reduce((before, _, rule) => {
        if (rule === 0) return `(${match(0)} AND tp(i0) AND ts(s))`;
        const earlier = `(EXISTS i${rule - 1}. (${window} ${before}) AND i${rule - 1} < i${rule})`;
        return `(${match(rule)} AND tp(i${rule}) AND ${earlier})`;
      }, '');
      const last = `i${rules.length - 1}`;
      return hidden(
        ['s', 'e'],
        `${any()} AND ${hidden([last], `(${window} ${chain})`)} AND ts(e) AND e - s <= ${timespan}`,
      );
    }
    default:
      return undefined;
  }
}

const hidden = (names: readonly string[], formula: string): string =>
  `(EXISTS ${names.join(', ')}. ${formula})`;

function within(name: string, { gt, gte, lt, lte, eq, neq }: Bounds): string {
  const parts = [
    ...(gt === undefined ? [] : [`${name} > ${gt}`]),
    ...(gte === undefined ? [] : [`${name} >= ${gte}`]),
    ...(lt === undefined ? [] : [`${name} < ${lt}`]),
    ...(lte === undefined ? [] : [`${name} <= ${lte}`]),
    ...(eq === undefined ? [] : [`${name} = ${eq}`]),
    ...(neq === undefined ? [] : [`NOT ${name} = ${neq}`]),
  ];
  return parts.length === 0 ? 'TRUE' : parts.join(' AND ');
}

function present(condition: Presence, matched: (rule: number) => string): string {
  if ('rule' in condition) return matched(condition.rule);
  if ('not' in condition) return `(NOT ${present(condition.not, matched)})`;
  const parts = 'and' in condition ? condition.and : condition.or;
  return `(${parts.map((part) => present(part, matched)).join('and' in condition ? ' AND ' : ' OR ')})`;
}
