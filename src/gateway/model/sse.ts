/**
 * Server-sent events (WHATWG HTML §9.2), read as they come. What is not understood is left out; an event without end is
 * given up, and that is said.
 *
 * @module
 */

export interface ServerEvent {
  /** its text as it came, line ends included */
  raw: string;
  event: string;
  data: string;
}

/** Characters of one event; a whole answer is repeated in the last one of some. */
const LONGEST = 16 * 1024 * 1024;
const LINE = /\r\n|\n|\r/g;

export class EventReader {
  readonly #take: (event: ServerEvent) => void;
  readonly #decoder = new TextDecoder();
  #text = '';
  /** characters that were looked at for a line's end */
  #searched = 0;
  #raw = '';
  #event = '';
  #data: string[] = [];
  #held = 0;
  /** true: an event was too long to be read */
  overflowed = false;

  constructor(take: (event: ServerEvent) => void) {
    this.#take = take;
  }

  feed(bytes: Uint8Array): void {
    this.#text += this.#decoder.decode(bytes, { stream: true });
    let begin = 0;
    LINE.lastIndex = this.#searched;
    for (let found = LINE.exec(this.#text); found; found = LINE.exec(this.#text)) {
      // the other half of a line's end may still come
      if (found[0] === '\r' && LINE.lastIndex === this.#text.length) break;
      this.#line(this.#text.slice(begin, found.index), this.#text.slice(begin, LINE.lastIndex));
      begin = LINE.lastIndex;
    }
    this.#text = this.#text.slice(begin);
    this.#searched = Math.max(0, this.#text.length - 1);
    if (this.#held + this.#text.length <= LONGEST) return;
    this.overflowed = true;
    this.#forget();
    this.#text = '';
    this.#searched = 0;
  }

  /** What is left at the end: an event that was not ended by an empty line is none. */
  rest(): string {
    return this.#raw + this.#text;
  }

  #line(line: string, raw: string): void {
    this.#raw += raw;
    this.#held += raw.length;
    if (line === '') {
      const event = { raw: this.#raw, event: this.#event, data: this.#data.join('\n') };
      this.#forget();
      this.#take(event);
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(colon + 1).replace(/^ /, '');
    if (name === 'data') this.#data.push(value);
    else if (name === 'event') this.#event = value;
  }

  #forget(): void {
    this.#raw = '';
    this.#event = '';
    this.#data = [];
    this.#held = 0;
  }
}
