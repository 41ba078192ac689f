/**
 * What a pod reaches and who reaches it: everything, unless a network policy of the file selects it.
 *
 * Source: Kubernetes documentation, Network Policies, Service, DNS for Services and Pods.
 *
 * @module
 */

import { addressesIn } from './cidr.ts';
import type { Container } from './container.ts';
import {
  type Cluster,
  imagesOf,
  type Labels,
  labelsOf,
  nameOf,
  namespaceOf,
  ofKind,
  type Pod,
  selects,
  servicesFor,
} from './k8s-cluster.ts';
import type { Node } from './node.ts';
import { servicesOf } from './services.ts';

export function addPodNetwork(container: Container, pod: Pod, cluster: Cluster): void {
  const { draft } = container;
  const { spec, namespace, labels } = pod;
  const host = spec.get('hostNetwork');
  addNames(container, spec);
  if (host?.flag()) {
    draft.network = { ...host.source, mode: 'machine', by: 'engine' };
    draft.word(host.source, 'hostNetwork');
    return;
  }
  const policies = ofKind(cluster, 'NetworkPolicy', namespace).filter((policy) =>
    selects(policy.find('spec', 'podSelector'), labels),
  );
  addEgress(container, pod, policies.filter(isAbout('Egress')), cluster);
  addIngress(container, pod, policies.filter(isAbout('Ingress')), cluster);
}

/** Without policyTypes a policy is about ingress, and about egress where it has rules for it. */
const isAbout =
  (type: 'Egress' | 'Ingress') =>
  (policy: Node): boolean => {
    const types = policy.find('spec', 'policyTypes')?.texts();
    if (types !== undefined && types.length > 0) return types.some(({ text }) => text === type);
    // an empty list counts as none here: kubernetes/kubernetes, pkg/apis/networking/v1/defaults.go
    return type === 'Ingress' || (policy.find('spec', 'egress')?.items() ?? []).length > 0;
  };

function addEgress(container: Container, pod: Pod, policies: readonly Node[], cluster: Cluster): void {
  const { draft } = container;
  const [first] = policies;
  if (first === undefined) {
    draft.network = { ...pod.spec.source, mode: 'all', by: 'engine' };
    addClusterServices(container, pod, cluster);
    return;
  }
  // Kubernetes documentation, Network Policies: traffic to and from the node where a pod runs is always allowed
  draft.unexpressed(first.source, 'what its own node answers to it: no policy closes that way');
  const before = draft.destinations.length;
  draft.network = { ...(first.find('spec', 'egress') ?? first).source, mode: 'named', by: 'engine' };
  for (const rule of policies.flatMap((policy) => policy.find('spec', 'egress')?.items() ?? [])) {
    const ports = portsOf(rule);
    const peers = rule.get('to')?.items() ?? [];
    if (peers.length === 0)
      for (const port of ports) push(container, rule, { host: '*', port, services: [], shared: true });
    for (const peer of peers) addPeer(container, peer, ports, pod, cluster);
    rule.rest(draft);
  }
  const all = draft.destinations.find(({ host, port }) => host === '*' && port === 'any');
  if (all !== undefined) {
    const { clause, place } = all;
    draft.network = { clause, ...(place !== undefined && { place }), mode: 'all', by: 'engine' };
  }
  if (draft.destinations.length === before) draft.network = { ...draft.network, mode: 'none' };
}

type Port = number | 'any';

function portsOf(rule: Node): Port[] {
  const ports = rule.get('ports')?.items() ?? [];
  if (ports.length === 0) return ['any'];
  return ports.flatMap((each): Port[] => {
    const port = each.get('port');
    const end = each.get('endPort')?.number();
    const from = port === undefined ? undefined : Number(port.text());
    if (from === undefined || !Number.isInteger(from)) return ['any'];
    if (end === undefined || end === from) return [from];
    return end - from > 16 ? ['any'] : Array.from({ length: end - from + 1 }, (_, at) => from + at);
  });
}

interface Peer {
  readonly host: string;
  readonly port: Port;
  readonly services: ReturnType<typeof servicesOf>;
  readonly shared: boolean;
}

