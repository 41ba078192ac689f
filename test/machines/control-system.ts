/**
 * Start, freeze, thaw, suspend, stop and kill as one system: the controller's machine and the supervisor's, both as they
 * run in production (the supervisor's as the table of all its transitions, printed by the compiled C), the channel
 * between them, the tasks of the cell, an operator, and crashes between any two steps.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { ControlEffect, ControlInput, ControlState } from '../../src/cli/wiring/control-machine.ts';
import { Broken, frozen, type Move, type System } from './explore.ts';

const ROOT = resolve(import.meta.dirname, '../..');
/** As in native/hold.h. */
const INPUT = { go: 0, freeze: 1, quiet: 2, restless: 3, thaw: 4, kill: 5, answer: 6, continue: 7 } as const;
const OUTPUT = {
  start: 1,
  stopTasks: 2,
  tellFrozen: 4,
  tellFailed: 8,
  send: 16,
  keep: 32,
  release: 64,
  letGo: 128,
  tellThawed: 256,
  pass: 512,
  end: 1024,
} as const;

interface Transition {
  next: number;
  output: number;
  isFrozen: boolean;
  isEnded: boolean;
  withheld: number;
}
/** By state and input; state 0 is the first. */
export type HoldTable = Transition[][];

/** Compiles native/hold.c, or a version of it with a fault, and asks it for all that it can do. */
export function holdTable(source?: string): HoldTable {
  const folder = mkdtempSync(join(tmpdir(), 'ringfence-hold-'));
  try {
    const path = join(folder, 'hold.c');
    if (source !== undefined) writeFileSync(path, source);
    const file = source === undefined ? join(ROOT, 'native/hold.c') : path;
    const flags = ['-std=gnu17', '-O1', '-I', join(ROOT, 'native'), '-o', join(folder, 'hold')];
    execFileSync('cc', [...flags, join(ROOT, 'test/machines/hold-table.c'), file]);
    const table: HoldTable = [];
    for (const line of execFileSync(join(folder, 'hold'), { encoding: 'utf8' }).trim().split('\n')) {
      const [at = 0, input = 0, next = 0, output = 0, , ended, isFrozen, withheld = 0] = line
        .split(' ')
        .map(Number);
      table[at] ??= [];
      (table[at] as Transition[])[input] = {
        next,
        output,
        isEnded: ended === 1,
        isFrozen: isFrozen === 1,
        withheld,
      };
    }
    return table;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Why the scenarios freeze for what was done. */
const ACCUSED = 'violation';
const TERM = `signal ${constants.signals.SIGTERM}`;

export type ControlCore = typeof import('../../src/cli/wiring/control-machine.ts');

export interface ControlScenario {
  name: string;
  hasTerminal: boolean;
  /** what may be asked for, in any order and again, at most so many in all */
  inputs: readonly ControlInput[];
  most: number;
  crashes: number;
  /** tasks may refuse to stop; a limit may kill from another thread */
  isRough?: boolean;
}

type Told = 'executed' | 'frozen' | 'released' | 'retaken';

interface State {
  control: ControlState;
  todo: ControlEffect[];
  isController: boolean;
  isSupervisor: boolean;
  toSupervisor: string[];
  toController: Told[];
  hold: { at: number; isFrozen: boolean; isEnded: boolean; withheld: number };
  /** the supervisor's thread is busy stopping them */
  isStopping: boolean;
  tasks: 'none' | 'running' | 'still' | 'dead';
  /** system calls of theirs that wait for an answer */
  asking: number;
  isRecorded: boolean;
  hasGrace: boolean;
  /** what was put on record since something was sent last */
  recorded: string | undefined;
  isGoSaid: boolean;
  isExecuted: boolean;
  isTermSent: boolean;
  /** attempts at stopping the tasks that failed, in a row */
  failed: number;
  /** what an operator or the contract wants, as they said it */
  wants: {
    accused: boolean;
    /** questions about what it did that are open */
    asked: number[];
    operator: boolean;
    suspended: boolean;
    ended: boolean;
    why: string | undefined;
  };
  asked: number;
  crashes: number;
  rough: number;
}

export function controlSystem(core: ControlCore, table: HoldTable, scenario: ControlScenario): System<State> {
  function hold(state: State, input: number): void {
    const step = table[state.hold.at]?.[input];
    if (!step) return;
    const wasFrozen = state.hold.isFrozen;
    const kept = state.hold.withheld;
    const { output } = step;
    state.hold = {
      at: step.next,
      isFrozen: step.isFrozen,
      isEnded: step.isEnded,
      withheld: step.withheld,
    };
    if (output & OUTPUT.start) {
      if (!state.isRecorded) throw new Broken('the program starts before that is safely on record');
      if (state.tasks !== 'none') throw new Broken('the program starts twice');
      state.tasks = 'running';
      state.toController.push('executed');
    }
    if (output & OUTPUT.stopTasks) state.isStopping = true;
    if (output & OUTPUT.tellFrozen) state.toController.push('frozen');
    if (output & OUTPUT.send) {
      if (wasFrozen || step.isEnded) throw new Broken('a call is answered in a cell that is frozen or ended');
      state.asking -= 1;
    }
    if (output & OUTPUT.release) {
      if (step.isFrozen || step.isEnded) throw new Broken('what was withheld goes out before the thaw');
      state.asking -= kept;
    }
    if (output & OUTPUT.letGo && state.tasks === 'still') state.tasks = 'running';
    if (output & OUTPUT.pass && state.tasks === 'still') {
      if (step.isFrozen) throw new Broken('a signal lets go what is frozen');
      state.tasks = 'running';
    }
    if (output & OUTPUT.end) state.tasks = 'dead';
    if (step.isEnded && state.tasks !== 'dead') throw new Broken('it is ended, and tasks are left');
    if (step.withheld < kept && !(output & (OUTPUT.release | OUTPUT.end)))
      throw new Broken('an answer that was withheld is lost');
  }

  /** A line from the controller, as `control.c` reads it. */
  function command(state: State, line: string): void {
    if (line === 'go') hold(state, INPUT.go);
    else if (line === 'freeze') hold(state, INPUT.freeze);
    else if (line === 'thaw') hold(state, INPUT.thaw);
    else if (line.startsWith('kill ')) hold(state, INPUT.kill);
    else if (line === 'suspend') state.toController.push('released');
    else if (line === 'resume') state.toController.push('retaken');
    else if (line === 'signal 18' || line === 'signal -18') hold(state, INPUT.continue);
  }

  function perform(state: State, effect: ControlEffect): void {
    const { wants } = state;
    if (effect.do === 'record' && effect.body.kind === 'control') state.recorded = effect.body.action;
    if (effect.do === 'wait') state.hasGrace = true;
    if (effect.do === 'stop-job' && !wants.suspended)
      throw new Broken('we stop, and nobody asks for that any more');
    if (effect.do !== 'send') return;
    const { command: line } = effect;
    const { recorded } = state;
    state.recorded = undefined;
    if (line === 'go' || line === 'thaw') {
      if (wants.accused) throw new Broken(`${line} is said to a cell that is held for what it did`);
      if (wants.asked.length > 0)
        throw new Broken(`${line} is said to a cell of which it is asked whether it may go on`);
      if (wants.operator) throw new Broken(`${line} is said to a cell that the operator froze`);
      if (line === 'go' && wants.ended) throw new Broken('go is said after the end');
    }
    if (line === 'freeze' && recorded !== 'freeze') throw new Broken('freeze is said before it is recorded');
    if (line === 'thaw' && recorded !== 'thaw' && recorded !== 'stop' && !wants.ended)
      throw new Broken('thaw is said before it is recorded');
    if (line.startsWith('signal ') && !state.isExecuted)
      throw new Broken('a signal is sent to a program that is not there');
    if (line === 'go') state.isGoSaid = true;
    if (line === TERM) state.isTermSent = true;
    if (line.startsWith('kill ') && line !== `kill ${wants.why}`)
      throw new Broken(`it is ended for ${line.slice(5)}, and the first reason is ${wants.why}`);
    state.toSupervisor.push(line);
  }

  /** What the words mean, in the plainest terms: the promises are judged by this. */
  function want({ wants, control, isGoSaid }: State, input: ControlInput): void {
    const isAccused = wants.accused;
    const isAsked = wants.asked.length > 0;
    // a terminal's word to what does not run cannot wait until it does
    const isFinal =
      input.do === 'signal' &&
      input.number === constants.signals.SIGINT &&
      (!isGoSaid || isAccused || isAsked || wants.operator || control.holds.suspended);
    const isEnd = input.do === 'stop' || (input.do === 'respond' && input.action !== 'freeze');
    if (isFinal || isEnd) {
      wants.ended = true;
      const why = isEnd ? input.reason : 'stopped';
      wants.why ??= isAccused ? ACCUSED : isAsked ? 'finding' : why;
      if (!isAccused && !isAsked) wants.operator = false;
    }
    if (input.do === 'suspend' || input.do === 'released') wants.suspended = true;
    if (input.do === 'freeze') wants.operator = true;
    if (input.do === 'respond' && input.action === 'freeze') wants.accused = true;
    if (input.do === 'ask') wants.asked.push(input.question);
    if (input.do === 'release') wants.asked = wants.asked.filter((each) => each !== input.question);
    if (input.do === 'thaw') {
      wants.operator = false;
      wants.accused = false;
    }
    if (input.do === 'resume') wants.suspended = false;
  }

  function hear(state: State, input: ControlInput): void {
    want(state, input);
    if (input.do === 'executed') state.isExecuted = true;
    if (input.do === 'grace' && state.isExecuted && !state.isTermSent)
      throw new Broken('the time after TERM is up, and TERM was never sent');
    state.todo.push(...frozen(core.stepControl(state.control, input)));
  }

  function controllerMoves(state: State): Move<State>[] {
    const moves: Move<State>[] = [];
    if (!state.isController) return moves;
    if (state.crashes < scenario.crashes)
      moves.push({
        name: 'the controller crashes',
        isDue: false,
        apply: (after) => {
          after.crashes += 1;
          after.isController = false;
        },
      });
    const [next] = state.todo;
    if (next) {
      moves.push({
        name: `controller: ${next.do}${next.do === 'send' ? ` ${next.command}` : ''}`,
        isDue: true,
        apply: (after) => {
          after.todo.shift();
          perform(after, next);
        },
      });
      return moves;
    }
    const isAwake = !state.control.isStopped;
    if (isAwake && !state.isRecorded)
      moves.push({
        name: 'the start is safely on record',
        isDue: true,
        apply: (after) => {
          after.isRecorded = true;
          hear(after, { do: 'recorded' });
        },
      });
    const [told] = state.toController;
    if (isAwake && told)
      moves.push({
        name: `controller: hears ${told}`,
        isDue: true,
        apply: (after) => {
          after.toController.shift();
          hear(after, { do: told });
        },
      });
    if (isAwake && state.hasGrace)
      moves.push({
        name: 'the time between TERM and kill is up',
        isDue: true,
        apply: (after) => {
          after.hasGrace = false;
          hear(after, { do: 'grace' });
        },
      });
    if (state.asked < scenario.most)
      for (const input of scenario.inputs) {
        if (!isAwake && input.do !== 'resume') continue;
        moves.push({
          name: `controller: is asked to ${nameOf(input)}`,
          isDue: false,
          apply: (after) => {
            after.asked += 1;
            hear(after, input);
          },
        });
      }
    return moves;
  }

  function supervisorMoves(state: State): Move<State>[] {
    const moves: Move<State>[] = [];
    if (!state.isSupervisor) return moves;
    const act = (name: string, apply: (after: State) => void, isDue = true) =>
      moves.push({ name, isDue, apply });
    const [line] = state.toSupervisor;
    if (state.isStopping) {
      act('supervisor: every task is still', (after) => {
        after.isStopping = false;
        after.failed = 0;
        if (after.tasks === 'running') after.tasks = 'still';
        hold(after, INPUT.quiet);
      });
      if (scenario.isRough && state.rough < 3)
        act(
          'supervisor: some tasks still run',
          (after) => {
            after.rough += 1;
            after.isStopping = false;
            hold(after, INPUT.restless);
            after.failed = after.hold.isEnded ? 0 : after.failed + 1;
            if (after.failed > 1) throw new Broken('it cannot be frozen, and goes on');
          },
          false,
        );
    } else if (line !== undefined)
      act(`supervisor: reads ${line}`, (after) => {
        after.toSupervisor.shift();
        command(after, line);
      });
    else if (!state.isController && !state.hold.isEnded)
      act('supervisor: the controller is gone', (after) => hold(after, INPUT.kill));
    if (state.tasks === 'running' && state.asking < 2 && state.rough < 3)
      act(
        'a task makes a call that waits for an answer',
        (after) => {
          after.asking += 1;
          after.rough += 1;
        },
        false,
      );
    // it may be about to answer whom it has just ended
    if (state.asking > state.hold.withheld)
      act('supervisor: answers a call', (after) => hold(after, INPUT.answer), state.tasks !== 'dead');
    if (scenario.isRough && state.tasks === 'running' && !state.hold.isEnded)
      act('supervisor: a limit is passed', (after) => hold(after, INPUT.kill), false);
    if (state.crashes < scenario.crashes)
      act(
        'the supervisor crashes, and init with it',
        (after) => {
          after.crashes += 1;
          after.isSupervisor = false;
          after.tasks = 'dead';
        },
        false,
      );
    return moves;
  }

  return {
    start: () => ({
      control: core.newControl(scenario.hasTerminal),
      todo: [],
      isController: true,
      isSupervisor: true,
      toSupervisor: [],
      toController: [],
      hold: { at: 0, isFrozen: false, isEnded: false, withheld: 0 },
      isStopping: false,
      tasks: 'none',
      asking: 0,
      isRecorded: false,
      hasGrace: false,
      recorded: undefined,
      isGoSaid: false,
      isExecuted: false,
      isTermSent: false,
      failed: 0,
      wants: { accused: false, asked: [], operator: false, suspended: false, ended: false, why: undefined },
      asked: 0,
      crashes: 0,
      rough: 0,
    }),
    moves: (state) => [...controllerMoves(state), ...supervisorMoves(state)],
    always: () => undefined,
    atRest({ wants, tasks, control, hold: held, isController, isSupervisor, hasGrace, asking }) {
      if (tasks === 'dead') return undefined;
      if (!isController) return 'the cell outlives its controller';
      if (!isSupervisor) return 'the cell outlives its supervisor';
      if (held.isEnded) return 'it is ended, and runs';
      if (tasks === 'running' && control.isStopped) return 'we are stopped, and the cell runs';
      if (tasks === 'running' && wants.accused) return 'it runs, and is held for what it did';
      if (tasks === 'running' && wants.asked.length > 0)
        return 'it runs, and it is asked whether it may go on';
      if (tasks === 'running' && wants.operator) return 'it runs, and the operator froze it';
      if (wants.ended && !hasGrace) return 'it was to end, and did not';
      const isWanted = !wants.accused && wants.asked.length === 0 && !wants.operator && !control.isStopped;
      if (isWanted && tasks !== 'running') return 'nobody holds it, and it does not run';
      if (tasks === 'running' && asking > 0) return 'a call waits for an answer for ever';
      return undefined;
    },
  };
}

function nameOf(input: ControlInput): string {
  if (input.do === 'respond') return `${input.action} for a ${input.reason}`;
  if (input.do === 'stop') return input.at === 'once' ? 'kill' : 'stop';
  if (input.do === 'signal') return `pass signal ${input.number} on`;
  if (input.do === 'ask' || input.do === 'release') return `${input.do} ${input.question}`;
  return input.do;
}
