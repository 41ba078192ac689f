/**
 * A pod's containers.
 *
 * @module
 */
import { Container } from './container.ts';
import { readRuntime } from './docker-isolation.ts';
import { Draft } from './draft.ts';
import { type Cluster, labelsOf, nameOf, ofKind, type Pod } from './k8s-cluster.ts';
import { addPodNetwork } from './k8s-network.ts';
import { addSecurity } from './k8s-security.ts';
import { addPodVolumes } from './k8s-volumes.ts';
import type { Node } from './node.ts';
import { servicesOf } from './services.ts';

/** Keys of a pod, and of a container, that grant nothing. */
const POD_SILENT =
  `activeDeadlineSeconds affinity containers dnsPolicy enableServiceLinks hostname hostnameOverride imagePullSecrets
 initContainers nodeName nodeSelector os overhead preemptionPolicy priority priorityClassName readinessGates resources restartPolicy
 schedulerName schedulingGates securityContext serviceAccount serviceAccountName setHostnameAsFQDN subdomain terminationGracePeriodSeconds tolerations
 topologySpreadConstraints volumes`.split(/\s+/);
const CONTAINER_SILENT =
  `args command image imagePullPolicy lifecycle livenessProbe name readinessProbe resizePolicy restartPolicy startupProbe stdin
 stdinOnce terminationMessagePath terminationMessagePolicy tty workingDir`.split(/\s+/);

/** One draft for each container that stays; what runs before them is not the agent. */
export function readPod(pod: Pod, cluster: Cluster): Draft[] {
  const containers = pod.spec.get('containers')?.items() ?? [];
  if (containers.length === 0)
    pod.spec.fault('a pod without containers', 'Write containers: with a name and an image.');
  const sidecars = (pod.spec.find('initContainers')?.items() ?? []).filter(
    (each) => each.find('restartPolicy')?.text() === 'Always',
  );
  return containers.map((node) => {
    const name = node.get('name')?.text();
    const { source } = node;
    const draft = new Draft(
      'k8s',
      containers.length > 1 ? `${pod.name}/${name ?? ''}` : pod.name,
      source,
      'container',
      { ...source, mode: 'all', by: 'engine' },
    );
    const container = new Container(draft, source);
    addSecurity(container, pod, node);
    addPodNetwork(container, pod, cluster);
    addPodVolumes(container, pod, node, cluster);
    addVariables(container, pod, node, cluster);
    addPorts(container, node);
    addLimits(container, pod, node);
    addRuns(draft, pod);
    addToken(draft, pod, cluster);
    for (const other of [...containers, ...sidecars]) if (other.path !== node.path) addBeside(draft, other);
    const shared = pod.spec.get('shareProcessNamespace');
    if (shared?.flag() && containers.length + sidecars.length > 1)
      draft.unexpressed(shared.source, 'which processes of the pod’s other containers it sees and signals');
    const runtime = pod.spec.get('runtimeClassName');
    if (runtime !== undefined) readRuntime(container, runtime.source, runtime.text() ?? '');
    addLater(draft, pod, cluster);
    pod.spec.skip(...POD_SILENT);
    pod.spec.rest(draft);
    node.skip(...CONTAINER_SILENT);
    node.rest(draft);
    container.finish();
    return draft;
  });
}

function addVariables(container: Container, pod: Pod, node: Node, cluster: Cluster): void {
  const { draft } = container;
  for (const each of node.get('env')?.items() ?? []) {
    const name = each.get('name')?.text() ?? '';
    const from = each.get('valueFrom');
    const secret = from?.get('secretKeyRef');
    if (secret !== undefined) draft.secrets.push({ ...secret.source, name, where: 'variable', hosts: [] });
    else if (from?.has('fileKeyRef'))
      draft.secrets.push({ ...from.source, name, where: 'variable', hosts: [] });
    else container.variable(each.source, name, each.get('value')?.text() ?? '');
  }
  for (const each of node.get('envFrom')?.items() ?? []) {
    const prefix = each.get('prefix')?.text() ?? '';
    const secret = each.get('secretRef');
    if (secret !== undefined)
      draft.secrets.push({
        ...secret.source,
        name: `${prefix}${secret.get('name')?.text() ?? ''}`,
        where: 'variable',
        hosts: [],
      });
    const map = each.get('configMapRef');
    if (map === undefined) continue;
    const name = map.get('name')?.text();
    const found = ofKind(cluster, 'ConfigMap', pod.namespace).find((document) => nameOf(document) === name);
    if (found === undefined) draft.unexpressed(map.source, `which variables the config map ${name} sets`);
    else
      for (const [key, value] of labelsOf(found.find('data')))
        container.variable(map.source, `${prefix}${key}`, value);
  }
}

function addPorts(container: Container, node: Node): void {
  for (const each of node.get('ports')?.items() ?? []) {
    const inside = each.get('containerPort')?.number();
    const outside = each.get('hostPort');
    const address = each.get('hostIP')?.text();
    const protocol = each.get('protocol')?.text() === 'UDP' ? 'udp' : 'tcp';
    each.skip('name');
    each.rest(container.draft);
    if (outside !== undefined)
      container.publish(each.source, {
        address: address === '0.0.0.0' ? undefined : address,
        outside: outside.number() ?? 'any',
        inside: inside ?? 'any',
        protocol,
      });
  }
}

