/**
 * A filter as a graph of decisions, before it is laid out as code: each node looks at one word of the call and leads on, or ends.
 * Equal nodes are one, and a look on which nothing depends is none, so that no instruction is there for nothing.
 *
 * @module
 */

/** 32 bits of struct seccomp_data, masked: what the accumulator holds when they are looked at. */
export interface Word {
  /** 0 is the number, 1 the architecture, 4–15 the arguments, low half first */
  at: number;
  mask: number;
}

export type Look = 'equal' | 'greater' | 'any-bit';

export interface End {
  id: number;
  is: 'end';
  /** SECCOMP_RET_* with its data */
  verdict: number;
}

export interface Test {
  id: number;
  is: 'test';
  word: Word;
  look: Look;
  k: number;
  yes: Node;
  no: Node;
}

export type Node = End | Test;

export interface Graph {
  end(verdict: number): Node;
  test(word: Word, look: Look, k: number, yes: Node, no: Node): Node;
}

/** The kernel takes 4096 instructions; what needs more nodes than this while it is made will not fit. */
const MOST_NODES = 65_536;

/** @throws RangeError, from its functions, when more nodes are made than any filter can have */
export function openGraph(): Graph {
  const nodes = new Map<string, Node>();
  const once = (key: string, make: (id: number) => Node): Node => {
    const found = nodes.get(key) ?? make(nodes.size);
    nodes.set(key, found);
    if (nodes.size > MOST_NODES) throw new RangeError('the filter has more decisions than the kernel takes');
    return found;
  };
  return {
    end: (verdict) => once(`${verdict}`, (id) => ({ id, is: 'end', verdict })),
    test: (word, look, k, yes, no) =>
      yes === no
        ? yes
        : once(`${word.at}&${word.mask} ${look} ${k} ${yes.id} ${no.id}`, (id) => {
            return { id, is: 'test', word, look, k, yes, no };
          }),
  };
}

/** The nodes that can be reached, each once and behind those that it leads to; what a test's `no` leads to comes last before it. */
export function nodesOf(root: Node): Node[] {
  const found = new Set<Node>();
  const visit = (node: Node): void => {
    if (found.has(node)) return;
    if (node.is === 'test') {
      visit(node.yes);
      visit(node.no);
    }
    found.add(node);
  };
  visit(root);
  return [...found];
}
