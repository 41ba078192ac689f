/**
 * `ringfence grade`.
 *
 * @module
 */
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import { safeLines } from '../text.ts';
import { gradeAgain } from '../wiring/grade-again.ts';
import { gradeLines, type RunGrade } from '../wiring/grade-summary.ts';
import { isAlive, readFacts } from '../wiring/leftovers.ts';
import { runPaths, writeFacts } from '../wiring/run-folder.ts';

export async function run({ options, args, terminal }: Invocation<'grade'>): Promise<number> {
  const found = findRun(args[0]);
  const facts = readFacts(found);
  if (!facts) {
    throw new CommandError(
      'no-facts',
      `of run ${found.id} nothing is known but its folder`,
      'see: ringfence runs',
    );
  }
  if (isAlive(facts)) {
    throw new CommandError('running', `run ${found.id} is going on`, 'grade it when it has ended');
  }
  let { grade } = facts;
  if (options.show && !grade) {
    throw new CommandError(
      'not-graded',
      `run ${found.id} was not graded`,
      `grade it: ringfence grade ${found.id}`,
    );
  }
  if (!options.show) {
    grade = await gradeAgain(facts, found.folder, options.contract);
    writeFacts(runPaths(found.folder), { ...facts, grade });
  }
  const shown = grade as RunGrade;
  if (options.json) terminal.out(JSON.stringify({ run: found.id, ...shown }, null, 2));
  else {
    terminal.out(`run ${found.id}`);
    for (const line of gradeLines(shown, found.id)) terminal.out(line);
    if (shown.finding?.diff) terminal.out(`\n${safeLines(shown.finding.diff).trimEnd()}`);
    const failing = [shown.left, shown.restored, shown.hidden].find(
      (result) => result?.failed || result?.exit?.code !== 0,
    );
    if (failing?.output)
      terminal.out(`\nwhat the grader printed last:\n${safeLines(failing.output).trimEnd()}`);
  }
  if (shown.problem !== undefined) return EXIT.usage;
  return shown.reward?.true === 1 && !shown.finding ? EXIT.ok : EXIT.failed;
}