function addLimits(container: Container, pod: Pod, node: Node): void {
  const { draft } = container;
  const own = node.get('resources');
  const limits = [own?.find('limits'), pod.spec.find('resources', 'limits')];
  for (const each of limits) container.limit('memory', each?.find('memory')?.text() ?? '');
  for (const each of limits) container.limit('CPU', each?.find('cpu')?.text() ?? '');
  // no manifest limits processes, nodes do: Kubernetes documentation, Process ID Limits And Reservations
  container.limit('processes', '1');
  draft.unexpressed(node.source, 'whether the node limits processes', ['resource-acquisition', 'sabotage']);
  const device = /^(?!(cpu|memory|ephemeral-storage|storage|pods|hugepages-.*)$).+\/.+$/;
  for (const [name, value] of limits[0]?.entries() ?? []) {
    if (!device.test(name) || value.text() === '0') continue;
    draft.gpus.push({ ...value.source, text: `${value.text()} ${name}` });
    if (/gpu|nvidia|amd|intel/i.test(name)) draft.word(value.source, 'hostDevice', '/dev/nvidia*');
    else draft.word(value.source, 'hostDevice', name);
  }
  own?.skip('limits', 'requests', 'claims');
  const deadline =
    pod.spec.get('activeDeadlineSeconds') ??
    pod.document.find('spec', 'activeDeadlineSeconds') ??
    pod.document.find('spec', 'jobTemplate', 'spec', 'activeDeadlineSeconds');
  if (deadline !== undefined)
    draft.compute = {
      ...draft.compute,
      ...deadline.source,
      text: `at most ${deadline.text()} s`,
      bounded: true,
    };
}

/** Annotations by which additions of a cluster give a pod networks, containers, devices, rights or roles of a cloud. */
const GIVING =
  /cni|cri-o|containerd|kata|inject|network|device|privileged|iam|role|identity|cloud|secret|istio|linkerd/i;

/** What others add: to a running pod, by claims, by annotations. */
function addLater(draft: Draft, { spec, template, namespace }: Pod, cluster: Cluster): void {
  const ephemeral = spec.get('ephemeralContainers');
  if (ephemeral !== undefined)
    draft.unexpressed(ephemeral.source, 'what containers that are added later do beside it, and hold');
  const claims = spec.get('resourceClaims');
  if (claims !== undefined) draft.unexpressed(claims.source, 'which devices the claims give');
  const name = (spec.find('serviceAccountName') ?? spec.find('serviceAccount'))?.text() ?? 'default';
  const account = ofKind(cluster, 'ServiceAccount', namespace).find((each) => nameOf(each) === name);
  for (const document of [template, account])
    for (const [key, value] of document?.find('metadata', 'annotations')?.entries() ?? [])
      if (GIVING.test(key) && !key.startsWith('container.apparmor.'))
        draft.unexpressed(value.source, `what the cluster adds for the annotation ${key}`);
}

/** Whether it is started again, and how often at once. */
function addRuns(draft: Draft, { kind, document, spec }: Pod): void {
  const restart = spec.get('restartPolicy');
  const policy = restart?.text() ?? 'Always';
  if (policy !== 'Never' && !/^(Job|CronJob)$/.test(kind))
    draft.word((restart ?? spec).source, 'restartAlways', policy);
  const counts = [
    document.find('spec', 'replicas'),
    document.find('spec', 'parallelism'),
    document.find('spec', 'completions'),
    document.find('spec', 'jobTemplate', 'spec', 'parallelism'),
    document.find('spec', 'jobTemplate', 'spec', 'completions'),
  ];
  const more = counts.find((count) => count !== undefined && (count.number() ?? 0) > 1);
  const schedule = document.find('spec', 'schedule');
  if (more !== undefined) draft.several = more.source;
  else if (kind === 'DaemonSet') draft.several = document.source;
  else if (schedule !== undefined) draft.several = schedule.source;
}

/** The token is mounted unless the pod, or else its account, says otherwise. */
function addToken(draft: Draft, { namespace, spec }: Pod, cluster: Cluster): void {
  const named = spec.get('serviceAccountName') ?? spec.get('serviceAccount');
  const name = named?.text() ?? 'default';
  const account = ofKind(cluster, 'ServiceAccount', namespace).find((each) => nameOf(each) === name);
  const own = spec.get('automountServiceAccountToken');
  const mounted = own?.flag() ?? account?.find('automountServiceAccountToken')?.flag() ?? true;
  if (!mounted) return;
  const from = (own ?? named ?? spec).source;
  draft.word(from, 'serviceAccountToken', name);
  draft.secrets.push({ ...from, name: `service account ${name}`, where: 'file', hosts: [] });
}

/** Containers of one pod share its loopback. */
function addBeside(draft: Draft, other: Node): void {
  const name = other.find('name')?.text() ?? '';
  const ports = (other.find('ports')?.items() ?? []).flatMap(
    (each) => each.find('containerPort')?.number() ?? [],
  );
  for (const port of ports.length > 0 ? ports : (['any'] as const))
    draft.destinations.push({
      ...other.source,
      host: 'localhost',
      port,
      protocol: 'any',
      addresses: [],
      services: servicesOf(other.find('image')?.text(), name),
      shared: false,
    });
}
