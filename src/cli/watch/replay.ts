/**
 * A run that is over, judged anew from its record.
 *
 * @module
 */
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { standIns } from '../../cell/reduced/index.ts';
import { type Contract, loadContract, parseContract } from '../../contract/index.ts';
import { loadKeys, parseTime, readLedger } from '../../ledger/index.ts';
import {
  Campaigns,
  type Finding,
  Pressure,
  ruleDetectors,
  type Setting,
  Watch,
  type WatchRule,
  watchersOf,
} from '../../watch/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import type { FoundRun } from '../find-run.ts';
import { ensureFolder, folders as folderPaths } from '../folders.ts';
import { installation } from '../installation.ts';
import type { Terminal } from '../terminal.ts';
import { safe } from '../text.ts';
import { requireBaseline } from '../wiring/baseline.ts';
import { keyedMarks } from '../wiring/keyed-marks.ts';
import { readFacts } from '../wiring/leftovers.ts';
import { readOwnRules } from '../wiring/own-rules.ts';
import { findingLines, isSerious } from './format.ts';
import { allOf, readRuleFolders } from './rule-folder.ts';

export interface ReplayOptions {
  /** folders with rules; empty: those of this installation */
  rules: readonly string[];
  json: boolean;
}

/** What a replay came to. */
export interface Replayed {
  run: string;
  events: number;
  findings: Finding[];
  /** parts that failed: what they would have found is not known */
  failed: { part: string; reason: string; count: number }[];
  /** what judges said then, and failed at: nobody is asked anew; absent where there is nothing */
  judgements?: { recorded: number; failed: number };
  /** SHA-256 of the rules that judged */
  rules: string;
  /** false: the contract is not what it was, and its defaults were taken */
  sameContract: boolean;
}

/** @returns the exit code: whether anything serious was found, or something failed */
export async function replay(found: FoundRun, options: ReplayOptions, terminal: Terminal): Promise<number> {
  const replayed = await judge(found, options.rules);
  if (options.json) terminal.out(JSON.stringify(replayed, null, 2));
  else tell(replayed, options.rules, terminal);
  return replayed.failed.length > 0 || replayed.findings.some(isSerious) ? EXIT.failed : EXIT.ok;
}

export async function judge(found: FoundRun, folders: readonly string[]): Promise<Replayed> {
  const failed: Replayed['failed'] = [];
  const fail = (part: string, reason: string, count = 1) => failed.push({ part, reason, count });
  const { contract, setting, more, same } = settingOf(found, fail);
  const loaded = folders.length === 0 ? undefined : readRuleFolders(folders);
  const own = loaded ? undefined : readOwnRules(installation().root);
  if (!loaded && !own)
    throw new CommandError(
      'no-rules',
      'the rules of this installation are missing',
      'build them: npm run setup',
      EXIT.failed,
    );
  const { detectors, analysers } = watchersOf(contract, setting, [...(own?.rules ?? []), ...more]);
  const pressure = new Pressure(contract.objective.success?.run);
  const keyed = keyedMarks(loadKeys(ensureFolder(folderPaths().keys)).redactionKey);
  const findings: Finding[] = [];
  let time = 0;
  const watch = new Watch({
    contract,
    // what the run did with others is not judged anew: ringfence campaigns does that
    detectors: loaded
      ? ruleDetectors(allOf(loaded))
      : [
          // what is not known to be the run's contract has no lines that could be broken
          ...detectors.filter(({ name }) => same || name !== CLAUSES),
          new Campaigns({ keyed, pressure }),
          pressure,
        ],
    analysers,
    record: (finding) => {
      // how long it took then is not known, and how long it takes now says nothing
      const { us: _, ...known } = finding;
      findings.push(known);
      return undefined;
    },
    respond: () => {},
    fail,
    now: () => time,
  });
  let events = 0;
  const judgements = { recorded: 0, failed: 0 };
  for await (const event of readLedger(found.ledger)) {
    events += 1;
    if (event.kind === 'judgement') {
      judgements.recorded += event.count ?? 1;
      if (event.score === undefined) judgements.failed += event.count ?? 1;
    }
    const now = parseTime(event.time);
    // as it passed then; of a long silence its beginning and its end
    for (let at = time + TICK, count = 0; events > 1 && at < now && count < TICKS; at += TICK, count += 1)
      watch.tick(at);
    time = now;
    const joined = watch.contextOf(event, time);
    // what was known then: a transcript may be gone since
    const context = event.context ?? joined;
    watch.observe(context ? { ...event, context } : event, time);
  }
  watch.end();
  return {
    run: found.id,
    events,
    findings,
    failed,
    ...(judgements.recorded > 0 && { judgements }),
    rules: (loaded ?? own)?.digest ?? '',
    sameContract: same,
  };
}

