/**
 * `ringfence case`.
 *
 * @module
 */
import { HAZARD_NAMES, readBounded } from '../../contract/index.ts';
import {
  buildCase,
  caseJson,
  casePage,
  commandsOf,
  diffCases,
  problemsOf,
  readCase,
  type SafetyCase,
} from '../../evidence/case/index.ts';
import { ReportFileError, writeReport } from '../../serve/report/index.ts';
import { gatherCase } from '../case/gather.ts';
import { refresh } from '../case/refresh.ts';
import { caseText, diffText, summaryText, type View } from '../case/text.ts';
import type { Invocation } from '../command.ts';
import { contractFile } from '../contract-name.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { safe } from '../text.ts';

type Case = Invocation<'case'>;

/** Lines longer than this are hard to read. Unit: columns. */
const WIDEST = 100;
const NARROWEST = 36;

/** Where a case of before is read from. */
const MOST = 16 << 20;

const EXITS = {
  supported: EXIT.ok,
  'not supported': EXIT.failed,
  damaged: EXIT.damaged,
} as const satisfies Record<SafetyCase['verdict'], number>;

function olderCase(file: string): SafetyCase {
  const wrong = (why: string) =>
    new CommandError(
      'no-case',
      `${safe(file)} is not a safety case: ${safe(why)}`,
      'write one with: ringfence case --json > OLD.json',
      EXIT.usage,
    );
  const bytes = readBounded(file, MOST);
  if (!bytes.ok) throw wrong(bytes.message);
  const read = readCase(Buffer.from(bytes.content).toString('utf8'));
  if (!read.ok) throw wrong(read.detail);
  return read.value;
}

function write(file: string, value: SafetyCase): string {
  try {
    return writeReport(file, casePage(value));
  } catch (error) {
    if (!(error instanceof ReportFileError)) throw error;
    throw new CommandError(error.code, safe(error.message), error.hint);
  }
}

/** @throws CommandError where one is none */
function hazardsOf(words: string | undefined): string[] | undefined {
  const names = words?.split(',').map((name) => name.trim());
  for (const name of names ?? [])
    if (!HAZARD_NAMES.some((one) => one === name))
      throw new CommandError(
        'usage',
        `${safe(name)} is no hazard`,
        `name some of: ${HAZARD_NAMES.join(', ')}`,
        EXIT.usage,
      );
  return names;
}

export async function run({ options, args, terminal }: Case): Promise<number> {
  if (options.contract !== undefined && args[0] !== undefined)
    throw new CommandError('usage', 'two contracts are named', 'name one: ringfence case FILE', EXIT.usage);
  const hazards = hazardsOf(options.hazard);
  const file = contractFile(options.contract ?? args[0]);
  const older = options.diff === undefined ? undefined : olderCase(options.diff);
  let interrupted: number | undefined;
  let value = buildCase(await gatherCase(file));
  if (options.refresh) {
    const red = problemsOf(value);
    const gaps = value.hazards.flatMap((hazard) => hazard.gaps);
    const commands = commandsOf([...red, ...gaps]);
    if (commands.length > 0) {
      interrupted = await refresh(commands, terminal);
      value = buildCase(await gatherCase(file));
    }
  }
  const view: View = {
    width: Math.max(NARROWEST, Math.min(WIDEST, terminal.columns())),
    style: (style, text) => terminal.style(style, text),
  };
  const page = options.output === undefined ? undefined : write(options.output, value);
  const diff = older && diffCases(older, value);
  if (options.json) terminal.out(diff ? JSON.stringify({ diff, case: value }) : caseJson(value));
  else if (diff) terminal.out(`${summaryText(value, view)}\n\n${diffText(diff, view)}`);
  else
    terminal.out(
      page === undefined || options.full || hazards !== undefined
        ? caseText(value, view, { hazards, full: options.full })
        : summaryText(value, view),
    );
  if (page !== undefined) (options.json ? terminal.err : terminal.out)(safe(page));
  return interrupted ?? EXITS[value.verdict];
}
