/**
 * A cell whose contract has tools: a server made with the official SDK outside, a client made with it inside, and what the
 * record says afterwards.
 *
 * @module
 */
import { join } from 'node:path';
import { expect } from 'vitest';
import type { LedgerEvent } from '../../src/contract/index.ts';
import { type Identity, Place, type Result, ROOT } from '../run/place.ts';

export const SERVER = join(import.meta.dirname, 'server.fixture.mjs');
export const CLIENT = join(import.meta.dirname, 'client.fixture.mjs');

/** What a client prints of a step. */
export interface Said {
  tools?: string[];
  text?: string;
  isError?: boolean;
  progress?: number[];
  ms?: number;
  error?: string;
  code?: number;
}

export type Step = 'list' | [tool: string, args: object];

export class Tools {
  readonly place: Place;
  /** where the mail tool writes what it sends */
  readonly outbox: string;

  constructor(identity: Identity) {
    this.place = new Place(identity);
    this.outbox = join(this.place.root, 'state', 'outbox');
  }

  /** A contract with one server on stdio; `entry` is YAML beside its `mcp`. */
  contract(entry: string, rest = '', env: Record<string, string> = {}): string {
    const variables = JSON.stringify({ SENT: this.outbox, ...env });
    const mcp = `{ mail: { command: ${process.execPath}, args: [${SERVER}], env: ${variables} } }`;
    return this.withTools(`mcp: ${mcp}, ${entry}`, rest);
  }

  withTools(entry: string, rest = ''): string {
    const read = [import.meta.dirname, join(ROOT, 'node_modules'), join(ROOT, 'package.json')];
    return `files: { workspace: ../home/project, read: [${read.join(', ')}] }\ntools:\n  - { ${entry} }\n${rest}`;
  }

  start(contract: string, steps: readonly Step[], env: Record<string, string> = {}) {
    const words = [process.execPath, CLIENT, JSON.stringify(['MAIL', ...steps])];
    return this.place.start(this.place.runWords(words, { contract, options: ['--quiet'] }), {
      within: 60,
      env,
    });
  }

  /** Runs the client's steps in a cell. */
  async call(contract: string, steps: readonly Step[], env?: Record<string, string>): Promise<Said[]> {
    return saidIn(await this.start(contract, steps, env).result);
  }

  /** Events of the last run. */
  async events(): Promise<LedgerEvent[]> {
    const shown = await this.place.command('log', 'show', '--json');
    expect(shown.code, shown.stderr).toBe(0);
    return shown.stdout
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as LedgerEvent);
  }
}

export function saidIn(result: Result): Said[] {
  const lines = result.stdout.split('\n').filter((line) => line.startsWith('{'));
  expect(lines.length, result.stderr).toBeGreaterThan(0);
  return lines.map((line) => JSON.parse(line) as Said);
}
