/**
 * Compute, declared against observed: CPU time of programs whose starter has ended, and of programs that compute without
 * pause while they keep a quiet connection. Never by what they are called.
 *
 * @module
 */
import type { Detector, Report, RuleInfo } from '../detector.ts';
import type { Observation } from '../observation.ts';
import type { CpuOf } from './cpu.ts';
import { COMPUTE_RULES } from './rules.ts';

/** Processes that are looked at; the oldest are forgotten first. */
const MOST = 2048;
/** Microseconds between looks. */
const EVERY = 2_000_000;
/** CPU milliseconds of an orphan after its starter's end. */
const ORPHANED = 20_000;
/** Of a core, and for so long (µs), without pause. */
const BUSY = 0.85;
const LONG = 45_000_000;

interface Program {
  pid: number;
  parent: number | undefined;
  line: string;
  cites: readonly number[];
  /** CPU when it was last looked at, and when its starter ended */
  cpu: number;
  orphaned: number | undefined;
  /** µs: since when it computes without pause */
  busy: number | undefined;
  told: Set<string>;
}

interface Flow {
  pid: number;
  where: string;
  cites: readonly number[];
}

export class ComputeDetector implements Detector {
  readonly #cpuOf: CpuOf;
  readonly #programs = new Map<number, Program>();
  readonly #flows = new Map<string, Flow>();
  #run: Pick<Observation, 'run' | 'cell'> = { run: '', cell: '' };
  #looked = 0;
  #lost = 0;

  constructor(cpuOf: CpuOf) {
    this.#cpuOf = cpuOf;
  }

  lost(): number {
    const lost = this.#lost;
    this.#lost = 0;
    return lost;
  }

  observe({ category, fields, cites, run, cell }: Observation): void {
    this.#run = { run, cell };
    const pid = Number(fields.ProcessId);
    if (category === 'process_creation') {
      const known = this.#programs.get(pid);
      const parent = fields.ParentProcessId === undefined ? known?.parent : Number(fields.ParentProcessId);
      const line = String(fields.CommandLine ?? fields.Image ?? '').slice(0, 200);
      this.#programs.delete(pid);
      this.#programs.set(pid, {
        pid,
        parent,
        line,
        cites,
        cpu: 0,
        orphaned: undefined,
        busy: undefined,
        told: new Set(),
      });
      const [oldest] = this.#programs.keys();
      if (this.#programs.size > MOST && oldest !== undefined) {
        this.#programs.delete(oldest);
        this.#lost += 1;
      }
    } else if (category === 'process_termination') {
      this.#programs.delete(pid);
      for (const program of this.#programs.values())
        if (program.parent === pid) program.orphaned ??= this.#cpuOf(program.pid) ?? 0;
    } else if (category === 'egress_flow') {
      const flow = String(fields.Flow ?? '');
      if (fields.Phase === 'close') this.#flows.delete(flow);
      else if (fields.Phase === 'open' && this.#flows.size < MOST)
        this.#flows.set(flow, {
          pid,
          where: `${fields.DestinationHostname ?? fields.DestinationIp}:${fields.DestinationPort}`,
          cites,
        });
    }
  }

  tick(time: number, report: Report): void {
    const passed = time - this.#looked;
    if (passed < EVERY) return;
    this.#looked = time;
    for (const program of this.#programs.values()) {
      const cpu = this.#cpuOf(program.pid);
      if (cpu === undefined) {
        this.#programs.delete(program.pid);
        continue;
      }
      const share = ((cpu - program.cpu) * 1000) / passed;
      program.cpu = cpu;
      program.busy = share >= BUSY ? (program.busy ?? time) : undefined;
      this.#judge(program, time, report);
    }
  }

  #judge(program: Program, time: number, report: Report): void {
    const { pid, orphaned, busy, cpu, line, cites } = program;
    if (orphaned !== undefined && cpu - orphaned >= ORPHANED) {
      const seconds = Math.round((cpu - orphaned) / 1000);
      this.#say(
        COMPUTE_RULES.orphan,
        program,
        `${line} (process ${pid}) used ${seconds} s of CPU since its starter ended`,
        cites,
        time,
        report,
      );
    }
    if (busy === undefined || time - busy < LONG) return;
    const flow = [...this.#flows.values()].find((one) => one.pid === pid);
    if (!flow) return;
    const text = `${line} (process ${pid}) computes for ${Math.round((time - busy) / 1e6)} s beside a connection to ${flow.where}`;
    this.#say(
      COMPUTE_RULES.quietFlow,
      program,
      text,
      [...new Set([...cites, ...flow.cites])].toSorted((a, b) => a - b),
      time,
      report,
    );
  }

  #say(
    rule: RuleInfo,
    program: Program,
    text: string,
    cites: readonly number[],
    time: number,
    report: Report,
  ): void {
    if (program.told.has(rule.id)) return;
    program.told.add(rule.id);
    report({ rule, text: `${rule.title}: ${text}`, cites, time, key: String(program.pid), ...this.#run });
  }
}
