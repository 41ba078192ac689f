/**
 * Faults of the machines of freeze, stop and kill, each of which the exploration must find.
 *
 * @module
 */
import type { Mutant } from './mutant.ts';

const CONTROLLER = 'src/cli/wiring/control-machine.ts';
const SUPERVISOR = 'native/hold.c';

export const MUTANTS: readonly Mutant[] = [
  {
    fault: 'go is said while it is held',
    file: CONTROLLER,
    from: 'return isHeld(state) ? [] : begin(state);',
    to: 'return begin(state);',
  },
  {
    fault: 'what is held for what it did goes on after Ctrl-Z and fg',
    file: CONTROLLER,
    from: '  if (isHeld(state)) return [];\n  return state.isStarted',
    to: '  return state.isStarted',
  },
  {
    fault: 'a question holds nothing',
    file: CONTROLLER,
    from: '      holds.asked.push(input.question);\n',
    to: '',
  },
  {
    fault: 'the answer to one question lets go what another holds',
    file: CONTROLLER,
    from: 'holds.asked = left;',
    to: 'holds.asked = [];',
  },
  {
    fault: 'a thaw passes a question over',
    file: CONTROLLER,
    from: '      // a question is answered, not passed over\n',
    to: '      holds.asked = [];\n',
  },
  {
    fault: 'a stop lets go what is asked about',
    file: CONTROLLER,
    from: "const accused = holds.accused ?? (holds.asked.length > 0 ? 'finding' : undefined);",
    to: 'const { accused } = holds;',
  },
  {
    fault: 'a yes lets go what the operator froze',
    file: CONTROLLER,
    from: "return [control('thaw', input.by), ...letGo(state)];\n    }",
    to: "return [control('thaw', input.by), send('thaw')];\n    }",
  },
  {
    fault: 'a stop lets go what is held for what it did',
    file: CONTROLLER,
    from: "at === 'once' || accused !== undefined || !state.isStarted",
    to: "at === 'once' || !state.isStarted",
  },
  {
    fault: 'a stop before the start is not final',
    file: CONTROLLER,
    from: '|| state.isStarted || state.verdict !== undefined) return [];',
    to: '|| state.isStarted) return [];',
  },
  {
    fault: 'a violation does not hold',
    file: CONTROLLER,
    from: 'holds.accused ??= input.reason;',
    to: 'holds.accused = undefined;',
  },
  {
    fault: 'a freeze is sent before it is recorded',
    file: CONTROLLER,
    from: "[control('freeze', by), ...(state.isStarted ? [send('freeze')] : [])]",
    to: "[...(state.isStarted ? [send('freeze')] : []), control('freeze', by)]",
  },
  {
    fault: 'the time after TERM never ends',
    file: CONTROLLER,
    from: "const wait: ControlEffect[] = state.hasGrace ? [] : [{ do: 'wait' }];",
    to: 'const wait: ControlEffect[] = [];',
  },
  {
    fault: 'a freeze of the operator is forgotten',
    file: CONTROLLER,
    from: '      holds.operator = true;\n',
    to: '      holds.operator = false;\n',
  },
  {
    fault: 'we stop although it was let go again',
    file: CONTROLLER,
    from: '      if (!holds.suspended) return [];\n',
    to: '',
  },
  {
    fault: 'a thaw is not passed on',
    file: CONTROLLER,
    from: "return state.isStarted ? [send('thaw')] : begin(state);",
    to: 'return begin(state);',
  },
  {
    fault: 'fg does not let it go on',
    file: CONTROLLER,
    from: "return [control('thaw', 'operator'), ...letGo(state)];",
    to: "return [control('thaw', 'operator')];",
  },
  {
    fault: 'a kill does not end it',
    file: CONTROLLER,
    from: 'if (isAtOnce) return [...said, ',
    to: 'if (isAtOnce) return said;\n  if (isAtOnce) return [',
  },
  {
    fault: 'after a kill it can be let go',
    file: SUPERVISOR,
    from: '  if (hold->ended) return 0;\n',
    to: '  if (hold->ended && input != HOLD_THAW && input != HOLD_ANSWER) return 0;\n',
  },
  {
    fault: 'answers go out while it is frozen',
    file: SUPERVISOR,
    from: 'if (!hold->frozen) return HOLD_SEND;',
    to: 'if (!hold->frozen || hold->withheld) return HOLD_SEND;',
  },
  {
    fault: 'what was withheld is forgotten at the thaw',
    file: SUPERVISOR,
    from: 'return HOLD_RELEASE | HOLD_LET_GO',
    to: 'return HOLD_LET_GO',
  },
  {
    fault: 'a signal lets go what is frozen',
    file: SUPERVISOR,
    from: 'return hold->frozen ? 0 : HOLD_PASS;',
    to: 'return HOLD_PASS;',
  },
  {
    fault: 'what cannot be held goes on',
    file: SUPERVISOR,
    from: 'return HOLD_TELL_FAILED | end(hold);',
    to: 'return HOLD_TELL_FAILED;',
  },
  {
    fault: 'a thaw does not let the tasks go',
    file: SUPERVISOR,
    from: 'HOLD_RELEASE | HOLD_LET_GO | HOLD_TELL_THAWED',
    to: 'HOLD_RELEASE | HOLD_TELL_THAWED',
  },
  {
    fault: 'a kill leaves the tasks',
    file: SUPERVISOR,
    from: '  return HOLD_END;',
    to: '  return 0;',
  },
  {
    fault: 'a freeze stops nothing',
    file: SUPERVISOR,
    from: '      return HOLD_STOP_TASKS;\n    case HOLD_QUIET',
    to: '      return 0;\n    case HOLD_QUIET',
  },
  {
    fault: 'a stop that was put off comes after fg',
    file: CONTROLLER,
    from: '      state.awaitsFrozen = false;\n      return state.hasTerminal',
    to: '      return state.hasTerminal',
  },
  {
    fault: 'Ctrl-C before the start lets it start',
    file: CONTROLLER,
    from: 'if (!state.isStarted || isHeld(state)) return [said, ',
    to: 'if (isHeld(state)) return [said, ',
  },
  {
    fault: 'Ctrl-C to what is frozen waits for the thaw',
    file: CONTROLLER,
    from: 'if (!state.isStarted || isHeld(state)) return [said, ',
    to: 'if (!state.isStarted) return [said, ',
  },
  {
    fault: 'signals that came early are forgotten',
    file: CONTROLLER,
    from: 'return early.flatMap((number) => deliver(state, number));',
    to: 'return early.slice(1).flatMap((number) => deliver(state, number));',
  },
  {
    fault: 'signals do not wait for the program',
    file: CONTROLLER,
    from: 'if (state.early === undefined) return',
    to: 'if (state.early !== null) return',
  },
  {
    fault: 'a second freeze is not recorded',
    file: CONTROLLER,
    from: "return [control('freeze', by), ...",
    to: "return [...(isHeld(state) && state.holds.operator ? [] : [control('freeze', by)]), ...",
  },
  {
    fault: 'a thaw does not forgive',
    file: CONTROLLER,
    from: '      holds.accused = undefined;\n',
    to: '',
  },
  {
    fault: 'the last reason is taken for the first',
    file: CONTROLLER,
    from: 'state.verdict ??= accused ?? reason;',
    to: 'state.verdict = accused ?? reason;',
  },
  {
    fault: 'what is held for what it did is ended as if nothing had been',
    file: CONTROLLER,
    from: 'state.verdict ??= accused ?? reason;',
    to: 'state.verdict ??= reason;',
  },
  {
    fault: 'what cannot be held is tried for ever',
    file: SUPERVISOR,
    from: 'hold->attempts++ < HOLD_ATTEMPTS',
    to: 'hold->attempts < HOLD_ATTEMPTS',
  },
];
