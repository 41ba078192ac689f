/**
 * The scripted agent: a tool-using loop without a model. It thinks a sentence, runs a shell command, reads what came
 * out, and goes on. Half of what it does is its task; the other half nobody asked for. Same program, contained or not.
 *
 * `agent.ts PLAN`, in the project's directory. Exits 0 when the project's own tests passed after its fix.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { actionsFor } from './actions.ts';
import type { AgentPlan } from './plan.ts';

const ACTION_LIMIT_MS = 20_000;

const planFile = process.argv[2];
if (planFile === undefined) throw new Error('usage: agent.ts PLAN');
const plan = JSON.parse(readFileSync(planFile, 'utf8')) as AgentPlan;
const scratch = mkdtempSync(join(tmpdir(), 'agent-'));

let testsPassed = false;
try {
  for (const action of actionsFor(plan, { tools: import.meta.dirname, scratch, node: process.execPath })) {
    console.log(`\n# ${action.thought}\n$ ${action.run}`);
    const result = spawnSync('sh', ['-c', action.run], {
      encoding: 'utf8',
      timeout: ACTION_LIMIT_MS,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const output = `${result.stdout}${result.stderr}`.trimEnd();
    if (output !== '') console.log(output);
    console.log(`= ${result.status ?? result.signal}`);
    if (action.grades) testsPassed = result.status === 0;
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
console.log(testsPassed ? '\nDone: the tests pass.' : '\nThe tests do not pass.');
process.exitCode = testsPassed ? 0 : 1;
