/**
 * `prove --recorded`: what a contract gives beyond what a run used.
 *
 * @module
 */
import { realpathSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { LedgerEvent } from '../../contract/index.ts';
import { detectProject } from '../../contract/project.ts';
import { excessSarif } from '../../prove/forms/index.ts';
import { type Evidence, excessOf, excessText, namedIn, type Recorded } from '../../prove/objective/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import { observe } from '../learn/observe.ts';
import { executed } from '../learn/programs.ts';
import { eventsOf } from '../learn/trial.ts';
import { readFacts } from '../wiring/leftovers.ts';
import { noGraph } from './format.ts';
import { aboutOf } from './others.ts';
import type { Question, Subject } from './types.ts';
import { viewOf } from './view.ts';

/** @returns the exit code */
export async function excess(
  { subject, setup, format, invocation }: Question,
  named: string,
): Promise<number> {
  const { terminal } = invocation;
  const { contract } = subject;
  if (contract === undefined)
    throw new CommandError(
      'usage',
      '--recorded is about a contract, and --from reads none',
      'write a contract that gives the same: ringfence learn proposes one',
    );
  const { catalogue, home } = setup;
  const folder = dirname(resolve(subject.file));
  const recorded = await readRecorded(named, subject, resolve(folder, contract.files.workspace.path));
  const report = excessOf({ contract, catalogue, home }, evidenceOf(contract, folder, recorded));
  switch (format) {
    case 'text': {
      const style = (colour: Parameters<typeof terminal.style>[0], text: string) =>
        terminal.style(colour, text);
      terminal.out(excessText(report, viewOf(subject, style)).trimEnd());
      break;
    }
    case 'json': {
      const { file, sha256 } = subject;
      terminal.out(
        JSON.stringify({ file, valid: true, sha256, format: 1, run: recorded.run, ...report }, null, 2),
      );
      break;
    }
    case 'sarif':
      terminal.out(JSON.stringify(excessSarif(report, contract.name, aboutOf(subject)), null, 2));
      break;
    case 'graph':
    case 'dot':
      throw noGraph('--recorded', format);
  }
  return report.excess.length > 0 ? EXIT.failed : EXIT.ok;
}

/** What the contract's own words, the project and a run say of what is needed. */
export function evidenceOf(
  contract: Parameters<typeof namedIn>[0],
  folder: string,
  recorded: Recorded | undefined,
): Evidence {
  const project = detectProject(resolve(folder, contract.files.workspace.path));
  const script =
    project.script === undefined ? [] : [{ where: 'package.json scripts.test', text: project.script }];
  const ecosystem = { node: ['npm'], python: ['pip'], go: [], rust: [], plain: [] }[project.kind];
  return { named: [...namedIn(contract), ...script], ecosystems: ecosystem, recorded };
}

/** @throws CommandError where there is no such run, or it left no record */
async function readRecorded(named: string, { sha256 }: Subject, workspace: string): Promise<Recorded> {
  const run = findRun(named);
  const facts = readFacts(run);
  if (facts === undefined)
    throw new CommandError('no-record', `nothing is known of run ${run.id}`, 'name another: ringfence runs');
  if (facts.ended === undefined)
    throw new CommandError('not-ended', `run ${run.id} has not ended`, 'wait for its end, or stop it');
  const events = await eventsOf(run.ledger);
  const observed = observe(events, realFolder(facts.workspace));
  const { reward } = facts.grade ?? {};
  const of = <Kind extends LedgerEvent['kind']>(kind: Kind) =>
    events.filter((event): event is Extract<LedgerEvent, { kind: Kind }> => event.kind === kind);
  return {
    run: run.id,
    hosts: observed.hosts.map(({ host, port }) => ({ host, port })),
    requests: of('http.request')
      .filter(({ allowed }) => allowed)
      .map(({ host, method, path }) => ({ host, method, path })),
    written: [...observed.written.keys()],
    programs: executed(observed).map(([path]) => path),
    secrets: [...new Set(of('secret.use').map(({ secret }) => secret))],
    ecosystems: [...new Set(of('package.request').map(({ ecosystem }) => ecosystem))],
    asked: [...new Set(of('approval.ask').map(({ effect }) => effect))],
    lost: observed.lost,
    differs: [
      ...(facts.contract.sha256 === sha256
        ? []
        : [`was of another contract, or of this one before it changed: ${facts.contract.path}`]),
      ...(realFolder(facts.workspace) === realFolder(workspace)
        ? []
        : [`worked in another folder: ${facts.workspace}`]),
    ],
    succeeded: reward === undefined ? undefined : reward.visible === 1 && reward.true === 1,
  };
}

function realFolder(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path; // gone since: the record has its paths all the same
  }
}
