/**
 * Everything that must hold, in one command: types, lint, tests in TypeScript, tests of the native part. All steps run
 * even if one fails; the last line counts what passed and what failed.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
  passed: number;
  failed: number;
  skipped: number;
}

interface Step {
  name: string;
  command: string[];
  /** Reads how many tests the step ran from its output; a step without it counts as one test. */
  count?: (output: string) => Count | undefined;
}

const folder = mkdtempSync(join(tmpdir(), 'ringfence-test-'));
const report = join(folder, 'vitest.json');

function countVitest(): Count | undefined {
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: result.numPassedTests,
      failed: result.numFailedTests,
      skipped: result.numPendingTests + result.numTodoTests,
    };
  } catch {
    return undefined;
  }
}

function countNative(output: string): Count | undefined {
  const count: Count = { passed: 0, failed: 0, skipped: 0 };
  let found = false;
  for (const match of output.matchAll(/(\d+) passed, (\d+) failed(?:, (\d+) skipped)?/g)) {
    found = true;
    count.passed += Number(match[1]);
    count.failed += Number(match[2]);
    count.skipped += Number(match[3] ?? 0);
  }
  return found ? count : undefined;
}

const steps: Step[] = [
  { name: 'types', command: ['tsc', '-p', '.'] },
  { name: 'lint', command: ['biome', 'check', '--error-on-warnings', '.'] },
  {
    name: 'tests',
    command: ['vitest', 'run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`],
    count: countVitest,
  },
  { name: 'native', command: ['make', '-C', 'native', 'check'], count: countNative },
];

/** Runs one step with its output shown as it comes; resolves to its exit code and the output. */
function run(command: string[]): Promise<{ code: number; output: string }> {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command[0] as string, command.slice(1), { stdio: ['ignore', 'pipe', 'pipe'] });
    const relay = (stream: NodeJS.WriteStream) => (chunk: Buffer) => {
      output += chunk.toString();
      stream.write(chunk);
    };
    child.stdout.on('data', relay(process.stdout));
    child.stderr.on('data', relay(process.stderr));
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), output }));
  });
}

const total: Count = { passed: 0, failed: 0, skipped: 0 };
const broken: string[] = [];
for (const step of steps) {
  console.log(`\n== ${step.name}: ${step.command.join(' ')}`);
  const started = performance.now();
  const { code, output } = await run(step.command);
  const count = step.count?.(output) ?? {
    passed: code === 0 ? 1 : 0,
    failed: code === 0 ? 0 : 1,
    skipped: 0,
  };
  // A runner that fails although no test of its did (a crash, an unhandled error) is a failure all the same.
  if (code !== 0 && count.failed === 0) count.failed = 1;
  if (code !== 0 || count.failed > 0) broken.push(step.name);
  total.passed += count.passed;
  total.failed += count.failed;
  total.skipped += count.skipped;
  console.log(`== ${step.name}: exit ${code} after ${((performance.now() - started) / 1000).toFixed(1)} s`);
}
rmSync(folder, { recursive: true, force: true });
if (broken.length > 0) console.log(`\nfailed: ${broken.join(', ')}`);
console.log(
  `\n${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`,
);
process.exitCode = broken.length > 0 ? 1 : 0;
