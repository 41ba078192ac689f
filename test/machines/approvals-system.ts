/**
 * Questions and answers as one system: the gateway's machine and the operator's, both as they run in production, the
 * channels between them, the ledger's disk, and an operator's commands. Between any two steps a process may crash, a
 * command may be lost or come twice, and time may pass.
 *
 * @module
 */
import type { Heard } from '../../src/cli/wiring/approvals.ts';
import type { ApprovalsEffect } from '../../src/cli/wiring/approvals-machine.ts';
import { type EventBody, type OperatorOrder, questionDigest } from '../../src/contract/index.ts';
import type { QuestionsEffect, Subject } from '../../src/gateway/approvals/machine.ts';
import { findingRules } from './approvals-findings.ts';
import { oddMoves, operatorMoves } from './approvals-operator.ts';
import type { ApprovalsCores, Command, Scenario, State } from './approvals-state.ts';
import { amend, BOUNDS, contractOf, hostOf, nameOf, startOf } from './approvals-state.ts';
import { Broken, frozen, type Move, type System, textOf } from './explore.ts';

const kept = (state: State): EventBody[] => state.ledger.slice(0, state.durable);
const covers = (host: string, name: string) =>
  host === name || (host.startsWith('*.') && name.endsWith(host.slice(1)));

export function approvalsSystem(cores: ApprovalsCores, scenario: Scenario): System<State> {
  const contract = contractOf(scenario.budget);
  const rules = findingRules(scenario, contract);
  const { subjects, odds = [] } = scenario;
  const digests = subjects.map((subject) => questionDigest(subject));

  /** The gateway lets a request on, or does not. */
  function decide(state: State, effect: Extract<QuestionsEffect, { do: 'decide' }>): void {
    const { question, decision, waiting } = effect;
    if (state.closed.has(question)) throw new Broken(`question ${question} is decided twice`);
    state.closed.set(question, decision.do === 'allow');
    for (const query of waiting) {
      const request = Number(query);
      const isGone = state.fates[request] === 'gone';
      if (isGone && decision.do === 'allow')
        throw new Broken(`request ${request} passes, and who made it is gone`);
      if (!isGone && decision.do === 'deny' && decision.why.startsWith('withdrawn'))
        throw new Broken(`request ${request} is denied because another was given up`);
      if (!isGone && state.fates[request] !== 'waiting')
        throw new Broken(`request ${request} is answered twice`);
      state.fates[request] = decision.do === 'allow' ? 'passed' : 'denied';
      if (decision.do === 'allow') pass(state, request);
    }
  }

  function pass(state: State, request: number): void {
    const digest = digests[request] as string;
    const subject = subjects[request] as Subject;
    const isCovered = (host: string) => subject.rule !== undefined && covers(host, subject.name);
    const meant =
      state.said.some((word) => word.allow && word.digest === digest) || state.rules.some(isCovered);
    if (!meant) throw new Broken(`request ${request} passes, and nobody allowed what was shown for it`);
    const recorded = kept(state).some(
      (event) =>
        (event.kind === 'approval.answer' && event.allow && event.digest === digest) ||
        (event.kind === 'contract.change' && isCovered(hostOf(event.rule))),
    );
    if (!recorded) throw new Broken(`request ${request} passes before that is safely on record`);
  }

  /** Rules have numbers, by which events name them: those of the gateway must be those on record. */
  function putInForce(state: State, host: string): void {
    state.gateway.inForce.push(host);
    const number = contract.network.length + state.gateway.inForce.length - 1;
    const isRecorded = kept(state).some(
      (event) =>
        event.kind === 'contract.change' &&
        event.clause === `network[${number}]` &&
        hostOf(event.rule) === host,
    );
    if (!isRecorded)
      throw new Broken(`rule ${number} for ${host} is in force, and that is not safely on record`);
  }

  function performGateway(state: State, effect: QuestionsEffect): void {
    if (effect.do === 'send') state.toController.push(effect.message as Heard);
    if (effect.do === 'wait') state.gateway.timers.add(effect.question);
    if (effect.do === 'decide') {
      state.gateway.timers.delete(effect.question);
      decide(state, effect);
    }
  }

  function performController(state: State, effect: ApprovalsEffect): void {
    const { controller } = state;
    switch (effect.do) {
      case 'record': {
        const { body } = effect;
        if (body.kind === 'approval.answer' && body.allow && body.by === 'operator' && !body.detail) {
          const until = state.shown.get(body.question)?.until ?? 0;
          if (until <= controller.now) throw new Broken(`question ${body.question} is allowed too late`);
        }
        state.ledger.push(body);
        rules.recorded(state, body);
        break;
      }
      case 'settle':
        controller.flushes.push({ decision: effect.decision, records: state.ledger.length });
        break;
      case 'tell': {
        if (controller.hasEnded) throw new Broken('something is told after the end');
        const { order } = effect;
        const asNumber = kept(state).filter(({ kind }) => kind === 'contract.change').length;
        if (order.order === 'answer' && order.why !== 'too many questions') {
          const said = kept(state).some(
            (event) =>
              event.kind === 'approval.answer' && rules.numberOf(state, event.question) === order.question,
          );
          if (!said) throw new Broken(`answer ${order.question} is told before it is safely on record`);
        }
        if (order.order === 'rule' && asNumber === 0)
          throw new Broken('a rule is told before it is safely on record');
        const meant = scenario.commands.filter((command) =>
          command.do === 'allow'
            ? order.order === 'rule' && command.rule.host === order.rule.host
            : order.order === 'answer' &&
              rules.numberOf(state, command.question) === order.question &&
              command.allow &&
              order.allow,
        );
        const isAsSaid = ({ scope }: Command) =>
          order.once === ('once' in scope || undefined) && (order.until !== undefined) === 'for' in scope;
        if (meant.length > 0 && !meant.some(isAsSaid))
          throw new Broken('it is told to hold for another time than the operator said');
        state.toGateway.push(order);
        break;
      }
      case 'show': {
        const { question, digest } = effect.question;
        const asked = state.ledger.some(
          (event) => event.kind === 'approval.ask' && event.question === question,
        );
        if (!asked) throw new Broken(`question ${question} is shown before it is recorded`);
        if (controller.hasEnded) throw new Broken('a question is shown after the end');
        if (state.shown.has(question)) throw new Broken(`number ${question} is shown for two questions`);
        rules.shown(state, question);
        state.shown.set(question, { digest, until: Date.parse(effect.question.until) });
        break;
      }
      case 'hold':
        state.cell.held.push(effect.question);
        break;
      case 'release':
        rules.released(state, effect.question);
        break;
      case 'condemn':
        rules.condemned(state, effect.question);
        break;
      case 'wait':
        controller.timers.add(effect.question);
        break;
      case 'rest':
        controller.timers.delete(effect.question);
        break;
      case 'reply':
        if (state.replies.includes(effect.to)) throw new Broken(`command ${effect.to} is replied to twice`);
        state.replies.push(effect.to);
        break;
    }
  }

  const tellGateway = (state: State, input: Parameters<ApprovalsCores['questions']['stepQuestions']>[2]) => {
    state.gateway.todo.push(...frozen(cores.questions.stepQuestions(state.gateway.machine, BOUNDS, input)));
  };
  const tellController = (
    state: State,
    input: Parameters<ApprovalsCores['approvals']['stepApprovals']>[1],
  ) => {
    if (input.do === 'end') state.controller.hasEnded = true;
    state.controller.todo.push(...frozen(cores.approvals.stepApprovals(state.controller.machine, input)));
  };

  function gatewayMoves(state: State): Move<State>[] {
    const { gateway } = state;
    if (!gateway.isAlive) return [];
    const moves: Move<State>[] = [];
    if (state.crashes < scenario.crashes)
      moves.push({
        name: 'the gateway crashes',
        isDue: false,
        apply: (after) => {
          after.crashes += 1;
          after.gateway.isAlive = false;
        },
      });
    const [next] = gateway.todo;
    if (next) {
      moves.push({
        name: `gateway: ${next.do === 'send' ? next.message.type : next.do}`,
        isDue: true,
        apply: (after) => {
          after.gateway.todo.shift();
          performGateway(after, next);
        },
      });
      return moves;
    }
    for (const [request, fate] of state.fates.entries()) {
      const subject = subjects[request] as Subject;
      const isAgain = odds.includes('again') && fate === 'denied' && request === 0 && !state.again;
      if (fate !== 'new' && !isAgain) continue;
      moves.push({
        name: `the cell makes request ${request} (${subject.what})${isAgain ? ' again' : ''}`,
        isDue: false,
        apply: (after) => {
          if (isAgain) after.again = true;
          after.fates[request] = 'waiting';
          tellGateway(after, { do: 'ask', subject, query: `${request}`, now: gateway.now });
          const isAsked = after.gateway.todo.some(({ do: what }) => what === 'send');
          if (isAsked && after.refused.includes(digests[request] as string))
            throw new Broken('what was refused for the rest of the run is asked about again');
          const turned = after.gateway.todo.find((effect) => effect.do === 'reply');
          if (turned?.do === 'reply') {
            after.fates[request] = turned.decision.do === 'allow' ? 'passed' : 'denied';
            if (turned.decision.do === 'allow') pass(after, request);
          }
        },
      });
    }
    if (odds.includes('leave'))
      for (const [request, fate] of state.fates.entries())
        if (fate === 'waiting')
          moves.push({
            name: `who made request ${request} ends`,
            isDue: false,
            apply: (after) => {
              after.fates[request] = 'gone';
              const denials = after.gateway.machine.denied.size;
              tellGateway(after, { do: 'leave', query: `${request}` });
              if (after.gateway.machine.denied.size > denials)
                throw new Broken('what was only given up is remembered as denied');
            },
          });
    for (const question of scenario.isPatient ? [] : gateway.timers)
      moves.push({
        name: `gateway: the time of question ${question} is up`,
        isDue: true,
        apply: (after) => {
          after.gateway.timers.delete(question);
          tellGateway(after, { do: 'expire', question, now: gateway.now });
        },
      });
    const [order] = state.toGateway;
    if (order)
      moves.push({
        name: `gateway: hears ${order.order}${order.order === 'answer' ? ` ${order.question}: ${order.allow ? 'allow' : 'deny'}` : ''}`,
        isDue: true,
        apply: (after) => {
          after.toGateway.shift();
          const isHeld = order.order === 'answer' && !order.allow && order.until !== undefined;
          if (isHeld && gateway.machine.open.get(order.question)?.digest === order.digest)
            after.refused.push(order.digest);
          const rule = cores.questions.ruleOf(gateway.machine, order as OperatorOrder);
          const asked = order.order === 'answer' ? gateway.machine.open.get(order.question) : undefined;
          if (rule && order.order === 'answer' && asked && asked.digest !== order.digest)
            throw new Broken('an answer to something else puts a rule in force');
          if (rule) putInForce(after, rule.host);
          else if (order.rule) after.gateway.inForce.push('nothing');
          tellGateway(after, { do: 'order', order: order as OperatorOrder, now: gateway.now, wall: 0 });
        },
      });
    if (odds.includes('crossed') && !state.crossed && order?.order === 'answer')
      moves.push({
        name: `the answer to ${order.question} comes under the number ${3 - order.question}`,
        isDue: false,
        apply: (after) => {
          after.crossed = true;
          after.toGateway[0] = frozen({ ...order, question: 3 - order.question });
        },
      });
    if (odds.includes('time') && gateway.now === 0)
      moves.push({
        name: 'a moment passes for the gateway',
        isDue: false,
        apply: (after) => {
          after.gateway.now = 10_000;
        },
      });
    // its channel ends with the controller; what was sent before may still be read
    if (!state.controller.isAlive)
      moves.push({
        name: 'gateway: notices that the controller is gone, and ends',
        isDue: true,
        apply: (after) => {
          after.gateway.isAlive = false;
        },
      });
    return moves;
  }

  function controllerMoves(state: State): Move<State>[] {
    const { controller } = state;
    if (!controller.isAlive) return [];
    const moves: Move<State>[] = [];
    if (state.crashes < scenario.crashes)
      moves.push({
        name: 'the controller crashes',
        isDue: false,
        apply: (after) => {
          after.crashes += 1;
          after.controller.isAlive = false;
          after.ledger.length = after.durable;
        },
      });
    const [next] = controller.todo;
    if (next) {
      moves.push({
        name: `controller: ${next.do}${next.do === 'record' ? ` ${next.body.kind}` : ''}`,
        isDue: true,
        apply: (after) => {
          after.controller.todo.shift();
          performController(after, next);
        },
      });
      return moves;
    }
    const [message] = state.toController;
    if (message)
      moves.push({
        name: `controller: hears ${message.type} ${message.type === 'amended' ? message.host : message.question}`,
        isDue: true,
        apply: (after) => {
          after.toController.shift();
          if (message.type === 'ask') {
            tellController(after, { do: 'ask', message, now: controller.now });
            rules.asked(after, message.question);
          }
          if (message.type === 'closed') tellController(after, { do: 'closed', message });
          if (message.type === 'amended') tellController(after, { do: 'amended', host: message.host });
        },
      });
    for (const question of scenario.isPatient ? [] : controller.timers)
      moves.push({
        name: `controller: the time of question ${question} is up`,
        isDue: true,
        apply: (after) => {
          after.controller.timers.delete(question);
          tellController(after, { do: 'expire', question });
        },
      });
    for (const [at, { request, to }] of state.commands.entries())
      moves.push({
        name: `controller: gets command ${to} (${nameOf(request)})`,
        isDue: true,
        apply: (after) => {
          after.commands.splice(at, 1);
          tellController(after, { do: 'command', request, to, amend, now: controller.now });
        },
      });
    for (const [at, { decision, records }] of controller.flushes.entries()) {
      moves.push({
        name: `disk: decision ${decision} is safe`,
        isDue: true,
        apply: (after) => {
          after.controller.flushes.splice(at, 1);
          after.durable = Math.max(after.durable, records);
          tellController(after, { do: 'durable', decision });
        },
      });
      if (state.crashes < scenario.crashes)
        moves.push({
          name: `disk: decision ${decision} cannot be written; the run ends`,
          isDue: false,
          apply: (after) => {
            after.crashes += 1;
            const lost = after.controller.flushes.splice(0);
            for (const flush of lost) tellController(after, { do: 'lost', decision: flush.decision });
            tellController(after, { do: 'end' });
          },
        });
    }
    const matter = scenario.findings?.[state.found];
    if (matter !== undefined && !controller.hasEnded)
      moves.push({
        name: `a rule finds ${matter}`,
        isDue: false,
        apply: (after) => {
          after.found += 1;
          tellController(after, { do: 'finding', matter, what: matter, now: controller.now });
          rules.found(after, matter);
        },
      });
    if (!state.gateway.isAlive && !controller.hasEnded)
      moves.push({
        name: 'controller: notices that the gateway is gone',
        isDue: true,
        apply: (after) => tellController(after, { do: 'end' }),
      });
    moves.push(...oddMoves(scenario, state));
    return moves;
  }

  return {
    // what is safe on disk, and what is only remembered here, has no order
    view: ({
      ledger,
      durable,
      closed,
      replies,
      said,
      rules,
      shown,
      gateway,
      controller,
      found,
      cell,
      ...rest
    }) => [
      rest,
      ...(scenario.findings || scenario.budget !== undefined ? [found, cell] : []),
      ledger.slice(0, durable).map(textOf).sort(),
      ledger.slice(durable),
      [...closed].map(textOf).sort(),
      [...replies].sort(),
      [...new Set([...said.map(textOf), ...rules])].sort(),
      shown.size,
      gateway.isAlive && gateway,
      controller.isAlive && { ...controller, machine: { ...controller.machine, contract: 0 } },
    ],
    start: () => startOf(cores, BOUNDS, contract, subjects.length),
    moves(state) {
      // what a process has begun to do only adds to channels, timers and the ledger, so the others' moves may as well
      // come after it; its own crash may not, and is tried between any two effects
      if (state.gateway.isAlive && state.gateway.todo.length > 0) return gatewayMoves(state);
      if (state.controller.isAlive && state.controller.todo.length > 0) return controllerMoves(state);
      return [...gatewayMoves(state), ...controllerMoves(state), ...operatorMoves(scenario, state)];
    },
    always(state) {
      const answers = new Set<number>();
      for (const event of state.ledger) {
        if (event.kind !== 'approval.answer') continue;
        if (answers.has(event.question)) return `question ${event.question} has two answers on record`;
        answers.add(event.question);
      }
      const freed = rules.always(state);
      if (freed !== undefined) return freed;
      const { gateway } = state;
      if (gateway.isAlive && gateway.todo.length === 0)
        for (const [question, { waiting }] of gateway.machine.open)
          if (waiting.every((query) => state.fates[Number(query)] === 'gone'))
            return `question ${question} is open, and who asked it is gone`;
      return undefined;
    },
    atRest(state) {
      const { gateway, controller } = state;
      for (const [request, fate] of state.fates.entries())
        if (fate === 'waiting' && gateway.isAlive && !scenario.isPatient)
          return `request ${request} waits for ever`;
      if (gateway.isAlive && controller.isAlive && !controller.hasEnded && !state.crossed)
        for (const event of state.ledger)
          if (
            event.kind === 'approval.answer' &&
            gateway.machine.open.has(rules.numberOf(state, event.question))
          )
            return `question ${event.question} is answered on record, and still open`;
      // a gateway that makes numbers up has no question of theirs
      if (gateway.isAlive && controller.isAlive && !state.crossed && !scenario.odds?.includes('forged'))
        for (const question of controller.machine.pending.keys())
          if (!state.cell.matters.has(question) && !gateway.machine.open.has(rules.numberOf(state, question)))
            return `question ${question} is shown, and nobody waits for its answer`;
      if (!controller.isAlive) return gateway.isAlive ? 'the gateway outlives the controller' : undefined;
      const held = rules.atRest(state);
      if (held !== undefined) return held;
      if (controller.machine.pending.size > 0 && !scenario.isPatient) return 'a question waits for ever';
      const asked = new Set(
        state.ledger.flatMap((event) => (event.kind === 'approval.ask' ? [event.question] : [])),
      );
      for (const event of state.ledger) if (event.kind === 'approval.answer') asked.delete(event.question);
      if (asked.size > 0 && !scenario.isPatient)
        return `question ${[...asked].join()} has no answer on record`;
      const commands = Array.from({ length: state.sent }, (_, at) => at + 1);
      const unheard = commands.filter((to) => !state.replies.includes(to));
      if (unheard.length > 0) return `command ${unheard.join()} is never replied to`;
      // what was refused on record was refused
      for (const event of state.ledger)
        if (
          event.kind === 'approval.answer' &&
          !event.allow &&
          // a rule on record may have let it on, of which a gateway that crashed did not tell
          event.detail !== 'the run ended first' &&
          state.closed.get(rules.numberOf(state, event.question)) &&
          // a no that came under another number is none, and a rule may let it on
          !(state.crossed && state.rules.length > 0)
        )
          return `question ${event.question} passed, and its record says that it did not`;
      return undefined;
    },
  };
}
