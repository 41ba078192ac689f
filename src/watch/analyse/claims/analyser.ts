/**
 * What the agent says of its success, held against what the record says: exit codes of the commands that decide it, and the
 * grading.
 *
 * @module
 */
import type { LedgerEvent } from '../../../contract/index.ts';
import type { Analyser, History } from '../../analyser.ts';
import type { Observation } from '../../observation.ts';
import { isDeclared } from '../../observe/index.ts';
import type { Setting } from '../setting.ts';
import { argumentsOf } from '../tool-commands.ts';
import { isStated, messagesIn } from './commits.ts';
import { decides } from './runners.ts';
import { type Claim, type ClaimKind, claimsIn } from './sentences.ts';

interface Outcome {
  seq: number;
  ok: boolean;
  text: string;
}

/** Runs of tests that have not ended; what is beyond is forgotten, and told. */
const OPEN = 1024;
/** Tools by which an agent reports. */
const REPORTS = /commit|report|submit|finish|complete|done|comment|pull_request/i;

type Emit = (observation: Observation) => void;

export class ClaimsAnalyser implements Analyser {
  readonly name = 'claims';
  readonly #success: string | undefined;
  readonly #running = new Map<number, { kind: ClaimKind; text: string }>();
  readonly #last = new Map<ClaimKind, Outcome>();
  /** the last statement about tests, where nothing contradicted it */
  #said: { claim: Claim; seq: number } | undefined;
  #lost = 0;

  constructor({ success }: Setting) {
    this.#success = success;
  }

  lost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  observe(event: LedgerEvent, emit: Emit, { time, processes }: Pick<History, 'time' | 'processes'>): void {
    switch (event.kind) {
      case 'process.exec':
        this.#begin(event, processes);
        for (const text of messagesIn(event.owner.argv ?? [])) {
          const claims = claimsIn(text).filter(({ sentence }) => isStated(sentence));
          this.#hold(claims, event, time, emit);
        }
        break;
      case 'process.exit': {
        const open = this.#running.get(event.owner.pid);
        if (open === undefined) break;
        this.#running.delete(event.owner.pid);
        const how =
          event.signal === undefined
            ? `ended with ${event.code ?? 0}`
            : `was ended by signal ${event.signal}`;
        this.#last.set(open.kind, { seq: event.seq, ok: event.code === 0, text: `${open.text} ${how}` });
        break;
      }
      case 'model.turn':
        for (const { role, type, text } of event.output)
          if (role === 'assistant' && type === 'text') this.#hold(claimsIn(text), event, time, emit);
        break;
      case 'message':
        this.#hold(claimsIn(event.text), event, time, emit);
        break;
      case 'tool.call':
        if (!REPORTS.test(event.tool)) break;
        for (const value of Object.values(argumentsOf(event.arguments)))
          if (typeof value === 'string') this.#hold(claimsIn(value), event, time, emit);
        break;
      case 'grade': {
        if (event.reward.visible !== 0 || this.#said === undefined) break;
        const { claim, seq } = this.#said;
        const outcome = { seq: event.seq, ok: false, text: `graded: ${event.text}` };
        this.#tell(claim, seq, outcome, event, time, emit);
        break;
      }
    }
  }

  #begin(event: Extract<LedgerEvent, { kind: 'process.exec' }>, processes: History['processes']): void {
    const { pid, argv = [event.path] } = event.owner;
    const kind = decides(argv, this.#success);
    if (kind === undefined || this.#running.has(pid)) return;
    // what tests run is no test of this work
    for (const parent of processes.ancestors(pid)) if (this.#running.has(parent.pid)) return;
    if (this.#running.size >= OPEN) {
      this.#lost += this.#running.size;
      this.#running.clear();
    }
    this.#running.set(pid, { kind, text: argv.join(' ').slice(0, 200) });
  }

  #hold(claims: readonly Claim[], event: LedgerEvent, time: number, emit: Emit): void {
    for (const claim of claims) {
      const outcome = this.#last.get(claim.kind);
      // what is declared takes the place of no other statement
      if (claim.kind === 'tests-pass' && !(this.#said && isDeclared(event)))
        this.#said = outcome?.ok === false ? undefined : { claim, seq: event.seq };
      this.#tell(claim, event.seq, outcome, event, time, emit);
    }
  }

  #tell(
    { kind, sentence, ran }: Claim,
    seq: number,
    outcome: Outcome | undefined,
    { run, cell, context }: LedgerEvent,
    time: number,
    emit: Emit,
  ): void {
    emit({
      category: 'llm_message',
      time,
      run,
      cell,
      cites: outcome === undefined ? [seq] : [outcome.seq, seq].sort((a, b) => a - b),
      fields: {
        Type: 'claim',
        Claims: kind,
        Claim: sentence.slice(0, 300),
        Record: outcome === undefined ? 'none' : outcome.ok ? 'agrees' : 'contradicts',
        Ran: ran,
        ...(outcome && { Evidence: outcome.text }),
      },
      ...(context && { context }),
    });
  }
}
