/**
 * What of the host a view shows: no more than the contract names and the stated base, everything at its own place, with what is
 * hidden covered.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { OWN_FILES } from '../../../contract/base-view.ts';
import { credentialsIn, isDevice, isSystemName, isSystemRoot, Toolchains } from './base.ts';
import { hiddenPaths } from './hidden.ts';
import { absolute, join, lies, look, real } from './paths.ts';
import type { Breach, CellFacts } from './types.ts';
import type { Mount, View } from './view.ts';

const OWN_PLACES = new Set(['/tmp', '/var/tmp', '/dev/shm', '/run/ringfence']);
const OWN = new Set<string>(OWN_FILES);
/** Bytes of a file of /etc that is shown as a copy. */
const LARGEST_COPY = 16_384;

/** The real path of the folder that the contract is about; `undefined` where there is none. */
export function workspaceOf({ contract, base, host }: CellFacts): string | undefined {
  return real(absolute(contract.files.workspace.path, host.home, base));
}

export function shownBreaches(view: View, facts: CellFacts, workspace: string): Breach[] {
  const toolchains = new Toolchains(facts.host);
  const breaches = view.mounts.flatMap((mount) => mountBreaches(view, mount, facts, workspace, toolchains));
  breaches.push(...fileBreaches(view, facts));
  for (const link of view.links) {
    const own = !link.path.startsWith('/dev/') && look(link.path) === undefined && !isSystemName(link.path);
    if (own)
      breaches.push(breach('own', link, `a link that the machine does not have: ${link.path}`, link.path));
  }
  breaches.push(...hiddenBreaches(view, facts, workspace));
  // a result that is graded in place of the workspace lies in the record of its run
  const given = [...ownSources(facts), ...(facts.layers === undefined ? [] : [workspace])];
  for (const own of facts.own) {
    const at = placesOf(view, real(own) ?? own, given)[0];
    if (at !== undefined)
      breaches.push({
        promise: 'records',
        says: `${own} of Ringfence’s own could be seen`,
        witness: at.path,
        operation: at.mount.operation,
        ...(at.mount.source !== undefined && clauseOf(facts, at.mount.at)),
      });
  }
  return breaches;
}

const breach = (
  promise: Breach['promise'],
  { operation }: { operation: number },
  says: string,
  witness: string,
): Breach => ({
  promise,
  says,
  witness,
  operation,
});

/** Files of the run's own authorities, which lie in its record and are shown as the authorities of the machine. */
const ownSources = ({ trust }: Pick<CellFacts, 'trust'>): string[] =>
  Object.values(trust ?? {}).map((path) => real(path) ?? path);

/** Where in the view a path of the host, or a part of it, can be seen, but for what is `given`. */
function placesOf(view: View, path: string, given: readonly string[]): { path: string; mount: Mount }[] {
  return view.mounts.flatMap((mount) => {
    const sources = mount.source === undefined ? [] : [mount.source, ...mount.over.slice(1)];
    return sources.flatMap((source) => {
      // of a folder that lies above the source a part is seen, at the mount
      if (!lies(path, source)) {
        const part = source === mount.source && lies(source, path) && !given.includes(source);
        return part ? [{ path: mount.at, mount }] : [];
      }
      const at = join(mount.at, path.slice(source === '/' ? 0 : source.length));
      return view.mountAt(at) === mount ? [{ path: at, mount }] : [];
    });
  });
}

function clauseOf({ contract, host, base }: CellFacts, at: string): { clause?: string } {
  const index = contract.files.read.findIndex((path) => absolute(path, host.home, base) === at);
  return index < 0 ? {} : { clause: `files.read[${index}]` };
}

