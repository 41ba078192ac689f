/**
 * Faults of the machines of questions and answers, each of which the exploration must find.
 *
 * @module
 */
import type { Mutant } from './mutant.ts';

const GATEWAY = 'src/gateway/approvals/machine.ts';
const OPERATOR = 'src/cli/wiring/approvals-machine.ts';

export const MUTANTS: readonly Mutant[] = [
  {
    fault: 'an answer under another number is taken',
    file: GATEWAY,
    from: 'asked !== undefined && asked.digest !== digest',
    to: 'asked !== undefined && asked.digest === ""',
  },
  {
    fault: 'a request waits for the answer to another digest of its name',
    file: GATEWAY,
    from: 'open.key === key && open.digest === digest',
    to: 'open.key === key',
  },
  {
    fault: 'a no is a yes',
    file: GATEWAY,
    from: 'if (isAllowed) return allow(state, question);',
    to: 'return allow(state, question);',
  },
  {
    fault: 'a question stays open when it is closed',
    file: GATEWAY,
    from: '  state.open.delete(question);\n  return open;',
    to: '  return open;',
  },
  {
    fault: 'silence is a yes',
    file: GATEWAY,
    from: 'deny(state, bounds, input.question, why, undefined, input.now)',
    to: 'allow(state, input.question)',
  },
  {
    fault: 'a rule answers questions about other hosts',
    file: GATEWAY,
    from: 'matchesName(host, key.slice(HOST.length))',
    to: 'host !== ""',
  },
  {
    fault: 'a no for the rest of the run is forgotten at once',
    file: GATEWAY,
    from: 'const until = now + Math.max(bounds.rest, rest ?? 0)',
    to: 'const until = now',
  },
  {
    fault: 'a yes forgets the no to another digest of its name',
    file: GATEWAY,
    from: 'state.denied.delete(open.digest);',
    to: 'state.denied.clear();',
  },
  {
    fault: 'a question has no time',
    file: GATEWAY,
    from: "    { do: 'wait', question, ms: bounds.patience },\n",
    to: '',
  },
  {
    fault: 'who waits is forgotten',
    file: GATEWAY,
    from: "decision: { do: 'deny', why }, waiting: open.waiting }",
    to: "decision: { do: 'deny', why }, waiting: [] }",
  },
  {
    fault: 'who is gone is not heard of',
    file: GATEWAY,
    from: 'return leave(state, input);',
    to: 'return [];',
  },
  {
    fault: 'who is gone still waits with the others',
    file: GATEWAY,
    from: '    open.waiting = open.waiting.filter((each) => each !== query);\n',
    to: '',
  },
  {
    fault: 'one who is gone withdraws the question of all',
    file: GATEWAY,
    from: 'if (open.waiting.length > 1) {',
    to: 'if (open.waiting.length > 9) {',
  },
  {
    fault: 'a question that is withdrawn stays on the screen',
    file: GATEWAY,
    from: 'return [closed(question, false, WITHDRAWN), ',
    to: 'return [',
  },
  {
    fault: 'a question that is withdrawn stays open',
    file: GATEWAY,
    from: '  state.open.delete(question);\n  const decision',
    to: '  const decision',
  },
  {
    fault: 'a question that is withdrawn is a no for the rest of the run',
    file: GATEWAY,
    from: '  state.open.delete(question);\n  const decision',
    to: '  state.denied.set(open.digest, { key: open.key, until: 9e9, why: WITHDRAWN });\n  state.open.delete(question);\n  const decision',
  },
  {
    fault: 'a number that comes again is shown',
    file: OPERATOR,
    from: 'state.isClosed || question <= state.last',
    to: 'state.isClosed',
  },
  {
    fault: 'what comes after the end is asked',
    file: OPERATOR,
    from: 'state.isClosed || question <= state.last',
    to: 'question <= state.last',
  },
  {
    fault: 'a question that crossed its rule is shown',
    file: OPERATOR,
    from: 'if (state.underway.some((each) => rule !== undefined && covers(each, rule.host)))',
    to: 'if (state.underway.some(() => rule === undefined))',
  },
  {
    fault: 'a decision takes effect before it is on disk',
    file: OPERATOR,
    from: "  return { do: 'settle', decision };",
    to: "  return { do: 'tell', order };",
  },
  {
    fault: 'with one decision all that follow are taken to be on disk',
    file: OPERATOR,
    from: 'while (state.unsaid[0]?.isDurable)',
    to: 'while (state.unsaid[0])',
  },
  {
    fault: 'a decision takes effect after the end',
    file: OPERATOR,
    from: "if (!state.isClosed) effects.push({ do: 'tell', order });",
    to: "effects.push({ do: 'tell', order });",
  },
  {
    fault: 'a decision that the disk did not take has effect',
    file: OPERATOR,
    from: "settled(state, input.decision, input.do === 'durable')",
    to: 'settled(state, input.decision, true)',
  },
  {
    fault: 'silence is not recorded',
    file: OPERATOR,
    from: "    record({ kind: 'approval.answer', question, digest, allow: false, by: 'nobody', detail }),\n    decide",
    to: '    decide',
  },
  {
    fault: 'a question can be answered again',
    file: OPERATOR,
    from: 'return take(state, question) ? ',
    to: 'return question > 0 ? ',
  },
  {
    fault: 'what waits at the end has no answer',
    file: OPERATOR,
    from: 'return questions.flatMap(',
    to: 'return questions.slice(1).flatMap(',
  },
  {
    fault: 'the end is forgotten',
    file: OPERATOR,
    from: '      state.isClosed = true;\n',
    to: '',
  },
  {
    fault: 'an answer after the time is taken',
    file: OPERATOR,
    from: 'Date.parse(waiting.until) <= now ? expire(state, question) : []',
    to: 'Date.parse(waiting.until) <= 0 ? expire(state, question) : []',
  },
  {
    fault: 'who answers too late hears nothing',
    file: OPERATOR,
    from: "    ...late,\n    { do: 'reply', to, reply: failed(message, hint) },",
    to: '    ...late,',
  },
  {
    fault: 'a no is recorded, and a yes is told',
    file: OPERATOR,
    from: "      allow: false,\n      why: 'denied by the operator',",
    to: "      allow: true,\n      why: 'denied by the operator',",
  },
  {
    fault: 'a question is shown before it is on record',
    file: OPERATOR,
    from: "asked, { do: 'show', question: pending }]",
    to: "{ do: 'show', question: pending }, asked]",
  },
  {
    fault: 'a rule is in force and not on record',
    file: OPERATOR,
    from: '...covered(state, rule, by),\n    decide(',
    to: "...covered(state, rule, by),\n    { do: 'tell', order },\n    decide(",
  },
  {
    fault: 'an answer to something else puts its rule in force',
    file: GATEWAY,
    from: 'return order.allow && !isForeign(state, order) ? order.rule : undefined;',
    to: 'return order.allow ? order.rule : undefined;',
  },
  {
    fault: 'what is allowed once is told as allowed for good',
    file: OPERATOR,
    from: 'const given = { rule, ...terms,',
    to: 'const given = { rule, until: terms.until,',
  },
  {
    fault: 'what is allowed for a time is told as allowed for good',
    file: OPERATOR,
    from: 'const given = { rule, ...terms,',
    to: 'const given = { rule, once: terms.once,',
  },
  {
    fault: 'two rules have one number',
    file: OPERATOR,
    from: '  state.rules += 1;\n',
    to: '',
  },
  {
    fault: 'rules are told in another order than they have numbers',
    file: OPERATOR,
    from: 'while (state.unsaid[0]?.isDurable) {\n    const { order, reply } = state.unsaid.shift() as Unsaid;',
    to: 'while (state.unsaid.at(-1)?.isDurable) {\n    const { order, reply } = state.unsaid.pop() as Unsaid;',
  },
  {
    fault: 'a rule for a domain answers, on record, questions about another that ends alike',
    file: OPERATOR,
    from: 'name.endsWith(host.slice(1))',
    to: 'name.endsWith(host.slice(2))',
  },
  {
    fault: 'a time beyond the calendar is taken',
    file: OPERATOR,
    from: ' && scope.for <= LONGEST_SCOPE',
    to: '',
  },
  {
    fault: 'silence is recorded as a no, and told as a yes',
    file: OPERATOR,
    from: 'digest, allow: false, why: detail }',
    to: 'digest, allow: true, why: detail }',
  },
];
