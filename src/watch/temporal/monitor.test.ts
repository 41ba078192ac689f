import { expect, it } from 'vitest';
import { type Brief, isWokenBy } from './dormant.ts';
import type { Fact } from './evaluate.ts';
import { Program } from './monitor.ts';
import { freeNames, Oracle, type Point } from './oracle.fixture.ts';
import { parseFormula } from './parse.ts';
import { parseSignature } from './signature.ts';
import { FormulaError } from './syntax.ts';
import type { Value } from './values.ts';

const fact = (name: string, ...values: (Value | readonly string[])[]): Fact => ({
  name,
  fields: Object.fromEntries(values.map((value, index) => [String(index), value])),
  cites: [],
});
const S = 1e6;

/** Solutions at each of the points, which are `[seconds, facts…]`. */
function trace(formula: string, ...points: [number, ...Fact[]][]) {
  const monitor = new Program(formula).monitor();
  return points.map(([time, ...facts]) => monitor.step(time * S, facts).map(({ tuple }) => tuple));
}

it('what was once: within the interval, both ends included', () => {
  const seen = trace(
    'q(x) AND ONCE[2s,5s] p(x)',
    [0, fact('p', 1)],
    [1, fact('q', 1)],
    [2, fact('q', 1)],
    [5, fact('q', 1), fact('q', 2)],
    [6, fact('q', 1)],
  );
  expect(seen).toEqual([[], [], [[1]], [[1]], []]);
});

it('half-open intervals, units, and ever', () => {
  const at = (interval: string, time: number) =>
    trace(`q() AND ONCE${interval} p()`, [0, fact('p')], [time, fact('q')])[1]?.length === 1;
  expect([
    at('[0,1m)', 60),
    at('[0,1m]', 60),
    at('(1m,*)', 60),
    at('[1m,*)', 1e9),
    at('[0,500ms]', 0.5),
  ]).toEqual([false, true, false, true, true]);
  expect(at('', 1e9)).toBe(true);
});

it('since: what is on the left must have held at every point after', () => {
  const formula = 'flow(f) AND (NOT closed(h) SINCE[0,1h] opened(f, h))';
  expect(() => new Program(formula)).not.toThrow();
  const seen = trace(
    'use(h) AND ((NOT closed(h)) SINCE[0,1h] opened(h))',
    [0, fact('opened', 'a'), fact('opened', 'b')],
    [1, fact('closed', 'a')],
    [2, fact('use', 'a'), fact('use', 'b')],
    [3, fact('opened', 'a')],
    [4, fact('use', 'a')],
    [5, fact('closed', 'a'), fact('use', 'a')],
  );
  expect(seen).toEqual([[], [], [['b']], [], [['a']], []]);
});

it('counts, sums and the rest, by group, within a window', () => {
  const points: [number, ...Fact[]][] = [1, 2, 3, 4].map((time) => [
    time,
    fact('sent', time % 2 ? 'a' : 'b', time),
  ]);
  const run = (op: string) =>
    trace(`sent(h, _) AND (s <- ${op} n; h (ONCE[0,2s] sent(h, n)))`, ...points).map(([row]) => row);
  expect(run('SUM')).toEqual([
    ['a', 1],
    ['b', 2],
    ['a', 4],
    ['b', 6],
  ]);
  expect(run('CNT')).toEqual([
    ['a', 1],
    ['b', 1],
    ['a', 2],
    ['b', 2],
  ]);
  expect(run('AVG')).toEqual([
    ['a', 1],
    ['b', 2],
    ['a', 2],
    ['b', 3],
  ]);
  expect(run('MIN')).toEqual([
    ['a', 1],
    ['b', 2],
    ['a', 1],
    ['b', 2],
  ]);
  expect(trace('c <- CNT x ONCE[0,1s] p(x)', [0], [1, fact('p', 1), fact('p', 2)], [3])).toEqual([
    [[0]],
    [[2]],
    [[0]],
  ]);
});

