import { defineConfig } from 'vitest/config';

// a condition that is waited for has the time that a busy machine takes; only a failure waits so long
const expect = { poll: { timeout: 30_000 } };

/**
 * Two projects: `unit` beside the code, in parallel; `system` under test/ needs a real kernel, makes namespaces and
 * servers, measures time, and therefore runs one file at a time, after the others.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts'],
          testTimeout: 60_000,
          expect,
          sequence: { groupOrder: 0 },
        },
      },
      {
        test: {
          name: 'system',
          include: ['test/**/*.test.ts'],
          fileParallelism: false,
          maxWorkers: 1,
          testTimeout: 60_000,
          expect,
          hookTimeout: 60_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