function mountBreaches(
  view: View,
  mount: Mount,
  facts: CellFacts,
  workspace: string,
  toolchains: Toolchains,
): Breach[] {
  const { at, by, source, flags } = mount;
  const told = (promise: Breach['promise'], says: string) => breach(promise, mount, says, at);
  const breaches: Breach[] = [];
  const device = by === 'bind' && isDevice(at);
  if (!flags.has('nosuid')) breaches.push(told('flags', `${at} is mounted without nosuid`));
  if (!flags.has('nodev') && !device && by !== 'devpts')
    breaches.push(told('flags', `${at} is mounted without nodev`));
  const noexec = device || by === 'proc' || by === 'devpts' || at === '/dev/shm' || at === '/run/ringfence';
  if (noexec && !flags.has('noexec')) breaches.push(told('flags', `${at} is mounted without noexec`));
  if (by === 'tmpfs' && !OWN_PLACES.has(at) && at !== facts.host.home)
    breaches.push(told('own', `an empty folder is laid over ${at}`));
  if ((by === 'proc' && at !== '/proc') || (by === 'devpts' && at !== '/dev/pts'))
    breaches.push(told('own', `${by} is mounted at ${at}`));
  if (source === undefined || by === 'writable') return breaches;
  if (at === workspace) return [...breaches, ...workspaceBreaches(mount, facts, workspace)];
  if (by === 'overlay')
    return [...breaches, told('own', `an overlay that is not the workspace lies at ${at}`)];
  if (device && source === at)
    return mount.ids === '-' ? breaches : [...breaches, told('own', `${at} is given away`)];

  const trust = ownSources(facts);
  const named = facts.contract.files.read.findIndex(
    (path) => absolute(path, facts.host.home, facts.base) === at,
  );
  if (trust.includes(source)) {
    // the run’s own authorities take the place of a list of authorities; they grant nothing of the host
  } else if (real(at) !== source) {
    breaches.push(told('own', `${source} of the host is shown at ${at}`));
  } else if (
    named < 0 &&
    !isSystemRoot(at) &&
    !isSystemName(at) &&
    !toolchains.has(at) &&
    !toolchains.has(source)
  ) {
    const why = toolchains.forbidden(source) ?? 'neither the contract nor PATH leads there';
    breaches.push(told('read', `${source} of the host could be read: ${why}`));
  }
  if (
    named < 0 &&
    at.startsWith('/etc/') &&
    !trust.includes(source) &&
    ((look(source)?.mode ?? 0) & 0o004) === 0
  )
    breaches.push(told('read', `${source} is not readable by everybody on this machine`));
  if (!flags.has('ro')) breaches.push(told('write', `${source} of the host could be changed`));
  breaches.push(...identityBreaches(mount, facts, named >= 0 || lies(at, facts.host.home)));
  if (named < 0 && !isSystemRoot(at) && !at.startsWith('/etc/'))
    for (const path of credentialsIn(at))
      if (view.mountAt(path).by !== 'mask')
        breaches.push(breach('read', mount, `a place of credentials in ${at} is not covered`, path));
  return breaches;
}

/** A mount that makes an owner on disk the cell's own user opens what only that owner may read: no more than is meant. */
function identityBreaches(mount: Mount, { host }: CellFacts, may: boolean): Breach[] {
  const { ids, at, source } = mount;
  if (ids === '-') return [];
  const owner = source === undefined ? undefined : look(source);
  if (may && host.uid === 0 && owner && ids === `${owner.uid}:${owner.gid}`) return [];
  return [breach('read', mount, `${at} is shown as if the program were its owner (${ids})`, at)];
}

function workspaceBreaches(mount: Mount, facts: CellFacts, workspace: string): Breach[] {
  const { by, source, at, over, flags } = mount;
  const told = (promise: Breach['promise'], says: string) => breach(promise, mount, says, at);
  const breaches: Breach[] = [];
  if (source !== workspace) breaches.push(told('own', `${source ?? 'nothing'} is shown as the workspace`));
  const { upper, work: _ } = facts.folders;
  const direct = facts.contract.files.workspace.mode === 'direct' && facts.layers === undefined;
  if (by === 'overlay') {
    const layers = (facts.layers ?? []).map((layer) => real(layer) ?? layer);
    if (over[0] !== (real(upper) ?? upper))
      breaches.push(
        told('write', `what is written goes to ${over[0] ?? 'nowhere'}, not to the run’s own folder`),
      );
    const foreign = over.slice(1).find((layer, index) => layer !== layers[index]) ?? layers[over.length - 1];
    if (foreign !== undefined)
      breaches.push(told('read', `${foreign} is not the layer that was to be shown`));
  } else if (by !== 'bind' && by !== 'layer') breaches.push(told('own', `the workspace is covered by ${by}`));
  else if (!direct && !flags.has('ro'))
    breaches.push({
      ...told(
        'write',
        `${workspace} itself could be changed: the contract says that changes wait for a review`,
      ),
      clause: 'files.workspace',
    });
  return [...breaches, ...identityBreaches(mount, facts, true)];
}

