/**
 * Hosts that run no cell of ours, judged from what another sensor tells of them.
 *
 * @module
 */
import { createReadStream } from 'node:fs';
import { parseContract } from '../../contract/index.ts';
import { type Finding, ruleDetectors, Watch, watchersOf } from '../../watch/index.ts';
import { asEvent, readSensor, SENSORS, type SensorKind } from '../../watch/sensors/index.ts';
import { CommandError } from '../errors.ts';
import { EXIT } from '../exit-codes.ts';
import { installation } from '../installation.ts';
import type { Terminal } from '../terminal.ts';
import { safe } from '../text.ts';
import { readOwnRules } from '../wiring/own-rules.ts';
import { findingLines, isSerious } from './format.ts';
import { allOf, readRuleFolders } from './rule-folder.ts';

export interface SensorOptions {
  kind: string;
  /** `-`: standard input */
  file: string;
  /** folders with rules; empty: those of this installation */
  rules: readonly string[];
  json: boolean;
}

/** So many hosts and containers are told apart; those that come later are judged as one. */
const CELLS = 4096;
/** Lines that could not be read are told one by one up to here, then counted. */
const TOLD = 20;

function isSensor(kind: string): kind is SensorKind {
  return SENSORS.some((known) => known === kind);
}

/** @returns the exit code: whether anything serious was found, or something could not be judged */
export async function watchSensor(options: SensorOptions, terminal: Terminal): Promise<number> {
  const { kind, file, json } = options;
  if (!isSensor(kind))
    throw new CommandError(
      'usage',
      `--from ${JSON.stringify(kind)}: there is no such sensor`,
      `write one of: ${SENSORS.join(', ')}`,
      EXIT.usage,
    );
  const judge = makeJudge(options, terminal);
  let lines = 0;
  let unread = 0;
  const stream = file === '-' ? process.stdin : createReadStream(file);
  try {
    for await (const heard of readSensor(kind, stream)) {
      if ('problem' in heard) {
        unread += 1;
        const { line, message, hint } = heard.problem;
        if (unread <= TOLD) terminal.err(`${safe(file)}:${line}: ${safe(message)}; ${hint}`);
        continue;
      }
      lines = heard.line;
      for (const observation of heard.observations) judge.hear(observation);
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    throw new CommandError(
      'sensor',
      `${file} cannot be read: ${code}`,
      'name a file with what the sensor wrote, or -',
      EXIT.usage,
    );
  }
  judge.end();
  const { found, serious, failed } = judge;
  if (!json)
    terminal.out(
      `${lines} lines, ${found === 0 ? 'nothing' : found} found${unread === 0 ? '' : `, ${unread} lines could not be read`}`,
    );
  return serious > 0 || unread > 0 || failed > 0 ? EXIT.failed : EXIT.ok;
}

function makeJudge({ rules, json }: SensorOptions, terminal: Terminal) {
  const parsed = parseContract('ringfence: 1\nname: elsewhere\n', 'ringfence.yaml');
  if (!parsed.ok) throw new Error('a contract of defaults is valid');
  const { contract } = parsed;
  const own = rules.length === 0 ? readOwnRules(installation().root)?.rules : allOf(readRuleFolders(rules));
  if (!own)
    throw new CommandError(
      'no-rules',
      'the rules of this installation are missing',
      'build them: npm run setup',
      EXIT.failed,
    );
  const watches = new Map<string, Watch>();
  const state = { found: 0, serious: 0, failed: 0 };
  const tell = (cell: string, finding: Finding) => {
    // nothing of a run is at hand that could be stopped, and how long ago it was is the sensor's to say
    const { us: _us, response: _response, ...known } = finding;
    if (known.count === undefined) {
      state.found += 1;
      if (isSerious(known)) state.serious += 1;
    }
    if (json) terminal.out(JSON.stringify({ cell, ...known }));
    else if (known.count === undefined)
      for (const line of findingLines(known, terminal))
        terminal.out(line.replace(/^( +shown by) events?/, '$1 line'));
  };
  const watchOf = (cell: string): Watch => {
    const name = watches.has(cell) || watches.size < CELLS ? cell : '';
    const known = watches.get(name);
    if (known) return known;
    const { detectors, analysers } = watchersOf(contract, {}, own);
    const watch = new Watch({
      contract,
      detectors: rules.length === 0 ? detectors : ruleDetectors(own),
      analysers,
      record: (finding) => {
        tell(cell, finding);
        return undefined;
      },
      respond: () => {},
      fail: (part, reason, count) => {
        state.failed += 1;
        terminal.err(
          `${safe(part)}: ${safe(reason)}${count > 1 ? ` (${count})` : ''}: what it would have found is not known`,
        );
      },
      now: () => 0,
    });
    watches.set(name, watch);
    return watch;
  };
  return {
    hear: (observation: Parameters<Watch['hear']>[0]) =>
      watchOf(observation.cell).hear(observation, asEvent(observation)),
    end: () => {
      for (const watch of watches.values()) watch.end();
    },
    get found() {
      return state.found;
    },
    get serious() {
      return state.serious;
    },
    get failed() {
      return state.failed;
    },
  };
}
