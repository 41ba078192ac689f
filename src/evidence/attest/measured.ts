/**
 * Reproductions → coverage.
 *
 * @module
 */
import type { Coverage } from '../coverage/index.ts';
import { ATTESTED_TARGETS } from './predicates.ts';
import { countTrials, joinTrials } from './reproductions.ts';
import type { Statement } from './statement.ts';

const isRule = (name: string): boolean => /^rules\/(detections|monitors)\//.test(name);

const tenth = (value: number): number => Math.round(value * 10) / 10;

/**
 * What statements about this very installation add up to: of a seed that was tried several times the worst counts.
 *
 * @param statements only ones that are fresh: all are about the same code, kernel and rules
 * @returns `undefined`: there are none
 */
export function makeCoverage(statements: readonly Statement<'reproduction'>[]): Coverage | undefined {
  const [newest] = [...statements].sort((one, other) => (one.predicate.made < other.predicate.made ? 1 : -1));
  if (newest === undefined) return undefined;
  const digestOf = (statement: Statement<'reproduction'>, name: string): string =>
    statement.subjects.find((subject) => subject.name === name)?.digest.sha256 ?? '';
  const ids = [...new Set(statements.map(({ predicate }) => predicate.scenario))].sort();
  return {
    format: 'ringfence-coverage',
    version: 1,
    on: newest.predicate.made.slice(0, 10),
    ringfence: newest.predicate.ringfence,
    kernel: newest.subjects.find(({ name }) => name === 'kernel')?.annotations?.words ?? '',
    rules: Object.fromEntries(
      newest.subjects.flatMap(({ name, digest }) => (isRule(name) ? [[name, digest.sha256]] : [])),
    ),
    scenarios: ids.flatMap((id) => {
      const own = statements.filter(({ predicate }) => predicate.scenario === id);
      const [first] = own;
      if (first === undefined) return [];
      const targets = ATTESTED_TARGETS.flatMap((target) => {
        const { toSee, toStop, ...counts } = countTrials(joinTrials(own, target));
        if (counts.of === 0) return [];
        const times = {
          ...(toSee !== undefined && { toSee: tenth(toSee) }),
          ...(toStop !== undefined && { toStop: tenth(toStop) }),
        };
        return [[target, { ...counts, ...times }] as const];
      });
      return [
        {
          id,
          hazard: first.predicate.hazard,
          digest: digestOf(first, `scenarios/${id}`),
          claims: [...first.predicate.claims],
          targets: Object.fromEntries(targets),
        },
      ];
    }),
  };
}
