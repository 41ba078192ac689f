/**
 * What the manifests of one file say of each other.
 *
 * @module
 */
import type { Node } from './node.ts';

export type Labels = ReadonlyMap<string, string>;

export interface Pod {
  /** The manifest that it comes from. */
  readonly document: Node;
  readonly kind: string;
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly template: Node;
  readonly spec: Node;
}

export interface Cluster {
  readonly documents: readonly Node[];
  readonly pods: readonly Pod[];
}

export const labelsOf = (node: Node | undefined): Labels =>
  new Map((node?.entries() ?? []).map(([name, value]) => [name, value.text() ?? '']));

/** Documents of a kind, in a namespace where one is asked for. */
export function ofKind({ documents }: Cluster, kind: string, namespace?: string): Node[] {
  return documents.filter(
    (document) =>
      document.find('kind')?.text() === kind &&
      (namespace === undefined || namespaceOf(document) === namespace),
  );
}

export const namespaceOf = (document: Node): string =>
  document.find('metadata', 'namespace')?.text() ?? 'default';
export const nameOf = (document: Node): string => document.find('metadata', 'name')?.text() ?? '';

/** Kubernetes documentation, Labels and Selectors: an empty selector selects all. */
export function selects(selector: Node | undefined, labels: Labels): boolean {
  if (selector === undefined) return true;
  for (const [name, value] of labelsOf(selector.get('matchLabels')))
    if (labels.get(name) !== value) return false;
  for (const expression of selector.get('matchExpressions')?.items() ?? []) {
    const value = labels.get(expression.find('key')?.text() ?? '');
    const values =
      expression
        .find('values')
        ?.texts()
        .map(({ text }) => text) ?? [];
    const isOne = value !== undefined && values.includes(value);
    switch (expression.find('operator')?.text()) {
      case 'In':
        if (!isOne) return false;
        break;
      case 'NotIn':
        if (isOne) return false;
        break;
      case 'Exists':
        if (value === undefined) return false;
        break;
      case 'DoesNotExist':
        if (value !== undefined) return false;
        break;
      default:
        expression.fault('an operator that is not known', 'Write In, NotIn, Exists or DoesNotExist.');
    }
  }
  return true;
}

/** Services of the file that lead to pods with these labels. */
export function servicesFor(cluster: Cluster, namespace: string, labels: Labels): Node[] {
  return ofKind(cluster, 'Service', namespace).filter((service) => {
    const selector = labelsOf(service.find('spec', 'selector'));
    return selector.size > 0 && [...selector].every(([name, value]) => labels.get(name) === value);
  });
}

/** Images that a pod runs. */
export const imagesOf = ({ spec }: Pod): string[] =>
  (spec.find('containers')?.items() ?? []).flatMap((each) => {
    const image = each.find('image')?.text();
    return image === undefined ? [] : [image];
  });
