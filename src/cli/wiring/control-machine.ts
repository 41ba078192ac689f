/**
 * The state machine of a run's control: start, freeze, thaw, suspend, stop and kill, whoever asks for them. It knows no
 * clock, timer or channel: `session.ts` drives it with the supervisor, the ledger and the operator's signals, and the
 * exploration in `test/machines` with every order of events, joined to the supervisor's own machine (`native/hold.c`).
 *
 * @module
 */
import { constants } from 'node:os';
import type { Action, ControllerCommand, EventBody } from '../../contract/index.ts';

export interface ControlState {
  hasTerminal: boolean;
  /** the start is safely on record */
  isReady: boolean;
  /** `go` was said */
  isStarted: boolean;
  /** what the cell is held for: it goes on when nothing of it is left. `accused`: for what it did; `asked`: questions about that */
  holds: { operator: boolean; suspended: boolean; accused: string | undefined; asked: number[] };
  /** why we end it, where we do */
  verdict: string | undefined;
  /** a signal that ended it before it began */
  interrupted: number | undefined;
  /** signals that came before the program was there to get them */
  early: number[] | undefined;
  /** we ourselves are stopped, as Ctrl-Z asks */
  isStopped: boolean;
  /** when the cell is still, we stop, too */
  awaitsFrozen: boolean;
  hasGrace: boolean;
}

export type ControlInput =
  /** `by`: who asked, where somebody did */
  | { do: 'stop'; reason: string; at: 'once' | 'grace'; by?: string | undefined }
  | { do: 'signal'; number: number }
  | { do: 'freeze' | 'thaw'; by: string }
  /** the contract's answer to what the cell did */
  | { do: 'respond'; action: Action; reason: string }
  /** a question about what it did is open; it may go on, as `by` said */
  | { do: 'ask'; question: number }
  | { do: 'release'; question: number; by: string }
  /** Ctrl-Z, and fg */
  | { do: 'suspend' | 'resume' }
  /** the start is safely on record */
  | { do: 'recorded' }
  /** the supervisor says so: the program is there, every task is still, the terminal is the operator's, is the program's */
  | { do: 'executed' | 'frozen' | 'released' | 'retaken' }
  /** the time between TERM and kill is up */
  | { do: 'grace' };

export type ControlEffect =
  | { do: 'record'; body: EventBody }
  | { do: 'send'; command: ControllerCommand | 'go' }
  /** the program is about to start */
  | { do: 'start' }
  /** stop ourselves, and all of our job */
  | { do: 'stop-job' }
  /** a `grace` is due after {@link GRACE} */
  | { do: 'wait' };

/** Milliseconds between TERM and kill. */
export const GRACE = 5000;
const { SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGWINCH } = constants.signals;
/** Signals that a terminal sends to everything in the foreground, not to one process. */
const TO_GROUP = new Set<number>([SIGINT, SIGQUIT, SIGHUP, SIGWINCH]);
const ENDING = new Set<number>([SIGINT, SIGQUIT, SIGHUP, SIGTERM]);

export const newControl = (hasTerminal: boolean): ControlState => ({
  hasTerminal,
  isReady: false,
  isStarted: false,
  holds: { operator: false, suspended: false, accused: undefined, asked: [] },
  verdict: undefined,
  interrupted: undefined,
  early: [],
  isStopped: false,
  awaitsFrozen: false,
  hasGrace: false,
});

const isHeld = ({ holds }: ControlState): boolean =>
  holds.operator || holds.suspended || holds.accused !== undefined || holds.asked.length > 0;
const send = (command: ControllerCommand | 'go'): ControlEffect => ({ do: 'send', command });
const control = (action: 'freeze' | 'thaw' | 'stop' | 'kill', by: string): ControlEffect => ({
  do: 'record',
  body: { kind: 'control', action, by },
});

