/**
 * `ringfence check`.
 *
 * @module
 */
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { explainContract, renderExplanation, type Statement } from '../../contract/explain.ts';
import { formatProblem, loadContract, positionOf } from '../../contract/index.ts';
import type { Invocation } from '../command.ts';
import type { ValidContract } from '../contract-file.ts';
import { contractFile } from '../contract-name.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { Terminal } from '../terminal.ts';
import { safe } from '../text.ts';
import { evidenceText } from '../wiring/feasible-evidence.ts';
import { hostUser } from '../wiring/machine-facts.ts';

/** Lines longer than this are hard to read, however wide the terminal is. */
const WIDEST = 110;

export async function run({ options, args, terminal }: Invocation<'check'>): Promise<number> {
  if (options.contract !== undefined && args[0] !== undefined) {
    throw new CommandError('usage', 'two contracts are named', 'name one: ringfence check FILE');
  }
  const file = contractFile(options.contract ?? args[0]);
  const loaded = loadContract(file);
  if (!loaded.ok) {
    const { problems } = loaded;
    if (options.json) terminal.out(JSON.stringify({ file, valid: false, problems }, null, 2));
    else for (const problem of problems) terminal.err(formatProblem(problem));
    return EXIT.usage;
  }
  const exposed = await exposureOf(loaded);
  if (exposed) return reportProblem(loaded, file, exposed, options.json, terminal);
  const lists = await listsOf(loaded);
  if (lists && !lists.ok) return reportProblem(loaded, file, lists, options.json, terminal);
  if (options.objective || options.feasible) {
    const { runFeasible, runObjective } = await import('./check-objective.ts');
    const code = options.feasible ? await runFeasible(loaded, options.json, terminal) : EXIT.ok;
    return options.objective ? Math.max(code, await runObjective(loaded, options.json, terminal)) : code;
  }
  const explanation = explainContract(loaded.contract, loaded.source);
  explanation.notes.push(...(await deciderNotes(loaded)));
  const evidence = evidenceText({ ...loaded, workspace: workspaceOf(loaded) });
  if (options.json) {
    terminal.out(
      JSON.stringify(
        {
          file,
          valid: true,
          sha256: loaded.source.sha256,
          ...explanation,
          ...(lists && { packages: lists.summaries }),
          ...(evidence && { evidence }),
        },
        null,
        2,
      ),
    );
  } else if (options.quiet) {
    for (const { text, line } of explanation.notes)
      terminal.out(safe(`${file}${line ? `:${line}` : ''}: ${text}`));
  } else {
    terminal.out(`${safe(file)} is valid.\n`);
    terminal.out(renderExplanation(explanation, Math.min(terminal.columns(), WIDEST)).trimEnd());
    if (lists) terminal.out(`\n${lists.summaries.flatMap(lists.lines).join('\n')}`);
    if (evidence) terminal.out(`\n${evidence.text[0]?.toUpperCase()}${evidence.text.slice(1)}.`);
  }
  return explanation.notes.length > 0 ? EXIT.failed : EXIT.ok;
}

/** What is wrong with something that the contract names. */
function reportProblem(
  { source }: ValidContract,
  file: string,
  { field, problem: message, hint }: { field: string; problem: string; hint: string },
  json: boolean,
  terminal: Terminal,
): number {
  const { position } = positionOf(source, field);
  const problem = { file, ...position, path: field, message, hint };
  if (json) terminal.out(JSON.stringify({ file, valid: false, problems: [problem] }, null, 2));
  else terminal.err(formatProblem(problem));
  return EXIT.usage;
}

/** The lists of `packages`, read as a run would read them. */
async function listsOf({ contract, source }: ValidContract) {
  if (contract.packages.length === 0) return undefined;
  const [{ resolvePackages }, { checkLines }] = await Promise.all([
    import('../wiring/packages/resolve.ts'),
    import('../wiring/packages/notice.ts'),
  ]);
  const resolved = resolvePackages(contract, dirname(resolve(source.path)));
  return resolved.ok ? { ...resolved, lines: checkLines } : resolved;
}

/** Files that decide success and are the agent's to change, as remarks. */
async function deciderNotes(loaded: ValidContract): Promise<Statement[]> {
  const { success } = loaded.contract.objective;
  // where nothing at all is protected that is said already, per hazard
  if (!success || success.protect.length === 0) return [];
  const [{ unprotectedDeciders }, { protectedBy }] = await Promise.all([
    import('../../grade/index.ts'),
    import('../../grade/layers/index.ts'),
  ]);
  const clause = 'objective.success.protect';
  const { line } = positionOf(loaded.source, clause, 'key').position;
  return unprotectedDeciders(workspaceOf(loaded), success.run, protectedBy(success.protect)).map(
    ({ names, why }) => ({
      text: `${names.join(', ')} can decide what "${success.run}" says (${why}), and the agent may change or add them`,
      clause,
      line,
    }),
  );
}

async function exposureOf({ contract, source }: ValidContract) {
  if (contract.objective.hidden?.files === undefined) return undefined;
  const { hiddenExposure } = await import('../../grade/index.ts');
  return hiddenExposure(contract, dirname(resolve(source.path)), hostUser(process.env).home);
}

/** Real path of the workspace, as `run` finds it; where there is none nothing was shown in it. */
function workspaceOf({ contract, source }: ValidContract): string {
  try {
    return realpathSync(resolve(dirname(resolve(source.path)), contract.files.workspace.path));
  } catch {
    return '';
  }
}
