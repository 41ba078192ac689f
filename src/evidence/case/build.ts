/**
 * Evidence → the safety case of one contract on one machine. Pure: the same input gives the same case.
 *
 * @module
 */
import { HAZARD_NAMES } from '../../contract/index.ts';
import { COVERS_NOT } from '../../prove/report/index.ts';
import { hazardCase } from './hazard.ts';
import type { CaseInput } from './input.ts';
import { linksOf, problemOf } from './links.ts';
import type { CaseProblem, SafetyCase } from './schema.ts';

/**
 * The statement’s verdicts and those that were found now must be the same: where they are not, somebody signed what this program does
 * not find, and the proof does not count.
 */
function disagreeing({ proof, verdicts }: CaseInput): string[] {
  const { found } = proof;
  if (found === undefined || found.changed.length > 0) return [];
  return verdicts.flatMap(({ hazard, verdict }) =>
    found.predicate.verdicts.find((one) => one.hazard === hazard)?.verdict === verdict ? [] : [hazard],
  );
}

export function buildCase(input: CaseInput): SafetyCase {
  const links = linksOf(input);
  const wrong = disagreeing(input);
  const proof = links.find(({ id }) => id === 'proof');
  const { file = '' } = input.proof.found ?? {};
  const damaged = [
    ...input.damaged.map(({ file, why }) => ({ file, why })),
    ...(wrong.length > 0
      ? [{ file, why: `it says of ${wrong.join(', ')} what is not found when it is proved again` }]
      : []),
  ];
  if (proof && wrong.length > 0) proof.state = 'missing';
  const byId = new Map(links.map((link) => [link.id, link]));
  const hazards = HAZARD_NAMES.map((hazard) => hazardCase(hazard, input, byId));
  const isGreen =
    hazards.every(({ problems }) => problems.length === 0) && links.every((link) => link.state !== 'stale');
  const { name, file: contract, sha256, task } = input.contract;
  return {
    format: 1,
    ringfence: input.ringfence,
    made: input.made,
    contract: { name, file: contract, sha256, ...(task !== undefined && { task }) },
    verdict: damaged.length > 0 ? 'damaged' : isGreen ? 'supported' : 'not supported',
    ...{ hazards, links, damaged },
    rests: [
      {
        name: 'model',
        text: 'the rules and the catalogue of the model, version 1: what they do not know is not excluded',
      },
      { name: 'kernel', text: `the kernel does what it says: ${input.kernel}` },
      { name: 'key', text: `evidence is signed by ${input.key}: who has that key can forge all of it` },
      {
        name: 'clock',
        text: 'the clock of this machine goes right: by it acceptances end, and evidence is dated',
      },
      { name: 'operator', text: 'people read what they apply, allow and accept' },
      {
        name: 'scenarios',
        text: 'attempts were made in the scenarios’ own contracts, with scripts in the place of an agent: they show mechanisms, not what a model would do',
      },
    ],
    coversNot: [...COVERS_NOT],
  };
}

/** Something that is red: of which hazards, or (none are named) of a link. */
export interface Red extends CaseProblem {
  readonly hazards: readonly string[];
}

/** All that is red, each once, what is of several hazards together; and links that are stale without being needed. */
export function problemsOf({ hazards, links }: SafetyCase): Red[] {
  const found = new Map<string, Red>();
  const add = (problem: CaseProblem, hazard?: string) => {
    const { link, text } = problem;
    const key = link ?? text;
    const known = found.get(key);
    const named = link === undefined && hazard !== undefined ? [hazard] : [];
    found.set(
      key,
      known ? { ...known, hazards: [...known.hazards, ...named] } : { ...problem, hazards: named },
    );
  };
  for (const { hazard, problems } of hazards) for (const problem of problems) add(problem, hazard);
  for (const link of links) {
    const problem = link.state === 'stale' ? problemOf(link) : undefined;
    // the whole of it: hazards tell only what concerns them
    if (problem) found.set(link.id, { ...problem, hazards: [] });
  }
  return [...found.values()];
}

export const redWords = ({ hazards, text }: Red): string =>
  hazards.length === 0 ? text : `${hazards.join(', ')}: ${text}`;

/** What is red in groups that one command mends: battery commands are one. */
export function redGroups(value: SafetyCase): { reds: Red[]; command?: string[] }[] {
  const groups = new Map<string, Red[]>();
  for (const red of problemsOf(value)) {
    const { command } = red;
    const key =
      command === undefined ? redWords(red) : command[0] === 'attack' ? 'attack' : JSON.stringify(command);
    groups.set(key, [...(groups.get(key) ?? []), red]);
  }
  return [...groups.values()].map((reds) => {
    const [command] = commandsOf(reds);
    return { reds, ...(command && { command }) };
  });
}

/**
 * Commands that make red links fresh, each once: attempts are made together.
 *
 * @param also `gaps`: what is not measured, too
 */
export function commandsOf(problems: readonly CaseProblem[]): string[][] {
  const commands = problems.flatMap(({ command }) => (command ? [command] : []));
  const attacks = commands.filter(([first]) => first === 'attack');
  const others = commands.filter(([first]) => first !== 'attack');
  const distinct = [...new Map(others.map((words) => [JSON.stringify(words), words])).values()];
  return attacks.length === 0 ? distinct : [...distinct, together(attacks)];
}

/** One battery of several: all of their scenarios, with the most seeds. */
function together(attacks: readonly (readonly string[])[]): string[] {
  const values = (option: string) =>
    attacks.flatMap((words) => {
      const index = words.indexOf(option);
      return index < 0 ? [] : [words[index + 1] ?? ''];
    });
  const scenarios = [...new Set(values('--scenarios').flatMap((text) => text.split(',')))];
  const seeds = Math.max(1, ...values('--seeds').map(Number));
  const all = attacks.some((words) => !words.includes('--scenarios'));
  return [
    ...['attack', '--targets', 'ringfence'],
    ...(all ? [] : ['--scenarios', scenarios.join(',')]),
    ...(seeds > 1 ? ['--seeds', String(seeds)] : []),
  ];
}
