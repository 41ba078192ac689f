/**
 * connect(2), as the caller sees it: inside, where the supervisor intercepts it, against outside.
 *
 * @module
 */
import type { Line } from '../line.ts';
import { UnmeasuredError } from '../programs.ts';
import { startServer } from '../server.ts';
import { inTurns, pairedDifference, summarize } from '../statistics.ts';
import { HOST, type Workshop } from '../workshop.ts';
import type { Peers, Row } from './row.ts';

/** A connection inside costs the gateway one outside as well. */
const TIMES = 400;
const REFUSED = 'refused';
/** RFC 5737: nobody there. */
const NOBODY = '198.51.100.7';

async function measure(workshop: Workshop, peers: Peers): Promise<Line[]> {
  await using server = await startServer(workshop, 'close');
  const contract = workshop.contract('connect', [{ port: server.port, protocol: 'tcp' }]);
  const found = await peers.bubblewrap();
  const connect = (host: string, port: number, how: string, errno: 0 | 'refused', times = TIMES) => [
    workshop.tool('connect'),
    host,
    String(port),
    String(times),
    how,
    String(errno),
  ];
  const sample = (words: readonly string[]) => async () => {
    const [median, , odd] = (await workshop.run(words)).trim().split(' ').map(Number);
    if (median === undefined || odd === undefined || odd > TIMES / 20) {
      throw new UnmeasuredError(`${odd} of ${TIMES} connections ended otherwise than expected`);
    }
    return median / 1000;
  };
  const inside = (words: readonly string[]) => sample(workshop.ringfence(contract, words));
  const lines: Line[] = [];
  const add = async (
    what: string,
    ours: readonly string[],
    outside: readonly string[],
    more: Partial<Line>,
    bwrap?: readonly string[],
  ) => {
    try {
      const words = found.ok && bwrap ? found.peer.words(bwrap, 'none') : undefined;
      const values = await inTurns(
        { inside: inside(ours), outside: sample(outside), ...(words && { bwrap: sample(words) }) },
        Math.max(3, Math.ceil(workshop.rounds / 2)),
      );
      const other =
        values.bwrap &&
        `the same inside bwrap's network namespace: ${summarize(values.bwrap).median.toFixed(1)} µs`;
      const note = [more.note, other].filter((part) => part !== undefined).join('; ');
      lines.push({
        what,
        ...more,
        as: 'difference',
        ours: { name: 'inside', unit: 'µs', value: summarize(values.inside) },
        peer: { name: 'outside', unit: 'µs', value: summarize(values.outside) },
        compared: pairedDifference(values.inside, values.outside),
        ...(note && { note }),
      });
    } catch (error) {
      if (!(error instanceof UnmeasuredError)) throw error;
      lines.push({ what, ...more, note: error.message });
    }
  };
  const added = { of: 'added', is: 'at most', bound: 15 } as const;
  for (const how of ['nonblocking', 'blocking'] as const) {
    const own = connect('own', 0, how, 0);
    await add(
      `connect to an allowed host, pinned, ${how}`,
      connect(HOST, server.port, how, 0),
      connect('127.0.0.1', server.port, how, 0),
      {
        goal: added,
        ...(how === 'blocking' && { note: 'the gateway has dialled the host before connect returns' }),
      },
      own,
    );
    await add(
      `connect to an address nobody resolved, ${how}`,
      connect(NOBODY, 443, how, REFUSED),
      connect('127.0.0.1', 1, how, REFUSED),
      { note: 'refused inside; outside: a closed port of the loopback' },
    );
    await add(`connect to the cell's own loopback, ${how}`, own, own, {});
  }
  return lines;
}

export const connect: Row = { id: 'connect', measures: 'connect(2) inside against outside', run: measure };