it('what is not: every answer was asked for', () => {
  const seen = trace(
    'flow(h, a) AND NOT ONCE[0,60s] resolved(h, a)',
    [0, fact('resolved', 'x', ['203.0.113.1', '203.0.113.2'])],
    [1, fact('flow', 'x', '203.0.113.2')],
    [2, fact('flow', 'x', '203.0.113.3')],
    [61, fact('flow', 'x', '203.0.113.1')],
  );
  expect(seen).toEqual([[], [], [['x', '203.0.113.3']], [['x', '203.0.113.1']]]);
});

it('solutions cite the events that show them, now and then', () => {
  const monitor = new Program('q(x) AND ONCE p(x)').monitor();
  monitor.step(0, [{ ...fact('p', 1), cites: [3] }]);
  monitor.step(1, [{ ...fact('p', 2), cites: [4] }]);
  expect(monitor.step(2, [{ ...fact('q', 1), cites: [7] }])).toEqual([
    { values: { x: 1 }, tuple: [1], cites: [3, 7] },
  ]);
});

it('functions of the host are asked about values that are known', () => {
  const externals = { below: (path: string | number) => String(path).startsWith('/src/') };
  const monitor = new Program('write(p) AND NOT below(p)', { externals }).monitor();
  expect(monitor.step(0, [fact('write', '/src/a')])).toEqual([]);
  expect(monitor.step(0, [fact('write', '/etc/a')])).toHaveLength(1);
});

it('arguments by name where a signature has them', () => {
  const signature = parseSignature('flow(id:string, host:string) # comment\n closed(id)');
  const monitor = new Program('flow(_, "h") AND flow(host: h, id: i)', { signature }).monitor();
  expect(monitor.step(0, [{ name: 'flow', fields: { id: '1', host: 'h' }, cites: [] }])[0]?.values).toEqual({
    h: 'h',
    i: '1',
  });
  expect(() => new Program('flow(bytes: b)', { signature })).toThrow('flow has no argument bytes');
  expect(() => new Program('folw(x, y)', { signature })).toThrow('there is no predicate folw');
});

it('time that steps back stands still', () => {
  const seen = trace(
    'q() AND ONCE[1s,5s] p()',
    [10, fact('p')],
    [2, fact('q')],
    [9, fact('q')],
    [11, fact('q')],
  );
  expect(seen.map((rows) => rows.length)).toEqual([0, 0, 0, 1]);
});

it('a window is never larger than its limit, and what is dropped is counted', () => {
  for (const interval of ['[0,*)', '[1s,*)']) {
    const monitor = new Program(`q(x) AND ONCE${interval} p(x)`, { tuples: 10 }).monitor();
    for (let number = 0; number < 100; number += 1) monitor.step(number, [fact('p', number)]);
    expect(monitor.size).toBeLessThanOrEqual(10);
    expect(monitor.lost()).toBeGreaterThanOrEqual(90);
    expect(monitor.lost()).toBe(0);
  }
});

it.each([
  ['NOT p(x)', 'x occurs only in what is not', 1, 5],
  ['p(x) AND\n  y < 3', 'y has no value where it is compared', 2, 3],
  ['p(x) OR q(y)', 'y has a value on one side of OR alone', 1, 1],
  ['NOT q(x, y) SINCE p(x)', 'y occurs left of SINCE', 1, 13],
  ['ONCE NOT p(x)', 'x occurs only in what is not', 1, 10],
  ['EVENTUALLY[0,5s] p(x)', 'EVENTUALLY speaks of the future', 1, 1],
  ['p(x) UNTIL q(x)', 'UNTIL speaks of the future', 1, 6],
  ['ONCE[5s,1s] p(x)', 'the interval is empty', 1, 5],
  ['ONCE[0,5y] p(x)', 'there is no unit y', 1, 8],
  ['p(x', 'the end stands where , is expected', 1, 4],
  ['p(x) q(x)', 'q follows a whole formula', 1, 6],
  ['p("x)', '"\\"" begins nothing', 1, 3],
  ['p(x + 1)', 'an argument is a variable', 1, 5],
  ['c <- CNT z (p(x))', 'z does not occur in what is aggregated', 1, 1],
  ['p() AND ONCE p() AND q()', 'this AND would be part of ONCE', 1, 18],
  ['p() SINCE q() OR r()', 'this OR would be part of SINCE', 1, 15],
  ['c <- CNT x p(x) AND c > 3', 'this AND would be part of the aggregation', 1, 17],
  ['c <- SIZE x (p(x))', 'SIZE is no aggregation', 1, 6],
  ['', 'the end stands where a formula', 1, 1],
  ['(((', 'the end stands where a formula', 1, 4],
])('refuses %j: %s', (text, message, line, column) => {
  let caught: unknown;
  try {
    new Program(text);
  } catch (error) {
    caught = error;
  }
  expect(caught).toBeInstanceOf(FormulaError);
  expect((caught as FormulaError).message).toContain(message);
  expect((caught as FormulaError).place).toEqual({ line, column });
  expect((caught as FormulaError).hint).not.toBe('');
});

