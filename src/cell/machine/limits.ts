/**
 * The part of the report on limits, freeze and kill: what the kernel holds, and what is watched instead.
 *
 * @module
 */
import type { CgroupSupport, Controller } from '../cgroups/index.ts';
import type { MachineFacts } from './facts.ts';
import type { LayerReport, Mend } from './report.ts';

const DELEGATE_ALL =
  "sudo mkdir -p /etc/systemd/system/user@.service.d && printf '[Service]\\nDelegate=cpu cpuset io memory pids\\n' | sudo tee /etc/systemd/system/user@.service.d/delegate.conf && sudo systemctl daemon-reload";

function has(cgroups: CgroupSupport, controller: Controller): boolean {
  return (
    cgroups.unified?.controllers.includes(controller) === true || cgroups.legacy[controller] !== undefined
  );
}

function mendFor(facts: MachineFacts, limit: string): Mend {
  if (facts.container) {
    return {
      note: `give the container itself the limit (for Docker: ${limit}), or start it with a writable cgroup of its own`,
    };
  }
  if (!facts.systemd) {
    return { note: 'mount cgroup version 2 and hand this user a group of its own, or run as root' };
  }
  if (facts.uid !== 0 && !facts.cgroups.unified) {
    return {
      command: 'systemd-run --user --scope --property=Delegate=yes -- ringfence run …',
      note: 'a group of your own for this run',
    };
  }
  return { command: DELEGATE_ALL, note: 'then log in anew' };
}

const LIMITS = [
  ['memory', 'Memory limit', '--memory', 'sampling the memory of all processes'],
  ['pids', 'Process limit', '--pids-limit', "the user's own process limit (RLIMIT_NPROC)"],
  ['cpu', 'Processor limit', '--cpus', 'binding the cell to some of the processors'],
] as const;

/** Layers for limits and for freeze and kill. Nothing here is `missing`: each has a substitute. */
export function limitLayers(facts: MachineFacts): LayerReport[] {
  const { cgroups } = facts;
  const limits = LIMITS.map(([controller, layer, option, instead]): LayerReport => {
    const purpose = 'the kernel holds the limit';
    if (has(cgroups, controller)) return { layer, purpose, state: 'ok' };
    const reasons = cgroups.missing.filter((text) => text.includes(`the ${controller} controller`));
    const why = `${reasons[0] ?? 'no control group of our own'}; instead: ${instead}`;
    return { layer, purpose, state: 'reduced', why, mend: mendFor(facts, option) };
  });
  const layer = 'Freeze and kill';
  const purpose = 'all processes of a cell stop in one step';
  if (cgroups.unified?.freeze && cgroups.unified.kill) return [...limits, { layer, purpose, state: 'ok' }];
  const why =
    "no group of cgroup version 2 is ours; instead: signals from the cell's first process, until quiet";
  return [...limits, { layer, purpose, state: 'reduced', why, mend: mendFor(facts, '--cgroupns=private') }];
}
