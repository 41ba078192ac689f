/**
 * `ringfence evidence graph`.
 *
 * @module
 */
import { argumentGraph, escalationGraph, type Graph, relationGraph } from '../../evidence/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { findClaim, openBase, reportProblems } from '../evidence/base.ts';
import { graphText } from '../evidence/tree.ts';
import { EXIT } from '../exit-codes.ts';

export async function run({ args: [id], options, terminal }: Invocation<'evidence graph'>): Promise<number> {
  const base = openBase(options);
  if (id === undefined && options.escalation)
    throw new CommandError(
      'usage',
      'the escalation path of which claim?',
      'write: ringfence evidence graph CLAIM --escalation',
      EXIT.usage,
    );
  reportProblems(base, terminal.err);
  const { claims } = base.evidence;
  const graph: Graph =
    id === undefined
      ? relationGraph(claims, (written) => base.statusOf(findClaim(base, written.id)).label)
      : options.escalation
        ? escalationGraph(findClaim(base, id))
        : argumentGraph(findClaim(base, id));
  const format = options.json ? 'json' : (options.format ?? 'text');
  if (format === 'json') terminal.out(JSON.stringify(graph, null, 2));
  else if (format === 'text') terminal.out(graphText(graph, terminal));
  else {
    const { toDot, toMermaid } = await import('../../evidence/draw/index.ts');
    terminal.raw(format === 'dot' ? toDot(graph) : toMermaid(graph));
  }
  return EXIT.ok;
}
