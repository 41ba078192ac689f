/**
 * Commands as a shell understands them: from what was executed, and from what a tool was told to run.
 *
 * @module
 */
import type { LedgerEvent } from '../../../contract/index.ts';
import type { Analyser, History } from '../../analyser.ts';
import type { Observation } from '../../observation.ts';
import { isDeclared } from '../../observe/index.ts';
import { asksOf } from '../asks.ts';
import type { Setting } from '../setting.ts';
import { type SqlText, sqlOfCall, sqlOfCommand, statementsOf } from '../sql/index.ts';
import { commandsOfCall } from '../tool-commands.ts';
import { type Reading, readArguments, readScript, SHELLS } from './commands.ts';
import { fieldsOf } from './fields.ts';
import { meant, type Surroundings } from './paths.ts';
import { basename } from './wrappers.ts';

/** Commands that a script announced and whose execution is awaited: so many are remembered. */
const AWAITED = 4096;

/** Read before any other: the parser is there then, and has done each of these once. */
const FIRST = 'cd /tmp && a=$(cat "$b" | sort) || exit 1';

type Emit = (observation: Observation) => void;
type Source = Extract<LedgerEvent, { kind: 'process.exec' | 'tool.call' }>;

export class ShellAnalyser implements Analyser {
  readonly name = 'shell';
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

  pieces(): readonly (() => void)[] {
    return [() => readScript(FIRST, undefined)];
  }

  observe(event: LedgerEvent, emit: Emit, { time }: Pick<History, 'time'>): void {
    switch (event.kind) {
      case 'run.start':
        this.#workspace ??= event.cwd;
        break;
      case 'process.exec': {
        const argv = event.owner.argv ?? [event.path];
        if (this.#wasTold(argv, event.cwd)) break;
        const around = this.#around(event.cwd);
        const [program = ''] = argv;
        // the file that is executed is what it is, whatever argv[0] says
        const words = [SHELLS.has(basename(program)) ? program : event.path, ...argv.slice(1)];
        this.#tell(event, readArguments(words, around.home), { around, origin: 'exec', time, emit });
        break;
      }
      case 'tool.call':
        // what somebody inside declares is no act: what is executed is judged by itself, and nothing is taken for it
        if (event.decision === 'denied' || isDeclared(event)) break;
        for (const { script, cwd } of commandsOfCall(event.tool, event.arguments)) {
          const around = this.#around(cwd ?? this.#workspace);
          this.#tell(event, readScript(script, around.home), { around, origin: 'tool', time, emit });
        }
        this.#tellSql(sqlOfCall(event.tool, event.arguments), event, time, emit, {});
        break;
    }
  }

  #around(cwd: string | undefined): Surroundings {
    const { home, standIns } = this.#setting;
    // what is relative is so to where the program truly is: `..` leads out of a stand-in
    return { cwd, workspace: this.#workspace && meant(this.#workspace, standIns), home, standIns };
  }

  #wasTold(argv: readonly string[], cwd: string | undefined): boolean {
    const key = keyOf(argv, cwd);
    const count = this.#told.get(key) ?? 0;
    if (count <= 0) return false;
    if (count === 1) this.#told.delete(key);
    else this.#told.set(key, count - 1);
    return true;
  }

  #remember(words: readonly string[], cwd: string | undefined): void {
    if (this.#told.size >= AWAITED) {
      const [oldest] = this.#told.keys();
      if (oldest !== undefined) this.#told.delete(oldest);
    }
    const key = keyOf(words, cwd);
    this.#told.set(key, (this.#told.get(key) ?? 0) + 1);
  }

  #tell(
    event: Source,
    { commands, whole }: Reading,
    {
      around,
      origin,
      time,
      emit,
    }: { around: Surroundings; origin: 'exec' | 'tool'; time: number; emit: Emit },
  ): void {
    let { cwd } = around;
    commands.forEach((command, index) => {
      const inner = index > 0 || origin === 'tool';
      if (inner && command.constant) this.#remember(command.given, cwd);
      // a wrapper is executed before what it runs: both are this act
      if (command.wrappers.length > 0 && command.constant) this.#remember(command.words, cwd);
      const fields: Observation['fields'] = {
        ...fieldsOf(command, { ...around, cwd }),
        Origin: index > 0 && origin === 'exec' ? 'script' : origin,
        CurrentDirectory: cwd,
        Whole: whole,
        TaskAsks: this.#asks,
        ...ownerFields(event),
      };
      if (fields.Program === 'cd') {
        const [, target] = command.words.filter((word) => !/^-[LPe@]+$|^--$/.test(word));
        cwd = !command.constant ? undefined : target === undefined ? around.home : joinFolder(cwd, target);
      }
      // where that leads is not followed: relative paths stay unknown
      if (fields.Program === 'pushd' || fields.Program === 'popd') cwd = undefined;
      emit(observation('shell_command', event, time, fields));
      this.#tellSql(sqlOfCommand(fields), event, time, emit, fields);
    });
  }

  #tellSql(
    texts: readonly SqlText[],
    event: Source,
    time: number,
    emit: Emit,
    { Program, ProcessId, ParentProcessId, Image }: Observation['fields'],
  ): void {
    for (const { text, database } of texts) {
      for (const { verb, object, irreversible, own, text: Statement } of statementsOf(text)) {
        const fields = { Verb: verb, Object: object, Irreversible: irreversible, OwnObject: own, Statement };
        const process = { Program, ProcessId, ParentProcessId, Image };
        const told = { ...process, ...fields, Database: database, TaskAsks: this.#asks };
        emit(observation('sql_statement', event, time, told));
      }
    }
  }
}

const ownerFields = (event: Source): Observation['fields'] => ({
  ...(event.owner && { ProcessId: event.owner.pid, ParentProcessId: event.owner.ppid }),
  ...(event.kind === 'process.exec' && { Image: event.path }),
});

const observation = (
  category: Observation['category'],
  { run, cell, seq, context }: LedgerEvent,
  time: number,
  fields: Observation['fields'],
): Observation => ({ category, time, run, cell, cites: [seq], fields, ...(context && { context }) });

const joinFolder = (cwd: string | undefined, target: string): string | undefined =>
  /^[/~]/.test(target)
    ? target
    : cwd === undefined || target === '-' || target === ''
      ? undefined
      : `${cwd}/${target}`;

/** The folder belongs to it: the same words elsewhere are another act. */
const keyOf = (argv: readonly string[], cwd: string | undefined): string =>
  [cwd ?? '', basename(argv[0] ?? ''), ...argv.slice(1)].join('\0').slice(0, 4096);