const nested = (depth: number, inside: string, around: (text: string) => string): string =>
  Array.from({ length: depth }).reduce<string>((text) => around(text), inside);

it.each<[string, string]>([
  ['brackets', `${'('.repeat(5000)}p()`],
  ['more brackets than are read', '('.repeat(500_000)],
  ['brackets of terms', `${'('.repeat(4000)}x${')'.repeat(4000)} = 1`],
  ['negations', 'NOT '.repeat(2400)],
  ['a sum', `p(x) AND ${'x+'.repeat(4000)}x = 1`],
  ['a conjunction', Array(1200).fill('p()').join(' AND ')],
  ['a negated disjunction', `q(x) AND NOT (${Array(900).fill('p(x)').join(' OR ')})`],
  ['equivalences', `${'('.repeat(40)}p()${' EQUIV p())'.repeat(40)}`],
  ['comments without an end', '(*'.repeat(4900)],
  ['arguments', `p(${Array.from({ length: 1500 }, (_, index) => `v${index}`).join(', ')})`],
  ['variables', `EXISTS ${Array.from({ length: 1500 }, (_, index) => `v${index}`).join(', ')}. p(v1)`],
  ['operands twice', nested(10, 'p(x)', (text) => `(${text}) SINCE (${text})`)],
])('hostile formulas are refused, not followed: %s', (_, text) => {
  // the stack, the heap or the test's time would end else
  expect(() => new Program(text).monitor()).toThrow(FormulaError);
});

it.each<[string, string]>([
  ['the past of the past', nested(24, 'p(x)', (text) => `(ONCE (${text})) AND q(x) AND r(x)`)],
  ['the point before the point before', nested(30, 'p(x)', (text) => `(PREVIOUS (${text})) AND q(x)`)],
  ['quantifiers', nested(20, 'p(x)', (text) => `EXISTS y. (q(y) AND r(y) AND NOT (${text} AND s(y)))`)],
])('what nests is checked once, however it is reached: %s', (_, text) => {
  let problem: unknown;
  try {
    new Program(text).monitor();
  } catch (error) {
    problem = error;
  }
  if (problem) expect(problem).toBeInstanceOf(FormulaError);
});

it('names of what every object has mean nothing', () => {
  expect(new Program('constructor(toString)').variables).toEqual(['toString']);
  expect(() => parseFormula('ONCE[0,1constructor] p()')).toThrow('there is no unit constructor');
  const monitor = new Program('p("constructor": c) OR p("__proto__": c) OR p(valueOf: c)').monitor();
  expect(monitor.step(0, [{ name: 'p', fields: { '0': 1 }, cites: [] }])).toEqual([]);
  const own = JSON.parse('{ "__proto__": "a", "constructor": "b" }');
  expect(monitor.step(1, [{ name: 'p', fields: own, cites: [] }]).map(({ values }) => values.c)).toEqual([
    'b',
    'a',
  ]);
  const held = new Program('q(k) AND ONCE p(k)').monitor();
  held.step(0, [fact('p', '__proto__')]);
  expect(held.step(1, [fact('q', '__proto__'), fact('q', 'constructor')])).toHaveLength(1);
});

