/**
 * What a compose service reaches, and who reaches it.
 *
 * Source: Compose specification, networks; Docker documentation, Networking in Compose.
 *
 * @module
 */
import type { Project } from './compose.ts';
import type { Container } from './container.ts';
import { addGateway } from './docker-isolation.ts';
import type { Node } from './node.ts';
import { servicesOf } from './services.ts';

/** `network_mode: service:NAME` of services of that kind, beyond this many, is a circle. */
const MAX_HOPS = 16;

export function addNetworks(container: Container, name: string, node: Node, project: Project): void {
  const { draft } = container;
  const own = node.get('networks');
  const { source, mode, names, via } = joined(node, project, 0);
  for (const key of ['extra_hosts', 'dns', 'links', 'external_links'])
    addNamed(container, node.get(key), key);
  const place = own?.source ?? source ?? node.source;
  switch (mode) {
    case 'none':
      draft.network = { ...place, mode: 'none', by: 'engine' };
      draft.destinations.length = 0;
      addRoommates(container, name, via, project);
      return;
    case 'host':
      draft.network = { ...place, mode: 'machine', by: 'engine' };
      draft.word(source ?? place, 'hostNetwork');
      return;
    case 'other':
      draft.network = { ...place, mode: 'none', by: 'engine' };
      draft.unexpressed(source ?? place, `what the network of ${via} leads to`);
      return;
    case 'bridge':
      draft.network = { ...place, mode: 'all', by: 'engine' };
      draft.inbound.push({ ...place, port: 'any', inside: 'any', protocol: 'tcp', from: 'neighbours' });
      return;
    case 'networks':
  }
  addRoommates(container, name, via, project);
  let open = false;
  for (const network of names) {
    const declared = project.networks?.find(network);
    const external = declared?.find('external');
    if (external !== undefined && (external.tree.kind === 'map' || external.flag() === true))
      draft.unexpressed(external.source, `what the network ${network}, which is made elsewhere, leads to`);
    else if (declared?.find('internal')?.flag() === true) {
      addGateway(container, declared.source);
      const driver = declared.find('driver');
      if (driver !== undefined && driver.text() !== 'bridge')
        draft.unexpressed(driver.source, `what the driver ${driver.text()} keeps in`);
    } else open = true;
  }
  draft.network = { ...place, mode: open ? 'all' : 'named', by: 'engine' };
  const neighbours = [...project.services].filter(([other, service]) => {
    const theirs = joined(service, project, 0);
    // of one network namespace they are one host
    if (other === name || other === via || theirs.via === name) return false;
    return theirs.names.some((each) => names.includes(each));
  });
  for (const [other, service] of neighbours) addNeighbour(container, other, service, neighbours.length > 1);
  if (neighbours.length > 0)
    draft.inbound.push({ ...place, port: 'any', inside: 'any', protocol: 'tcp', from: 'neighbours' });
}

/**
 * Services in the same namespaces: what listens at their loopback answers to it, and of one process namespace each sees, signals
 * and reads the others (pid_namespaces(7), proc(5)).
 */
function addRoommates(
  container: Container,
  name: string,
  via: string | undefined,
  { services, ...project }: Project,
): void {
  const { draft } = container;
  for (const [other, service] of services) {
    if (other === name) continue;
    const { via: theirs } = joined(service, { services, ...project }, 0);
    if (other === via || theirs === name || (theirs !== undefined && theirs === via)) {
      addNeighbour(container, 'localhost', service, false, other);
      draft.unexpressed(service.source, `what ${other}, at the same loopback, does for who asks it`);
      for (const each of service.find('ports')?.items() ?? [])
        draft.inbound.push({ ...each.source, port: 'any', inside: 'any', protocol: 'tcp', from: 'anyone' });
    }
    for (const key of ['pid', 'ipc'])
      if (service.find(key)?.text() === `service:${name}`)
        draft.unexpressed(service.source, `what ${other} does and holds, whose ${key} namespace is the same`);
  }
}

interface Joined {
  readonly mode: 'none' | 'host' | 'bridge' | 'other' | 'networks';
  readonly names: readonly string[];
  readonly source?: Node['source'];
  /** Whose network it is. */
  readonly via?: string;
}

function joined(node: Node, project: Project, hops: number): Joined {
  const mode = node.find('network_mode');
  const text = mode?.text();
  if (mode === undefined || text === undefined) {
    const networks = node.find('networks');
    const names =
      networks === undefined
        ? []
        : networks.tree.kind === 'list'
          ? networks.texts().map((each) => each.text)
          : networks.entries().map(([name]) => name);
    // an empty list is as none at all: compose joins the default network
    return { mode: 'networks', names: names.length === 0 ? ['default'] : names };
  }
  const { source } = mode;
  const [, kind, via] = /^(service|container):(.+)$/.exec(text) ?? [];
  if (kind === 'service') {
    const other = project.services.get(via as string);
    if (other !== undefined && hops < MAX_HOPS)
      return { ...joined(other, project, hops + 1), source, ...(via !== undefined && { via }) };
  }
  if (text === 'none' || text === 'host') return { mode: text, names: [], source };
  if (text === 'bridge' || text === 'default') return { mode: 'bridge', names: [], source };
  return { mode: 'other', names: [], source, via: via ?? text };
}

function addNeighbour(
  { draft }: Container,
  name: string,
  service: Node,
  shared: boolean,
  called: string = name,
): void {
  const image = service.find('image')?.text();
  const ports = [
    ...(service.find('expose')?.items() ?? []),
    ...(service.find('ports')?.items() ?? []),
  ].flatMap((each) => {
    const text = each.tree.kind === 'map' ? each.find('target')?.text() : each.text();
    const port = Number(
      text
        ?.replace(/\/\w+$/, '')
        .split(':')
        .at(-1),
    );
    return Number.isInteger(port) && port > 0 ? [port] : [];
  });
  for (const port of ports.length > 0 ? [...new Set(ports)] : (['any'] as const))
    draft.destinations.push({
      ...service.source,
      host: name.toLowerCase(),
      port,
      protocol: 'any',
      addresses: [],
      services: servicesOf(image, called),
      shared,
    });
}

/** Docker's own bridge has this address unless it is set otherwise. */
const BRIDGE = '172.17.0.1';

function addNamed({ draft }: Container, node: Node | undefined, key: string): void {
  if (node === undefined) return;
  const pairs: [Node, string][] =
    node.tree.kind === 'map'
      ? node
          .entries()
          .flatMap(([name, each]) =>
            (each.tree.kind === 'list' ? each.items() : [each]).map((one): [Node, string] => [
              one,
              `${name}=${one.text()}`,
            ]),
          )
      : (node.tree.kind === 'list' ? node.items() : [node]).map((each) => [each, each.text() ?? '']);
  for (const [each, text] of pairs) {
    const [, host = text, address] = /^([^:=]+)[:=]\[?(.+?)\]?$/.exec(text) ?? [];
    const isHost = key === 'extra_hosts';
    draft.destinations.push({
      ...each.source,
      host: key === 'links' || key === 'external_links' ? (address ?? host) : host,
      port: key === 'dns' ? 53 : 'any',
      protocol: 'any',
      addresses:
        isHost && address !== undefined && !address.includes('${')
          ? [{ ...each.source, name: host, address: address === 'host-gateway' ? BRIDGE : address }]
          : [],
      services: key === 'dns' ? ['dns'] : servicesOf(undefined, host),
      shared: true,
    });
  }
}
