/**
 * Freeze and kill of a cell with 20 processes, from the controller's command to its answer.
 *
 * @module
 */
import { launchCell } from '../../src/cell/supervise/index.ts';
import type { SupervisorEvent } from '../../src/contract/index.ts';
import type { ProvedPlan } from '../../src/prove/artefacts/gate/index.ts';
import { planOf } from '../cells.ts';
import type { Line } from '../line.ts';
import { UnmeasuredError } from '../programs.ts';
import { summarize } from '../statistics.ts';
import { LAUNCHER, type Workshop } from '../workshop.ts';
import type { Row } from './row.ts';

const PROCESSES = 20;
const DEADLINE = 10_000;

interface Times {
  frozen: number;
  killed: number;
}

/** One cell: wait for its processes, freeze, thaw, kill. Milliseconds. */
async function once(workshop: Workshop, contract: string, groups: boolean): Promise<Times> {
  const script = `i=0; while [ $i -lt ${PROCESSES - 1} ]; do sleep 60 & i=$((i+1)); done; exec sleep 60`;
  const plan = planOf(workshop, contract, ['sh', '-c', script], groups);
  return await new Promise<Times>((resolve, reject) => {
    let asked = 0;
    let frozen = Number.NaN;
    let killed = Number.NaN;
    let sleeping = 0;
    const late = setTimeout(() => {
      cell.send('kill bench');
      reject(new UnmeasuredError(`no answer within ${DEADLINE / 1000} s`));
    }, DEADLINE);
    const onEvent = (event: SupervisorEvent): void => {
      const now = performance.now();
      if (event.ev === 'ready') cell.send('go');
      if (event.ev === 'fail') reject(new UnmeasuredError(event.text));
      if (event.ev === 'exec' && event.path.endsWith('/sleep')) {
        sleeping += 1;
        if (sleeping === PROCESSES) {
          asked = performance.now();
          cell.send('freeze');
        }
      }
      if (event.ev === 'frozen') {
        frozen = now - asked;
        if (!event.ok) reject(new UnmeasuredError('the cell did not freeze'));
        cell.send('thaw');
      }
      if (event.ev === 'thawed') {
        asked = performance.now();
        cell.send('kill bench');
      }
      if (event.ev === 'done') killed = now - asked;
    };
    const cell = launchCell({
      launcher: LAUNCHER,
      // what is measured is the launcher: the gate before it has rows of its own
      plan: plan as ProvedPlan,
      onEvent,
      onSocket: () => {},
      onError: (error) => reject(new UnmeasuredError(error.message)),
      onExit: () => {
        clearTimeout(late);
        if (Number.isNaN(killed)) reject(new UnmeasuredError('the cell ended early'));
        else resolve({ frozen, killed });
      },
    });
  });
}

async function measure(workshop: Workshop): Promise<Line[]> {
  const contract = workshop.contract('plain');
  const times: Times[] = [];
  for (let round = -1; round < workshop.rounds; round += 1) {
    const one = await once(workshop, contract, true);
    if (round >= 0) times.push(one);
  }
  const line = (what: string, bound: number, of: keyof Times): Line => ({
    what,
    goal: { of: 'value', is: 'at most', bound },
    ours: { name: 'command to answer', unit: 'ms', value: summarize(times.map((one) => one[of])) },
    note: 'over the controller’s channel and back',
  });
  return [
    line(`freeze of ${PROCESSES} processes`, 1, 'frozen'),
    line(`kill of ${PROCESSES} processes`, 3, 'killed'),
  ];
}

export const stop: Row = { id: 'stop', measures: 'freeze and kill', run: measure };
