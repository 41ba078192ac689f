import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { baseOf, CLAIM, over } from './claims.fixture.ts';
import { toDot, toMermaid } from './draw/index.ts';
import { argumentGraph, escalationGraph, type Graph, relationGraph, stepsBefore } from './graph.ts';
import type { Claim } from './load.ts';

function claimOf(change: Record<string, unknown>): Claim {
  const { claims, problems } = baseOf([over(CLAIM, change)]);
  expect(problems).toEqual([]);
  return claims[0] as Claim;
}

const edgesOf = ({ edges }: Graph): string[] => edges.map(({ from, label, to }) => `${from} ${label} ${to}`);

describe('the argument', () => {
  it('has evidence, positions, objections, answers and contradictions', () => {
    const claim = claimOf({
      debate: { question: 'Why?', state: 'open', positions: [{ id: 'one', name: 'One', holds: 'x' }] },
      counterarguments: [
        { id: 'a', text: 'x', strength: 'weak', state: 'answered', response: { text: 'y' } },
        { id: 'b', text: 'x', strength: 'weak', state: 'conceded', against: 'one', response: { text: 'y' } },
        { id: 'c', text: 'x', strength: 'weak', state: 'open', against: 'second' },
      ],
    });
    expect(edgesOf(argumentGraph(claim))).toEqual([
      'evidence.1 supports claim',
      'position.one explains claim',
      'counter.a attacks claim',
      'response.a answers counter.a',
      'counter.b attacks position.one',
      'response.b concedes counter.b',
      'step.second follows from claim',
      'counter.c attacks step.second',
    ]);
  });
});

describe('the escalation path', () => {
  it('goes from each step to the next, unless a step says otherwise', () => {
    const step = { text: 'x', state: 'argued' };
    const claim = claimOf({
      escalation: [
        { id: 'a', ...step },
        { id: 'b', ...step, hazard: 'escape' },
        { id: 'c', ...step, after: ['a', 'b'], claim: 'other' },
        { id: 'd', ...step, after: [] },
      ],
    });
    expect(claim.escalation.map((_, index) => stepsBefore(claim, index))).toEqual([
      [],
      ['a'],
      ['a', 'b'],
      [],
    ]);
    expect(edgesOf(escalationGraph(claim))).toEqual([
      'step.a then step.b',
      'step.b is or leads to hazard.escape',
      'step.a then step.c',
      'step.b then step.c',
      'step.c is told in claim.other',
    ]);
  });
});

it('relates claims that are there', () => {
  const claims = baseOf([
    over(CLAIM, {
      related: [
        { claim: 'other', how: 'instance-of' },
        { claim: 'gone', how: 'supports' },
      ],
    }),
    over(CLAIM, { id: 'other' }),
  ]).claims;
  expect(edgesOf(relationGraph(claims, () => 'S'))).toEqual(['claim.tunnel instance of claim.other']);
});

describe('a text in a picture stays a text', () => {
  const graphOf = (text: string): Graph => ({
    title: text,
    nodes: [{ id: text, kind: 'step', name: text, text, state: text }],
    edges: [{ from: text, to: text, label: text }],
    reading: 'forward',
  });

  it('in DOT: every quote that is not at an end of a string is escaped', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        // what is left when strings are taken out, as the DOT lexer takes them, is our own syntax
        const rest = toDot(graphOf(text)).replace(/"(?:[^"\\]|\\.)*"/gs, 'S');
        expect(rest).toMatch(
          /^digraph evidence \{\n {2}label=S; rankdir=TB; node \[fontname=S, fontsize=11\]; edge \[fontname=S, fontsize=9\];\n {2}S \[shape=box, label=S\];\n {2}S -> S \[label=S\];\n\}\n$/,
        );
      }),
      { numRuns: 500 },
    );
  });

  it('in Mermaid: whatever could be markup is an entity', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        const rest = toMermaid(graphOf(text)).replace(/"[^"]*"/g, 'S');
        expect(rest).toMatch(/^flowchart TB\n {2}n0\[S\]\n {2}n0 -->\|S\| n0\n$/);
        for (const [, inside = ''] of toMermaid(graphOf(text)).matchAll(/"([^"]*)"/g))
          expect(inside.replaceAll('<br>', ' ')).not.toMatch(/[<>&`]|javascript:.*\]/);
      }),
      { numRuns: 500 },
    );
  });
});
