/**
 * A cell whose contract has models, a provider on loopback, and what the record says afterwards.
 *
 * @module
 */
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { LedgerEvent } from '../../src/contract/index.ts';
import { type Certificates, makeCertificates } from '../egress/certificates.ts';
import { type Identity, Place, type Result, ROOT } from '../run/place.ts';
import { type Provider, serveProvider } from './provider.ts';

/** What the provider sees and nobody inside does. */
export const KEY = 'key-of-the-operator-0123456789abcdef';

export type Turn = Extract<LedgerEvent, { kind: 'model.turn' }>;

/** `say`: what the user says; `more`: fields of the request; `retries`: what the client tries again (default 3) */
export interface Call {
  api: string;
  mode: string;
  model: string;
  say?: string;
  more?: object;
  retries?: number;
}

export class Models {
  readonly place: Place;
  readonly #certificates: Certificates;
  #provider: Provider | undefined;
  readonly #modules: string;

  constructor(identity: Identity) {
    this.place = new Place(identity);
    this.#certificates = makeCertificates(this.place.folder('certificates'), ['model.example.com']);
    cpSync(join(import.meta.dirname, 'inside'), this.place.folder('inside'), { recursive: true });
    this.#modules = join(ROOT, 'node_modules');
  }

  async serve(): Promise<Provider> {
    this.#provider = await serveProvider(this.#certificates);
    return this.#provider;
  }

  get provider(): Provider {
    if (!this.#provider) throw new Error('no provider is served');
    return this.#provider;
  }

  /** The contract, with what an entry has beyond its address. */
  contract(more = '', rest = ''): string {
    const at = `endpoint: "https://model.example.com:${this.provider.port}`;
    const entry = (provider: string, path: string) =>
      `  - { provider: ${provider}, ${at}${path}", ca: ${this.#certificates.authority}, key: env:MODEL_KEY${more} }\n`;
    const read = [join(this.place.root, 'inside'), this.#modules];
    return `files: { workspace: ../home/project, read: [${read.join(', ')}] }
resolve: { model.example.com: [127.0.0.1] }
models:
${entry('anthropic', '/')}${entry('openai', '/v1')}${rest}`;
  }

  run(words: string[], contract = this.contract()): Promise<Result> {
    return this.place.run(words, { contract, env: { MODEL_KEY: KEY }, within: 60 });
  }

  /** Runs a script of `inside`, and reads what it prints. */
  async inside(script: string, words: string[], contract?: string): Promise<Record<string, unknown>> {
    const result = await this.run(['node', join(this.place.root, 'inside', script), ...words], contract);
    expect(result.stdout, result.stderr).toContain('{');
    return JSON.parse(result.stdout) as Record<string, unknown>;
  }

  /** Calls with the vendors' clients, one after the other in one run. */
  async sdks(calls: readonly Call[], contract?: string): Promise<Record<string, unknown>[]> {
    const { answers } = await this.inside('sdk.mjs', [this.#modules, JSON.stringify(calls)], contract);
    return answers as Record<string, unknown>[];
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

  async turns(): Promise<Turn[]> {
    return (await this.events()).filter((event): event is Turn => event.kind === 'model.turn');
  }

  async end(): Promise<void> {
    await this.#provider?.close();
    this.place.remove();
  }
}
