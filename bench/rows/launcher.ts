/**
 * The launcher with all layers, from start to the exit of `true`, beside bubblewrap's.
 *
 * @module
 */
import { detectCgroups } from '../../src/cell/cgroups/index.ts';
import { planFile } from '../cells.ts';
import type { Line } from '../line.ts';
import { inTurns, pairedRatio, summarize } from '../statistics.ts';
import { LAUNCHER, type Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

async function measure(workshop: Workshop, peers: Parameters<Row['run']>[1]): Promise<Line[]> {
  const contract = workshop.contract('plain');
  const found = await peers.bubblewrap();
  const support = detectCgroups();
  const mayGroup = support.unified !== undefined || Object.keys(support.legacy).length > 0;
  const launch = (groups: boolean) => async () => {
    const plan = planFile(workshop, contract, ['true'], groups); // made before the clock starts
    return await workshop.timed(['--plan', plan, LAUNCHER]);
  };
  const values = await inTurns(
    {
      ours: launch(false),
      ...(mayGroup && { grouped: launch(true) }),
      ...(found.ok && { peer: () => workshop.timed(found.peer.words(['true'], 'none')) }),
    },
    workshop.rounds * 2,
    2,
  );
  const goal = { of: 'ratio', is: 'at most', bound: 1 } as const;
  const peer =
    found.ok && values.peer
      ? { name: found.peer.name, unit: 'ms' as const, value: summarize(values.peer) }
      : undefined;
  const line = (what: string, samples: number[], note?: string): Line => ({
    what,
    goal,
    ours: { name: 'ringfence-cell', unit: 'ms', value: summarize(samples) },
    ...(peer && values.peer && { peer, compared: pairedRatio(samples, values.peer) }),
    ...(note !== undefined && { note }),
  });
  const how = found.ok
    ? `bwrap ${found.peer.version} --unshare-all --ro-bind / /: no Landlock, no filter, no overlay, no read-back, no probes`
    : found.reason;
  return [
    line('launcher, all layers, start to exit of true', values.ours ?? [], how),
    ...(values.grouped
      ? [
          line(
            'the same, with control groups',
            values.grouped,
            'writing cgroup.procs waits for an RCU grace period of the kernel',
          ),
        ]
      : []),
  ];
}

export const launcher: Row = { id: 'launcher', measures: 'the native launcher alone', run: measure };
