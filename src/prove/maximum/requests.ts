/**
 * Whether rules together let every request of another rule out: host by host, method by method, path by path.
 *
 * @module
 */
import type { NetworkRule } from '../../contract/index.ts';
import { atomsOf, type Pattern } from '../patterns/index.ts';
import { pathsInclude } from './url-paths.ts';

/** Protocols with requests. */
export const HTTP: readonly NetworkRule['protocol'][] = ['https', 'http', 'websocket'];

export interface Request {
  readonly host: string;
  /** Of requests. */
  readonly method?: string;
  readonly path?: string;
}

export type Coverage =
  | {
      readonly ok: true;
      /** A request that none lets out; `undefined` where there is none. */
      readonly except: Request | undefined;
      /** The sets of rules, by their numbers, that a use of the rule can be confined to. */
      readonly sets: readonly (readonly number[])[];
    }
  | {
      readonly ok: false;
      readonly message: string;
      readonly sets: readonly (readonly number[])[];
      readonly except?: undefined;
    };

interface Ruled {
  readonly index: number;
  readonly rule: NetworkRule;
  readonly pattern: Pattern;
}

const USUAL = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND', 'PURGE'];

/** Methods that no rule tells apart, one of each kind. */
export function methodsOf(inner: NetworkRule, outer: readonly NetworkRule[]): readonly string[] {
  if (inner.methods !== undefined) return inner.methods;
  if (inner.protocol === 'websocket') return ['GET'];
  const named = [...new Set(outer.flatMap(({ methods }) => methods ?? []))];
  const other = USUAL.find((method) => !named.includes(method)) ?? 'OTHER';
  return [other, ...named];
}

const MOST_SHARING = 8;

const tooLarge = (message: string): Coverage => ({ ok: false, message, sets: [] });

/** @param outer rules for the same port and protocol that let everything else of the request pass */
export function coverageOf(inner: Ruled, outer: readonly Ruled[]): Coverage {
  const atoms = atomsOf([inner.pattern, ...outer.map(({ pattern }) => pattern)]);
  if (!atoms.ok) return tooLarge(atoms.message);
  const sets: (readonly number[])[] = [];
  const isHttp = HTTP.includes(inner.rule.protocol);
  for (const { word: host, members } of atoms.atoms) {
    if (!members.includes(0)) continue;
    const rules = members.slice(1).map((member) => outer[member - 1] as Ruled);
    const methods = isHttp
      ? methodsOf(
          inner.rule,
          rules.map(({ rule }) => rule),
        )
      : [undefined];
    for (const method of methods) {
      const taking = rules.filter(
        ({ rule }) => method === undefined || rule.methods === undefined || rule.methods.includes(method),
      );
      if (!isHttp) {
        if (taking.length === 0) return { ok: true, except: { host }, sets };
        sets.push(taking.map(({ index }) => index));
        continue;
      }
      const paths = taking.some(({ rule }) => rule.paths === undefined)
        ? undefined
        : taking.flatMap(({ rule }) => rule.paths ?? []);
      const included = pathsInclude(paths, inner.rule.paths);
      if (!included.ok) return tooLarge(`the paths of ${inner.rule.host} are too many to compare`);
      if (included.except !== undefined)
        return {
          ok: true,
          except: { host, path: included.except, ...(method !== undefined && { method }) },
          sets,
        };
      for (const set of confining(inner.rule, taking)) sets.push(set);
    }
  }
  return { ok: true, except: undefined, sets };
}

/** Sets of rules that some path can be charged to; those of a method, where paths cut them further, each alone and all together. */
function confining(inner: NetworkRule, taking: readonly Ruled[]): (readonly number[])[] {
  const all = taking.map(({ index }) => index);
  if (taking.every(({ rule }) => rule.paths === undefined)) return [all];
  // a set can be avoided where the others cover all paths; else some path needs one of it
  const found: number[][] = [];
  // too many to try: each alone has to have room for all of it
  if (taking.length > MOST_SHARING) return all.map((index) => [index]);
  for (let mask = 1; mask < 1 << taking.length; mask++) {
    const others = taking.filter((_, at) => !(mask & (1 << at)));
    const paths = others.some(({ rule }) => rule.paths === undefined)
      ? undefined
      : others.flatMap(({ rule }) => rule.paths ?? []);
    const rest = pathsInclude(paths, inner.paths);
    if (rest.ok && rest.except === undefined) continue;
    found.push(taking.filter((_, at) => mask & (1 << at)).map(({ index }) => index));
  }
  return found;
}
