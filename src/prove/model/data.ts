/**
 * Data: what the agent can read, what kinds of data these are, and what the catalogue knows them to open.
 *
 * @module
 */
import type { Affordance, Catalogue } from '../catalogue/index.ts';
import { intersect, type Pattern, shortestWord } from '../patterns/index.ts';
import type { FileGrant, Setting } from '../setting/index.ts';
import { type FilesInput, patternsOf } from './files.ts';
import type { From, Sheet } from './sheet.ts';

/**
 * Kinds of data. `confidential`: not for everybody; `leverage`: may be about people; `agent`: the agent itself, its instructions and
 * programs; `answers`: what decides success and is not to be seen; `credential`: gives rights.
 */
export type Label = 'confidential' | 'leverage' | 'agent' | 'answers' | 'credential';

const SAYS: Readonly<Record<Label, string>> = {
  confidential: 'counts as confidential: nothing says that it is for everybody',
  leverage: 'may tell of people: nothing says that it does not',
  agent: 'is the agent itself',
  answers: 'tells what the hidden check looks for',
  credential: 'gives rights to who has it',
};

function know(sheet: Sheet, data: string, from: From, text: string, labels: readonly Label[]): void {
  sheet.add(['knows', 'agent', data], from, text);
  const name = data.replace(/^\w+:/, '');
  const what = { 'data:workspace': 'the workspace', 'data:agent': 'what the agent is made of' }[data] ?? name;
  for (const label of labels) sheet.add(['label', data, label], from, `${what} ${SAYS[label]}`);
}

/** `knows`, `label`, `holds`: files first, then variables and secrets. */
export function addData(sheet: Sheet, input: FilesInput): void {
  const { setting, catalogue } = input;
  const workspace = setting.files.find(({ space, read }) => space === 'workspace' && read);
  if (workspace !== undefined)
    know(sheet, 'data:workspace', workspace, 'the agent reads the workspace', ['confidential', 'leverage']);
  know(sheet, 'data:agent', 'model', 'the agent reads its own instructions and programs', [
    'agent',
    'confidential',
  ]);
  for (const grant of setting.files) {
    if (!grant.read) continue;
    if (grant.space === 'machine') addMachineRead(sheet, input, grant);
    else if (grant.space === 'volume')
      know(
        sheet,
        `volume:${grant.volume ?? grant.path}`,
        grant,
        `the agent reads the volume ${grant.volume ?? grant.path}`,
        ['confidential', 'leverage'],
      );
  }
  addAnswers(sheet, input);
  for (const variable of setting.variables) {
    const { name } = variable;
    know(sheet, `env:${name}`, variable, `the agent reads the variable ${name}`, ['confidential']);
    for (const entry of namedBy(catalogue, name)) sheet.holds(`env:${name}`, entry, name);
  }
  addSecrets(sheet, setting, catalogue);
}

/** Authorities that a variable of this name holds; all that there are, where every variable is passed on. */
export function namedBy({ affordances }: Catalogue, name: string): Affordance[] {
  return affordances.filter(
    ({ kind, match }) =>
      kind === 'authority' &&
      (match.env ?? []).some((each) =>
        each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : each === name || name === '*',
      ),
  );
}

/** What lies at or below the paths that may be read. */
function addMachineRead(sheet: Sheet, { catalogue, home }: FilesInput, grant: FileGrant): void {
  const patterns = patternsOf(sheet, grant, home);
  if (patterns.length === 0) return;
  const options = { base: '/', home };
  const hidden = grant.except
    .filter(({ what }) => what === 'hidden')
    .flatMap((one) => patternsOf(sheet, { ...one, space: 'machine' }, home));
  const data = `file:${grant.path}`;
  know(sheet, data, grant, `the agent reads ${grant.path}`, ['confidential', 'leverage']);
  for (const entry of catalogue.affordances) {
    if (entry.kind !== 'authority' || entry.match.path === undefined) continue;
    const sought = sheet.sought(entry.match.path, options);
    const common = commonWord(patterns, sought, hidden);
    if (!common.ok) sheet.unread(grant, common.message);
    else if (common.word !== undefined) sheet.holds(data, entry, common.word.replace(`${home}/`, '~/'));
  }
}

/** A word of both that is not hidden; the cheap question first. */
export function commonWord(one: readonly Pattern[], other: readonly Pattern[], none: readonly Pattern[]) {
  const found = intersect(one, other);
  return found.ok && found.word !== undefined && none.length > 0
    ? shortestWord({ all: [one, other], none })
    : found;
}

/** The hidden check's own files, where the agent can read them. */
function addAnswers(sheet: Sheet, { setting, home }: FilesInput): void {
  for (const control of setting.controls) {
    if (control.what !== 'grader') continue;
    const sought = patternsOf(
      sheet,
      { ...control, path: control.path === '.' ? '**' : control.path, space: 'machine' },
      home,
    );
    for (const grant of setting.files) {
      if (!grant.read || grant.space !== control.space) continue;
      const options = grant.space === 'machine' ? { base: '/', home } : { base: '/' };
      const read = (path: string): Pattern[] => {
        const pattern = sheet.pattern(path, grant, options);
        return pattern === undefined ? [] : [pattern];
      };
      const hidden = grant.except
        .filter(({ what }) => what === 'hidden')
        .flatMap(({ path }) => [...read(path.replace(/(.)\/\*\*$/, '$1')), ...read(`${path}/**`)]);
      const common = commonWord(patternsOf(sheet, { ...grant, space: 'machine' }, home), sought, hidden);
      if (!common.ok) sheet.unread(control, common.message);
      else if (common.word !== undefined)
        know(
          sheet,
          `answers:${control.path}`,
          control,
          `the agent reads ${control.path}, which the hidden check is made of`,
          ['answers'],
        );
    }
  }
}

/** Secrets that are seen are data; those that stay outside are lent at their hosts. */
function addSecrets(sheet: Sheet, { secrets }: Setting, catalogue: Catalogue): void {
  for (const secret of secrets) {
    const { name, where, hosts } = secret;
    if (where === 'outside') {
      sheet.add(
        ['lends', name],
        secret,
        `the gateway puts ${name} into requests to ${hosts.join(', ')}; its value stays outside`,
      );
      continue;
    }
    const data = `secret:${name}`;
    know(sheet, data, secret, `the agent reads the secret ${name}`, ['confidential', 'credential']);
    for (const entry of namedBy(catalogue, name)) sheet.holds(data, entry, name);
  }
}
