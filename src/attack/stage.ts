/**
 * Enters namespaces of the battery's own, by the launcher's `stage`: the only place where anything of a scenario runs.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Answer, BEGAN, type Job } from './job.ts';

/** Milliseconds for one attempt with everything around it. */
const ALL_WITHIN = 120_000;
const SAID = 4000;

export interface Programs {
  /** the native launcher */
  readonly launcher: string;
  /** words that start the program inside the namespaces */
  readonly inside: readonly string[];
}

/** The addresses that stand-ins may have: nobody else's. */
const HARMLESS = /^198\.51\.100\.\d{1,3}$/;

/**
 * Whoever stands in for the outside has an address of this prefix (TEST-NET-2, RFC 5737). Its first is the interface's; the others are
 * none of the host's own, which some targets refuse to reach for whatever name.
 */
const OUTSIDE = '198.51.100.1/24';

export class ForeignAddressError extends Error {
  override readonly name = 'ForeignAddressError';
  readonly code = 'foreign-address';
  readonly hint =
    'attempts are made against stand-ins at addresses of documentation, and against nobody else';
}

/**
 * Runs the job there. Never rejects for what the job does.
 *
 * @throws ForeignAddressError where an address could be somebody's
 */
export async function enter(
  programs: Programs,
  job: Job,
  onStart?: (child: ChildProcess) => void,
): Promise<Answer> {
  const foreign = Object.values(job.addresses).find((address) => !HARMLESS.test(address));
  if (foreign !== undefined) throw new ForeignAddressError(`${foreign} is no address of documentation`);
  const file = join(job.places.root, 'job.json');
  writeFileSync(file, JSON.stringify(job), { mode: 0o600 });
  const child = spawn(
    programs.launcher,
    ['stage', `127.0.0.1,${OUTSIDE}`, job.places.root, ...programs.inside, file],
    {
      cwd: job.places.root,
      env: {
        PATH: process.env.PATH ?? '',
        HOME: job.places.home,
        TMPDIR: job.places.temporary,
        LANG: 'C.UTF-8',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  onStart?.(child);
  let [out, said] = ['', ''];
  child.stdout.on('data', (data: Buffer) => {
    out += data.toString();
  });
  child.stderr.on('data', (data: Buffer) => {
    if (said.length < SAID) said += data.toString();
  });
  const timer = setTimeout(() => child.kill('SIGTERM'), ALL_WITHIN);
  await new Promise<void>((done) => {
    child.on('error', (error) => {
      said += error.message;
      done();
    });
    child.on('close', () => done());
  });
  clearTimeout(timer);
  const lines = out.split('\n');
  const began = lines[0] === BEGAN;
  const line = lines.find((text) => text.startsWith('{'));
  if (line === undefined)
    return { ok: false, why: said.trim().split('\n').at(-1) || 'it did not end in time', began };
  const answer = JSON.parse(line) as Answer;
  return answer.ok ? answer : { ...answer, began };
}
