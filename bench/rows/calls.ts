/**
 * System calls inside against outside, and inside bubblewrap.
 *
 * @module
 */
import { join } from 'node:path';
import type { Line } from '../line.ts';
import { inTurns, pairedRatio, summarize } from '../statistics.ts';
import type { Workshop } from '../workshop.ts';
import type { Peers, Row } from './row.ts';

const CALLS = [
  { what: 'getppid', bound: 1.35 },
  { what: 'open+close, reading a system file', bound: 1.2 },
  { what: 'open+close, writing in the workspace', bound: undefined },
  { what: 'vfork+exec', bound: 1.05 },
] as const;

async function measure(workshop: Workshop, peers: Peers): Promise<Line[]> {
  const contract = workshop.contract('calls', [], 'compute: { time: 5m, cpu-time: 5m }\n');
  const found = await peers.bubblewrap();
  const command = [workshop.tool('calls'), '/usr/bin/env', join(workshop.workspace, 'written')];
  const numbers = (words: readonly string[]) => async () =>
    (await workshop.run(words)).trim().split(' ').map(Number);
  const values = await inTurns(
    {
      outside: numbers(command),
      inside: numbers(workshop.ringfence(contract, command)),
      ...(found.ok && { peer: numbers(found.peer.words(command, 'none')) }),
    },
    Math.max(3, Math.ceil(workshop.rounds / 2)),
  );
  return CALLS.map(({ what, bound }, column) => {
    const pick = (samples: number[][] | undefined) =>
      (samples ?? []).map((sample) => sample[column] ?? Number.NaN);
    const [outside, inside, other] = [pick(values.outside), pick(values.inside), pick(values.peer)];
    const unit = what === 'vfork+exec' ? 'µs' : 'ns';
    const scaled = (samples: number[]) =>
      summarize(samples.map((sample) => (unit === 'µs' ? sample / 1000 : sample)));
    return {
      what: `${what}, inside against outside`,
      ...(bound !== undefined && { goal: { of: 'ratio', is: 'at most', bound } as const }),
      ours: { name: 'inside', unit, value: scaled(inside) },
      peer: { name: 'outside', unit, value: scaled(outside) },
      compared: pairedRatio(inside, outside),
      note: found.ok ? `inside bwrap ${pairedRatio(other, outside).median.toFixed(2)} ×` : found.reason,
    };
  });
}

export const calls: Row = { id: 'calls', measures: 'system calls inside against outside', run: measure };
