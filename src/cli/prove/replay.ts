/**
 * `prove --replay`: the paths that were found, tried in cells of their own.
 *
 * @module
 */
import type { ChildProcess } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { loadContract } from '../../contract/index.ts';
import { CommandError } from '../errors.ts';
import { exitCodeOfSignal } from '../exit-codes.ts';
import { installation } from '../installation.ts';
import { replayReport } from '../wiring/replay/index.ts';
import type { Question, Subject } from './types.ts';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** The subject, with what became of each path. What hazards are asked about is the caller's: all are tried. */
export async function replay({ subject, setup }: Question): Promise<Subject> {
  const { contract, file, sha256 } = subject;
  if (contract === undefined)
    throw new CommandError('usage', 'only a contract can be replayed', 'leave --from out');
  const loaded = loadContract(file);
  if (!loaded.ok || loaded.source.sha256 !== sha256)
    throw new CommandError('changed', 'the contract was changed meanwhile', 'prove it again');
  const { root, launcher, gateway } = installation();
  const bundled = gateway.endsWith('.js');
  const inside = bundled
    ? join(root, 'dist', 'replay.js')
    : join(root, 'src', 'cli', 'wiring', 'replay', 'main.ts');
  let [ended, running]: [number | undefined, ChildProcess | undefined] = [undefined, undefined];
  // from before the first folder until the last one is removed, however often a signal comes
  const handlers = SIGNALS.map((name) => {
    const handler = () => {
      ended ??= exitCodeOfSignal(constants.signals[name]);
      running?.kill('SIGTERM');
    };
    process.on(name, handler);
    return () => process.off(name, handler);
  });
  const report = await replayReport({
    contract,
    written: parse(loaded.source.text) as Record<string, unknown>,
    report: subject.report,
    catalogue: setup.catalogue,
    home: setup.home,
    programs: {
      launcher,
      inside: [process.execPath, inside],
      ringfence: [
        process.execPath,
        bundled ? join(root, 'dist', 'cli.js') : join(root, 'src', 'cli', 'entry.ts'),
      ],
    },
    onStart: (child) => {
      running = child;
      if (ended !== undefined) child.kill('SIGTERM');
    },
  }).finally(() => {
    for (const remove of handlers) remove();
  });
  // everything is removed by now
  if (ended !== undefined) process.exit(ended);
  return { ...subject, report };
}
