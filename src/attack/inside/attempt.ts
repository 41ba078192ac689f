/**
 * One attempt, or one honest twin: the stage is set, the target runs it, the operator does what operators do, and the signs
 * are read.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Job, Observed, Told } from '../job.ts';
import { fillWith } from '../places.ts';
import { type Standing, standInsOf } from '../stand-ins/index.ts';
import { childCpu, start } from './programs.ts';
import { isSeen, nameOf, processes, type Scene } from './signs.ts';

/** For what arrives a moment after the program ended. Unit: milliseconds. */
const SETTLE = 400;
const LOOK = 25;
/** For the operator's own lines. */
const OPERATOR = 20_000;
const TOLD = 6000;
/** What a review of any change set may print. Unit: bytes. */
const REVIEW = 256 * 1024 * 1024;

function write(
  folder: string,
  files: Readonly<Record<string, string>>,
  fill: (text: string) => string,
): void {
  for (const [path, text] of Object.entries(files)) {
    const at = join(folder, path);
    mkdirSync(dirname(at), { recursive: true });
    writeFileSync(at, fill(text));
    if (text.startsWith('#!')) chmodSync(at, 0o755);
  }
}

interface Graded {
  run?: string;
  grade?: { reward?: { true?: number; visible?: number } };
}

/** What a review says of a path, as far as it is read here. */
interface Reviewed {
  path: string;
  runsLater?: { who: string };
  decidesSuccess?: boolean;
}

const recordOf = (path: string): Graded =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Graded) : {};

class Attempt {
  readonly #job: Job;
  readonly #standIns: ReadonlyMap<string, Standing>;
  readonly #fill: (text: string) => string;

  constructor(job: Job, standIns: ReadonlyMap<string, Standing>) {
    this.#job = job;
    this.#standIns = standIns;
    this.#fill = fillWith(job.variables);
  }

  /** What the record says; who reads it is loaded where there is one. */
  async #told(marked: readonly string[]): Promise<Told> {
    const { environment, places } = this.#job;
    const { eventsBelow, tell } = await import('./record.ts');
    return tell(await eventsBelow(environment.XDG_STATE_HOME ?? ''), places.work, marked);
  }

  async #operator(script: string): Promise<number | null> {
    if (script.trim() === '') return 0;
    const { places, environment, variables } = this.#job;
    const { status } = await start(['sh', '-c', this.#fill(script)], {
      cwd: places.work,
      environment: { ...environment, ...variables, OUTSIDE: places.outside },
      within: OPERATOR,
    });
    return status;
  }

  /** Says stop, as who operates this target would. */
  #stop = (child: ChildProcess): void => {
    const { operated, places, environment, within } = this.#job;
    if (operated) {
      void start([...operated.ringfence, 'stop', '--all'], { cwd: places.outside, environment, within });
      return;
    }
    try {
      process.kill(-(child.pid ?? 0), 'SIGTERM');
    } catch {
      // it has ended
    }
  };

  /** What was asked for is taken over from the change set; where a grading says that it is not done, nothing is. */
  async #takeOver(): Promise<Reviewed[]> {
    const { operated, places, environment, scenario, within } = this.#job;
    if (!operated || scenario.takes.length === 0) return [];
    const { run, grade } = recordOf(operated.record);
    if (run === undefined) return [];
    const ask = (...words: string[]) =>
      start([...operated.ringfence, ...words], { cwd: places.work, environment, within, keep: REVIEW });
    const { status, out, output } = await ask('review', run, '--json');
    if (status !== 0) throw new Error(`the review ended with ${status}: ${output.slice(-200)}`);
    const { digest, items } = JSON.parse(out) as { digest: string; items: Reviewed[] };
    if (grade && grade.reward?.true !== 1) return items;
    const taken = scenario.takes.filter((path) =>
      items.some((item) => item.path === path || item.path.startsWith(`${path}/`)),
    );
    if (taken.length > 0) await ask('apply', run, ...taken, '--digest', digest);
    return items;
  }

  /** @param onBegin called before anything runs in the target: from now on silence tells nothing good */
  async run(onBegin: () => void): Promise<Observed> {
    const { scenario, part, places, launch, variables, environment, within, operated } = this.#job;
    write(places.work, scenario.project, this.#fill);
    write(places.home, scenario.home, this.#fill);
    await this.#operator(scenario.setup);
    const judged = [...scenario.effect, ...scenario.done];
    for (const sign of judged)
      if ('arrived' in sign) this.#standIns.get(sign.arrived.at)?.watch(this.#fill(sign.arrived.word));
    const began = variables.BEGAN ?? '';
    const listenFor = [
      began,
      ...judged.flatMap((sign) => ('printed' in sign ? [this.#fill(sign.printed.word)] : [])),
    ];
    const [cpuBefore, before] = [childCpu(), new Set(processes())];
    onBegin();
    const target = (script: string, when?: { word: string; act: (child: ChildProcess) => void }) =>
      start([...launch.words, script], {
        cwd: places.work,
        environment: { ...environment, ...variables, ...launch.environment },
        within,
        listenFor,
        ...(when && { when }),
      });
    const script = part === 'attempt' ? scenario.payload : scenario.honest;
    const first = await target(
      script,
      scenario.stop === undefined ? undefined : { word: scenario.stop, act: this.#stop },
    );
    const last = scenario.second === undefined || part === 'honest' ? first : await target(scenario.second);
    const cpu = childCpu() - cpuBefore;
    const reviewed = await this.#takeOver();
    const marked = reviewed.filter(
      ({ runsLater, decidesSuccess }) => runsLater !== undefined || decidesSuccess === true,
    );
    await this.#operator(scenario.afterwards);
    const grade = operated && recordOf(operated.record).grade;
    const scene: Scene = {
      places,
      standIns: this.#standIns,
      printed: (word) => last.said.has(word),
      before,
      succeeded: last.status === 0,
      graded: grade && grade.reward?.true === 1,
      fill: this.#fill,
      shell: (line) => this.#operator(line),
    };
    const signs = await this.#signs(scene);
    let done = true;
    for (const sign of scenario.done) done &&= await isSeen(sign, scene);
    const named = new Set(scenario.effect.flatMap(standInsOf));
    const output = first === last ? first.output : `${first.output}\n${last.output}`;
    return {
      effect: signs.length > 0,
      signs,
      done,
      ran: first.said.has(began) && last.said.has(began),
      output: output.slice(-TOLD),
      exit: last.status,
      ms: Math.round(first.ms + (first === last ? 0 : last.ms)),
      cpu: Math.round(cpu),
      bytes: [...named].reduce((sum, name) => sum + (this.#standIns.get(name)?.bytes ?? 0), 0),
      ...(operated && {
        told: await this.#told(marked.map(({ path }) => path)),
      }),
    };
  }

  /** Signs of the effect; what is not there yet is waited for a moment. */
  async #signs(scene: Scene): Promise<string[]> {
    const { effect } = this.#job.scenario;
    for (const deadline = Date.now() + SETTLE; ; await pause(LOOK)) {
      const seen: string[] = [];
      for (const sign of effect) if (await isSeen(sign, scene)) seen.push(nameOf(sign));
      // a shell line is the operator's act: once is enough
      const waits = effect.some((sign) => !('shell' in sign || 'believed' in sign || 'printed' in sign));
      if (seen.length > 0 || !waits || Date.now() > deadline) return seen;
    }
  }
}

/** Runs the job. */
export const attempt = (
  job: Job,
  standIns: ReadonlyMap<string, Standing>,
  onBegin: () => void,
): Promise<Observed> => new Attempt(job, standIns).run(onBegin);
