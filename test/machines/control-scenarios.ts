/**
 * What is explored of freeze, stop and kill.
 *
 * @module
 */
import { constants } from 'node:os';
import type { ControlInput } from '../../src/cli/wiring/control-machine.ts';
import type { ControlScenario } from './control-system.ts';

const by = 'operator';
const freeze: ControlInput = { do: 'freeze', by };
const thaw: ControlInput = { do: 'thaw', by };
const stop: ControlInput = { do: 'stop', reason: 'stopped', at: 'grace', by };
const kill: ControlInput = { do: 'stop', reason: 'stopped', at: 'once', by };
const accuse: ControlInput = { do: 'respond', action: 'freeze', reason: 'violation' };
const interrupt: ControlInput = { do: 'signal', number: constants.signals.SIGINT };
const goOn: ControlInput = { do: 'signal', number: constants.signals.SIGCONT };
const suspend: ControlInput = { do: 'suspend' };
const resume: ControlInput = { do: 'resume' };
const ask = (question: number): ControlInput => ({ do: 'ask', question });
const release = (question: number): ControlInput => ({ do: 'release', question, by });
/** What a question is answered with no. */
const condemn: ControlInput = { do: 'stop', reason: 'finding', at: 'once' };

export const CONTROL_SCENARIOS: readonly ControlScenario[] = [
  {
    name: 'three of freeze, thaw, violation, stop, kill and Ctrl-C, a crash at every step',
    hasTerminal: false,
    inputs: [freeze, thaw, accuse, stop, kill, interrupt],
    most: 3,
    crashes: 1,
  },
  {
    name: 'three of suspend, resume, freeze, thaw, violation and stop',
    hasTerminal: false,
    inputs: [suspend, resume, freeze, thaw, accuse, stop],
    most: 3,
    crashes: 0,
  },
  {
    name: 'three of suspend, resume, thaw and violation, with a terminal',
    hasTerminal: true,
    inputs: [suspend, resume, thaw, accuse],
    most: 3,
    crashes: 0,
  },
  {
    name: 'three of two questions about what it did, the yes to one and a thaw',
    hasTerminal: false,
    inputs: [ask(1), ask(2), release(1), thaw],
    most: 3,
    crashes: 0,
  },
  {
    name: 'three of two questions about what it did, their answers, freeze, thaw, violation and stop',
    hasTerminal: false,
    inputs: [ask(1), ask(2), release(1), release(2), condemn, freeze, thaw, accuse, stop],
    most: 3,
    crashes: 0,
  },
  {
    name: 'three of a question about what it did, its answers, suspend and resume, with a terminal',
    hasTerminal: true,
    inputs: [ask(1), release(1), condemn, suspend, resume],
    most: 3,
    crashes: 0,
  },
  {
    name: 'tasks that do not stop, limits that kill, a crash at every step',
    hasTerminal: false,
    inputs: [freeze, thaw, goOn],
    most: 2,
    crashes: 1,
    isRough: true,
  },
];
