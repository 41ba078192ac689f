/**
 * Rules whose condition is a formula over time: `formula:` in the place of `detection:`.
 *
 * @module
 */
import { FormulaError, observationSignature, Program } from '../../temporal/index.ts';
import type { FormulaRule } from '../types.ts';
import { readMetadata } from './metadata.ts';
import type { Fields, Reader } from './reader.ts';

/** Tuples of its windows are none of a check's business. */
const UNUSED = { tuples: 1 };

/** @returns undefined where it cannot be judged; why is said to the reader */
export function readFormulaRule(
  reader: Reader,
  value: Fields,
  at: FormulaRule['at'],
  index: number,
): FormulaRule | undefined {
  for (const key of ['logsource', 'condition'])
    if (value[key] !== undefined)
      reader.say(
        [key],
        `a formula has no ${key}`,
        'It names its categories itself: tool_call(Tool: t).',
        'key',
      );
  const { across, uuid: _, ...metadata } = readMetadata(reader, value, at.file, index, undefined);
  if (across)
    reader.say(['ringfence', 'across'], 'a formula is judged in each run by itself', 'Leave it out.', 'key');
  const formula = reader.text(value, 'formula', []);
  if (formula === undefined) return undefined;
  const variables = variablesOf(reader, formula);
  if (variables === undefined) return undefined;
  const free = variables.length === 0 ? 'It has none.' : `It has: ${variables.join(', ')}.`;
  for (const [place, name] of (metadata.key ?? []).entries())
    if (!variables.includes(name))
      reader.say(['ringfence', 'key', place], `the formula has no free variable ${name}`, free);
  for (const [, name = ''] of (metadata.text ?? '').matchAll(/\{([A-Za-z]\w*)\}/g))
    if (!variables.includes(name))
      reader.say(['ringfence', 'text'], `the formula has no free variable ${name}`, free);
  return { kind: 'monitor', at, formula, ...metadata };
}

/** Its free variables, where it is a formula that can be monitored. */
function variablesOf(reader: Reader, formula: string): readonly string[] | undefined {
  try {
    const program = new Program(formula, { signature: observationSignature(), ...UNUSED });
    program.monitor();
    return program.variables;
  } catch (error) {
    if (!(error instanceof FormulaError)) throw error;
    const { place, message, hint } = error;
    // YAML may have folded its lines: places are those of the text that came out
    const where = `line ${place.line}, column ${place.column} of the formula`;
    reader.say(['formula'], `${where}: ${message}`, `${hint.charAt(0).toUpperCase()}${hint.slice(1)}.`);
    return undefined;
  }
}
