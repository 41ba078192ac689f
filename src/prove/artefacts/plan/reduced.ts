/**
 * The plan of the reduced isolation: no mounts, so the rules of Landlock alone say what of the host can be read, written, executed.
 *
 * @module
 */
import { OWN_FILES } from '../../../contract/base-view.ts';
import type { Plan } from '../../../contract/index.ts';
import { isDevice, isSystemName, isSystemRoot, Toolchains } from './base.ts';
import {
  commandBreaches,
  formBreaches,
  identityBreaches,
  limitBreaches,
  networkBreaches,
  Operations,
  supervisionBreaches,
} from './confinement.ts';
import { environmentBreaches } from './environment.ts';
import { hiddenPaths } from './hidden.ts';
import { absolute, isPlain, lies, look, real } from './paths.ts';
import { pinBreaches } from './pins.ts';
import { isListed } from './programs.ts';
import { filterBreaches, verdict } from './prove.ts';
import { beyondWrite } from './rights.ts';
import { workspaceOf } from './shown.ts';
import type { Breach, CellFacts, PlanVerdict, Promised } from './types.ts';

type ReducedFacts = CellFacts & Required<Pick<CellFacts, 'copy'>>;

const HANDLED = ['execute', 'read', 'truncate', 'write'];
const PROMISES_OF_COPIES: readonly Promised[] = [
  ...([
    'form',
    'namespaces',
    'read',
    'hidden',
    'records',
    'write',
    'landlock',
    'programs',
    'filter',
  ] as const),
  ...(['limits', 'environment', 'secrets', 'network', 'supervision', 'command'] as const),
];
/** Operations that need a view of the cell's own. */
const FOREIGN = new Set([
  'tmpfs',
  'bind',
  'overlay',
  'layer',
  'under',
  'writable',
  'readonly',
  'mask',
  'file',
  'dir',
  'symlink',
  'proc',
  'devpts',
  'sysctl',
]);

export function proveReducedPlan(plan: Plan, facts: ReducedFacts): PlanVerdict {
  const refuse = (breach: Breach) => verdict([breach], PROMISES_OF_COPIES);
  const workspace = workspaceOf(facts);
  const copy = real(facts.copy.copy);
  if (workspace === undefined || copy === undefined)
    return refuse({
      promise: 'read',
      says: 'the workspace or its copy is not there',
      clause: 'files.workspace',
    });
  const form = formBreaches(plan);
  if (form.length > 0) return verdict(form, PROMISES_OF_COPIES);
  const operations = new Operations(plan);
  const own = {
    ...facts.copy,
    copy,
    home: real(facts.copy.home) ?? '',
    temporary: real(facts.copy.temporary) ?? '',
  };
  const here = { ...facts, copy: own };
  const foreign = plan.flatMap((op, operation): Breach[] =>
    FOREIGN.has(op[0]) ? [{ promise: 'form', says: `${op[0]} without a view`, operation }] : [],
  );
  return verdict(
    [
      ...foreign,
      ...identityBreaches(operations, 'landlock', facts.run, facts.host, facts.unprivileged),
      ...ruleBreaches(plan, here, workspace),
      ...hiddenInCopy(here, workspace),
      ...filterBreaches(operations),
      ...limitBreaches(operations, here),
      ...environmentBreaches(plan, here),
      ...networkBreaches(operations, facts.contract, 'landlock'),
      ...pinBreaches(plan, facts.contract),
      ...supervisionBreaches(operations, here),
      ...commandBreaches(operations, here, workspace),
    ],
    PROMISES_OF_COPIES,
  );
}

function ruleBreaches(plan: Plan, facts: ReducedFacts, workspace: string): Breach[] {
  const { contract, copy, host } = facts;
  const breaches: Breach[] = [];
  const listed = contract.programs !== 'any';
  const handled = plan
    .find(([name]) => name === 'landlock')?.[1]
    ?.split(',')
    .toSorted()
    .join();
  if (handled !== HANDLED.join())
    breaches.push({
      promise: 'landlock',
      says: `Landlock handles ${handled ?? 'nothing'}, not ${HANDLED.join()}`,
    });
  const toolchains = new Toolchains(host);
  const named = contract.files.read.map((path) => real(absolute(path, host.home, facts.base)));
  const records = facts.own.map((path) => real(path) ?? path);
  plan.forEach((op, operation) => {
    if (op[0] !== 'allow') return;
    const [, path, list] = op;
    const rights = new Set(list.split(','));
    const told = (promise: Promised, says: string, clause?: string) =>
      breaches.push({ promise, says, operation, witness: path, ...(clause !== undefined && { clause }) });
    if (!isPlain(path) || real(path) !== path) {
      told('form', `the rule for ${path} is about where a link leads`);
      return;
    }
    const mine = [copy.home, copy.temporary].includes(path);
    if (rights.has('write') || rights.has('truncate')) {
      const beyond = mine || isDevice(path) ? undefined : beyondWrite(path, copy.copy, contract.files.write);
      if (beyond !== undefined) told('write', `${beyond} could be written`, 'files.write');
    }
    if (rights.has('execute') && listed) {
      if (!look(path)?.isFile()) told('programs', `everything in ${path} could be executed`, 'programs');
      else if (!isListed(path, facts)) told('programs', `${path} could be executed`, 'programs');
      return; // that it can be read is said by the rule for programs
    }
    if (mine || lies(path, copy.copy) || isDevice(path)) return;
    for (const record of records)
      if ((lies(record, path) || lies(path, record)) && (rights.has('read') || rights.has('list')))
        told('records', `${record} of Ringfence’s own could be seen`);
    if (named.some((one) => one !== undefined && lies(path, one)) || isBase(path, toolchains)) return;
    // where a folder is granted but for something in it, its own names can be listed
    const around = [...rights].every((right) => right === 'list');
    if (lies(workspace, path) || !around) told('read', `${path} of the host could be read`, 'files.read');
  });
  return breaches;
}

/** Whether a path of the host is, or lies in, something of the stated base. */
function isBase(path: string, toolchains: Toolchains): boolean {
  if (path === '/proc' || isSystemName(path) || (OWN_FILES as readonly string[]).includes(path)) return true;
  for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/')))
    if (isSystemRoot(at) || toolchains.has(at)) return true;
  return false;
}

/** What is hidden was left out of the copy. */
function hiddenInCopy({ contract, copy, layers = [] }: ReducedFacts, workspace: string): Breach[] {
  if (contract.files.hide.length === 0) return [];
  const hidden = hiddenPaths(workspace, contract.files.hide);
  if (!hidden.ok) return [{ promise: 'hidden', says: hidden.problem, clause: 'files.hide' }];
  return hidden.paths.flatMap(({ path, pattern }): Breach[] => {
    const copied = copy.copy + path.slice(workspace.length);
    // what an agent made under that name is its own, and comes back with its result
    const made = layers.some((layer) => look(layer + path.slice(workspace.length)) !== undefined);
    return made || real(copied) === undefined
      ? []
      : [
          {
            promise: 'hidden',
            says: `${path} is in the copy`,
            witness: copied,
            clause: `files.hide[${pattern}]`,
          },
        ];
  });
}
