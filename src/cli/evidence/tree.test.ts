import { describe, expect, it } from 'vitest';
import type { Graph } from '../../evidence/index.ts';
import { graphText } from './tree.ts';

const terminal = { columns: () => 80, style: (_style: string, text: string) => text };
const graphOf = (edges: [string, string][], names: string[]): Graph => ({
  title: 'T',
  nodes: names.map((name) => ({ id: name, kind: 'step', name, text: '' })),
  edges: edges.map(([from, to]) => ({ from, to, label: 'then' })),
  reading: 'forward',
});

describe('a graph as a tree', () => {
  it('names again what was drawn before', () => {
    const graph = graphOf(
      [
        ['a', 'b'],
        ['a', 'c'],
        ['b', 'd'],
        ['c', 'd'],
      ],
      ['a', 'b', 'c', 'd'],
    );
    expect(graphText(graph, terminal).split('\n').slice(2)).toEqual([
      'a',
      '├─▶ b',
      '│  └─▶ d',
      '└─▶ c',
      '   └─▶ d ↑',
    ]);
  });

  it('draws circles once, from where the file begins', () => {
    expect(
      graphText(
        graphOf(
          [
            ['a', 'b'],
            ['b', 'a'],
          ],
          ['a', 'b'],
        ),
        terminal,
      ),
    ).toBe('T\n\na\n└─▶ b\n   └─▶ a ↑');
  });

  it('begins anew where it would grow too deep, and draws everything', () => {
    const names = Array.from({ length: 5000 }, (_, index) => `n${index}`);
    const edges = names.slice(1).map((name, index): [string, string] => [`n${index}`, name]);
    const lines = graphText(graphOf(edges, names), terminal).split('\n');
    for (const name of names) expect(lines.some((line) => line.endsWith(name))).toBe(true);
    expect(lines.every((line) => [...line].length <= 80)).toBe(true);
  });

  it('lists one by one where there is no beginning', () => {
    const graph: Graph = {
      ...graphOf(
        [
          ['a', 'b'],
          ['b', 'a'],
        ],
        ['a', 'b'],
      ),
      reading: 'each',
    };
    expect(graphText(graph, terminal)).toBe('T\n\na\n  → then b\n\nb\n  → then a');
  });

  it('shows what somebody else chose as visible text', () => {
    const graph = graphOf([], ['\u001b[31mred\u202e']);
    expect(graphText(graph, terminal)).not.toMatch(/(?!\n)\p{Cc}|\p{Cf}/u);
  });
});
