/**
 * Reports as a graph, to be drawn: what the file grants, the steps from there to each hazard, what holds a hazard off, what closes a path.
 *
 * JSON Graph Format 2 (nodes by id, a list of edges), because every drawing library reads nodes and edges; and the dot language
 * of Graphviz, because that draws them at once.
 *
 * @module
 */
import { HAZARDS, printable } from '../../contract/index.ts';
import type { Place, Report, Step } from '../report/index.ts';

export type NodeKind =
  | 'clause'
  | 'catalogue'
  | 'model'
  | 'derived'
  | 'hazard'
  | 'layer'
  | 'change'
  | 'reason';

export interface GraphNode {
  readonly label: string;
  readonly metadata: {
    readonly kind: NodeKind;
    /** Contract path, catalogue id or rule id. */
    readonly by?: string;
    readonly place?: Place;
    readonly verdict?: 'PROVED' | 'REFUTED' | 'UNKNOWN';
    readonly command?: string;
  };
}

export interface GraphEdge {
  readonly source: string;
  readonly target: string;
  /** The rule's id where one leads on; or what the source does to the target. */
  readonly relation: string;
}

export interface Graph {
  readonly directed: true;
  readonly type: 'ringfence-prove';
  readonly label: string;
  readonly metadata: { readonly model: number };
  readonly nodes: Readonly<Record<string, GraphNode>>;
  readonly edges: readonly GraphEdge[];
}

/** The graph of a report: of each path the shortest. */
export function reportGraph(report: Report, place: (clause: string) => Place | undefined): Graph {
  const drawing = new Drawing(place);
  for (const verdict of report.verdicts) {
    const { hazard } = verdict;
    const id = `hazard:${hazard}`;
    const command = verdict.verdict === 'REFUTED' ? verdict.command : undefined;
    drawing.node(id, `${hazard}: ${HAZARDS[hazard]}`, {
      kind: 'hazard',
      verdict: verdict.verdict,
      ...(command !== undefined && { command }),
    });
    switch (verdict.verdict) {
      case 'REFUTED':
        drawing.path(verdict.steps, id);
        for (const change of verdict.closed?.changes ?? [])
          drawing.join(`change:${change}`, id, 'closes', change, { kind: 'change' });
        break;
      case 'UNKNOWN':
        for (const { text, by } of verdict.reasons) {
          drawing.join(`reason:${text}`, id, 'leaves unknown', text, { kind: 'reason' });
          for (const clause of by)
            drawing.join(`clause:${clause}`, `reason:${text}`, 'is why', clause, drawing.at(clause));
        }
        break;
      case 'PROVED':
        for (const { name, text } of verdict.rests)
          drawing.join(`layer:${name}`, id, 'holds off', text, { kind: 'layer' });
        break;
    }
  }
  return drawing.graph(report);
}

class Drawing {
  readonly #nodes = new Map<string, GraphNode>();
  readonly #edges = new Map<string, GraphEdge>();
  readonly #place: (clause: string) => Place | undefined;

  constructor(place: (clause: string) => Place | undefined) {
    this.#place = place;
  }

  node(id: string, label: string, metadata: GraphNode['metadata']): void {
    if (!this.#nodes.has(id)) this.#nodes.set(id, { label, metadata });
  }

  join(
    source: string,
    target: string,
    relation: string,
    label: string,
    metadata: GraphNode['metadata'],
  ): void {
    this.node(source, label, metadata);
    this.edge(source, target, relation);
  }

  edge(source: string, target: string, relation: string): void {
    this.#edges.set(JSON.stringify([source, target, relation]), { source, target, relation });
  }

  /** A clause of the file, with its place where that is known. */
  at(clause: string): GraphNode['metadata'] {
    const place = this.#place(clause);
    return { kind: 'clause', by: clause, ...(place && { place }) };
  }

  path(steps: readonly Step[], hazard: string): void {
    const ids = new Map<number, string>();
    for (const step of steps) {
      const { number, text, kind, by, from } = step;
      const isLast = step === steps.at(-1);
      const id = isLast ? hazard : `step:${text}`;
      ids.set(number, id);
      if (!isLast)
        this.node(
          id,
          text,
          kind === 'clause' ? this.at(by) : { kind: kind === 'rule' ? 'derived' : kind, by },
        );
      for (const before of from) this.edge(ids.get(before) as string, id, by);
    }
  }

  graph({ contract, model }: Report): Graph {
    return {
      directed: true,
      type: 'ringfence-prove',
      label: contract,
      metadata: { model },
      nodes: Object.fromEntries(this.#nodes),
      edges: [...this.#edges.values()],
    };
  }
}

const SHAPES: Readonly<Record<NodeKind, string>> = {
  clause: 'box',
  catalogue: 'note',
  model: 'plaintext',
  derived: 'ellipse',
  hazard: 'octagon',
  layer: 'house',
  change: 'cds',
  reason: 'parallelogram',
};

const COLOURS = { REFUTED: '#c0392b', UNKNOWN: '#b7950b', PROVED: '#1e8449' } as const;

/** A string of the dot language, broken into short lines. */
function quoted(text: string): string {
  const lines: string[] = [''];
  for (const word of printable(text).split(' ')) {
    const line = lines.at(-1) as string;
    if (line !== '' && line.length + word.length > 34) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return `"${lines.map((line) => line.replaceAll('\\', '\\\\').replaceAll('"', '\\"')).join('\\n')}"`;
}

/** The graph in the dot language, with a line break at its end. */
export function graphDot({ label, nodes, edges }: Graph): string {
  const numbers = new Map(Object.keys(nodes).map((id, at) => [id, `n${at}`]));
  const lines = Object.entries(nodes).map(([id, { label: text, metadata }]) => {
    const { kind, verdict, place } = metadata;
    const where = place === undefined || place.implied ? '' : ` (${place.file}:${place.line})`;
    const colour = verdict === undefined ? '' : `, color=${JSON.stringify(COLOURS[verdict])}, penwidth=2`;
    return `  ${numbers.get(id)} [label=${quoted(text + where)}, shape=${SHAPES[kind]}${colour}];`;
  });
  const arrows = edges.map(
    ({ source, target, relation }) =>
      `  ${numbers.get(source)} -> ${numbers.get(target)} [label=${quoted(relation)}${/^(closes|holds off)$/.test(relation) ? ', style=dashed, arrowhead=tee' : ''}];`,
  );
  return [
    `digraph ${quoted(label)} {`,
    '  rankdir=LR;',
    '  node [fontname="sans-serif"];',
    ...lines,
    ...arrows,
    '}',
    '',
  ].join('\n');
}