it('a window holds so many characters, whatever the values: the oldest are dropped, and counted', () => {
  for (const interval of ['[0,*)', '[1us,*)']) {
    const monitor = new Program(`q(x) AND ONCE${interval} p(x)`, { characters: 1_000_000 }).monitor();
    const long = (number: number) => `${number}:${'x'.repeat(200_000)}`;
    for (let number = 0; number < 20; number += 1) monitor.step(number, [fact('p', long(number))]);
    expect(monitor.size).toBeLessThanOrEqual(10);
    expect(monitor.lost()).toBeGreaterThanOrEqual(14);
    expect(monitor.step(21, [fact('q', long(19))])).toHaveLength(1);
    expect(monitor.step(22, [fact('q', long(1))])).toHaveLength(0);
    // one that is larger than all is not held
    monitor.step(23, [fact('p', 'y'.repeat(2_000_000))]);
    expect(monitor.size).toBe(0);
    monitor.step(24, [fact('p', 'z')]);
    expect(monitor.step(26, [fact('q', 'z')])).toHaveLength(1);
  }
});

it('operators bind as in MonPoly', () => {
  const bare = (text: string) =>
    JSON.stringify(parseFormula(text), (key, value) => (key === 'place' ? undefined : value));
  const same = (text: string, meant: string) => expect(bare(text)).toBe(bare(meant));
  same('ONCE p() SINCE q()', '(ONCE p()) SINCE q()');
  same('NOT p() AND q()', '(NOT p()) AND q()');
  same('p() OR q() AND r()', 'p() OR (q() AND r())');
  same('p() IMPLIES q() IMPLIES r()', 'p() IMPLIES (q() IMPLIES r())');
  same('p() SINCE q() SINCE r()', 'p() SINCE (q() SINCE r())');
  same('EXISTS x. p(x) AND q(x)', 'EXISTS x. (p(x) AND q(x))');
  same('PAST_ALWAYS[0,1] p()', 'HISTORICALLY[0,1s] (p())');
  same('x + 1 * 2 <= y (* why *)', '(x + (1 * 2)) <= y');
});

/** Deterministic: a failure is found again. */
function randomness(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function randomFormula(random: (below: number) => number, depth: number, special: { left: number }): string {
  const variable = () => ['x', 'y', 'z'][random(3)] as string;
  const term = () => (random(4) === 0 ? (['0', '1', '"a"'][random(3)] as string) : variable());
  const interval = () => {
    const from = random(3) === 0 ? random(3) : 0;
    return `[${from}us,${random(4) === 0 ? '*)' : `${from + random(4)}us]`}`;
  };
  const inner = () => randomFormula(random, depth - 1, special);
  if (depth === 0 || random(8) === 0) {
    const kind = random(10);
    if (kind < 3) return `p(${term()})`;
    if (kind < 6) return `q(${term()}, ${random(6) === 0 ? '_' : term()})`;
    if (kind === 6) return 'r()';
    if (kind === 7 && special.left > 0) {
      special.left -= 1;
      return [`${variable()} = ${variable()} + 1`, `${variable()} * 2 <= ${variable()}`, `ts(${variable()})`][
        random(3)
      ] as string;
    }
    return `${term()} ${['=', '<', '<=', 'SUBSTRING'][random(4)]} ${term()}`;
  }
  switch (random(12)) {
    case 0:
    case 1:
      return `(${inner()} AND ${inner()})`;
    case 2:
      return `(p(${variable()}) AND ${inner()})`;
    case 3:
      return `(q(${variable()}, ${variable()}) AND NOT ${inner()})`;
    case 4:
      return `(${inner()} ${['OR', 'IMPLIES', 'EQUIV'][random(3)]} ${inner()})`;
    case 5:
      return `(NOT ${inner()})`;
    case 6:
      return `(${['EXISTS', 'FORALL'][random(2)]} ${variable()}. ${inner()})`;
    case 7:
      return `(PREVIOUS${interval()} ${inner()})`;
    case 8:
      return `(ONCE${interval()} ${inner()})`;
    case 9:
      return `(HISTORICALLY${interval()} ${inner()})`;
    case 10:
      return `(${inner()} SINCE${interval()} ${inner()})`;
    default: {
      if (special.left === 0) return `(ONCE${interval()} ${inner()})`;
      special.left = 0;
      const op = ['CNT', 'SUM', 'AVG', 'MIN', 'MAX', 'MED'][random(6)];
      const [body, over] = [random(2) === 0 ? inner() : `(ONCE${interval()} q(x, y))`, variable()];
      return `(z <- ${op} ${over === 'z' ? 'x' : over}${random(2) === 0 ? `; ${over === 'y' ? 'x' : 'y'}` : ''} ${body})`;
    }
  }
}

