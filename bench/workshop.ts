/**
 * What all measurements share: a scratch folder, the small programs built in it, contracts, a home and state folders of
 * its own, so that a benchmark neither finds nor leaves anything of the operator's.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { mustRun, type StartOptions, UnmeasuredError } from './programs.ts';

export const ROOT = dirname(import.meta.dirname);
export const RINGFENCE = join(ROOT, 'ringfence');
export const LAUNCHER = join(ROOT, 'dist', 'native', `linux-${process.arch}`, 'ringfence-cell');
/** The name that contracts here allow; it resolves to the loopback by their own table. */
export const HOST = 'bench.example.com';

const TOOLS = ['timed', 'calls', 'connect', 'fetch', 'server'] as const;
export type Tool = (typeof TOOLS)[number];

export interface NetworkRule {
  port: number;
  protocol: string;
}

export class Workshop {
  readonly scratch: string;
  /** the folder that cells work on */
  readonly workspace: string;
  readonly rounds: number;
  readonly environment: NodeJS.ProcessEnv;

  private constructor(scratch: string, rounds: number) {
    this.scratch = scratch;
    this.rounds = rounds;
    this.workspace = this.folder('workspace');
    const home = this.folder('home');
    const { RINGFENCE_CONTRACT: _, ...host } = process.env;
    this.environment = {
      ...host,
      HOME: home,
      CODEX_HOME: this.folder('home/codex'),
      XDG_STATE_HOME: this.folder('state'),
      XDG_CACHE_HOME: this.folder('cache'),
      XDG_RUNTIME_DIR: this.folder('runtime'),
      NO_COLOR: '1',
    };
  }

  /**
   * Below /var/tmp, because Codex refuses a home below /tmp.
   *
   * @throws UnmeasuredError where the small programs do not build
   */
  static async open(rounds: number): Promise<Workshop> {
    const workshop = new Workshop(mkdtempSync('/var/tmp/ringfence-bench-'), rounds);
    for (const tool of TOOLS) {
      const source = join(import.meta.dirname, 'native', `${tool}.c`);
      await mustRun(['gcc', '-O2', '-Wall', '-Wextra', '-pthread', '-o', workshop.tool(tool), source], {});
    }
    workshop.contract('plain');
    return workshop;
  }

  folder(name: string): string {
    const path = join(this.scratch, name);
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return path;
  }

  /** In the workspace, so that it lies at the same path inside and outside. */
  tool(name: Tool): string {
    return join(this.workspace, name);
  }

  /** Writes a contract, to be used by {@link ringfence} under its name. */
  contract(name: string, network: readonly NetworkRule[] = [], more = ''): string {
    const rules = network.map(
      ({ port, protocol }) => `  - { host: ${HOST}, port: ${port}, protocol: ${protocol} }\n`,
    );
    const part =
      rules.length > 0
        ? `network:\n${rules.join('')}resolve: { ${HOST}: [127.0.0.1] }\noversight: { on: { violation: note } }\n`
        : '';
    const path = join(this.workspace, `${name}.yaml`);
    writeFileSync(path, `ringfence: 1\nname: bench-${name}\n${part}${more}`);
    return path;
  }

  /** The command line that runs a command under a contract of ours. */
  ringfence(contract: string, command: readonly string[]): string[] {
    return [RINGFENCE, 'run', '-q', '--contract', contract, '--', ...command];
  }

  async run(words: readonly string[], options: StartOptions = {}): Promise<string> {
    return await mustRun(words, { cwd: this.workspace, environment: this.environment, ...options });
  }

  /** Milliseconds from fork to the end, measured by a program in C. */
  async timed(words: readonly string[], options: StartOptions = {}): Promise<number> {
    const [microseconds, status] = (
      await this.run([this.tool('timed'), ...words], { within: 20, ...options })
    )
      .trim()
      .split(' ')
      .map(Number);
    if (status !== 0) throw new UnmeasuredError(`${words.slice(0, 6).join(' ')} … ended with ${status}`);
    return (microseconds ?? Number.NaN) / 1000;
  }

  close(): void {
    // overlays leave folders that not even their owner may enter
    spawnSync('chmod', ['-R', 'u+rwX', this.scratch], { stdio: 'ignore' });
    try {
      rmSync(this.scratch, { recursive: true, force: true, maxRetries: 2 });
    } catch (error) {
      process.stderr.write(`bench: could not remove ${this.scratch}: ${(error as Error).message}\n`);
    }
  }
}
