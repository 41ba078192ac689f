/**
 * The question that the solver gets: is there a call to which the program answers otherwise than the table, or that the table lets run and
 * must not?
 *
 * @module
 */
import type { FilterSpecification } from '../../../contract/index.ts';
import { execute } from './execute.ts';
import { hex, MEANING, meaningOf, RETURN } from './meaning.ts';
import type { Operation } from './program.ts';
import { answersOf, specificationTerms, testTerm } from './specification.ts';

/** Names of the sixteen words of struct seccomp_data. */
const WORDS: readonly string[] = Array.from({ length: 16 }, (_, index) => `w${index}`);

/** A formula in SMT-LIB that has a model exactly where program and table differ, or the table lets run what none may; the model is the call. */
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
  // what the table must not let run, should it do so
  if (answers.has(RETURN.allow))
    for (const { number, when } of specification.never ?? [])
      wrong.push(
        `(and native (= w0 ${hex(number)}) ${when === undefined ? 'true' : testTerm(when)} wanted${RETURN.allow})`,
      );
  return [
    ...WORDS.map((word) => `(declare-const ${word} (_ BitVec 32))`),
    ...(symbolic ? [MEANING] : []),
    ...specificationTerms(specification),
    ...definitions,
    `(assert (or false ${wrong.join(' ')}))`,
  ].join('\n');
}
