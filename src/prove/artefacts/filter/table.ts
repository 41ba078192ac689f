/**
 * Mistakes of a table itself, which would make a proof about it mean less than it says.
 *
 * @module
 */
import type { ArgumentTest, Choice, FilterAnswer, FilterSpecification } from '../../../contract/index.ts';

const AUDIT_ARCH_X86_64 = 0xc000003e;
/** Numbers of x32 have this bit, on the architecture of x86_64 (asm/unistd.h, __X32_SYSCALL_BIT). */
const X32_BIT = 0x40000000;

const isWord = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 0xffffffff;
const isLong = (value: bigint): boolean => value >= 0n && value <= 0xffffffffffffffffn;

/** Whether a test reads one of the six arguments, and compares what fits into it: all else, compiler and proof could misread alike. */
function canBeAsked(test: ArgumentTest): boolean {
  if (test.is === 'all') return test.of.every(canBeAsked);
  if (!Number.isInteger(test.arg) || test.arg < 0 || test.arg > 5) return false;
  switch (test.is) {
    case 'any-bit':
      return isWord(test.mask);
    case 'equal':
      return isWord(test.mask) && isWord(test.value);
    case 'wide':
      return isLong(test.to) && isLong(test.mask ?? 0n);
  }
}

function mistakeOf(choice: Choice<FilterAnswer>): string | undefined {
  if ('test' in choice) {
    if (!canBeAsked(choice.test)) return 'the table asks what cannot be asked of six arguments of 64 bits';
    return mistakeOf(choice.yes) ?? mistakeOf(choice.no);
  }
  const isErrno = (errno: number) => Number.isInteger(errno) && errno >= 1 && errno <= 4095;
  return choice.do === 'errno' && !isErrno(choice.errno) ? 'the table has an errno that is none' : undefined;
}

/** What is wrong with a table; `undefined` if nothing is. */
export function malformed({
  architecture,
  calls,
  otherwise,
  never = [],
}: FilterSpecification): string | undefined {
  const numbers = [...calls.map(([number]) => number), ...never.map(({ number }) => number)];
  if (!numbers.every(isWord) || !isWord(architecture)) return 'the table has a number that is none';
  if (new Set(calls.map(([number]) => number)).size !== calls.length) return 'the table names a call twice';
  // "closed" is what is proved of other architectures and of numbers without a row: the table must say so
  if (otherwise.do === 'allow') return 'the table lets run what it does not name';
  if (architecture === AUDIT_ARCH_X86_64 && calls.some(([number]) => number >= X32_BIT))
    return 'the table names a call of x32';
  if (never.some(({ when }) => when !== undefined && !canBeAsked(when)))
    return 'the list of what no filter may let run asks what cannot be asked';
  for (const choice of [otherwise, ...calls.map(([, each]) => each)]) {
    const mistake = mistakeOf(choice);
    if (mistake !== undefined) return mistake;
  }
  return undefined;
}
