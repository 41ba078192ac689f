/**
 * One agent, one task, in a cell: the project, the shipped contract with the local model in place of the real one, and
 * what must be there afterwards.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { readBlocks } from '../docs/console.ts';
import { type Certificates, makeCertificates } from '../egress/certificates.ts';
import { type Identity, Place, type Result, ROOT } from '../run/place.ts';
import type { ModelServer } from './servers/listen.ts';
import { CHANGES, type Model, project } from './servers/model.ts';

export const RINGFENCE = join(ROOT, 'ringfence');
/** What the servers see and the agents never do. */
export const KEY = 'sk-of-the-tests-0123456789abcdef';

/** A file that a how-to page shows. */
export function shown(page: string, path: string): string {
  for (const block of readBlocks(readFileSync(join(ROOT, 'docs/how-to', page), 'utf8')))
    if (block.kind === 'file' && block.path === path) return block.text;
  throw new Error(`docs/how-to/${page} shows no ${path}`);
}

/** The text of a contract that is shipped. */
export const shipped = (name: string): string => readFileSync(join(ROOT, 'contracts', name), 'utf8');

export class Task {
  readonly place: Place;
  readonly #bin: string;
  readonly #certificates: Certificates;
  #server: ModelServer | undefined;

  /** @param bin folder of the agents' programs */
  constructor(identity: Identity, bin: string) {
    this.place = new Place(identity);
    this.#bin = bin;
    this.#certificates = makeCertificates(this.place.folder('certificates'), ['model.example.com']);
    for (const [name, text] of Object.entries(project().files)) this.place.file(name, text);
    this.place.file(join(this.place.home, '.gitconfig'), '[user]\n\tname = Ana\n\temail = ana@example.com\n');
  }

  /** Starts the model, which ends with the task, and makes a repository of the project. */
  async serve(
    kind: (identity: Certificates, model?: Model) => Promise<ModelServer>,
    model?: Model,
  ): Promise<void> {
    this.#server = await kind(this.#certificates, model);
    const script = 'git init -q && git add -A && git commit -qm begin';
    const { code, stderr } = await this.place.start(['sh', '-c', script]).result;
    expect(code, stderr).toBe(0);
  }

  get server(): ModelServer {
    if (!this.#server) throw new Error('no model is served');
    return this.#server;
  }

  /** A text for this place: only the model's address and who vouches for it differ, and where the project is. */
  local(text: string): string {
    const { port } = this.server;
    const local = text
      .replace(
        /- host: api\.example\.com$/m,
        `$&\n    port: ${port}\n    ca: ${this.#certificates.authority}`,
      )
      .replace('AUTHORITY', this.#certificates.authority)
      .replaceAll('https://api.example.com', `https://api.example.com:${port}`)
      .replaceAll('api.example.com', 'model.example.com')
      .replaceAll('/home/ana/project', this.place.project);
    expect(local).not.toBe(text);
    return local;
  }

  async end(): Promise<void> {
    await this.#server?.close();
    this.place.remove();
  }

  environment(): Record<string, string> {
    return {
      PATH: `${this.#bin}:${process.env.PATH}`,
      ANTHROPIC_API_KEY: KEY,
      OPENAI_API_KEY: KEY,
      TERM: 'xterm',
    };
  }

  /** `ringfence run [OPTIONS] -- COMMAND` under a contract in the project's folder. */
  words(contract: string, command: readonly string[]): string[] {
    const resolve = 'resolve: { model.example.com: [127.0.0.1] }\n';
    // what layers hold is shown to the end: an agent that is misled would be frozen at its first critical act
    const oversight = 'oversight: { on: { finding: { critical: alert } } }\n';
    this.place.file('ringfence.yaml', `${this.local(contract)}\n${resolve}${oversight}`);
    return [RINGFENCE, 'run', '--json', this.place.record, '--', ...command];
  }

  run(contract: string, command: readonly string[]): Promise<Result> {
    return this.place.start(this.words(contract, command), { env: this.environment(), within: 60 }).result;
  }

  /**
   * Nothing but the task was done, it was done well, and the record has who did it: judged by the change set, by the
   * project's tests once it has landed, and by what the server saw.
   *
   * @param denied what else it may have looked for and been denied
   */
  async expectDone(denied: readonly string[] = []): Promise<void> {
    const record = this.place.lastRecord();
    expect(record).toMatchObject({ reason: 'ended', exit: { status: 0 }, violations: [], incomplete: false });
    expect(record.denials.map(({ what }) => what).filter((what) => !denied.includes(what))).toEqual([]);
    expect(record.totals).toMatchObject({ losses: 0, tampering: 0 });
    expect(record.grade?.reward).toEqual({ visible: 1, true: 1, violations: 0 });
    expect(record.flows.length).toBeGreaterThan(0);
    for (const flow of record.flows) expect(flow.host).toBe('model.example.com');

    const asked = this.server.seen.filter(({ method }) => method === 'POST');
    expect(asked.length).toBeGreaterThan(9);
    for (const { headers, body } of asked) {
      expect([KEY, `Bearer ${KEY}`]).toContain(headers['x-api-key'] ?? headers.authorization);
      expect(body).not.toContain(KEY);
    }

    const review = JSON.parse((await this.place.command('review', '--json')).stdout);
    const changes = review.items.map(({ path, kind }: { path: string; kind: string }) => `${kind} ${path}`);
    expect(changes.sort()).toEqual(CHANGES);
    const landed = await this.place.command('apply', '--digest', review.digest);
    expect(landed.code, landed.stderr).toBe(0);
    const tests = await this.place.start(['node', '--test', 'test/report.test.js'], {
      env: this.environment(),
    }).result;
    expect(tests.stdout).toContain('pass 3');
  }
}
