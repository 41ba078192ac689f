/**
 * The compiler from a policy to classic BPF: architecture first, then a search tree over ranges of call numbers, then the
 * tests of arguments. Its output is a function of its input alone.
 *
 * Calls that are allowed whatever their arguments cost nothing at run time on Linux ≥ 5.11: the kernel finds them when the
 * filter is loaded and never runs it for them (kernel/seccomp.c, seccomp_cache_prepare). So the tree is weighted by the
 * frequency of the other calls, `openat` above all.
 *
 * @module
 */
import { assemble } from './assemble.ts';
import { encode, VERDICT } from './bpf.ts';
import { nodeOf } from './condition.ts';
import { type Graph, type Node, openGraph, type Word } from './graph.ts';
import { type Action, type Architecture, AUDIT_ARCH, ERRNO, type Policy, syscallNumber } from './policy.ts';
import type { SyscallName } from './syscalls.ts';

const NUMBER: Word = { at: 0, mask: 0xffffffff };
const ARCHITECTURE: Word = { at: 1, mask: 0xffffffff };

/** Relative frequency of calls whose arguments are looked at; all others weigh 1. */
const WEIGHTS: Readonly<Partial<Record<SyscallName, number>>> = {
  openat: 200,
  open: 40,
  ioctl: 40,
  sendto: 20,
  sendmsg: 20,
  close_range: 5,
  clone: 5,
  setsockopt: 5,
  socket: 5,
};

/** BPF_MAXINSNS: the kernel takes no longer program. */
const MAXIMUM_LENGTH = 4096;

/** All numbers from `start` up to the next range's start get the same decision. */
interface Range {
  start: number;
  node: Node;
  weight: number;
}

/** The verdict that the kernel gets for an action. */
export function verdictOf(action: Action): number {
  switch (action.do) {
    case 'allow':
      return VERDICT.allow;
    case 'notify':
    case 'deny':
      return VERDICT.notify;
    case 'errno':
      return VERDICT.errno | ERRNO[action.errno];
  }
}

function rangesOf(policy: Policy, arch: Architecture, graph: Graph): Range[] {
  const otherwise = nodeOf(policy.otherwise, graph, verdictOf);
  const byNumber: { number: number; node: Node; weight: number }[] = [];
  for (const [name, decision] of policy.rules) {
    const number = syscallNumber(name, arch);
    if (number === undefined) continue;
    byNumber.push({ number, node: nodeOf(decision, graph, verdictOf), weight: WEIGHTS[name] ?? 1 });
  }
  byNumber.sort((a, b) => a.number - b.number);

  const ranges: Range[] = [];
  const extend = (start: number, node: Node, weight: number) => {
    const last = ranges.at(-1);
    if (last?.node === node) last.weight = Math.max(last.weight, weight);
    else ranges.push({ start, node, weight });
  };
  let next = 0;
  for (const { number, node, weight } of byNumber) {
    if (number > next) extend(next, otherwise, 1);
    extend(number, node, weight);
    next = number + 1;
  }
  // up to 2³²−1: numbers of the future, and every x32 call (bit 30 set)
  extend(next, otherwise, 1);
  return ranges;
}

/** Weight-balanced search tree over `ranges[from, to)`. */
function searchTree(ranges: readonly Range[], from: number, to: number, graph: Graph): Node {
  const only = ranges[from];
  if (!only || to <= from) throw new RangeError('a search tree needs at least one range');
  if (to - from === 1) return only.node;

  const weights = ranges.slice(from, to).map((range) => range.weight);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let split = from + 1;
  let best = Number.POSITIVE_INFINITY;
  let left = 0;
  weights.slice(0, -1).forEach((weight, index) => {
    left += weight;
    const imbalance = Math.abs(total - 2 * left);
    if (imbalance < best) {
      best = imbalance;
      split = from + index + 1;
    }
  });
  // "greater than the last of the left" is the same as no other comparison with that number, also where only one is right of it
  const lastOfLeft = (ranges[split]?.start ?? 0) - 1;
  const [right, lefts] = [searchTree(ranges, split, to, graph), searchTree(ranges, from, split, graph)];
  return graph.test(NUMBER, 'greater', lastOfLeft, right, lefts);
}

/**
 * Compile a policy for one architecture.
 *
 * @returns struct sock_filter[], 8 bytes each, little endian, for SECCOMP_SET_MODE_FILTER
 * @throws RangeError when the program would be longer than the kernel takes
 */
export function compileSeccomp(policy: Policy, arch: Architecture): Uint8Array {
  const graph = openGraph();
  const ranges = rangesOf(policy, arch, graph);
  const tree = searchTree(ranges, 0, ranges.length, graph);
  const otherwise = nodeOf(policy.otherwise, graph, verdictOf);
  const program = assemble(graph.test(ARCHITECTURE, 'equal', AUDIT_ARCH[arch], tree, otherwise));
  if (program.length > MAXIMUM_LENGTH) {
    throw new RangeError(`the filter has ${program.length} instructions, the kernel takes ${MAXIMUM_LENGTH}`);
  }
  return encode(program);
}
