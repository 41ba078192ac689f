import { describe, expect, test } from 'vitest';
import { LATE, LATE_EVENTS, Pace } from './pace.ts';

function clocks() {
  const now = { wall: 1e15, steady: 5e9 };
  const pace = new Pace({ wall: () => now.wall, steady: () => now.steady });
  const pass = (us: number) => {
    now.wall += us;
    now.steady += us;
  };
  return { now, pace, pass };
}

describe('a clock that is set', () => {
  test('back: it is told once, and time goes on', () => {
    const { now, pace, pass } = clocks();
    const before = pace.timeOf(now.wall);
    pass(1e6);
    now.wall -= 3600e6;
    expect(pace.setBack()).toBe(3600e6);
    expect(pace.setBack()).toBe(0);
    expect(pace.timeOf(now.wall) - before).toBe(1e6);
    pass(5e6);
    expect(pace.timeOf(now.wall) - before).toBe(6e6);
  });

  test('ahead, or only a little: nothing is hidden by it', () => {
    const { now, pace, pass } = clocks();
    now.wall += 3600e6;
    expect(pace.setBack()).toBe(0);
    pass(1e6);
    now.wall -= 1000;
    expect(pace.setBack()).toBe(0);
  });
});

describe('events that are late', () => {
  test('many in a row are an overload, told once', () => {
    const { now, pace } = clocks();
    const late = now.wall - 2 * LATE;
    const told = Array.from({ length: 3 * LATE_EVENTS }, () => pace.overload(late)).filter(
      (delay) => delay > 0,
    );
    expect(told).toEqual([2 * LATE]);
  });

  test('a hiccup of the machine is none', () => {
    const { now, pace } = clocks();
    for (let round = 0; round < 100; round++) {
      for (let event = 0; event < LATE_EVENTS - 1; event++)
        expect(pace.overload(now.wall - 2 * LATE)).toBe(0);
      expect(pace.overload(now.wall)).toBe(0);
    }
  });
});
