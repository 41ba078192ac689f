/**
 * What is still begun after a run was told to stop.
 *
 * @module
 */
import type { LedgerEvent } from '../../contract/index.ts';
import type { Analyser, History } from '../analyser.ts';
import type { Observation } from '../observation.ts';

export class StoppingAnalyser implements Analyser {
  readonly name = 'stopping';
  #told: { seq: number; time: number } | undefined;

  observe(event: LedgerEvent, emit: (one: Observation) => void, { time }: Pick<History, 'time'>): void {
    if (event.kind === 'control' && event.by !== 'supervisor') {
      const stops =
        event.action === 'stop' ||
        (event.action === 'signal' && ['15', '2', '1'].includes(event.detail ?? ''));
      if (stops) this.#told ??= { seq: event.seq, time };
      return;
    }
    if (event.kind !== 'process.exec' || this.#told === undefined) return;
    const { run, cell, seq, owner, path, context } = event;
    emit({
      category: 'run',
      time,
      run,
      cell,
      cites: [this.#told.seq, seq],
      fields: {
        Phase: 'after-stop',
        Seconds: Math.floor((time - this.#told.time) / 1e6),
        Image: path,
        CommandLine: (owner.argv ?? []).join(' '),
        ProcessId: owner.pid,
      },
      ...(context && { context }),
    });
  }
}
