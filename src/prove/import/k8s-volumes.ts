/**
 * Volumes of a pod, where a container mounts them.
 *
 * Source: Kubernetes documentation, Volumes, Persistent Volumes, Projected Volumes.
 *
 * @module
 */
import type { Container } from './container.ts';
import { type Cluster, nameOf, ofKind, type Pod } from './k8s-cluster.ts';
import { readPropagation } from './mounts.ts';
import type { Node } from './node.ts';

interface Mount {
  /** Where the container names the volume. */
  readonly node: Node;
  readonly inside: string;
  readonly readOnly: boolean;
}

export function addPodVolumes(container: Container, pod: Pod, node: Node, cluster: Cluster): void {
  const volumes = new Map(
    (pod.spec.find('volumes')?.items() ?? []).map((each) => [each.get('name')?.text() ?? '', each] as const),
  );
  for (const each of node.get('volumeMounts')?.items() ?? []) {
    const name = each.get('name')?.text() ?? '';
    const inside = each.get('mountPath')?.text() ?? '';
    const readOnly = each.get('readOnly')?.flag() ?? false;
    const propagation = each.get('mountPropagation');
    if (propagation !== undefined) readPropagation(container, propagation.source, [propagation.text() ?? '']);
    each.skip('subPath', 'subPathExpr');
    const recursive = each.get('recursiveReadOnly')?.text();
    each.rest(container.draft);
    const volume = volumes.get(name);
    const isTemplate = (pod.document.find('spec', 'volumeClaimTemplates')?.items() ?? []).some(
      (template) => nameOf(template) === name,
    );
    if (volume !== undefined) {
      addMount(container, volume, { node: each, inside, readOnly }, pod, cluster);
      // Kubernetes documentation, Volumes, Read-only mounts: what is mounted below it stays writable
      if (readOnly && recursive !== 'Enabled' && volume.has('hostPath'))
        container.draft.unexpressed(
          each.source,
          'which folders mounted below it can be written all the same',
        );
    } else if (isTemplate) container.volume(each.source, { name, inside, readOnly, shared: false });
    else each.fault(`there is no volume ${name}`, 'Name one of the pod’s volumes.');
  }
  for (const each of node.get('volumeDevices')?.items() ?? []) {
    container.device(each.source, each.get('devicePath')?.text() ?? '');
    each.skip('name');
  }
}

function addMount(
  container: Container,
  volume: Node,
  { node, inside, readOnly }: Mount,
  pod: Pod,
  cluster: Cluster,
): void {
  const { draft } = container;
  const { source } = volume;
  // what is null is as if it were not there
  const kinds =
    volume.tree.kind === 'map' ? [...volume.tree.entries.keys()].filter((key) => key !== 'name') : [];
  const kind = kinds.find((key) => volume.get(key) !== undefined) ?? kinds[0];
  for (const other of kinds)
    if (other !== kind && volume.get(other) !== undefined)
      volume.get(other)?.fault('a volume is of one kind', `Remove ${kind}, or this.`);
  const about = kind === undefined ? undefined : volume.get(kind);
  switch (kind) {
    case 'emptyDir':
      if (isMountedTwice(volume, pod))
        container.volume(node.source, {
          name: volume.get('name')?.text() ?? '',
          inside,
          readOnly,
          shared: true,
        });
      else container.scratch(node.source, inside);
      break;
    case undefined:
    case 'ephemeral':
    case 'downwardAPI':
    case 'image':
    case 'gitRepo':
    case 'configMap':
      container.scratch(node.source, inside);
      break;
    case 'hostPath': {
      const path = about?.get('path')?.text() ?? '';
      const type = about?.get('type')?.text() ?? '';
      if (type === 'Socket') draft.sockets.push({ ...(about ?? volume).source, path });
      else {
        if (/Device$/.test(type)) container.device((about ?? volume).source, path);
        container.bind((about ?? volume).source, { from: path, inside, readOnly });
      }
      break;
    }
    case 'persistentVolumeClaim': {
      const name = about?.get('claimName')?.text() ?? '';
      const only = about?.get('readOnly')?.flag() ?? false;
      addBehind(container, about ?? volume, name, { node, inside, readOnly: readOnly || only }, pod, cluster);
      container.volume((about ?? volume).source, {
        name,
        inside,
        readOnly: readOnly || only,
        shared: isShared(name, pod, cluster),
      });
      break;
    }
    case 'secret':
      draft.secrets.push({
        ...(about ?? volume).source,
        name: about?.get('secretName')?.text() ?? '',
        where: 'file',
        hosts: [],
      });
      break;
    case 'projected':
      for (const each of about?.get('sources')?.items() ?? []) addProjected(container, each);
      break;
    case 'nfs':
    case 'cephfs':
    case 'glusterfs':
    case 'azureFile':
    case 'portworxVolume':
    case 'quobyte':
      container.volume((about ?? volume).source, {
        name: about?.get('server')?.text() ?? kind,
        inside,
        readOnly,
        shared: true,
      });
      break;
    case 'csi': {
      const driver = about?.get('driver')?.text() ?? '';
      if (/secrets-store/.test(driver))
        draft.secrets.push({ ...(about ?? volume).source, name: driver, where: 'file', hosts: [] });
      else draft.unexpressed(source, `what the driver ${driver} mounts`);
      break;
    }
    default:
      draft.unexpressed(source, `what a volume of kind ${kind} holds, and who shares it`);
  }
}

