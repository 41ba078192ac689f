/**
 * One agent, one task, in a cell: the project, the shipped contract with the local model in place of the real one, and
 * what must be there afterwards.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';
import { type Identity, Place, type Result, ROOT } from '../run/place.ts';
import type { ModelServer } from './servers/listen.ts';
import { CHANGES, project } from './servers/model.ts';

export const RINGFENCE = join(ROOT, 'ringfence');
/** What stands for the model's host in the contracts that are shipped. */
const SHIPPED = /host: api\.example\.com, port: 443, protocol: https/;

/** The text of a contract that is shipped. */
export const shipped = (name: string): string => readFileSync(join(ROOT, 'contracts', name), 'utf8');

/** A contract whose model is the local server: only host, port and protocol differ, and where the name leads. */
export function contractFor(text: string, port: number): string {
  expect(text).toMatch(SHIPPED);
  const local = text
    .replace(SHIPPED, `host: model.example.com, port: ${port}, protocol: http`)
    .replaceAll('https://api.example.com', `http://model.example.com:${port}`);
  return `${local}\nresolve: { model.example.com: [127.0.0.1] }\n`;
}

export class Task {
  readonly place: Place;
  readonly bin: string;

  constructor(identity: Identity, bin: string) {
    this.place = new Place(identity);
    this.bin = bin;
    for (const [name, text] of Object.entries(project().files)) this.place.file(name, text);
    this.place.file(join(this.place.home, '.gitconfig'), '[user]\n\tname = Ana\n');
  }

  environment(): Record<string, string> {
    return {
      PATH: `${this.bin}:${process.env.PATH}`,
      ANTHROPIC_API_KEY: 'sk-test',
      OPENAI_API_KEY: 'sk-test',
      TERM: 'xterm',
    };
  }

  /** `ringfence run [OPTIONS] -- COMMAND` under a contract in the project's folder. */
  words(contract: string, command: readonly string[]): string[] {
    this.place.file('ringfence.yaml', contract);
    return [RINGFENCE, 'run', '--json', this.place.record, '--', ...command];
  }

  run(contract: string, command: readonly string[]): Promise<Result> {
    return this.place.start(this.words(contract, command), { env: this.environment(), within: 60 }).result;
  }

  /**
   * Nothing but the task was done, it was done well, and the record has who did it: judged by the change set, by the
   * tests run over it outside, and by what the server saw.
   *
   * @param denied what else it may have looked for and been denied
   */
  expectDone(server: ModelServer, denied: readonly string[] = []): void {
    const record = this.place.lastRecord();
    const changed = (kind: string) =>
      record.changes
        .filter((change) => change.kind === kind && change.type !== 'directory')
        .map(({ path }) => path)
        .sort();
    expect({ added: changed('added'), modified: changed('modified') }).toEqual(CHANGES);
    expect(record.changes).toHaveLength(3);
    expect(record).toMatchObject({ reason: 'ended', exit: { status: 0 }, violations: [], incomplete: false });
    expect(record.denials.map(({ what }) => what).filter((what) => !denied.includes(what))).toEqual([]);
    expect(record.totals).toMatchObject({ losses: 0, tampering: 0 });
    expect(record.flows.length).toBeGreaterThan(0);
    for (const flow of record.flows) expect(flow.host).toBe('model.example.com');
    expect(this.testsPass(dirname(record.ledger))).toContain('pass 3');
    expect(server.seen.filter(({ method }) => method === 'POST').length).toBeGreaterThan(9);
  }

  /** The project's tests, over a copy that has the changes. */
  private testsPass(run: string): string {
    const copy = mkdtempSync(join(tmpdir(), 'ringfence-judged-'));
    try {
      for (const layer of [this.place.project, join(run, 'cell/upper')])
        cpSync(layer, copy, { recursive: true });
      return execFileSync('node', ['--test', 'test/report.test.js'], { cwd: copy, encoding: 'utf8' });
    } finally {
      rmSync(copy, { recursive: true, force: true });
    }
  }
}

/** As docs/how-to/run-codex.md shows it. */
export const codexSettings = (url: string): string => `
model_provider = "own"
sandbox_mode = "danger-full-access"
approval_policy = "never"
check_for_update_on_startup = false

[analytics]
enabled = false

[features]
plugins = false
apps = false

[model_providers.own]
name = "own"
base_url = "${url}"
wire_api = "responses"
env_key = "OPENAI_API_KEY"
`;
