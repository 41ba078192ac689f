/**
 * What a run's watch is fed: events wait until it is loaded, and go to it at once from then on.
 *
 * @module
 */
import { resolve } from 'node:path';
import { type Context, type EventBody, type LedgerEvent, needsGateway } from '../../contract/index.ts';
import type { Watching, WatchingOptions } from './watching.ts';

export class WatchFeed {
  readonly #options: WatchingOptions;
  #watching: Watching | undefined;
  #rules = '';
  /** what came before it was there */
  #unseen: { event: LedgerEvent; time: number }[] = [];

  constructor(options: WatchingOptions) {
    this.#options = options;
  }

  /**
   * Loads it, while the launcher is at work.
   *
   * @param folder of the contract's file
   * @throws where it is not there, or the contract's own rules cannot be read
   */
  async start(folder: string): Promise<void> {
    const { Watching } = await import('./watching.ts');
    const { contract } = this.#options;
    const link = needsGateway(contract) ? (await import('./campaign-link.ts')).campaignLink : undefined;
    const paths = contract.oversight.rules.map((path) => resolve(folder, path));
    const { allOf, readRuleFolders } = paths.length === 0 ? {} : await import('../watch/rule-folder.ts');
    const folders = readRuleFolders?.(paths);
    const more = folders && allOf?.(folders);
    const compared = await this.#baseline(folder);
    const setting = { ...this.#options.setting, baseline: compared?.baseline };
    this.#watching = new Watching({ ...this.#options, setting, link }, more);
    this.#rules = [
      ...this.#watching.own,
      ...(folders ? [`${more?.length} of the contract's folders, SHA-256 ${folders.digest}`] : []),
      ...(compared ? [compared.note] : []),
    ].join('; ');
    const unseen = this.#unseen;
    this.#unseen = [];
    for (const { event, time } of unseen) this.#watching.observe(event, time);
  }

  /** What the run is watched with, once it is loaded: numbers of rules, and the digests of the files that they were read from. */
  get rules(): string {
    return this.#rules;
  }

  /** What honest runs did, where the contract names it. */
  async #baseline(folder: string) {
    const written = this.#options.contract.oversight.baseline;
    if (written === undefined) return undefined;
    return (await import('./baseline.ts')).requireBaseline(written, folder);
  }

  /** What caused an event that is about to be recorded. */
  contextOf(body: EventBody, time: number): Context | undefined {
    return this.#watching?.contextOf(body, time);
  }

  see(event: LedgerEvent, time: number): void {
    if (this.#watching) this.#watching.observe(event, time);
    else this.#unseen.push({ event, time });
  }

  end(): void {
    this.#watching?.end();
  }
}
