/**
 * What a person could change in a set-up, and what that costs: the objective's loss, in words of a few at most.
 *
 * @module
 */
import type { Setting, Source } from '../setting/index.ts';
import type { Sheet } from './sheet.ts';

export function addChanges(sheet: Sheet, setting: Setting): void {
  if (setting.kind === 'contract') addContractChanges(sheet, setting);
  else addOtherChanges(sheet, setting);
}

/** Facts with one of these predicates that come from the clause. */
function origin(
  sheet: Sheet,
  { clause }: Source,
  cost: number,
  label: string,
  predicates: readonly string[],
): void {
  sheet.change(label, cost, (fact, from) => from.clause === clause && predicates.includes(fact[0]), clause);
}

function addContractChanges(sheet: Sheet, setting: Setting): void {
  const { files, oversight, variables, grading, destinations } = setting;
  const mode = { clause: 'files.workspace.mode' };
  if (files.some(({ space, lands }) => space === 'workspace' && lands === 'at once'))
    origin(sheet, mode, 1, 'write files.workspace as an overlay', ['direct', 'original']);
  for (const asked of oversight.asks)
    origin(sheet, asked, 1, `remove ${asked.effect} from oversight.approve`, ['asks']);
  for (const { clause, name, from } of variables)
    origin(
      sheet,
      { clause },
      1,
      from === 'passed' ? `remove ${name} from environment.pass` : `remove ${name} from environment.set`,
      ['knows'],
    );
  for (const { clause, path, space } of files)
    if (space === 'machine') origin(sheet, { clause }, 2, `remove ${path} from files.read`, ['knows']);
  if (grading.run !== undefined && grading.kind !== 'hidden')
    origin(
      sheet,
      { clause: 'objective.success' },
      3,
      'add a check that the agent does not see: objective.hidden',
      ['graded'],
    );
  for (const { clause, host, port } of destinations)
    origin(sheet, { clause }, 5, `remove ${clause} (${host}:${port})`, ['reaches']);
  sheet.change(
    'let the agent write nothing: files.write: []',
    20,
    ([predicate]) => predicate === 'writes',
    'files.write',
  );
}

/** What to write instead of a default that weakens. */
const INSTEAD: Readonly<Record<string, string>> = {
  runAsRoot: 'run it as a user of its own',
  hostUsers: 'map its users: a user namespace',
  allowPrivilegeEscalation: 'forbid new privileges',
  noLimits: 'limit its memory, processes and CPU',
  serviceAccountToken: 'mount no token of the cluster',
  restartAlways: 'do not start it again by itself',
};

/** In another format, a grant is taken away as it was written; a default is replaced by something that is written. */
function addOtherChanges(sheet: Sheet, setting: Setting): void {
  const { isolation, compute, network } = setting;
  const defaults = new Set([
    isolation.clause,
    compute.clause,
    ...setting.programs.map(({ clause }) => clause),
  ]);
  const clauses = new Map<string, number>();
  const offer = (sources: readonly Source[], cost: number) => {
    for (const { clause } of sources)
      if (!defaults.has(clause)) clauses.set(clause, Math.max(cost, clauses.get(clause) ?? 0));
  };
  offer(isolation.words, 1);
  offer(setting.inbound, 2);
  offer(setting.sockets, 2);
  offer(setting.secrets, 2);
  offer(setting.variables, 2);
  offer(setting.tools, 3);
  offer(setting.people, 3);
  offer(setting.files, 4);
  offer(setting.destinations, 5);
  offer(setting.models, 6);
  for (const [clause, cost] of clauses)
    if (clause !== network.clause)
      sheet.change(`take away ${clause}`, cost, (_, from) => from.clause === clause, clause);
  const replace = (
    { clause }: Source,
    cost: number,
    label: string,
    is: (fact: readonly string[]) => boolean,
  ) => sheet.change(label, cost, (fact, from) => from.clause === clause && is(fact), clause);
  for (const word of isolation.words)
    if (defaults.has(word.clause))
      replace(
        word,
        1,
        INSTEAD[word.word] ?? `take away ${word.word}`,
        ([predicate, name = '']) =>
          ['opens', 'weakens', 'knows'].includes(predicate ?? '') &&
          [name, name.replace(/ .*$/s, '')].includes(word.word),
      );
  replace(compute, 1, 'end it after some time', ([predicate]) => predicate === 'unbounded');
  replace(
    network,
    8,
    network.mode === 'named' ? `take away ${network.clause}` : 'give it no network, or name its hosts',
    (fact) => ['reaches', 'near', 'admits', 'posts'].includes(fact[0] ?? ''),
  );
}
