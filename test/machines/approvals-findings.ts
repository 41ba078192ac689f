/**
 * What is promised of questions about findings: the cell stands still before anybody is asked, goes on only where somebody
 * who was shown the matter said so on record, and is ended where nobody did; and of how many questions there may be.
 *
 * @module
 */
import type { Contract, EventBody } from '../../src/contract/index.ts';
import type { Scenario, State } from './approvals-state.ts';
import { Broken } from './explore.ts';

type Answer = Extract<EventBody, { kind: 'approval.answer' }>;
const isAnswer = (event: EventBody): event is Answer => event.kind === 'approval.answer';

export function findingRules(scenario: Scenario, contract: Contract) {
  const kept = (state: State, question: number) =>
    state.ledger
      .slice(0, state.durable)
      .filter(isAnswer)
      .find((event) => event.question === question);

  /** The gateway's own number of a question; 0: it is none of its. */
  const numberOf = ({ cell }: State, question: number): number => cell.numbers.get(question) ?? 0;

  /** The number that was just given, if one was. */
  const given = ({ controller }: State): number | undefined => {
    for (const effect of controller.todo)
      if (effect.do === 'record' && effect.body.kind === 'approval.ask') return effect.body.question;
    return undefined;
  };

  return {
    numberOf,

    asked(state: State, number: number): void {
      const question = given(state);
      if (question === undefined) return;
      if (state.cell.numbers.has(question) || state.cell.matters.has(question))
        throw new Broken(`number ${question} is given twice`);
      state.cell.numbers.set(question, number);
    },

    found(state: State, matter: string): void {
      const { cell, controller } = state;
      const question = given(state);
      const holds = controller.todo[0]?.do === 'hold';
      const isAllowed = cell.allowed.some((each) => each.matter === matter && each.until > controller.now);
      const isOpen = [...cell.matters].some(
        ([open, each]) => each === matter && controller.machine.pending.has(open),
      );
      if (question === undefined) {
        if (!isAllowed && !isOpen) throw new Broken(`${matter} is found, and nobody is asked`);
        return;
      }
      if (isAllowed) throw new Broken(`${matter} was allowed, and is asked about again in that scope`);
      if (isOpen) throw new Broken(`${matter} is asked about twice at once`);
      if (!holds) throw new Broken(`${matter} is asked about before the cell is held`);
      if (cell.numbers.has(question) || cell.matters.has(question))
        throw new Broken(`number ${question} is given twice`);
      cell.matters.set(question, matter);
    },

    recorded(state: State, event: EventBody): void {
      if (!isAnswer(event) || !event.allow) return;
      const matter = state.cell.matters.get(event.question);
      if (matter === undefined) return;
      const meant = scenario.commands.filter(
        (command) => command.do === 'answer' && command.allow && command.question === event.question,
      );
      if (meant.length === 0) throw new Broken(`nobody allowed ${matter}`);
      for (const { scope } of meant) {
        if ('once' in scope) continue;
        const until = 'for' in scope ? state.controller.now + scope.for : Number.POSITIVE_INFINITY;
        if ('for' in scope !== (event.until !== undefined))
          throw new Broken(`${matter} is recorded for another time than the operator said`);
        state.cell.allowed.push({ matter, until });
      }
    },

    shown(state: State, question: number): void {
      const { cell, shown } = state;
      if (cell.matters.has(question) && !cell.held.includes(question))
        throw new Broken(`question ${question} is shown, and the cell runs`);
      if (shown.size >= contract.oversight.questions) throw new Broken('more is asked than may be');
    },

    released(state: State, question: number): void {
      const { cell, said, shown } = state;
      const matter = cell.matters.get(question);
      if (matter === undefined)
        throw new Broken(`question ${question} lets the cell go on, and is not about it`);
      if (state.controller.hasEnded) throw new Broken('it is let go on after the end');
      const digest = shown.get(question)?.digest;
      if (!said.some((word) => word.allow && word.digest === digest))
        throw new Broken(`it goes on with ${matter}, and nobody allowed what was shown`);
      if (!kept(state, question)?.allow)
        throw new Broken(`it goes on with ${matter} before that is safely on record`);
      cell.held = cell.held.filter((each) => each !== question);
    },

    condemned(state: State, question: number): void {
      if (kept(state, question)?.allow !== false)
        throw new Broken(`it is ended for question ${question}, and its refusal is not safely on record`);
      state.cell.isEnded = true;
    },

    always({ cell, controller, ledger }: State): string | undefined {
      if (!controller.isAlive || controller.hasEnded || controller.todo.length > 0) return undefined;
      for (const [question, matter] of cell.matters) {
        if (cell.held.includes(question) || cell.isEnded) continue;
        const answer = ledger.filter(isAnswer).find((event) => event.question === question);
        if (!answer) return `${matter} is asked about, and the cell runs`;
        if (!answer.allow) return `${matter} was refused, and the cell runs`;
      }
      return undefined;
    },

    atRest({ cell, controller, ledger }: State): string | undefined {
      if (!controller.isAlive || controller.hasEnded) return undefined;
      for (const question of cell.held)
        if (!controller.machine.pending.has(question) && !cell.isEnded)
          return `question ${question} is answered, and the cell stands still for ever`;
      const refused = ledger
        .filter(isAnswer)
        .some((event) => !event.allow && cell.matters.has(event.question));
      return refused && !cell.isEnded ? 'what was found is refused, and the run goes on' : undefined;
    },
  };
}
