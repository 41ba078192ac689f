import { expect, test } from 'vitest';
import { ModelBudget, type Ticket } from './budget.ts';

const PRICES = { 'a-*': { input: 10, output: 20, cached: 1 } };

function admitted(budget: ModelBudget, input: number, output: number, model = 'a-1'): Ticket {
  const found = budget.admit(model, input, output);
  if (!found.ok) throw new Error(found.why);
  return found.ticket;
}

test('what calls under way could use is set aside', () => {
  const budget = new ModelBudget({ budget: { tokens: 100 }, prices: {} });
  const first = admitted(budget, 10, 50);
  expect(budget.admit('a-1', 10, 50)).toEqual({ ok: false, why: 'busy' });
  expect(budget.admit('a-1', 60, 50)).toMatchObject({ ok: false, why: 'spent' });
  expect(budget.settle(first, { input: 10, output: 5 })).toEqual({});
  admitted(budget, 10, 50);
});

test('what nobody told counts as used in full, a refusal as nothing', () => {
  const budget = new ModelBudget({ budget: { tokens: 100 }, prices: {} });
  budget.settle(admitted(budget, 10, 90), 'free');
  expect(budget.settle(admitted(budget, 10, 90), undefined)).toEqual({
    reached: { limit: 'tokens', used: 100, max: 100 },
  });
  expect(budget.admit('a-1', 1, 0)).toEqual({
    ok: false,
    why: 'spent',
    reached: { limit: 'tokens', used: 100, max: 100 },
  });
});

test('refused requests count as requests', () => {
  const budget = new ModelBudget({ budget: { requests: 2 }, prices: {} });
  for (let call = 0; call < 2; call += 1) budget.settle(admitted(budget, 1, 1), 'free');
  expect(budget.admit('a-1', 1, 1)).toMatchObject({ ok: false, why: 'spent' });
});

test('money is counted by the price of the model, and what has none is not called', () => {
  const budget = new ModelBudget({ budget: { money: 1 }, prices: PRICES });
  const told = budget.settle(admitted(budget, 1000, 1000), { input: 2000, output: 100, cached: 1000 });
  expect(told.cost).toBeCloseTo(0.013, 9);
  expect(budget.admit('b-1', 1, 1)).toEqual({ ok: false, why: 'no price' });
  expect(budget.admit('a-1', 0, 100_000)).toMatchObject({ ok: false, why: 'spent' });
});

test('a provider that tells nonsense gives no money back', () => {
  const budget = new ModelBudget({ budget: { money: 1 }, prices: PRICES });
  expect(budget.settle(admitted(budget, 10, 10), { input: 0, output: 0, cached: 9_000_000 }).cost).toBe(0);
  expect(budget.settle(admitted(budget, 10, 10), { input: 10, output: 0, surcharge: 10 }).cost).toBeCloseTo(
    0.0002,
    9,
  );
});

test('what writing into a cache may cost is set aside, too', () => {
  const budget = new ModelBudget({ budget: { money: 0.015 }, prices: PRICES });
  expect(budget.admit('a-1', 1000, 0, 1000)).toMatchObject({ ok: false, why: 'spent' });
  expect(budget.admit('a-1', 1000, 0)).toMatchObject({ ok: true });
});
