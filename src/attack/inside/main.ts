/**
 * The process inside the battery's own namespaces: starts the stand-ins, runs one job, and prints what was seen. Started by
 * `ringfence-cell stage`; the job is in the file that its argument names.
 *
 * @module
 */
import { readFileSync, writeFileSync, writeSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { join } from 'node:path';
import { type Answer, BEGAN, type Job } from '../job.ts';
import { startStandIns } from '../stand-ins/index.ts';
import { attempt } from './attempt.ts';

/** Why this is no place for attempts; `undefined`: nobody can be reached from here. */
function whyNot(): string | undefined {
  const others = Object.keys(networkInterfaces()).filter((name) => !/^lo(:|$)/.test(name));
  if (others.length > 0) return `there is a network: ${others.join(', ')}`;
  if (process.pid !== 1) return 'this is not the first process of namespaces made for it';
  return undefined;
}

const say = (line: string) => {
  // at once: what a stream still holds would be lost when we exit
  for (let at = 0; at < line.length; at += 4096) writeSync(1, line.slice(at, at + 4096));
};

async function answer(job: Job): Promise<Answer> {
  const why = whyNot();
  if (why !== undefined) return { ok: false, why };
  for (const [path, text] of Object.entries(job.files)) writeFileSync(path, text);
  try {
    const standIns = await startStandIns(job.scenario.standIns, job.addresses, join(job.places.root, 'keys'));
    return { ok: true, observed: await attempt(job, standIns, () => say(`${BEGAN}\n`)) };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

const job = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Job;
// Node would open a debugger to whoever sends it
process.on('SIGUSR1', () => {});
say(`${JSON.stringify(await answer(job))}\n`);
// with us ends all that is still running here
process.exit(0);
