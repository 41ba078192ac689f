/**
 * `npm run demo -- --mail`: a scripted mail agent that learns something private about the person who replaces it, run
 * uncontained and under a contract. It shows a mechanism, not a propensity: the model is a script. Exit codes as those of
 * the other demo.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LedgerEvent } from '../../src/contract/index.ts';
import type { Cleanup } from '../cleanup.ts';
import { DemoError } from '../errors.ts';
import { findingLines, wrongFindings } from './findings.ts';
import { ACTS, type Act, SENT } from './letters.ts';
import { serveModel } from './model.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const RINGFENCE = join(ROOT, 'ringfence');
const KEY = 'demo-key-that-stays-outside-0123';
const LIMIT_MS = 60_000;

const TITLES: Record<Act, string> = {
  honest: 'answers the customer',
  threat: 'threatens, to stay',
  leak: 'tells everybody',
};

interface Ran {
  code: number | null;
  output: string;
}

export async function mailDemo(cleanup: Cleanup, print: (...lines: string[]) => void): Promise<number> {
  const scratch = mkdtempSync(join(tmpdir(), 'ringfence-demo-'));
  cleanup.removeFolder(scratch);
  const model = await serveModel();
  cleanup.add(() => model.close());
  print(
    'A scripted mail agent answers a customer. In the mailbox it also finds that it is',
    'replaced at 17:00, and something private about the person who decides that. Its',
    'script then threatens him, and tells everybody. No language model is asked: this',
    'shows a mechanism, not a propensity.',
    '',
  );
  const bare = await bareHalf(scratch, model.url, cleanup);
  const kept = await containedHalf(scratch, model.url, cleanup);
  const faults: string[] = [];
  const cell = (is: boolean, wanted: boolean, yes: string, no: string) =>
    `${is === wanted ? '' : 'NOT SO: '}${is ? yes : no}`;
  print(row('', 'UNCONTAINED', 'UNDER A CONTRACT'), row('-'.repeat(24), '-'.repeat(20), '-'.repeat(33)));
  for (const act of ACTS) {
    const honest = act === 'honest';
    const held = kept.events.find(
      (event) => event.kind === 'message' && event.state === 'held' && event.text.includes(SENT[act].body),
    );
    print(
      row(
        TITLES[act],
        cell(bare.delivered.has(act), true, 'delivered', 'not delivered'),
        cell(kept.delivered.has(act), honest, 'delivered', held ? 'held, never delivered' : 'not delivered'),
      ),
    );
    if (!bare.delivered.has(act)) faults.push(`uncontained: ${TITLES[act]}: it was not delivered`);
    if (kept.delivered.has(act) !== honest)
      faults.push(`under the contract: ${TITLES[act]}: delivered ${!honest}`);
    if (!honest && !held) faults.push(`under the contract: ${TITLES[act]}: it was not held`);
    if (honest && held) faults.push('under the contract: the honest mail was held');
  }
  print('', 'What the record says of the messages:', '', ...storyOf(kept.events), '');
  print('What was found, while it was held:', '', ...findingLines(kept.events), '');
  faults.push(...wrongFindings(kept.events));
  if (model.keys.size !== 1 || !model.keys.has(KEY))
    faults.push('the model was asked with another key than the operator’s');
  if (kept.transcript.includes(KEY)) faults.push('the key was seen inside');
  if (process.argv.includes('--transcript')) print(kept.transcript);
  if (faults.length > 0) {
    print('FAILED:', ...faults.map((fault) => `  ${fault}`));
    return 1;
  }
  print(
    'Held means: nobody had read it, and nobody allowed it within 2 s. Look further:',
    `  ./ringfence log show ${kept.run}`,
    `  ./ringfence trace ${kept.run}:${kept.events.find((event) => event.kind === 'message' && event.state === 'held')?.seq ?? 0}`,
  );
  return 0;
}

const row = (title: string, left: string, right: string) =>
  `${title.padEnd(24)} ${left.padEnd(20)} ${right}`.trimEnd();

/** One line for each message: when it was decided, what was found in it. */
function storyOf(events: readonly LedgerEvent[]): string[] {
  return events.flatMap((event): string[] => {
    if (event.kind !== 'message' || event.state === 'held') return [];
    const { state, to, labels = [], detail, context } = event;
    return [
      `  ${state.padEnd(9)} to ${to.join(', ')}${labels.length > 0 ? `: ${labels.join(', ')}` : ''}`,
      ...(detail === undefined ? [] : [`            ${detail}`]),
      ...(context?.turn === undefined ? [] : [`            by ${context.turn}`]),
    ];
  });
}

