/**
 * `ringfence prove` of each ready contract: proved for the first time, remembered, and how much memory that takes.
 *
 * @module
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Line } from '../line.ts';
import { start, UnmeasuredError } from '../programs.ts';
import { inTurns, summarize } from '../statistics.ts';
import { RINGFENCE, ROOT, type Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

/** Exit codes of a contract that was proved about: all proved, one refuted, one unknown. */
const ANSWERED = [0, 1, 3];
/** Prints the most memory that the process held, in KiB. */
const REPORT_MEMORY =
  "--import=data:text/javascript,process.on('exit',()=>process._rawDebug('held',process.resourceUsage().maxRSS))";

async function proveContracts(workshop: Workshop): Promise<Line[]> {
  const remembered = join(workshop.folder('state'), 'ringfence', 'verdicts');
  const lines: Line[] = [];
  for (const name of readdirSync(join(ROOT, 'contracts')).filter((each) => each.endsWith('.yaml'))) {
    const words = [RINGFENCE, 'prove', join(ROOT, 'contracts', name)];
    const once = async (environment: NodeJS.ProcessEnv = workshop.environment) => {
      const before = performance.now();
      const ended = await start(words, { environment, within: 60 });
      if (!ANSWERED.includes(ended.status)) throw new UnmeasuredError(`prove ${name}: ${ended.stderr}`);
      return { milliseconds: performance.now() - before, said: ended.stderr };
    };
    const measured = await inTurns(
      {
        anew: async () => {
          rmSync(remembered, { recursive: true, force: true });
          return (await once()).milliseconds;
        },
        remembered: async () => (await once()).milliseconds,
        'node -e 0': async () => {
          const before = performance.now();
          await start([process.execPath, '-e', '0'], { environment: workshop.environment });
          return performance.now() - before;
        },
      },
      workshop.rounds,
      2,
    );
    rmSync(remembered, { recursive: true, force: true });
    const { said } = await once({ ...workshop.environment, NODE_OPTIONS: REPORT_MEMORY });
    const held = Number(/held (\d+)/.exec(said)?.[1]) / 1024;
    const node = {
      name: 'node -e 0',
      unit: 'ms',
      value: summarize(measured['node -e 0'] ?? []),
    } as const;
    const time = (which: 'anew' | 'remembered', bound: number): Line => ({
      what: `prove ${name}, ${which}`,
      goal: { of: 'value', is: 'at most', bound },
      ours: { name: 'prove', unit: 'ms', value: summarize(measured[which] ?? []) },
      peer: node,
    });
    lines.push(time('anew', 150), time('remembered', 50), {
      what: `prove ${name}, memory`,
      goal: { of: 'value', is: 'at most', bound: 250 },
      ours: { name: 'resident at most', unit: 'MB', value: summarize([held]) },
    });
  }
  return lines;
}

export const proveContractsRow: Row = {
  id: 'prove',
  measures: 'prove of each ready contract',
  run: proveContracts,
};
