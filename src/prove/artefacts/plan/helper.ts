/**
 * The plan of a process of Ringfence's own that parses hostile input (the gateway): it sees the system's libraries, its own code and
 * what it was given, read-only, and nothing else of the host.
 *
 * @module
 */
import type { Plan } from '../../../contract/index.ts';
import { isDevice } from './base.ts';
import { commandIs, formBreaches, identityBreaches, Operations, rlimitBreaches } from './confinement.ts';
import { lies, real } from './paths.ts';
import { filterBreaches, verdict } from './prove.ts';
import type { Breach, PlanVerdict, Promised } from './types.ts';
import { type Mount, readView, type View } from './view.ts';

export interface HelperFacts {
  readonly name: string;
  /** program and arguments */
  readonly command: readonly string[];
  /** folders and files it is given */
  readonly needs: readonly string[];
  readonly host: { readonly uid: number; readonly gid: number };
  readonly unprivileged: number;
  /** bytes of private memory */
  readonly memory: number;
  /** folders of Ringfence's own that it must not see */
  readonly own: readonly string[];
}

/** Where the dynamic loader looks (ld.so(8)). */
const LIBRARIES = new Set(['/usr/lib', '/usr/lib64', '/lib', '/lib64', '/etc/ld.so.cache']);
const ENVIRONMENT = new Set(['NODE_CHANNEL_FD=3', 'NODE_CHANNEL_SERIALIZATION_MODE=json']);
const PROMISES_OF_HELPERS: readonly Promised[] = [
  ...(['form', 'namespaces', 'own', 'read', 'records', 'write', 'landlock', 'flags'] as const),
  ...(['filter', 'limits', 'environment', 'command'] as const),
];
/** Operations that are a cell's alone. */
const FOREIGN = new Set([
  'tmpfs',
  'overlay',
  'layer',
  'under',
  'writable',
  'mask',
  'file',
  'devpts',
  'pin',
  'cgroup',
  'sessions',
  'terminal',
]);

export function proveHelperPlan(plan: Plan, facts: HelperFacts): PlanVerdict {
  const form = formBreaches(plan);
  if (form.length > 0) return verdict(form, PROMISES_OF_HELPERS);
  const operations = new Operations(plan);
  const view = readView(plan);
  const breaches: Breach[] = [
    ...view.breaches,
    ...identityBreaches(operations, 'confined', facts.name, facts.host, facts.unprivileged),
    ...view.mounts.flatMap((mount) => mountBreaches(mount, facts)),
    ...rightBreaches(plan, view, facts),
    ...filterBreaches(operations),
    ...rlimitBreaches(operations, { data: facts.memory, core: 0, fsize: 0, nofile: 65_536 }),
    ...commandIs(operations, facts.command),
  ];
  plan.forEach((op, operation) => {
    if (FOREIGN.has(op[0]))
      breaches.push({ promise: 'form', says: `${op[0]} is not for a helper`, operation });
    if (op[0] === 'env' && !ENVIRONMENT.has(op[1]))
      breaches.push({
        promise: 'environment',
        says: `the variable ${op[1].replace(/=.*/s, '')} comes in`,
        operation,
      });
  });
  return verdict(breaches, PROMISES_OF_HELPERS);
}

function mountBreaches(mount: Mount, { needs, command, own }: HelperFacts): Breach[] {
  const { at, by, source, flags, operation } = mount;
  const told = (promise: Promised, says: string): Breach => ({ promise, says, operation, witness: at });
  if (by === 'root') return mount.writable ? [told('write', 'the root of the view could be changed')] : [];
  const device = isDevice(at);
  const breaches: Breach[] = [];
  if (!flags.has('nosuid')) breaches.push(told('flags', `${at} is mounted without nosuid`));
  if (!flags.has('nodev') && !device) breaches.push(told('flags', `${at} is mounted without nodev`));
  if (source === undefined) return breaches;
  if (device && source === at)
    return flags.has('noexec') ? breaches : [...breaches, told('flags', `${at} is mounted without noexec`)];
  if (!flags.has('ro')) breaches.push(told('write', `${source} of the host could be changed`));
  if (mount.ids !== '-')
    breaches.push(told('read', `${at} is shown as if it were the helper’s (${mount.ids})`));
  if (source !== at && real(at) !== real(source))
    breaches.push(told('own', `${source} of the host is shown at ${at}`));
  if (!LIBRARIES.has(at) && !needs.includes(at) && at !== command[0])
    breaches.push(told('read', `${at} of the host could be read, which it was not given`));
  const record = own.find((folder) => lies(real(folder) ?? folder, real(source) ?? source));
  if (record !== undefined) breaches.push(told('records', `${record} of Ringfence’s own could be seen`));
  return breaches;
}

function rightBreaches(plan: Plan, view: View, { needs }: HelperFacts): Breach[] {
  const breaches: Breach[] = [];
  if (plan.find(([name]) => name === 'landlock')?.[1] !== 'write')
    breaches.push({
      promise: 'landlock',
      says: 'Landlock does not handle writing',
      witness: needs[0] ?? '/',
    });
  plan.forEach((op, operation) => {
    if (op[0] === 'allow' && (op[1] !== '/dev/null' || op[2] !== 'write'))
      breaches.push({
        promise: 'landlock',
        says: `Landlock lets ${op[1]} be written`,
        operation,
        witness: op[1],
      });
  });
  for (const { path, operation } of view.links)
    if (!LIBRARIES.has(path))
      breaches.push({ promise: 'own', says: `a link at ${path}`, operation, witness: path });
  for (const path of view.owned)
    breaches.push({ promise: 'write', says: `${path} belongs to the helper`, witness: path });
  return breaches;
}