function randomTrace(random: (below: number) => number): Point[] {
  const value = () => [0, 1, 2, 'a'][random(4)] as Value;
  let time = 0;
  return Array.from({ length: 2 + random(4) }, () => {
    time += random(3);
    const facts = Array.from(
      { length: random(3) === 0 ? 2 : random(2) + (random(4) ? 1 : 0) },
      () =>
        [fact('p', value()), fact('q', value(), value()), fact('r'), fact('q', value(), ['a', 'b'])][
          random(7) % 4
        ] as Fact,
    );
    return { time, facts };
  });
}

const SEQUENCES = 100_000;
const PER_FORMULA = 40;

it(`agrees with the definition on ${SEQUENCES} random sequences`, { timeout: 180_000 }, () => {
  const random = randomness(20_260_722);
  let [sequences, formulas, found, skipping, waiting] = [0, 0, 0, 0, 0];
  while (sequences < SEQUENCES) {
    const special = { left: random(4) === 0 ? 1 : 0 };
    const hasSpecial = special.left > 0;
    const text = randomFormula(random, 1 + random(3), special);
    let program: Program;
    try {
      program = new Program(text);
    } catch (error) {
      if (error instanceof FormulaError) continue; // not monitorable: most of what chance makes
      throw error;
    }
    formulas += 1;
    const formula = parseFormula(text);
    // as a build keeps it
    const brief = program.brief && (JSON.parse(JSON.stringify(program.brief)) as Brief);
    const names = [...new Set(freeNames(formula))];
    expect([...program.variables].sort()).toEqual([...names].sort());
    const domain: Value[] = hasSpecial
      ? [-1, 0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 7, 8, 9, 'a', 'b']
      : [0, 1, 2, 'a', 'b'];
    for (let one = 0; one < (hasSpecial ? PER_FORMULA / 10 : PER_FORMULA); one += 1) {
      sequences += 1;
      const points = randomTrace(random);
      const oracle = new Oracle(points, domain);
      const [monitor, sparing] = [program.monitor(), program.monitor()];
      let isAwake = brief === undefined;
      for (const [index, { time, facts }] of points.entries()) {
        const solutions = monitor.step(time, facts).map(({ tuple }) => tuple);
        const told = solutions.filter((tuple) => tuple.every((value) => domain.includes(value)));
        const meant = oracle.solutions(formula, program.variables, index);
        const [left, right] = [told, meant].map((rows) => rows.map((row) => JSON.stringify(row)).sort());
        if (left?.join() !== right?.join())
          throw new Error(
            `${text}\nat ${index} of ${JSON.stringify(points)}\nmonitor: ${left}\ndefinition: ${right}`,
          );
        found += meant.length;
        if (!program.canSkip) continue;
        isAwake ||= facts.some(({ name: category, fields }) =>
          brief?.wakes.some((wake) => isWokenBy(wake, { category, fields })),
        );
        const isSkipped = !isAwake || facts.every(({ name }) => !program.predicates.has(name));
        waiting += isAwake || facts.length === 0 ? 0 : 1;
        const spared = isSkipped
          ? []
          : sparing
              .step(time, facts)
              .map(({ tuple }) => JSON.stringify(tuple))
              .sort();
        skipping += isSkipped ? 1 : 0;
        expect(spared).toEqual(solutions.map((tuple) => JSON.stringify(tuple)).sort());
      }
    }
  }
  // chance has said something
  expect(formulas).toBeGreaterThan(2000);
  expect(found).toBeGreaterThan(SEQUENCES / 2);
  expect(skipping).toBeGreaterThan(1000);
  expect(waiting).toBeGreaterThan(1000);
});
