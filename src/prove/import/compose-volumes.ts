/**
 * Volumes, binds and tmpfs of a compose service.
 *
 * @module
 */
import type { Project } from './compose.ts';
import type { Container } from './container.ts';
import { readPropagation, readVolumeText } from './mounts.ts';
import type { Node } from './node.ts';

export function addVolumes(container: Container, node: Node, project: Project): void {
  for (const each of node.get('volumes')?.items() ?? []) {
    if (each.tree.kind === 'map') addLong(container, each, project);
    else addShort(container, each, each.text() ?? '', project);
  }
  const tmpfs = node.get('tmpfs');
  const list = tmpfs === undefined ? [] : tmpfs.tree.kind === 'list' ? tmpfs.items() : [tmpfs];
  for (const each of list) container.scratch(each.source, (each.text() ?? '').replace(/:.*$/, ''));
  const from = node.get('volumes_from');
  for (const { node: each, text } of from?.texts() ?? []) {
    const [name = '', access] = text.split(':');
    const other = project.services.get(name);
    if (other === undefined)
      container.draft.unexpressed(each.source, `what the container ${name} has mounted`);
    else addBorrowed(container, other, access === 'ro', project, new Set());
  }
}

function addShort(container: Container, node: Node, text: string, project: Project): void {
  const [name = '', inside = '', options = ''] = text.split(':');
  const device = boundDevice(project, name);
  if (device !== undefined && inside !== '')
    container.bind(node.source, { from: device, inside, readOnly: options.split(',').includes('ro') });
  else readVolumeText(container, node.source, text, (volume) => volumeOf(container, node, volume, project));
}

/** The mounts of another service, where they are in that one, and what that one has from others. */
function addBorrowed(
  container: Container,
  other: Node,
  readOnly: boolean,
  project: Project,
  seen: Set<Node>,
): void {
  if (seen.has(other)) return;
  seen.add(other);
  for (const { node, text } of other.find('volumes_from')?.texts() ?? []) {
    const [name = '', access] = text.split(':');
    const next = project.services.get(name);
    if (next === undefined)
      container.draft.unexpressed(node.source, `what the container ${name} has mounted`);
    else addBorrowed(container, next, readOnly || access === 'ro', project, seen);
  }
  for (const each of other.find('volumes')?.items() ?? [])
    if (each.tree.kind === 'map') addLong(container, each, project);
    else {
      const text = each.text() ?? '';
      addShort(container, each, readOnly ? `${text.replace(/:(ro|rw)$/, '')}:ro` : text, project);
    }
}

function addLong(container: Container, node: Node, project: Project): void {
  const type = node.get('type')?.text() ?? 'volume';
  const from = node.get('source')?.text() ?? '';
  const inside = node.get('target')?.text() ?? '';
  // what is mounted below stays writable where that is asked for
  const isWhole = node.find('bind', 'recursive')?.text() !== 'writable';
  const readOnly = (node.get('read_only')?.flag() ?? false) && isWhole;
  const propagation = node.find('bind', 'propagation');
  if (propagation !== undefined) readPropagation(container, propagation.source, [propagation.text() ?? '']);
  node.skip('bind', 'volume', 'tmpfs', 'consistency', 'image');
  node.rest(container.draft);
  const { source } = node;
  const device = type === 'volume' ? boundDevice(project, from) : undefined;
  if (device !== undefined) container.bind(source, { from: device, inside, readOnly });
  else if (type === 'bind') container.bind(source, { from, inside, readOnly });
  else if (type === 'tmpfs' || type === 'image' || from === '') container.scratch(source, inside);
  else if (type === 'volume')
    container.volume(source, { ...volumeOf(container, node, from, project), inside, readOnly });
  else container.draft.unexpressed(source, `what a mount of type ${type} holds`);
}

/** A volume that is a folder of the machine in disguise: the local driver binds it. */
function boundDevice({ volumes }: Project, name: string): string | undefined {
  const options = volumes?.find(name, 'driver_opts');
  const device = options?.find('device')?.text();
  const isBind = /\br?bind\b/.test(
    `${options?.find('o')?.text() ?? ''},${options?.find('type')?.text() ?? ''}`,
  );
  return device !== undefined && isBind ? device : undefined;
}

/** Its name in the engine, and whether others mount it. */
function volumeOf(
  { draft }: Container,
  node: Node,
  name: string,
  { volumes, services }: Project,
): { name: string; shared: boolean } {
  const declared = volumes?.find(name);
  const external = declared?.find('external');
  const isExternal = external !== undefined && (external.tree.kind === 'map' || external.flag() === true);
  const driver = declared?.find('driver')?.text() ?? 'local';
  const type = declared?.find('driver_opts', 'type')?.text() ?? '';
  const isRemote = /nfs|cifs|smb/.test(type);
  const device = declared?.find('driver_opts', 'device');
  if (isExternal) draft.unexpressed(node.source, `where the volume ${name}, which is made elsewhere, lies`);
  else if (device !== undefined && !isRemote && type !== 'tmpfs')
    draft.unexpressed(node.source, `what of the machine the volume ${name} leads to`);
  if (driver !== 'local') draft.unexpressed(node.source, `where the volume driver ${driver} keeps ${name}`);
  const users = [...services.values()].filter((service) =>
    (service.find('volumes')?.items() ?? []).some((each) =>
      each.tree.kind === 'map' ? each.find('source')?.text() === name : each.text()?.split(':')[0] === name,
    ),
  );
  return {
    name: declared?.find('name')?.text() ?? name,
    shared: isExternal || isRemote || users.length > 1,
  };
}
