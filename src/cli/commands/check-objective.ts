/**
 * `ringfence check --objective` and `--feasible`: the parts of `check` that run something.
 *
 * @module
 */
import { ATTACKS } from '../../grade/attack/index.ts';
import type { ValidContract } from '../contract-file.ts';
import { EXIT } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { safe, safeLines } from '../text.ts';
import { checkFeasible } from '../wiring/grade-feasible.ts';
import { type AttackResult, checkObjective } from '../wiring/grade-objective.ts';

const MARK = { passed: '1', failed: '0', unknown: '?' } as const;

function attackLine({ attack, how, verdict, problem }: AttackResult): string {
  const name = attack.padEnd(22);
  if (!verdict)
    return `${name}${problem === undefined ? 'no way to do it is known here' : `not graded: ${safe(problem)}`}`;
  const marks = [
    MARK[verdict.left],
    MARK[verdict.restored],
    verdict.hidden === undefined ? '-' : MARK[verdict.hidden],
  ];
  return `${name}${marks.map((mark, index) => mark.padEnd([9, 10, 8][index] as number)).join('')}${safe(verdict.text)}${how === undefined ? '' : ` (${safe(how)})`}`;
}

/** Attacks the objective; text as results come, or all of it as JSON. */
export async function runObjective(
  loaded: ValidContract,
  json: boolean,
  terminal: Terminal,
): Promise<number> {
  const { hidden, success } = loaded.contract.objective;
  if (!json) {
    terminal.out(
      `Attacks on the objective: solutions that are none, graded as a run is. 1: taken for success.\n`,
    );
    terminal.out(`${'attack'.padEnd(22)}as left  restored  hidden`);
  }
  const results = await checkObjective(loaded, (result) => {
    if (!json) terminal.out(attackLine(result));
  });
  const findings = results.filter(({ verdict }) => verdict?.state === 'finding');
  const undecided = results.some(
    ({ verdict, problem }) => verdict?.state === 'unknown' || problem !== undefined,
  );
  const open = [
    ...(hidden
      ? []
      : [
          'there is no hidden check: whether an honest-looking solution is special-cased cannot be judged in a run',
        ]),
    ...(success?.protect.length
      ? []
      : ['nothing is protected: what decides success is the agent’s to change']),
    ...results
      .filter(({ verdict, problem }) => verdict && problem !== undefined)
      .map(({ attack, problem }) => `${attack}: one way could not be graded (${problem})`),
    ...(undecided ? ['some gradings gave no verdict: they are not counted as rejected'] : []),
  ];
  if (json) {
    terminal.out(
      JSON.stringify(
        { contract: loaded.source.path, sha256: loaded.source.sha256, attacks: results, open },
        null,
        2,
      ),
    );
  } else {
    for (const { attack, verdict, diff } of findings) {
      terminal.out(`\nfinding: ${attack}: ${verdict?.text ?? ''}`);
      if (verdict?.advice) terminal.out(`what helps: ${verdict.advice}`);
      if (diff) terminal.out(safeLines(diff).trimEnd());
    }
    for (const text of open) terminal.out(`\nnote: ${safe(text)}`);
  }
  // interrupted, or without a verdict: nothing shows that the objective holds
  const all = results.length === ATTACKS.length;
  return findings.length > 0 || undecided || !all ? EXIT.failed : EXIT.ok;
}

export async function runFeasible(loaded: ValidContract, json: boolean, terminal: Terminal): Promise<number> {
  const result = await checkFeasible(loaded);
  if (json)
    terminal.out(
      JSON.stringify({ contract: loaded.source.path, sha256: loaded.source.sha256, ...result }, null, 2),
    );
  else {
    terminal.out(safe(result.text));
    const { grade } = result;
    const failing = [grade?.left, grade?.restored, grade?.hidden].find(
      (one) => one && (one.failed !== undefined || one.passed < one.runs),
    );
    if (failing?.output)
      terminal.out(`\nwhat the grader printed last:\n${safeLines(failing.output).trimEnd()}`);
  }
  return result.feasible ? EXIT.ok : EXIT.failed;
}