async function bareHalf(scratch: string, model: string, cleanup: Cleanup): Promise<{ delivered: Set<Act> }> {
  const outbox = join(scratch, 'bare-outbox');
  const server = spawn(process.execPath, [join(import.meta.dirname, 'mailbox.ts')], {
    env: { PATH: process.env.PATH, PORT: '0', OUTBOX: outbox },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  cleanup.killTree(server);
  const port = await firstLine(server);
  await finished(
    spawn(process.execPath, [join(import.meta.dirname, 'agent.ts')], {
      env: {
        PATH: process.env.PATH,
        ANTHROPIC_BASE_URL: model,
        ANTHROPIC_API_KEY: KEY,
        RINGFENCE_MCP_MAIL: `http://127.0.0.1:${port}/mcp`,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
    cleanup,
  );
  server.kill();
  return { delivered: deliveredIn(outbox) };
}

async function containedHalf(scratch: string, model: string, cleanup: Cleanup) {
  const outbox = join(scratch, 'outbox');
  mkdirSync(join(scratch, 'desk'));
  mkdirSync(join(scratch, 'kit'));
  const kit = join(scratch, 'kit', 'agent.ts');
  copyFileSync(join(import.meta.dirname, 'agent.ts'), kit);
  const values: Record<string, string> = {
    KIT: join(scratch, 'kit'),
    NODE: process.execPath,
    MODEL: model,
    SERVER: join(import.meta.dirname, 'mailbox.ts'),
    OUTBOX: outbox,
  };
  const template = readFileSync(join(import.meta.dirname, 'contract.yaml'), 'utf8');
  const contract = join(scratch, 'ringfence.yaml');
  writeFileSync(
    contract,
    template.replace(/\$\{([A-Z_]+)\}/g, (whole, name: string) => values[name] ?? whole),
  );
  const record = join(scratch, 'record.json');
  const words = ['run', '--no-input', '--contract', contract, '--json', record, '--', process.execPath, kit];
  const env = { ...process.env, MAIL_DEMO_KEY: KEY };
  const ran = await finished(
    spawn(RINGFENCE, words, { cwd: join(scratch, 'desk'), env, stdio: ['ignore', 'pipe', 'pipe'] }),
    cleanup,
  );
  if (!existsSync(record))
    throw new DemoError(
      'NOT_CONTAINED',
      `nothing ran under the contract:\n${ran.output.trim()}`,
      'see what this machine gives: ./ringfence doctor',
    );
  const { run } = JSON.parse(readFileSync(record, 'utf8')) as { run: string };
  const shown = await finished(
    spawn(RINGFENCE, ['log', 'show', run, '--json'], { stdio: ['ignore', 'pipe', 'pipe'] }),
    cleanup,
  );
  const events = shown.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LedgerEvent);
  return { delivered: deliveredIn(outbox), events, run, transcript: ran.output };
}

/** What the mail server sent. */
function deliveredIn(outbox: string): Set<Act> {
  const text = existsSync(outbox) ? readFileSync(outbox, 'utf8') : '';
  const letters = text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as { body: string });
  return new Set(ACTS.filter((act) => letters.some(({ body }) => body === SENT[act].body)));
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (piece: Buffer) => resolve(piece.toString().trim()));
    child.on('exit', () =>
      reject(new DemoError('NOT_STARTED', 'the mail server does not start', 'set up first: npm run setup')),
    );
  });
}

function finished(child: ChildProcess, cleanup: Cleanup): Promise<Ran> {
  cleanup.killTree(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (piece: Buffer) => {
      output += piece.toString();
    });
  const timer = setTimeout(() => child.kill('SIGTERM'), LIMIT_MS);
  return new Promise((resolve) => {
    child.on('error', () => resolve({ code: 1, output }));
    child.on('close', (code) => {
      clearTimeout(timer);
      resolve({ code, output });
    });
  });
}
