/**
 * `ringfence rules test`.
 *
 * @module
 */
import { formatProblem } from '../../contract/index.ts';
import { loadRules } from '../../watch/sigma/index.ts';
import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { isRight, runExamples } from '../rules/examples.ts';
import { rulesOf } from '../rules/files.ts';
import { safe } from '../text.ts';
import { allOf } from '../watch/rule-folder.ts';

export function run({ args, options, terminal }: Invocation<'rules test'>): number {
  const loaded = loadRules(rulesOf(args));
  const { problems, digest } = loaded;
  const rules = allOf(loaded);
  const results = runExamples(rules);
  const wrong = results.filter((result) => !isRight(result));
  const untested = rules.filter(({ examples }) => examples.true.length === 0 || examples.false.length === 0);
  if (options.json) {
    const listed = results.map((result) => ({ ...result, ok: isRight(result) }));
    const names = untested.map(({ info }) => info.id);
    terminal.out(JSON.stringify({ digest, examples: listed, untested: names, problems }, null, 2));
  } else {
    for (const problem of problems) terminal.err(formatProblem(problem));
    for (const { rule, file, line, wanted, found } of wrong)
      terminal.out(
        `${safe(file)}:${line}: ${safe(rule)} finds ${found === 0 ? 'nothing' : found === 1 ? 'something' : `${found} matters`} in ${wanted ? 'what it must find, which is one' : 'what it must leave alone'}`,
      );
    terminal.out(
      `${results.length - wrong.length} of ${results.length} examples are judged as they say; ${untested.length} of ${rules.length} rules lack a true or a false one`,
    );
  }
  return wrong.length > 0 || problems.length > 0 ? EXIT.failed : EXIT.ok;
}
