/**
 * The question that the solver gets: is there a call to which the program answers otherwise than the table?
 *
 * @module
 */
import type { FilterSpecification } from '../../../contract/index.ts';
import { execute } from './execute.ts';
import { hex, MEANING, meaningOf } from './meaning.ts';
import type { Operation } from './program.ts';
import { answersOf, specificationTerms } from './specification.ts';

/** Names of the sixteen words of struct seccomp_data. */
const WORDS: readonly string[] = Array.from({ length: 16 }, (_, index) => `w${index}`);

/** A formula in SMT-LIB that has a model exactly where program and table differ; the model is the call. */
export function difference(operations: readonly Operation[], specification: FilterSpecification): string {
  const { definitions, endings } = execute(operations);
  const answers = answersOf(specification);
  const byValue = new Map<number, string[]>();
  const wrong: string[] = [];
  let symbolic = false;
  for (const { when, returns } of endings) {
    if (typeof returns === 'number') {
      const value = meaningOf(returns);
      byValue.set(value, [...(byValue.get(value) ?? []), when]);
    } else {
      symbolic = true;
      const right = [...answers].map(
        (value) => `(and wanted${value} (= (meaning ${returns}) ${hex(value)}))`,
      );
      wrong.push(`(and ${when} (not (or false ${right.join(' ')})))`);
    }
  }
  for (const [value, whens] of byValue) {
    const reached = `(or false ${whens.join(' ')})`;
    wrong.push(answers.has(value) ? `(and ${reached} (not wanted${value}))` : reached);
  }
  return [
    ...WORDS.map((word) => `(declare-const ${word} (_ BitVec 32))`),
    ...(symbolic ? [MEANING] : []),
    ...specificationTerms(specification),
    ...definitions,
    `(assert (or false ${wrong.join(' ')}))`,
  ].join('\n');
}
