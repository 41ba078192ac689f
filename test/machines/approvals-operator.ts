/**
 * What an operator may do to questions and answers as one system, and what may happen to the operator's half.
 *
 * @module
 */
import { type Command, nameOf, PATIENCE, type Scenario, type State } from './approvals-state.ts';
import type { Move } from './explore.ts';

export function operatorMoves(scenario: Scenario, state: State): Move<State>[] {
  const { odds = [] } = scenario;
  const moves: Move<State>[] = [];
  const send = (request: Command): Move<State> => ({
    name: `the operator sends ${nameOf(request)}`,
    isDue: false,
    apply: (after) => {
      after.sent += 1;
      after.commands.push({ request, to: after.sent });
      if (request.do === 'allow') after.rules.push(request.rule.host);
      else if (request.digest === undefined)
        after.said.push({ digest: after.shown.get(request.question)?.digest ?? '', allow: request.allow });
    },
  });
  if (state.sent < scenario.most)
    for (const request of scenario.commands)
      if (request.do === 'allow' || state.shown.has(request.question)) moves.push(send(request));
  for (const [at, { request, to }] of state.commands.entries()) {
    if (odds.includes('lost'))
      moves.push({
        name: `command ${to} is lost: it crashed, or gave up waiting`,
        isDue: false,
        apply: (after) => {
          after.commands.splice(at, 1);
          after.replies.push(to);
        },
      });
    if (odds.includes('twice') && state.twice === 0)
      moves.push({
        name: `command ${to} is sent a second time`,
        isDue: false,
        apply: (after) => {
          after.twice = 1;
          after.commands.push({ request, to: 100 + to });
        },
      });
  }
  return moves;
}

/** It is held up, and a gateway that is broken. */
export function oddMoves({ odds = [] }: Scenario, state: State): Move<State>[] {
  const { controller } = state;
  const moves: Move<State>[] = [];
  if (odds.includes('time') && controller.now === 0)
    moves.push({
      name: 'the controller is held up for longer than its patience',
      isDue: false,
      apply: (after) => {
        after.controller.now = PATIENCE;
      },
    });
  if (odds.includes('forged') && !state.forged && state.shown.size > 0)
    moves.push({
      name: 'a broken gateway asks again under number 1, about something else',
      isDue: false,
      apply: (after) => {
        after.forged = true;
        after.toController.push(
          Object.freeze({
            type: 'ask',
            question: 1,
            effect: 'packages.new',
            what: 'something else',
          } as const),
        );
      },
    });
  return moves;
}