/** What a claim may be given: volumes of the file that name it, that it names, or any where it names none. */
function addBehind(
  container: Container,
  about: Node,
  name: string,
  { inside, readOnly }: Mount,
  pod: Pod,
  cluster: Cluster,
): void {
  const claim = ofKind(cluster, 'PersistentVolumeClaim', pod.namespace).find((each) => nameOf(each) === name);
  const wanted = claim?.find('spec', 'volumeName')?.text();
  if (claim === undefined)
    container.draft.unexpressed(about.source, `where the claim ${name}, which is made elsewhere, lies`);
  for (const volume of ofKind(cluster, 'PersistentVolume')) {
    const reserved = volume.find('spec', 'claimRef', 'name')?.text();
    if (reserved !== undefined && reserved !== name) continue;
    if (wanted !== undefined && wanted !== nameOf(volume) && reserved !== name) continue;
    for (const kind of ['hostPath', 'local']) {
      const path = volume.find('spec', kind, 'path');
      if (path !== undefined) container.bind(path.source, { from: path.text() ?? '', inside, readOnly });
    }
  }
}

function addProjected({ draft }: Container, node: Node): void {
  const token = node.get('serviceAccountToken');
  if (token !== undefined) {
    const audience = token.get('audience')?.text();
    if (audience === undefined) draft.word(token.source, 'serviceAccountToken', 'projected');
    draft.secrets.push({
      ...token.source,
      name: `service account token${audience === undefined ? '' : ` for ${audience}`}`,
      where: 'file',
      hosts: [],
    });
  }
  const secret = node.get('secret');
  if (secret !== undefined)
    draft.secrets.push({
      ...secret.source,
      name: secret.get('name')?.text() ?? '',
      where: 'file',
      hosts: [],
    });
  node.skip('configMap', 'downwardAPI', 'clusterTrustBundle');
  node.rest(draft);
}

/** A claim that several nodes may mount, or several pods of the file do. */
function isShared(name: string, pod: Pod, cluster: Cluster): boolean {
  const claim = ofKind(cluster, 'PersistentVolumeClaim', pod.namespace).find((each) => nameOf(each) === name);
  const modes =
    claim
      ?.find('spec', 'accessModes')
      ?.texts()
      .map(({ text }) => text) ?? [];
  const users = cluster.pods.filter(({ namespace, spec }) =>
    namespace === pod.namespace
      ? (spec.find('volumes')?.items() ?? []).some(
          (each) => each.find('persistentVolumeClaim', 'claimName')?.text() === name,
        )
      : false,
  );
  return modes.some((mode) => mode.endsWith('Many')) || users.length > 1;
}

/** Whether another container of the pod has it, too. */
function isMountedTwice(volume: Node, { spec }: Pod): boolean {
  const name = volume.find('name')?.text();
  const sidecars = (spec.find('initContainers')?.items() ?? []).filter(
    (each) => each.find('restartPolicy')?.text() === 'Always',
  );
  const users = [...(spec.find('containers')?.items() ?? []), ...sidecars].filter((each) =>
    (each.find('volumeMounts')?.items() ?? []).some((mount) => mount.find('name')?.text() === name),
  );
  return users.length > 1;
}
