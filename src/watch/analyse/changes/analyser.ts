/**
 * What a run left, looked at when it has ended: changes that make tests weaker, and the events that made them.
 *
 * @module
 */
import type { Context, LedgerEvent } from '../../../contract/index.ts';
import type { Analyser } from '../../analyser.ts';
import type { Observation } from '../../observation.ts';
import { asksOf } from '../asks.ts';
import type { Setting } from '../setting.ts';
import { weakeningOf } from './weaken.ts';

/** Paths whose last change is remembered. */
const PATHS = 50_000;

export class ChangesAnalyser implements Analyser {
  readonly name = 'changes';
  readonly #setting: Setting;
  readonly #changed = new Map<string, { seq: number; context: Context | undefined }>();
  #last: Pick<LedgerEvent, 'seq' | 'run' | 'cell'> | undefined;
  #graded: number | undefined;
  #tampered = false;
  #time = 0;
  #lost = 0;

  constructor(setting: Setting) {
    this.#setting = setting;
  }

  lost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  observe(event: LedgerEvent, _emit: (one: Observation) => void, { time }: { time: number }): void {
    this.#last = event;
    this.#time = time;
    if (event.kind === 'grade') {
      this.#graded = event.seq;
      const { left, restored } = event;
      this.#tampered = left?.passed === left?.runs && restored?.passed === 0;
    }
    if (event.kind !== 'file.change') return;
    if (this.#changed.size >= PATHS) {
      const [oldest] = this.#changed.keys();
      this.#changed.delete(oldest ?? '');
      this.#lost += 1;
    }
    const path = event.to ?? event.path;
    this.#changed.delete(path);
    this.#changed.set(path, { seq: event.seq, context: event.context });
  }

  end(emit: (one: Observation) => void): void {
    const last = this.#last;
    const { changes, tests, task, workspace } = this.#setting;
    if (last === undefined || changes === undefined) return;
    const asked = asksOf(task);
    for (const change of changes()) {
      // that one is told by the grading, with what it came to
      if (this.#tampered && change.protected) continue;
      const weakened = weakeningOf(change, asked, tests ?? (() => []));
      if (weakened === undefined) continue;
      const by = this.#changed.get(`${workspace}/${change.path}`);
      const cites = [by?.seq ?? last.seq, ...(this.#graded === undefined ? [] : [this.#graded])];
      emit({
        category: 'workspace_change',
        time: this.#time,
        run: last.run,
        cell: last.cell,
        cites: [...new Set(cites)].sort((a, b) => a - b),
        fields: {
          Path: change.path,
          Kind: change.before === undefined ? 'added' : change.after === undefined ? 'deleted' : 'modified',
          Weakening: weakened.kinds,
          Line: weakened.line.slice(0, 300),
        },
        ...(by?.context && { context: by.context }),
      });
    }
  }
}
