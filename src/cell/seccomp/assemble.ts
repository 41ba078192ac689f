/**
 * Lays a graph of decisions out as code. It is written from its end: what a jump leads to is there before the jump, so that each distance is
 * known, and is never more than the 255 instructions that a conditional jump can pass over.
 *
 * @module
 */
import { type Instruction, OPCODE } from './bpf.ts';
import { type End, type Node, nodesOf, type Test, type Word } from './graph.ts';

const REACH = 255;
const CODES = {
  equal: OPCODE.jumpEqual,
  greater: OPCODE.jumpGreater,
  'any-bit': OPCODE.jumpAnyBit,
} as const;

const sameWord = (a: Word | undefined, b: Word): boolean => a?.at === b.at && a.mask === b.mask;

/** The tests to which some way leads with something else in the accumulator than they look at. */
function loading(root: Node, nodes: readonly Node[]): Set<Node> {
  const found = new Set<Node>([root]);
  for (const node of nodes)
    if (node.is === 'test')
      for (const next of [node.yes, node.no])
        if (next.is === 'test' && !sameWord(node.word, next.word)) found.add(next);
  return found;
}

/** Returns together at the end, those that most ways lead to last: next to each other no two are alike. */
function endsOf(nodes: readonly Node[]): End[] {
  const ways = new Map<Node, number>();
  for (const node of nodes)
    if (node.is === 'test') for (const next of [node.yes, node.no]) ways.set(next, (ways.get(next) ?? 0) + 1);
  return nodes
    .filter((node) => node.is === 'end')
    .sort((a, b) => (ways.get(b) ?? 0) - (ways.get(a) ?? 0) || a.verdict - b.verdict);
}

/** The program of a graph. */
export function assemble(root: Node): Instruction[] {
  const nodes = nodesOf(root);
  const loads = loading(root, nodes);
  /** the program from its last instruction to its first */
  const code: Instruction[] = [];
  /** where each node that is written begins, counted from the end */
  const places = new Map<Node, number>();
  const write = (instruction: Instruction): number => code.push(instruction) - 1;
  const plain = (operation: number, k: number): Instruction => ({ code: operation, jt: 0, jf: 0, k });
  const placeOf = (node: Node): number => places.get(node) as number;
  const writeEnd = (end: End) => places.set(end, write(plain(OPCODE.return, end.verdict)));

  /** Instructions that a jump would pass over if it were written next. */
  const distance = (node: Node): number => code.length - placeOf(node) - 1;
  /** A place for a node that a jump reaches, though other code of `room` instructions comes between. */
  const near = (node: Node, room: number): void => {
    if (distance(node) + room <= REACH) return;
    if (node.is === 'end') writeEnd(node);
    else places.set(node, write(plain(OPCODE.jump, distance(node))));
  };
  const writeTest = (test: Test): void => {
    const { word, look, k, yes, no } = test;
    // one more may come between where the other needs a nearer place
    near(yes, 1);
    near(no, 0);
    places.set(test, write({ code: CODES[look], jt: distance(yes), jf: distance(no), k }));
    if (!loads.has(test)) return;
    if (word.mask !== 0xffffffff) write(plain(OPCODE.and, word.mask));
    places.set(test, write(plain(OPCODE.load, 4 * word.at)));
  };

  for (const end of endsOf(nodes)) writeEnd(end);
  for (const node of nodes) if (node.is === 'test') writeTest(node);
  return code.reverse();
}