/** Files of the view's own making: the seven that a cell has, and copies of small files of /etc. */
function fileBreaches(view: View, facts: CellFacts): Breach[] {
  return view.files.flatMap((file): Breach[] => {
    const { path, hex, owner, mode } = file;
    const told = (says: string) => [breach('own', file, says, path)];
    if (owner !== 'setup') return told(`${path} could be changed by the program`);
    if ((Number.parseInt(mode, 8) & ~0o644) !== 0) return told(`${path} has the mode ${mode}`);
    if (OWN.has(path))
      return ownFile(path, hex === '-' ? '' : Buffer.from(hex, 'hex').toString('utf8'), facts)
        ? []
        : told(`${path} is not the cell’s own`);
    if (!isSystemName(path))
      return [breach('read', file, `a copy at ${path}, which is not part of the base`, path)];
    const there = look(path);
    const source = there?.isSymbolicLink() ? real(path) : path;
    const stats = source === path ? there : source === undefined ? undefined : look(source);
    if (source === undefined || !stats || (stats.mode & 0o004) === 0 || stats.size > LARGEST_COPY)
      return told(`${path} is no file for everybody on this machine`);
    try {
      const same = readFileSync(source).equals(hex === '-' ? Buffer.alloc(0) : Buffer.from(hex, 'hex'));
      return same ? [] : told(`${path} is not what this machine has`);
    } catch {
      return told(`${path} cannot be read on this machine`);
    }
  });
}

/** Whether a file that tells who and where one is says nothing of the host. */
function ownFile(path: string, text: string, { host }: CellFacts): boolean {
  const lines = text.split('\n').filter((line) => line !== '');
  const names = new Set(['root', 'nobody', 'nogroup', 'agent', host.user]);
  switch (path) {
    case '/etc/passwd':
    case '/etc/group':
      return lines.length <= 3 && lines.every((line) => names.has(line.split(':', 1)[0] as string));
    case '/etc/resolv.conf':
      return lines.every((line) => line === 'nameserver 127.0.0.1' || line.startsWith('options '));
    case '/etc/hosts':
      return lines.every((line) => /^(127\.0\.0\.1|::1) /.test(line));
    case '/etc/nsswitch.conf':
      return lines.every((line) => /^\w+: files( dns)?$/.test(line));
    case '/etc/hostname':
      return text === 'cell\n';
    default:
      return /^[0-9a-f]{32}\n$/.test(text);
  }
}

function hiddenBreaches(view: View, facts: CellFacts, workspace: string): Breach[] {
  const { hide } = facts.contract.files;
  if (hide.length === 0) return [];
  const hidden = hiddenPaths(workspace, hide);
  if (!hidden.ok) return [{ promise: 'hidden', says: hidden.problem, clause: 'files.hide' }];
  return hidden.paths.flatMap(({ path, pattern }): Breach[] => {
    const at = view.resolve(path, true) ?? path;
    const mount = view.mountAt(at);
    if (mount.by === 'mask' || mount.source === undefined) return [];
    // a link out of everything that is shown leads nowhere
    if (look(view.hostPath(at) ?? at) === undefined && mount.over.length <= 1) return [];
    return [
      {
        promise: 'hidden',
        says: `${path} could be read`,
        witness: path,
        operation: mount.operation,
        clause: `files.hide[${pattern}]`,
      },
    ];
  });
}
