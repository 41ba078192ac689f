/**
 * Graphs as text in other programs' languages: Graphviz DOT and Mermaid. Texts are quoted so that they stay texts.
 *
 * @module
 */
import { printable } from '../../contract/index.ts';
import type { Graph, GraphNode, NodeKind } from '../graph.ts';

const SHAPES: Record<NodeKind, string> = {
  claim: 'box, style="bold"',
  evidence: 'note',
  position: 'box, style="rounded"',
  counterargument: 'octagon',
  response: 'box, style="rounded,dashed"',
  contradiction: 'diamond',
  step: 'box',
  hazard: 'hexagon',
};

/** Characters of a text in a picture. */
const LONGEST = 160;

const short = (text: string): string => {
  const characters = [...printable(text)];
  return characters.length <= LONGEST ? characters.join('') : `${characters.slice(0, LONGEST - 1).join('')}…`;
};

/** Lines of some 40 characters, for boxes. */
function boxed(text: string): string[] {
  const lines: string[] = [];
  for (const word of short(text).split(' ')) {
    const last = lines.at(-1);
    if (last === undefined || last.length + word.length > 40) lines.push(word);
    else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}

const linesOf = ({ name, state, text }: GraphNode): string[] => [
  `${short(name)}${state === undefined ? '' : ` (${short(state)})`}`,
  ...(text === '' ? [] : boxed(text)),
];

/** A DOT string: backslash and quote are escaped, lines end as given. */
const quoteDot = (lines: readonly string[]): string =>
  `"${lines.map((line) => line.replace(/[\\"]/g, '\\$&')).join('\\n')}"`;

/** The graph for Graphviz (the DOT language, graphviz.org/doc/info/lang.html). */
export function toDot({ title, nodes, edges }: Graph): string {
  return [
    'digraph evidence {',
    `  label=${quoteDot([short(title)])}; rankdir=TB; node [fontname="sans-serif", fontsize=11]; edge [fontname="sans-serif", fontsize=9];`,
    ...nodes.map(
      (node) => `  ${quoteDot([node.id])} [shape=${SHAPES[node.kind]}, label=${quoteDot(linesOf(node))}];`,
    ),
    ...edges.map(
      ({ from, to, label }) => `  ${quoteDot([from])} -> ${quoteDot([to])} [label=${quoteDot([label])}];`,
    ),
    '}',
    '',
  ].join('\n');
}

/** Mermaid has no escapes but entities written with `#`; whatever could be markup becomes one. */
const quoteMermaid = (lines: readonly string[]): string =>
  `"${lines.map((line) => line.replace(/["#&<>`\\*_[\]{}()|;]/g, (character) => `#${character.codePointAt(0)};`)).join('<br>')}"`;

/** The graph for Mermaid (a flowchart). */
export function toMermaid({ nodes, edges }: Graph): string {
  const idOf = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  return [
    'flowchart TB',
    ...nodes.map((node) => {
      const [open, close] =
        node.kind === 'hazard' ? ['{{', '}}'] : node.kind === 'response' ? ['(', ')'] : ['[', ']'];
      return `  ${idOf.get(node.id)}${open}${quoteMermaid(linesOf(node))}${close}`;
    }),
    ...edges.flatMap(({ from, to, label }) => {
      const [start, end] = [idOf.get(from), idOf.get(to)];
      return start === undefined || end === undefined
        ? []
        : [`  ${start} -->|${quoteMermaid([label])}| ${end}`];
    }),
    '',
  ].join('\n');
}