function push({ draft }: Container, node: Node, { host, port, services, shared }: Peer): void {
  draft.destinations.push({
    ...node.source,
    host,
    port,
    protocol: 'any',
    addresses: [],
    services: port === 53 && !services.includes('dns') ? [...services, 'dns'] : services,
    shared,
  });
}

function addPeer(container: Container, peer: Node, ports: readonly Port[], pod: Pod, cluster: Cluster): void {
  const { draft } = container;
  const block = peer.get('ipBlock');
  if (block !== undefined) {
    const cidr = block.get('cidr');
    const text = cidr?.text() ?? '';
    const found = addressesIn(text);
    if (found === undefined)
      (cidr ?? block).fault(`${text} is no range of addresses`, 'Write for example 192.0.2.0/24.');
    else
      for (const host of found)
        for (const port of ports) push(container, cidr ?? block, { host, port, services: [], shared: true });
    for (const { node, text: except } of block.get('except')?.texts() ?? [])
      draft.unexpressed(node.source, `${except} is left out of ${text}`, []);
    return;
  }
  const namespaces = peer.get('namespaceSelector');
  const pods = peer.get('podSelector');
  const namespace = namespaces === undefined ? pod.namespace : namedNamespace(namespaces);
  const targets = cluster.pods.filter(
    (each) =>
      (namespace === undefined || each.namespace === namespace) &&
      each.document !== pod.document &&
      selects(pods, each.labels),
  );
  const wanted = labelsOf(pods?.get('matchLabels'));
  const named = new Map<string, Peer['services']>();
  for (const target of targets)
    for (const service of servicesFor(cluster, target.namespace, target.labels))
      named.set(
        hostOf(service, pod.namespace),
        unique([
          ...servicesOf(undefined, nameOf(service), target.name),
          ...imagesOf(target).flatMap((image) => servicesOf(image)),
        ]),
      );
  for (const service of ofKind(cluster, 'Service', namespace))
    if (wanted.size > 0 && covers(labelsOf(service.find('spec', 'selector')), wanted))
      if (!named.has(hostOf(service, pod.namespace)))
        named.set(hostOf(service, pod.namespace), servicesOf(undefined, nameOf(service), ...wanted.values()));
  if (named.size === 0) named.set(...unnamed(targets, wanted, namespace));
  for (const [host, services] of named)
    for (const port of ports) push(container, peer, { host, port, services, shared: true });
}

const unique = <Value>(values: readonly Value[]): Value[] => [...new Set(values)];

/** Whether all that is wanted is among the labels. */
const covers = (labels: Labels, wanted: Labels): boolean =>
  [...wanted].every(([name, value]) => labels.get(name) === value);

/** Pods that no service of the file leads to: by what their labels call them. */
function unnamed(
  targets: readonly Pod[],
  wanted: Labels,
  namespace: string | undefined,
): [host: string, services: Peer['services']] {
  const called =
    ['app.kubernetes.io/name', 'app', 'k8s-app', 'name', 'app.kubernetes.io/component', 'component', 'role']
      .map((label) => wanted.get(label))
      .find((value) => value !== undefined) ?? [...wanted.values()][0];
  const said = [
    ...servicesOf(undefined, ...wanted.values()),
    ...targets.flatMap((target) => [
      ...servicesOf(undefined, target.name),
      ...imagesOf(target).flatMap((image) => servicesOf(image)),
    ]),
  ];
  const below = namespace === undefined ? 'svc.cluster.local' : `${namespace}.svc.cluster.local`;
  const host = called !== undefined && /^[A-Za-z0-9.-]+$/.test(called) ? called.toLowerCase() : `*.${below}`;
  return [host, unique(said)];
}

/** The namespace that a selector names, if it is one. */
function namedNamespace(selector: Node): string | undefined {
  return labelsOf(selector.get('matchLabels')).get('kubernetes.io/metadata.name');
}

const hostOf = (service: Node, from: string): string =>
  namespaceOf(service) === from ? nameOf(service) : `${nameOf(service)}.${namespaceOf(service)}`;

