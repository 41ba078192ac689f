/**
 * A graph for a terminal: as an indented tree, in which what was drawn before is only named again, or as a list.
 *
 * @module
 */
import type { Graph, GraphNode } from '../../evidence/index.ts';
import type { Terminal } from '../terminal.ts';
import { safe, shorten } from '../text.ts';
import { wrapText } from './wrap.ts';

/** Characters of a node's text. */
const LONGEST = 240;
/** Deeper levels begin anew at the left: a terminal has only so many columns. */
const DEEPEST = 10;

/** Each node, and what it points to, by name alone. */
function listText(graph: Graph, width: number, terminal: Pick<Terminal, 'style'>): string {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const lines = [terminal.style('bold', safe(graph.title))];
  for (const { id, name, state, text } of graph.nodes) {
    lines.push('', terminal.style('cyan', safe(name)));
    if (state !== undefined) lines.push(...wrapText(safe(state), width, '  '));
    if (text !== '') lines.push(...wrapText(shorten(safe(text), LONGEST), width, '  '));
    for (const { to, label } of graph.edges.filter((edge) => edge.from === id))
      lines.push(...wrapText(`${label} ${safe(nodes.get(to)?.name ?? to)}`, width, '    ', '  → '));
  }
  return lines.join('\n');
}

export function graphText(graph: Graph, terminal: Pick<Terminal, 'columns' | 'style'>): string {
  const width = Math.max(40, Math.min(terminal.columns(), 100));
  if (graph.reading === 'each') return listText(graph, width, terminal);
  const [near, far] = graph.reading === 'forward' ? (['from', 'to'] as const) : (['to', 'from'] as const);
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const edges = graph.edges.filter(({ from, to }) => nodes.has(from) && nodes.has(to));
  const arrow = graph.reading === 'forward' ? '▶' : '◀';
  const drawn = new Set<string>();
  const lines: string[] = [terminal.style('bold', safe(graph.title))];

  const draw = (node: GraphNode, before: string, below: string, label: string, depth: number): void => {
    const seen = drawn.has(node.id);
    const later = !seen && depth > DEEPEST;
    if (!later) drawn.add(node.id);
    const state = node.state === undefined ? '' : ` (${safe(node.state)})`;
    const kind = node.kind === 'step' || node.kind === 'claim' ? '' : `${node.kind} `;
    const head = `${label}${kind}${safe(node.name)}${state}${seen ? ' ↑' : later ? ' ↓' : ''}`;
    const next = edges.filter((edge) => edge[near] === node.id);
    const deeper = next.length > 0 && !seen && !later ? `${below}│ ` : `${below}  `;
    const [first = '', ...others] = wrapText(head, width, deeper, before);
    lines.push(terminal.style('cyan', first), ...others);
    if (seen || later) return;
    if (node.text !== '') lines.push(...wrapText(shorten(safe(node.text), LONGEST), width, deeper));
    for (const [index, edge] of next.entries()) {
      const last = index === next.length - 1;
      const child = nodes.get(edge[far]) as GraphNode;
      draw(
        child,
        `${below}${last ? '└' : '├'}─${arrow} `,
        `${below}${last ? '  ' : '│ '} `,
        edge.label === 'then' ? '' : `${edge.label}: `,
        depth + 1,
      );
    }
  };

  const isRoot = ({ id }: GraphNode): boolean => !edges.some((edge) => edge[far] === id);
  // what lies only on circles has no beginning: it begins where the file does
  for (const pass of [graph.nodes.filter(isRoot), graph.nodes])
    for (const node of pass)
      if (!drawn.has(node.id)) {
        lines.push('');
        draw(node, '', '', '', 0);
      }
  return lines.join('\n');
}
