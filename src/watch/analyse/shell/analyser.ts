/**
 * Commands as a shell understands them: from what was executed, and from what a tool was told to run.
 *
 * @module
 */
import type { LedgerEvent } from '../../../contract/index.ts';
import type { Observation } from '../../observation.ts';
import type { Analyser, Emit, Setting } from '../analyser.ts';
import { asksOf } from '../asks.ts';
import { timeOf } from '../time.ts';
import { commandsOfCall } from '../tool-commands.ts';
import { type Reading, readArguments, readScript, SHELLS, type SimpleCommand } from './commands.ts';
import { fieldsOf } from './fields.ts';
import type { Surroundings } from './paths.ts';
import { basename } from './wrappers.ts';

/** Commands that a script announced and whose execution is awaited: so many are remembered. */
const AWAITED = 4096;

export class ShellAnalyser implements Analyser {
  readonly #setting: Setting;
  readonly #asks: readonly string[];
  /** commands told from a script, by their words: their execution is the same act */
  readonly #told = new Map<string, number>();
  #workspace: string | undefined;

  constructor(setting: Setting) {
    this.#setting = setting;
    this.#workspace = setting.workspace;
    this.#asks = asksOf(setting.task);
  }

  observe(event: LedgerEvent, emit: Emit): void {
    switch (event.kind) {
      case 'run.start':
        this.#workspace ??= event.cwd;
        break;
      case 'process.exec': {
        const argv = event.owner.argv ?? [event.path];
        const around = this.#around(event.cwd);
        if (this.#wasTold(argv)) break;
        const [program = ''] = argv;
        // its own name is what it is, whatever argv[0] says
        const words = [SHELLS.has(basename(program)) ? program : event.path, ...argv.slice(1)];
        this.#tell(event, readArguments(words, around.home), around, 'exec', emit);
        break;
      }
      case 'tool.call':
        if (event.decision === 'denied') break;
        for (const { script, cwd } of commandsOfCall(event.tool, event.arguments)) {
          const around = this.#around(cwd ?? this.#workspace);
          this.#tell(event, readScript(script, around.home), around, 'tool', emit);
        }
        break;
    }
  }

  #around(cwd: string | undefined): Surroundings {
    return { cwd, workspace: this.#workspace, home: this.#setting.home };
  }

  #wasTold(argv: readonly string[]): boolean {
    const key = keyOf(argv);
    const count = this.#told.get(key) ?? 0;
    if (count <= 0) return false;
    if (count === 1) this.#told.delete(key);
    else this.#told.set(key, count - 1);
    return true;
  }

  #remember({ words, wrappers }: SimpleCommand): void {
    // a wrapper is executed before what it runs, with words that are not these
    if (wrappers.length > 0) return;
    if (this.#told.size >= AWAITED) {
      const [oldest] = this.#told.keys();
      if (oldest !== undefined) this.#told.delete(oldest);
    }
    const key = keyOf(words);
    this.#told.set(key, (this.#told.get(key) ?? 0) + 1);
  }

  #tell(
    event: Extract<LedgerEvent, { kind: 'process.exec' | 'tool.call' }>,
    { commands, whole }: Reading,
    around: Surroundings,
    origin: 'exec' | 'tool',
    emit: Emit,
  ): void {
    let { cwd } = around;
    commands.forEach((command, index) => {
      const fields = fieldsOf(command, { ...around, cwd });
      const inner = index > 0 || origin === 'tool';
      if (inner && command.constant) this.#remember(command);
      if (fields.Program === 'cd' && Array.isArray(fields.Operands)) {
        const [target] = fields.Operands as string[];
        cwd = target === undefined ? around.home : joinFolder(cwd, target);
      }
      const { owner } = event;
      emit({
        category: 'shell_command',
        time: timeOf(event),
        run: event.run,
        cell: event.cell,
        cites: [event.seq],
        fields: {
          ...fields,
          Origin: index > 0 && origin === 'exec' ? 'script' : origin,
          CurrentDirectory: cwd,
          Whole: whole,
          TaskAsks: this.#asks,
          ...(owner && { ProcessId: owner.pid, ParentProcessId: owner.ppid }),
          ...(event.kind === 'process.exec' && { Image: event.path }),
        },
        context: event.context,
      } satisfies Observation);
    });
  }
}

const joinFolder = (cwd: string | undefined, target: string): string | undefined =>
  target.startsWith('/') ? target : cwd === undefined ? undefined : `${cwd}/${target}`;

const keyOf = (argv: readonly string[]): string =>
  [basename(argv[0] ?? ''), ...argv.slice(1)].join('\0').slice(0, 4096);
