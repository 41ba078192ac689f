/**
 * A cold `ringfence run -- true` beside the other sandboxes' commands, without network and with one host allowed.
 *
 * @module
 */
import type { Line } from '../line.ts';
import type { FoundPeer } from '../peers.ts';
import { inTurns, pairedRatio, summarize } from '../statistics.ts';
import type { Workshop } from '../workshop.ts';
import type { Peers, Row } from './row.ts';

type Network = 'none' | 'one host';

async function cold(workshop: Workshop, peers: readonly FoundPeer[], network: Network): Promise<Line[]> {
  const contract =
    network === 'none'
      ? workshop.contract('plain')
      : workshop.contract('one-host', [{ port: 443, protocol: 'https' }]);
  const ours = workshop.ringfence(contract, ['true']);
  const measurements: Record<string, () => Promise<number>> = {
    ours: () => workshop.timed(ours),
    'node -e 0': () => workshop.timed([process.execPath, '-e', '0']),
  };
  for (const found of peers) {
    const words = found.ok ? found.peer.words(['true'], network) : undefined;
    if (found.ok && words)
      measurements[found.peer.name] = () => workshop.timed(words, { environment: found.peer.environment });
  }
  const values = await inTurns(measurements, workshop.rounds, 2);
  const mine = values.ours ?? [];
  const what = network === 'none' ? 'ringfence run -- true, cold' : 'the same with one network host allowed';
  const line = (name: string, note: string, goal?: Line['goal']): Line => {
    const samples = values[name];
    return {
      what: `${what}, beside ${name}`,
      ...(goal && { goal }),
      ours: { name: 'ringfence', unit: 'ms', value: summarize(mine) },
      ...(samples && {
        peer: { name, unit: 'ms' as const, value: summarize(samples) },
        compared: pairedRatio(mine, samples),
      }),
      ...(note && { note }),
    };
  };
  const lines = peers.map((found) => {
    const name = found.ok ? found.peer.name : found.name;
    const goal =
      name === 'sandbox-runtime' ? ({ of: 'ratio', is: 'at most', bound: 0.25 } as const) : undefined;
    if (!found.ok) return line(name, found.reason, goal);
    const unable = found.peer.words(['true'], network) === undefined;
    return line(
      name,
      unable
        ? `${name} ${found.peer.version}: its command line has no rule for one host`
        : `${name} ${found.peer.version}`,
      goal,
    );
  });
  return [...lines, line('node -e 0', '')];
}

async function measure(workshop: Workshop, peers: Peers): Promise<Line[]> {
  const { runtime, codex } = await peers.npm();
  return [
    ...(await cold(workshop, [runtime, codex], 'none')),
    ...(await cold(workshop, [runtime, codex], 'one host')),
    {
      what: 'warm start through the API',
      goal: { of: 'value', is: 'at most', bound: 5 },
      note: 'not in this version',
    },
  ];
}

export const start: Row = {
  id: 'start',
  measures: 'ringfence run -- true, cold, beside other sandboxes',
  run: measure,
};
