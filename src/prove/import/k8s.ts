/**
 * Kubernetes manifests → settings, one for each container of each pod or pod template.
 *
 * Source: Kubernetes documentation, Workloads, Configure a Security Context, Volumes; Kubernetes API reference, PodSpec.
 *
 * @module
 */
import type { Setting } from '../setting/index.ts';
import { type Cluster, type Labels, labelsOf, type Pod } from './k8s-cluster.ts';
import { readPod } from './k8s-pod.ts';
import { Node, Reader } from './node.ts';
import { failed, type Parsed, START } from './tree.ts';
import { type Input, MAX_SETTINGS } from './types.ts';
import { parseYamlTrees } from './yaml.ts';

/** Where each kind has its pod's metadata and specification. */
const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  Pod: [],
  PodTemplate: ['template'],
  Deployment: ['spec', 'template'],
  StatefulSet: ['spec', 'template'],
  DaemonSet: ['spec', 'template'],
  ReplicaSet: ['spec', 'template'],
  ReplicationController: ['spec', 'template'],
  Job: ['spec', 'template'],
  CronJob: ['spec', 'jobTemplate', 'spec', 'template'],
  // agents.x-k8s.io
  Sandbox: ['spec', 'podTemplate'],
  SandboxTemplate: ['spec', 'podTemplate'],
};

/** Manifests of one file: each pod looks through all of them. */
const MAX_DOCUMENTS = 2_000;

/** Kinds that change nothing about a pod but where it names them, and then its own reader looks. */
const SILENT = new Set([
  'Namespace',
  'ConfigMap',
  'Secret',
  'Service',
  'Ingress',
  'ServiceAccount',
  'PersistentVolumeClaim',
  'PersistentVolume',
  'StorageClass',
  'NetworkPolicy',
  'Role',
  'ClusterRole',
  'RoleBinding',
  'ClusterRoleBinding',
  'PodDisruptionBudget',
  'HorizontalPodAutoscaler',
  'PriorityClass',
  'LimitRange',
  'ResourceQuota',
  'CustomResourceDefinition',
  'Kustomization',
]);

export function readKubernetes(text: string, input: Input): Parsed<Setting[]> {
  const parsed = parseYamlTrees(text);
  if (!parsed.ok) return parsed;
  const reader = new Reader(input.file);
  const documents = parsed.value.flatMap((tree) => flatten(new Node(reader, tree)));
  const cluster: Cluster = { documents, pods: documents.flatMap(podsOf) };
  if (cluster.pods.length === 0 && reader.faults.length === 0)
    return failed(
      documents[0]?.tree.at ?? START,
      'no pod is in it',
      'Give a manifest with a Pod, a Deployment, a Job or the like in it.',
    );
  if (cluster.pods.length > MAX_SETTINGS || documents.length > MAX_DOCUMENTS)
    return failed(
      START,
      `more than ${MAX_SETTINGS} pods or ${MAX_DOCUMENTS} manifests`,
      'Give those of one sandbox alone.',
    );
  const settings = cluster.pods.flatMap((pod) =>
    readPod(pod, cluster).map((draft) => {
      for (const document of documents) {
        const kind = document.find('kind')?.text() ?? '';
        if (!SILENT.has(kind) && TEMPLATES[kind] === undefined)
          draft.unexpressed(document.source, `what the ${kind || 'document'} ${nameOf(document)} changes`);
      }
      reader.drain(draft);
      return draft.finish();
    }),
  );
  return reader.faults.length > 0 ? { ok: false, faults: reader.faults } : { ok: true, value: settings };
}

const nameOf = (document: Node): string => document.find('metadata', 'name')?.text() ?? '';

function flatten(document: Node): Node[] {
  if (document.tree.kind !== 'map') {
    document.fault('a manifest is a mapping', 'Write apiVersion:, kind:, metadata: and spec:.');
    return [];
  }
  const kind = document.find('kind')?.text();
  if (kind === undefined) document.fault('a manifest without a kind', 'Write kind: Pod, for example.');
  if (kind?.endsWith('List') === true && document.has('items'))
    return document.get('items')?.items().flatMap(flatten) ?? [];
  const named = `${kind ?? ''}/${nameOf(document)}`;
  return [new Node(document.reader, document.tree, [], named)];
}

function podsOf(document: Node): Pod[] {
  const kind = document.find('kind')?.text() ?? '';
  const path = Object.hasOwn(TEMPLATES, kind) ? TEMPLATES[kind] : undefined;
  if (path === undefined) return [];
  const template = path.length === 0 ? document : document.find(...path);
  const spec = template?.get('spec');
  if (template === undefined || spec === undefined) {
    document.fault(
      `a ${kind} without a pod’s spec`,
      `Write ${[...path, 'spec'].join('.')}: with its containers.`,
    );
    return [];
  }
  const labels: Labels = labelsOf(template.find('metadata', 'labels'));
  return [
    {
      document,
      kind,
      name: nameOf(document) || kind,
      namespace: document.find('metadata', 'namespace')?.text() ?? 'default',
      labels,
      template,
      spec,
    },
  ];
}
