/**
 * Claims as graphs: what is said for and against one, how it gets worse, how claims stand to each other.
 *
 * @module
 */
import type { WrittenClaim } from './schema/claim.ts';
import { titleOf } from './words.ts';

/** Ids of the steps before one: those that it names, else the step above. */
export function stepsBefore(
  { escalation }: Pick<WrittenClaim, 'escalation'>,
  index: number,
): readonly string[] {
  const named = escalation[index]?.after;
  if (named !== undefined) return named;
  const above = escalation[index - 1];
  return above ? [above.id] : [];
}

export type NodeKind =
  | 'claim'
  | 'evidence'
  | 'position'
  | 'counterargument'
  | 'response'
  | 'contradiction'
  | 'step'
  | 'hazard';

export interface GraphNode {
  id: string;
  kind: NodeKind;
  /** a name: an id, or a word */
  name: string;
  /** a sentence; empty where the name says all */
  text: string;
  /** how it stands: of a step, an objection, a claim */
  state?: string;
}

export interface GraphEdge {
  from: string;
  to: string;
  /** as a verb: FROM supports TO */
  label: string;
}

export interface Graph {
  title: string;
  nodes: readonly GraphNode[];
  edges: readonly GraphEdge[];
  /** which way a reader goes: `forward` from the beginnings, `backward` from what everything points to, `each` one by one */
  reading: 'forward' | 'backward' | 'each';
}

/** Evidence, objections, responses and positions around a claim. */
export function argumentGraph(claim: WrittenClaim): Graph {
  const nodes: GraphNode[] = [{ id: 'claim', kind: 'claim', name: claim.id, text: claim.statement }];
  const edges: GraphEdge[] = [];
  for (const [index, { shows, cite }] of claim.evidence.entries()) {
    const id = `evidence.${index + 1}`;
    const name = cite.source ?? `event ${cite.event?.seq}`;
    nodes.push({ id, kind: 'evidence', name, text: shows });
    edges.push({ from: id, to: 'claim', label: 'supports' });
  }
  for (const { id, name, holds } of claim.debate?.positions ?? []) {
    nodes.push({ id: `position.${id}`, kind: 'position', name, text: holds });
    edges.push({ from: `position.${id}`, to: 'claim', label: 'explains' });
  }
  const steps = new Map(claim.escalation.map((step) => [step.id, step]));
  for (const { id, text, against, strength, state, response } of claim.counterarguments) {
    nodes.push({
      id: `counter.${id}`,
      kind: 'counterargument',
      name: id,
      text,
      state: `${strength}, ${state}`,
    });
    const step = steps.get(against);
    const target = against === 'claim' ? 'claim' : step ? `step.${against}` : `position.${against}`;
    if (step && !nodes.some((node) => node.id === target)) {
      nodes.push({ id: target, kind: 'step', name: step.id, text: step.text, state: step.state });
      edges.push({ from: target, to: 'claim', label: 'follows from' });
    }
    edges.push({ from: `counter.${id}`, to: target, label: 'attacks' });
    if (!response) continue;
    nodes.push({ id: `response.${id}`, kind: 'response', name: `response to ${id}`, text: response.text });
    edges.push({
      from: `response.${id}`,
      to: `counter.${id}`,
      label: { conceded: 'concedes', answered: 'answers', open: 'replies to' }[state],
    });
  }
  for (const { id, about, state } of claim.contradictions) {
    nodes.push({ id: `contradiction.${id}`, kind: 'contradiction', name: id, text: about, state });
    edges.push({ from: `contradiction.${id}`, to: 'claim', label: 'is between sources of' });
  }
  return { title: `${claim.id}: what is said for and against it`, nodes, edges, reading: 'backward' };
}

/** The steps from a claim to worse, the hazards that they are, and the claims that tell them at length. */
export function escalationGraph(claim: WrittenClaim): Graph {
  const nodes = new Map<string, GraphNode>();
  const edges: GraphEdge[] = [];
  for (const [index, { id, text, state, hazard, claim: other }] of claim.escalation.entries()) {
    nodes.set(`step.${id}`, { id: `step.${id}`, kind: 'step', name: id, text, state });
    for (const before of stepsBefore(claim, index))
      edges.push({ from: `step.${before}`, to: `step.${id}`, label: 'then' });
    if (hazard !== undefined) {
      nodes.set(`hazard.${hazard}`, { id: `hazard.${hazard}`, kind: 'hazard', name: hazard, text: '' });
      edges.push({ from: `step.${id}`, to: `hazard.${hazard}`, label: 'is or leads to' });
    }
    if (other !== undefined) {
      nodes.set(`claim.${other}`, { id: `claim.${other}`, kind: 'claim', name: other, text: '' });
      edges.push({ from: `step.${id}`, to: `claim.${other}`, label: 'is told in' });
    }
  }
  return { title: `${claim.id}: the escalation path`, nodes: [...nodes.values()], edges, reading: 'forward' };
}

/**
 * How claims stand to each other.
 *
 * @param labelOf the status of a claim, as a word
 */
export function relationGraph(
  claims: readonly WrittenClaim[],
  labelOf: (claim: WrittenClaim) => string,
): Graph {
  const known = new Set(claims.map(({ id }) => id));
  return {
    title: 'How claims stand to each other',
    nodes: claims.map((claim) => ({
      id: `claim.${claim.id}`,
      kind: 'claim',
      name: claim.id,
      text: claim.title,
      state: labelOf(claim),
    })),
    edges: claims.flatMap(({ id, related }) =>
      related
        .filter(({ claim }) => known.has(claim))
        .map(({ claim, how }) => ({
          from: `claim.${id}`,
          to: `claim.${claim}`,
          label: titleOf(how).toLowerCase(),
        })),
    ),
    reading: 'each',
  };
}
