/**
 * `ringfence trace`.
 *
 * @module
 */
import { describeEvent, readLedger } from '../../ledger/index.ts';
import { type Place, type Trace, TraceGraph, type TraceLine, traceOf } from '../../watch/trace/index.ts';
import type { Invocation } from '../command.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import type { Terminal } from '../terminal.ts';
import { safe, shorten } from '../text.ts';

export async function run({ options, args, terminal }: Invocation<'trace'>): Promise<number> {
  const [written = '', named] = args;
  const [, ofRun, number] = /^(?:([^:]+):)?(\d+)$/.exec(written) ?? [];
  const found = findRun(ofRun ?? named);
  const graph = new TraceGraph(describeEvent);
  for await (const event of readLedger(found.ledger)) graph.add(event);
  const place =
    number === undefined
      ? placeOfId(graph, written)
      : (cited(graph, Number(number)) ?? graph.placeOf(Number(number)));
  if (!place)
    throw new CommandError(
      'no-event',
      number === undefined
        ? `run ${found.id} has no turn, tool call or flow ${safe(written)}`
        : `run ${found.id} has no event ${number}`,
      `see which there are: ringfence log show ${found.id}`,
    );
  const trace = traceOf(graph, place);
  if (options.json) terminal.out(JSON.stringify({ run: found.id, ...trace, joined: graph.joined }, null, 2));
  else print(trace, graph, terminal);
  return EXIT.ok;
}

/** A finding stands for the last event that it cites. */
function cited(graph: TraceGraph, seq: number): Place | undefined {
  const last = graph.findings.find(({ entry }) => entry.seq === seq)?.cites.at(-1);
  return last === undefined ? undefined : graph.placeOf(last);
}

function placeOfId(graph: TraceGraph, id: string): Place | undefined {
  const node = graph.turns.get(id) ?? graph.calls.get(id) ?? graph.flows.get(id);
  const seq = node?.events[0]?.seq;
  if (seq !== undefined) return graph.placeOf(seq);
  const call = graph.calls.get(id);
  // a call that the model asked for, and of which nothing else is known
  const turn = call?.turn === undefined ? undefined : graph.turns.get(call.turn);
  const [entry] = turn?.events ?? [];
  return call && entry && { entry, call };
}

function print({ up, down, findings }: Trace, graph: TraceGraph, terminal: Terminal): void {
  const width = terminal.columns();
  const line = (depth: number, { what, id, text, seqs, by, confidence }: TraceLine): void => {
    const first = seqs.length === 0 ? '' : String(seqs[0]);
    const how =
      by === undefined ? '' : `  (${by}${confidence === undefined ? '' : ` ${confidence.toFixed(2)}`})`;
    const head = `${first.padStart(7)}  ${'  '.repeat(depth)}`;
    const label = what === 'event' ? '' : `${what} ${safe(id)}  `;
    const room = Math.max(20, width - head.length - label.length - how.length);
    terminal.out(`${head}${label}${shorten(safe(text), room)}${terminal.style('dim', how, 'out')}`);
  };
  const tree = (depth: number, lines: readonly TraceLine[]): void => {
    for (const each of lines) {
      line(depth, each);
      tree(depth + 1, each.below);
    }
  };
  up.forEach((each, depth) => {
    line(depth, each);
  });
  tree(up.length, down);
  for (const each of findings) line(0, each);
  const { programs, connections, changes } = graph.joined;
  if (graph.turns.size === 0 && graph.calls.size === 0)
    terminal.out('no turn of a model and no tool call is on record: there is nothing to join processes to');
  else {
    terminal.out(
      `joined to what caused them: ${programs.joined} of ${programs.all} programs, ${connections.joined} of ${connections.all} connections, ${changes.joined} of ${changes.all} changes of files`,
    );
    if (programs.declared + connections.declared + changes.declared > 0)
      terminal.out(
        `of these to calls that a scaffold declared and nothing else shows: ${programs.declared} programs, ${connections.declared} connections, ${changes.declared} changes of files`,
      );
  }
}
