/**
 * Models: each entry has to lie within one of the maximum's.
 *
 * @module
 */
import {
  type Contract,
  type ModelRule,
  matchesModel,
  modelEndpoint,
  modelKeySource,
} from '../../contract/index.ts';
import type { Findings } from './types.ts';

/** Key of the entry that goes beyond, and what of it; `undefined` where nothing does. */
function beyond(inner: ModelRule, outer: ModelRule): { key: string; witness: string } | undefined {
  const model = inner.models.find((one) => !outer.models.some((pattern) => covers(pattern, one)));
  if (model !== undefined) return { key: 'models', witness: model };
  const feature = inner.features.find((one) => !outer.features.includes(one));
  if (feature !== undefined) return { key: 'features', witness: feature };
  for (const name of ['tokens', 'requests', 'money'] as const) {
    const [most, given] = [outer.budget[name], inner.budget[name]];
    if (most !== undefined && !(given !== undefined && given <= most))
      return { key: `budget.${name}`, witness: given === undefined ? 'no bound' : String(given) };
  }
  // what a token costs decides how far a budget of money goes
  if (outer.budget.money !== undefined && JSON.stringify(inner.prices) !== JSON.stringify(outer.prices))
    return { key: 'prices', witness: JSON.stringify(inner.prices) };
  return undefined;
}

/** Whether a pattern means all that another means: a star of the inner one must be met by a star. */
const covers = (outer: string, inner: string): boolean => outer === inner || matchesModel(outer, inner);

export function compareModels({ models }: Contract, { models: limit }: Contract, findings: Findings): void {
  if (findings.isAny('models')) return;
  for (const [index, rule] of models.entries()) {
    const clause = `models[${index}]`;
    const same = limit.filter(
      (other) =>
        other.provider === rule.provider &&
        modelEndpoint(other) === modelEndpoint(rule) &&
        modelKeySource(other) === modelKeySource(rule) &&
        other.ca === rule.ca,
    );
    const found = same.map((other) => beyond(rule, other));
    if (found.includes(undefined)) continue;
    const [first] = found;
    const place = first === undefined ? '' : `.${first.key}`;
    findings.add({
      clause: `${clause}${place}`,
      text:
        first === undefined
          ? `calls go to ${rule.provider} at ${modelEndpoint(rule)}`
          : `calls to ${rule.provider} with ${first.key} ${first.witness}`,
      witness: first?.witness ?? modelEndpoint(rule),
      limit: same[0] === undefined ? 'models' : `models[${limit.indexOf(same[0])}]${place}`,
      fix: first === undefined ? `remove ${clause}` : `write ${first.key} as the maximum does`,
    });
  }
}
