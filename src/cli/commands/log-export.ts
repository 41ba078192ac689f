/**
 * `ringfence log export`.
 *
 * @module
 */
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { exportEvents, readLedger } from '../../ledger/index.ts';
import type { Invocation } from '../command.ts';
import { eventFilter } from '../event-filter.ts';
import { EXIT } from '../exit-codes.ts';
import { findRun } from '../find-run.ts';
import { destination, push } from '../push.ts';
import { printableLine } from '../terminal.ts';

/** Characters of lines that are sent together; formats with a document of their own are sent as they come. */
const PIECE = 256 * 1024;

export async function run({ options, args, terminal }: Invocation<'log export'>): Promise<number> {
  const filter = eventFilter(options);
  const format = options.format ?? 'jsonl';
  const to = options.to === undefined ? undefined : destination(options.to, process.env);
  const pieces = exportEvents(readLedger(findRun(args[0]).ledger, filter), format, {
    transcripts: options.transcripts === true,
  });
  if (to) {
    const whole = format === 'otlp' || format === 'sarif';
    for await (const piece of whole ? pieces : gathered(pieces)) await push(to, format, piece);
    return EXIT.ok;
  }
  if (options.output === undefined) {
    // a terminal is no program that reads a format: what would drive it is escaped there
    const isSeen = process.stdout.isTTY === true;
    for await (const piece of pieces)
      terminal.raw(isSeen ? printableLine(piece.replaceAll('\r\n', '\n')) : piece);
    return EXIT.ok;
  }
  // What an agent did is the operator's business alone.
  const file = openSync(options.output, 'w', 0o600);
  try {
    for await (const piece of pieces) writeFileSync(file, piece);
  } finally {
    closeSync(file);
  }
  return EXIT.ok;
}

async function* gathered(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let text = '';
  for await (const piece of pieces) {
    text += piece;
    if (text.length < PIECE) continue;
    yield text;
    text = '';
  }
  if (text !== '') yield text;
}