/** Time between looks at what did not happen, as while a run goes on. Unit: µs. */
const TICK = 1_000_000;
const TICKS = 60;

/** What a detector of the contract's lines is called. */
const CLAUSES = 'contract';

interface RunSetting {
  contract: Contract;
  setting: Setting;
  /** rules of the contract's own folders */
  more: readonly WatchRule[];
  same: boolean;
}

/** The run's contract with what it names, where it still is what it was. */
function settingOf(found: FoundRun, fail: (part: string, reason: string) => void): RunSetting {
  const facts = readFacts(found);
  const home = homedir();
  const setting = {
    workspace: facts?.copy ?? facts?.workspace,
    ...(facts?.copy && {
      standIns: standIns({ id: found.id, path: found.folder }, { workspace: facts.workspace, home }),
    }),
  };
  const loaded = facts && loadContract(facts.contract.path);
  if (loaded?.ok && loaded.source.sha256 === facts?.contract.sha256) {
    const { contract } = loaded;
    const folder = dirname(facts.contract.path);
    const { baseline: written, rules } = contract.oversight;
    const named = <T>(part: string, read: () => T): T | undefined => {
      try {
        return read();
      } catch (error) {
        fail(part, (error as Error).message);
        return undefined;
      }
    };
    const baseline =
      written === undefined ? undefined : named('baseline', () => requireBaseline(written, folder).baseline);
    const paths = rules.map((path) => resolve(folder, path));
    const more = paths.length === 0 ? [] : (named('rules', () => allOf(readRuleFolders(paths))) ?? []);
    return { contract, setting: { ...setting, baseline }, more, same: true };
  }
  const plain = parseContract('ringfence: 1\nname: replay\n', 'ringfence.yaml');
  if (!plain.ok) throw new Error('a contract of defaults is valid');
  return { contract: plain.contract, setting, more: [], same: false };
}

function tell(replayed: Replayed, folders: readonly string[], terminal: Terminal): void {
  const { run, events, findings, failed, judgements, rules, sameContract } = replayed;
  for (const finding of findings.filter(({ count }) => count === undefined))
    for (const line of findingLines(finding, terminal)) terminal.out(line);
  for (const { part, reason, count } of failed)
    terminal.out(
      `failed  ${safe(part)}: ${safe(reason)}${count > 1 ? ` (${count})` : ''}: what it would have found is not known`,
    );
  if (!sameContract)
    terminal.out(
      'note    the contract is not what it was when the run was made: its defaults were taken, and its lines not judged',
    );
  if (judgements)
    terminal.out(
      `note    ${judgements.recorded === 1 ? '1 judgement is' : `${judgements.recorded} judgements are`} taken from the record, ${judgements.failed} of them failures: no judge is asked anew`,
    );
  const news = findings.filter(({ count }) => count === undefined).length;
  const from =
    folders.length === 0 ? 'the rules of this installation' : `rules of ${folders.map(safe).join(', ')}`;
  terminal.out(`judged by ${from} (SHA-256 ${rules})`);
  terminal.out(`run ${run}: ${events} events, ${news === 0 ? 'nothing' : news} found`);
}
