/**
 * How rules are written.
 *
 * @module
 */
import type { Hazard } from '../../../contract/index.ts';
import type { HornRule, Literal } from '../../logic/index.ts';

const variable = (name: string) => ({ var: name });

/** Actor, data, file, host, entry of the catalogue, label or kind, program, anything. */
export const A = variable('A');
export const D = variable('D');
export const F = variable('F');
export const H = variable('H');
export const I = variable('I');
export const J = variable('J');
export const P = variable('P');
export const X = variable('X');
export const Y = variable('Y');

export const rule = (
  id: string,
  head: Literal,
  body: readonly Literal[],
  text: string,
  source: string,
): HornRule => ({ id, head, body, text, source });

export const hazard = (name: Hazard): Literal => ['hazard', name];

export const RUNS: Literal = ['runs', 'agent'];
export const REACHES: Literal = ['reaches', 'agent', H];
export const ANYWHERE: Literal = ['reaches', 'agent', 'anywhere'];

/** A service that is reached gives something. */
export const served = (gain: string): Literal[] => [REACHES, ['serves', H, I], ['gives', I, gain]];

/** A service that is reached gives something to who may change something there. */
export const changed = (gain: string): Literal[] => [...served(gain), ['posts', H]];

/** A service that is reached gives something to who can tell it where to go on to: no fixed page does. */
export const steered = (gain: string): Literal[] => [...served(gain), ['steers', H]];

/** The agent has something by itself: a setting, a socket. */
export const had = (gain: string): Literal[] => [
  ['has', 'agent', I],
  ['gives', I, gain],
];

/** The agent uses what it knows, at a service that takes it. */
export const used = (gain: string): Literal[] => [
  ['uses', 'agent', I, H],
  ['gives', I, gain],
];

/** Data that the agent can read, of a kind. */
export const knows = (label: string): Literal[] => [
  ['knows', 'agent', D],
  ['label', D, label],
];

export const DESIGN = 'definition of the hazard';
export const ENTRY = 'the catalogue’s entry';
