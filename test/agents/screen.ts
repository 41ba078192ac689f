/**
 * A person at a terminal, as tmux(1) has it: types, presses keys, reads the screen.
 *
 * @module
 */
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Place } from '../run/place.ts';

export class Screen {
  readonly #place: Place;
  readonly #words: string[];

  private constructor(place: Place) {
    this.#place = place;
    this.#words = ['tmux', '-S', join(place.root, 'runtime/tmux'), '-f', '/dev/null'];
  }

  /** Starts a program in a terminal of its own; what it ends with is shown as `[exit CODE]`. */
  static async start(place: Place, words: readonly string[], env: Record<string, string>): Promise<Screen> {
    const screen = new Screen(place);
    const script = '"$@"; echo "[exit $?]"; read -r _'; // the last screen stays until it is closed
    const shell = ['sh', '-c', script, 'sh', ...words];
    await screen.#tmux(['new-session', '-d', '-s', 'agent', '-x', '120', '-y', '50', '--', ...shell], env);
    return screen;
  }

  async #tmux(words: readonly string[], env: Record<string, string> = {}): Promise<string> {
    const result = await this.#place.start([...this.#words, ...words], { env }).result;
    if (result.code !== 0) throw new Error(`tmux ${words[0]}: ${result.stderr}`);
    return Buffer.from(result.stdout, 'latin1').toString();
  }

  /** What the terminal shows now. */
  text(): Promise<string> {
    return this.#tmux(['capture-pane', '-p', '-t', 'agent']);
  }

  type(text: string): Promise<string> {
    return this.#tmux(['send-keys', '-t', 'agent', '-l', text]);
  }

  /** @param key as tmux names them: `Enter`, `Down`, `C-c` */
  press(key: string): Promise<string> {
    return this.#tmux(['send-keys', '-t', 'agent', key]);
  }

  /**
   * Waits until the screen shows something.
   *
   * @param meanwhile what a person would press at what is asked on the way
   */
  async until(
    wanted: RegExp,
    meanwhile: readonly [asked: RegExp, key: string][] = [],
    withinMs = 40_000,
  ): Promise<string> {
    const deadline = Date.now() + withinMs;
    let pressed = { at: '', when: 0 };
    for (;;) {
      const text = await this.text();
      if (wanted.test(text)) return text;
      if (Date.now() > deadline) throw new Error(`waited ${withinMs} ms for ${wanted} on:\n${text}`);
      const asked = meanwhile.find(([question]) => question.test(text));
      // again only where nothing has moved for a while: pressed twice at once, it would answer the next question unseen
      if (asked && (text !== pressed.at || Date.now() - pressed.when > 1500)) {
        await this.press(asked[1]);
        pressed = { at: text, when: Date.now() };
      } else await pause(100);
    }
  }

  async close(): Promise<void> {
    await this.#tmux(['kill-server']).catch(() => {}); // ended already
  }
}
