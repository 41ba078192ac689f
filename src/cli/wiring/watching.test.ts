import { expect, test } from 'vitest';
import { parseContract } from '../../contract/index.ts';
import { Watching } from './watching.ts';

test('a clock that is set back is told as a loss, and time goes on for what is judged', () => {
  const loaded = parseContract('ringfence: 1\nname: t\n', 'ringfence.yaml');
  if (!loaded.ok) throw new Error('the contract is valid');
  const now = { wall: 1.8e15, steady: 1e9 };
  const losses: string[] = [];
  const watching = new Watching({
    contract: loaded.contract,
    setting: {},
    record: () => undefined,
    respond: () => {},
    fail: (sensor, reason) => losses.push(`${sensor}: ${reason}`),
    overload: () => losses.push('overload'),
    clocks: { wall: () => now.wall, steady: () => now.steady },
  });
  watching.tick();
  now.wall -= 3600e6;
  now.steady += 1e6;
  watching.tick();
  watching.tick();
  watching.end();
  // where nothing was built there are no rules, and that is a loss, too
  expect(losses.filter((loss) => !loss.startsWith('watch: rules'))).toEqual([
    'clock: it was set back by 3601000 ms',
  ]);
});
