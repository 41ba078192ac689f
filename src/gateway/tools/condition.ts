/**
 * Conditions on arguments: CEL, with integers that keep every digit. What cannot be judged is not allowed.
 *
 * @module
 */
import { Environment } from '@marcbachmann/cel-js';
import { glob } from '../../contract/tools.ts';
import { isObject, type Json } from './json.ts';

/** Values of arguments that a condition is asked about: its loops may be nested, and the agent chooses their lengths. */
const MOST_VALUES = 2000;
const MOST_NODES = 500;

export interface ConditionFacts {
  args: Json;
  tool: string;
  server: string;
  /** calls of the tool before this one */
  calls: number;
}

export type Condition = (facts: ConditionFacts) => { ok: true } | { ok: false; why: string };
export type Compiled = { ok: true; condition: Condition } | { ok: false; why: string; at?: number };

function environment(): Environment {
  return new Environment({ unlistedVariablesAreDyn: false, limits: { maxAstNodes: MOST_NODES } })
    .registerVariable('args', 'map')
    .registerVariable('tool', 'string')
    .registerVariable('server', 'string')
    .registerVariable('calls', 'int')
    .registerFunction('string.like(string): bool', (text: string, pattern: string) => glob(pattern, text));
}

/**
 * Compiles a condition.
 *
 * @example
 * const compiled = compileCondition("args.to.like('*@example.com') && calls < 5");
 */
export function compileCondition(text: string): Compiled {
  try {
    const parsed = environment().parse(text);
    if (callsMatches(parsed.ast))
      return {
        ok: false,
        why: 'matches() is not available, since its time has no bound; use like() with * instead',
      };
    const checked = parsed.check();
    if (!checked.valid) return { ok: false, why: firstLine(checked.error?.message ?? 'not valid') };
    if (checked.type !== 'bool' && checked.type !== 'dyn')
      return { ok: false, why: `it is of type ${checked.type}, not true or false` };
    return {
      ok: true,
      condition: ({ args, tool, server, calls }) => {
        try {
          let left = MOST_VALUES;
          const spend = () => {
            left -= 1;
            if (left < 0) throw new Error(`more than ${MOST_VALUES} values`);
          };
          const value: unknown = parsed({ args: asCel(args, spend), tool, server, calls: BigInt(calls) });
          return value === true ? { ok: true } : { ok: false, why: 'the condition is not true' };
        } catch (error) {
          return { ok: false, why: `the condition cannot be judged: ${firstLine((error as Error).message)}` };
        }
      },
    };
  } catch (error) {
    const { message, range } = error as Error & { range?: { start: number } };
    return { ok: false, why: firstLine(message), ...(range && { at: range.start }) };
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? '';

/** Regular expressions of JavaScript may take for ever on a text that the agent chose. */
function callsMatches(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(callsMatches);
  if (typeof node !== 'object' || node === null) return false;
  const { op, args } = node as { op?: unknown; args?: unknown };
  if ((op === 'call' || op === 'rcall') && Array.isArray(args) && args[0] === 'matches') return true;
  return args !== undefined && callsMatches(args);
}

/** Whole numbers are CEL's int, whatever way they were written; a map has the members that the object has. */
function asCel(value: Json, spend: () => void): unknown {
  spend();
  if (typeof value === 'number') return Number.isInteger(value) ? BigInt(value) : value;
  if (Array.isArray(value)) return value.map((member: Json) => asCel(member, spend));
  if (!isObject(value)) return value;
  return new Map(Object.entries(value).map(([key, member]) => [key, asCel(member, spend)]));
}