/** One step: changes the state, and says what is to be done, in that order. */
export function stepControl(state: ControlState, input: ControlInput): ControlEffect[] {
  const { holds } = state;
  switch (input.do) {
    case 'stop':
      return stop(state, input.reason, input.at, input.by);
    case 'signal':
      return signal(state, input.number);
    case 'freeze':
      holds.operator = true;
      return freeze(state, input.by);
    case 'respond':
      if (input.action === 'freeze') {
        holds.accused ??= input.reason;
        return freeze(state, input.reason);
      }
      if (input.action === 'stop') return stop(state, input.reason, 'grace');
      return input.action === 'kill' ? stop(state, input.reason, 'once') : [];
    case 'ask':
      holds.asked.push(input.question);
      return freeze(state, 'finding');
    case 'release': {
      const left = holds.asked.filter((question) => question !== input.question);
      if (left.length === holds.asked.length) return [];
      holds.asked = left;
      return [control('thaw', input.by), ...letGo(state)];
    }
    case 'thaw':
      // a question is answered, not passed over
      holds.operator = false;
      holds.accused = undefined;
      return [control('thaw', input.by), ...letGo(state)];
    case 'suspend':
      if (state.isStopped) return []; // our own, sent to all of the job
      return state.isStarted && state.hasTerminal ? [send('suspend')] : freezeAndStop(state);
    case 'released':
      return freezeAndStop(state);
    case 'resume':
      state.isStopped = false;
      // whoever lets us go on does not want us to stop once more, when the cell says at last that it is still
      state.awaitsFrozen = false;
      return state.hasTerminal ? [send('resume')] : unsuspend(state);
    case 'retaken': {
      const effects = unsuspend(state);
      if (effects.length === 0 || isHeld(state)) return effects;
      return [...effects, ...[SIGCONT, SIGWINCH].map((number) => send(`signal ${-number}`))];
    }
    case 'recorded':
      state.isReady = true;
      return isHeld(state) ? [] : begin(state);
    case 'executed': {
      const early = state.early ?? [];
      state.early = undefined;
      return early.flatMap((number) => deliver(state, number));
    }
    case 'frozen':
      if (!state.awaitsFrozen) return [];
      state.awaitsFrozen = false;
      // it may have been let go again before it was still: then our own stop would leave it alone
      if (!holds.suspended) return [];
      state.isStopped = true;
      return [{ do: 'stop-job' }];
    case 'grace':
      return [send(`kill ${state.verdict ?? 'stopped'}`)];
  }
}

/** The program starts only when it is on record that it starts, and nothing holds it. */
function begin(state: ControlState): ControlEffect[] {
  if (!state.isReady || state.isStarted || state.verdict !== undefined) return [];
  state.isStarted = true;
  return [{ do: 'start' }, send('go')];
}

/** Before the start nothing runs: the start is kept back instead. */
function freeze(state: ControlState, by: string): ControlEffect[] {
  return [control('freeze', by), ...(state.isStarted ? [send('freeze')] : [])];
}

function letGo(state: ControlState): ControlEffect[] {
  if (isHeld(state)) return [];
  return state.isStarted ? [send('thaw')] : begin(state);
}

/** Asks the program to end, and ends it where it does not. What is held for what it did is not let go again. */
function stop(state: ControlState, reason: string, at: 'once' | 'grace', by?: string): ControlEffect[] {
  const { holds } = state;
  const accused = holds.accused ?? (holds.asked.length > 0 ? 'finding' : undefined);
  const isAtOnce = at === 'once' || accused !== undefined || !state.isStarted;
  const said = by === undefined ? [] : [control(isAtOnce ? 'kill' : 'stop', by)];
  state.verdict ??= accused ?? reason;
  if (isAtOnce) return [...said, send(`kill ${state.verdict}`)];
  holds.operator = false;
  holds.suspended = false;
  const wait: ControlEffect[] = state.hasGrace ? [] : [{ do: 'wait' }];
  state.hasGrace = true;
  return [...said, send('thaw'), ...deliver(state, SIGTERM), ...wait];
}

function signal(state: ControlState, number: number): ControlEffect[] {
  const said: ControlEffect = {
    do: 'record',
    body: { kind: 'control', action: 'signal', by: 'operator', detail: String(number) },
  };
  if (!ENDING.has(number)) return [said, ...deliver(state, number)];
  if (!state.isStarted) state.interrupted ??= number;
  if (!state.isStarted || isHeld(state)) return [said, ...stop(state, 'stopped', 'once')];
  return [said, ...deliver(state, number)];
}

function deliver(state: ControlState, number: number): ControlEffect[] {
  if (state.early === undefined) return [send(`signal ${TO_GROUP.has(number) ? -number : number}`)];
  state.early.push(number);
  return [];
}

function freezeAndStop(state: ControlState): ControlEffect[] {
  if (!state.isStarted || isHeld(state)) {
    state.isStopped = true;
    return [{ do: 'stop-job' }];
  }
  state.awaitsFrozen = true;
  state.holds.suspended = true;
  return freeze(state, 'suspended');
}

function unsuspend(state: ControlState): ControlEffect[] {
  if (!state.holds.suspended) return [];
  state.holds.suspended = false;
  return [control('thaw', 'operator'), ...letGo(state)];
}
