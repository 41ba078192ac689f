/**
 * How far the state machines of approvals, freeze and kill were explored: states and steps by scenario. The tests in
 * `test/machines` explore them again and compare.
 *
 * @module
 */

/** Scenario → states, and steps between them. */
export const EXPLORED: Readonly<Record<string, readonly [states: number, steps: number]>> = {
  'three requests, two digests, an answer': [100365, 156850],
  'three requests, two digests, two answers, nobody too late, a crash at every step': [50888, 77825],
  'two digests of one name, an answer, a crash at every step': [42917, 78028],
  'answers that come under another number': [1449, 1798],
  'an answer too late, lost, and sent twice, a crash at every step': [13525, 33436],
  'a gateway that uses a number again, a cell that asks again, a crash at every step': [65066, 147788],
  'hosts, answers for a time, for one connection and for no time that there is, under another number': [
    13201, 16530,
  ],
  'hosts and a rule that covers them, a crash at every step': [135571, 195033],
  'hosts, a rule that covers them, and times that are up': [24667, 35338],
  'programs that end while they wait, and an answer, a crash at every step': [5413, 7769],
  'programs that end while they wait, and times that are up': [30423, 45032],
  'two matters that rules find, one of them again, answers, a crash at every step': [86513, 168327],
  'a matter that is found again and again, allowed once and for a time, too late, sent twice': [
    124394, 250427,
  ],
  'a matter that is found again, allowed once': [162, 192],
  'a matter that is found again, allowed for a time that is up': [652, 972],
  'a matter that a rule finds beside a request, answers, a crash at every step': [13148, 18601],
  'two matters and a request where one question may be asked': [795, 992],
  'answers that give the digest of something else, about a request and a finding': [176, 220],
  'three of freeze, thaw, violation, stop, kill and Ctrl-C, a crash at every step': [357244, 913321],
  'three of suspend, resume, freeze, thaw, violation and stop': [105885, 296250],
  'three of suspend, resume, thaw and violation, with a terminal': [32102, 84904],
  'three of two questions about what it did, the yes to one and a thaw': [13842, 36127],
  'three of two questions about what it did, their answers, freeze, thaw, violation and stop': [
    183674, 523483,
  ],
  'three of a question about what it did, its answers, suspend and resume, with a terminal': [40021, 104929],
  'tasks that do not stop, limits that kill, a crash at every step': [13562, 34695],
};

/** What lies beyond, in a line. */
export function exploredLimit(): string {
  const steps = Object.values(EXPLORED).reduce((sum, [, count]) => sum + count, 0);
  const millions = (Math.floor(steps / 100_000) / 10).toFixed(1);
  return `orders of questions, answers, freezes and crashes beyond those explored: ${millions} million steps of the code itself, with up to three requests, two digests, three commands and one crash`;
}
