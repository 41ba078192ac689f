/**
 * A cold `ringfence run -- true` beside the other sandboxes' commands, without network and with one host allowed.
 *
 * @module
 */
import type { Line } from '../line.ts';
import type { FoundPeer } from '../peers.ts';
import { UnmeasuredError } from '../programs.ts';
import { inTurns, pairedRatio, summarize } from '../statistics.ts';
import type { Workshop } from '../workshop.ts';
import type { Peers, Row } from './row.ts';

type Network = 'none' | 'one host';

const WHAT = {
  none: 'ringfence run -- true, cold',
  'one host': 'the same with one network host allowed',
} as const;

/** A peer that fails once is left out: its row says why. */
async function reasonToFail(measure: () => Promise<number>): Promise<string | undefined> {
  try {
    await measure();
    return undefined;
  } catch (error) {
    if (error instanceof UnmeasuredError) return error.message;
    throw error;
  }
}

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
  const reasons = new Map<string, string>();
  for (const found of peers) {
    if (!found.ok) continue;
    const words = found.peer.words(['true'], network);
    const measure = () => workshop.timed(words, { environment: found.peer.environment });
    const failed = await reasonToFail(measure);
    if (failed === undefined) measurements[found.peer.name] = measure;
    else reasons.set(found.peer.name, failed);
  }
  const values = await inTurns(measurements, workshop.rounds, 2);
  const mine = values.ours ?? [];
  const line = (name: string, note: string, goal?: Line['goal']): Line => {
    const samples = values[name];
    return {
      what: `${WHAT[network]}, beside ${name}`,
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
    const reason = reasons.get(name);
    if (reason !== undefined) return line(name, reason, goal);
    return line(name, `${name} ${found.peer.version}`, goal);
  });
  return [...lines, line('node -e 0', '')];
}

async function measure(workshop: Workshop, peers: Peers): Promise<Line[]> {
  const { runtime, codex } = await peers.npm();
  const lines: Line[] = [];
  for (const network of ['none', 'one host'] as const) {
    try {
      lines.push(...(await cold(workshop, [runtime, codex], network)));
    } catch (error) {
      if (!(error instanceof UnmeasuredError)) throw error;
      lines.push({ what: `${WHAT[network]}, beside the others`, note: error.message });
    }
  }
  const goal = { of: 'value', is: 'at most', bound: 5 } as const;
  return [...lines, { what: 'warm start through the API', goal, note: 'not in this version' }];
}

export const start: Row = {
  id: 'start',
  measures: 'ringfence run -- true, cold, beside other sandboxes',
  run: measure,
};
