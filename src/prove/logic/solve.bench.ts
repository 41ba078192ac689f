/**
 * `node solve.bench.ts FACTS`: solves one large world in this new process, and prints what it took as JSON.
 *
 * @module
 */
import { largeWorld } from './large.fixture.ts';
import { solve } from './solve.ts';

const world = largeWorld(Number(process.argv[2] ?? 50_000));
const before = performance.now();
const solved = solve(world);
const milliseconds = performance.now() - before;
if (!solved.ok) throw new Error(solved.message);
process.stdout.write(
  `${JSON.stringify({ facts: solved.solution.size, milliseconds, megabytes: process.memoryUsage().rss / 1e6 })}\n`,
);
