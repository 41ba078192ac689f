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
  /** a line that has not ended, in pieces: joined once, however small they are */
  #pieces: string[] = [];
  #waiting = 0;
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
    const text = this.#decoder.decode(bytes, { stream: true });
    // the other half of a line's end may still come, so what ends in the first half is looked at again
    const half = this.#pieces.at(-1)?.endsWith('\r') ?? false;
    this.#pieces.push(text);
    this.#waiting += text.length;
    if (half || /[\r\n]/.test(text)) this.#lines();
    if (this.#held + this.#waiting <= LONGEST) return;
    this.overflowed = true;
    this.#forget();
    this.#keep('');
  }

  #lines(): void {
    const text = this.#pieces.join('');
    let begin = 0;
    LINE.lastIndex = 0;
    for (let found = LINE.exec(text); found; found = LINE.exec(text)) {
      const end = LINE.lastIndex;
      if (found[0] === '\r' && end === text.length) break;
      this.#line(text.slice(begin, found.index), text.slice(begin, end));
      begin = end;
      LINE.lastIndex = end;
    }
    this.#keep(text.slice(begin));
  }

  #keep(text: string): void {
    this.#pieces = text === '' ? [] : [text];
    this.#waiting = text.length;
  }

  /** What is left at the end: an event that was not ended by an empty line is none. */
  rest(): string {
    return this.#raw + this.#pieces.join('');
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
