/**
 * Runs a command under a proposed contract, in a process of its own, and reads what became of it.
 *
 * @module
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { LedgerEvent } from '../../contract/index.ts';
import { readLedger } from '../../ledger/index.ts';
import type { RunRecord } from '../wiring/record.ts';

export interface Trial {
  /** exit code of `ringfence run` */
  status: number;
  record?: RunRecord;
  events: LedgerEvent[];
  /** what was printed to standard error, its end */
  said: string;
}

const MAX_SAID = 4000;

/**
 * @param folder for contract and record, ours alone
 * @param text the contract, its workspace written in full
 */
export async function tryContract(folder: string, text: string, command: readonly string[]): Promise<Trial> {
  const contract = join(folder, 'proposed.yaml');
  const json = join(folder, 'trial.json');
  writeFileSync(contract, text, { mode: 0o600 });
  const words = [
    'run',
    '--quiet',
    '--no-tty',
    '--name',
    'learn',
    '--contract',
    contract,
    '--json',
    json,
    '--',
    ...command,
  ];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...words], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString()).slice(-MAX_SAID);
  });
  const status = await new Promise<number>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve(code ?? -1));
  });
  const record = readRecord(json);
  return { status, ...(record && { record }), events: record ? await eventsOf(record.ledger) : [], said };
}

/** The record of a run, as `run --json` wrote it; `undefined` where nothing ran. */
export function readRecord(path: string): RunRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as RunRecord;
  } catch {
    return undefined;
  }
}

export async function eventsOf(ledger: string): Promise<LedgerEvent[]> {
  const events: LedgerEvent[] = [];
  for await (const event of readLedger(ledger)) events.push(event);
  return events;
}