/** Where everything can be reached, what the file itself says is there. */
function addClusterServices(container: Container, pod: Pod, cluster: Cluster): void {
  for (const service of ofKind(cluster, 'Service')) {
    const selector = labelsOf(service.find('spec', 'selector'));
    const targets = cluster.pods.filter(
      (each) => each.namespace === namespaceOf(service) && selector.size > 0 && covers(each.labels, selector),
    );
    if (targets.some((target) => target.document === pod.document)) continue;
    const said = unique([
      ...servicesOf(undefined, nameOf(service)),
      ...targets.flatMap((target) => imagesOf(target).flatMap((image) => servicesOf(image))),
    ]);
    for (const each of service.find('spec', 'ports')?.items() ?? [service])
      push(container, service, {
        host: hostOf(service, pod.namespace),
        port: each.tree.kind === 'map' ? (each.find('port')?.number() ?? 'any') : 'any',
        services: said,
        shared: true,
      });
  }
}

function addIngress(container: Container, pod: Pod, policies: readonly Node[], cluster: Cluster): void {
  const { draft } = container;
  const { spec, labels, namespace } = pod;
  if (policies.length === 0)
    draft.inbound.push({ ...spec.source, port: 'any', inside: 'any', protocol: 'tcp', from: 'neighbours' });
  for (const rule of policies.flatMap((policy) => policy.find('spec', 'ingress')?.items() ?? []))
    for (const port of portsOf(rule)) {
      const blocks = (rule.get('from')?.items() ?? []).filter((peer) => peer.has('ipBlock'));
      draft.inbound.push({
        ...rule.source,
        port,
        inside: port,
        protocol: 'tcp',
        from: blocks.length > 0 ? 'anyone' : 'neighbours',
      });
    }
  for (const service of servicesFor(cluster, namespace, labels)) {
    const type = service.find('spec', 'type')?.text() ?? 'ClusterIP';
    const isOpen =
      /^(NodePort|LoadBalancer)$/.test(type) || service.find('spec')?.has('externalIPs') === true;
    if (!isOpen && !isPublished(service, cluster)) continue;
    for (const each of service.find('spec', 'ports')?.items() ?? []) {
      const outside = each.find('nodePort')?.number() ?? each.find('port')?.number() ?? 'any';
      const target = Number(each.find('targetPort')?.text() ?? each.find('port')?.text());
      const inside = Number.isInteger(target) ? target : 'any';
      draft.word(service.source, 'hostPort', `${outside}:${inside}/tcp`);
      draft.inbound.push({ ...service.source, port: outside, inside, protocol: 'tcp', from: 'anyone' });
    }
  }
}

/** Whether an ingress of the file leads to the service. */
function isPublished(service: Node, cluster: Cluster): boolean {
  return ofKind(cluster, 'Ingress', namespaceOf(service)).some((ingress) => {
    const backends = [
      ingress.find('spec', 'defaultBackend'),
      ...(ingress.find('spec', 'rules')?.items() ?? []).flatMap((rule) =>
        (rule.find('http', 'paths')?.items() ?? []).map((path) => path.find('backend')),
      ),
    ];
    return backends.some((backend) => backend?.find('service', 'name')?.text() === nameOf(service));
  });
}

/** `dnsConfig`, `hostAliases`. */
function addNames({ draft }: Container, spec: Node): void {
  const config = spec.get('dnsConfig');
  for (const { node, text } of config?.get('nameservers')?.texts() ?? [])
    draft.destinations.push({
      ...node.source,
      host: text,
      port: 53,
      protocol: 'any',
      addresses: [],
      services: ['dns'],
      shared: true,
    });
  config?.skip('searches', 'options');
  for (const alias of spec.get('hostAliases')?.items() ?? []) {
    const address = alias.get('ip')?.text() ?? '';
    for (const { node, text } of alias.get('hostnames')?.texts() ?? [])
      draft.destinations.push({
        ...node.source,
        host: text,
        port: 'any',
        protocol: 'any',
        addresses: [{ ...alias.source, name: text, address }],
        services: [],
        shared: true,
      });
  }
}
