/**
 * A shell in the clear whose orders come from outside: what the server sends are commands, what the client sends are prompts
 * and their output. Evidence adds up; replies of known text protocols end the suspicion.
 *
 * @module
 */
import type { Direction } from '../sniff/sniffer.ts';

/** Points that are enough. */
const ENOUGH = 4;
/** Bytes of a turn that are read. */
const READ = 2048;
/** Bytes of a flow after which it is a transfer. */
const LONG = 512 * 1024;
/** Parts of a flow that are read: what comes a byte at a time costs as much for each. */
const PARTS = 20_000;

const PROMPT = /(?:^|[\n\r])[^\n\r]{0,120}[$#>%] ?$/;
const NO_TERMINAL = /no job control in this shell|cannot set terminal process group|can't access tty/;
const FAILED =
  /(?:^|\n)[^\n]{0,80}: (?:[^\n]{0,80}: )?(?:not found|command not found|No such file or directory|Permission denied)/;
const COMMAND =
  /^\s*(?:(?:sudo|exec|nohup|env)\s+)?(?:\/[\w./-]+|\.\/[\w./-]+|(?:id|ls|cat|whoami|uname|hostname|pwd|cd|ps|env|set|export|echo|printf|curl|wget|find|grep|head|tail|sed|awk|python3?|perl|node|sh|bash|stty|script|which|df|du|ip|ifconfig|netstat|ss|kill|rm|cp|mv|mkdir|chmod|tar|git|date|uptime|w|who|last|history|crontab|ssh|nc|base64|dd|wc|sort|test|true|exit)(?=$|[\s;|&<>]))/;
/** Replies of SMTP, FTP, NNTP, POP3, IMAP, IRC, HTTP, Redis; JSON and markup */
const OTHER_PROTOCOL = /^(?:\d{3}[ -]|\+OK|-ERR|\* |:\S+ \S+|HTTP\/|PING |[$*+]\d|[{[<])/;

/** What a command answers, in the beginning of it. */
const OUTPUT: readonly [RegExp, RegExp][] = [
  [/^\s*id\b/, /uid=\d+/],
  [/\buname\b/, /Linux|Darwin|GNU/],
  [/\bls\b.* -\w*l/, /(?:^|\n)total \d+/],
  [/^\s*pwd\b/, /(?:^|\n)\//],
  [/^\s*whoami\b/, /(?:^|\n)[a-z_][\w-]{0,31}\r?\n/],
  [/\bps\b/, /\bPID\b/],
  [/\/etc\/passwd/, /root:x?:0:0/],
  [/^\s*(?:env|set|export)\b/, /(?:^|\n)(?:PATH|HOME|PWD)=/],
];

export class Shell {
  points = 0;
  /** the server speaks a text protocol that is no shell */
  known = false;
  /** what was seen, most telling first */
  readonly seen = new Set<string>();
  #order = '';
  #answer = '';
  #turn: Direction | undefined;
  #bytes = 0;
  #parts = 0;
  #orders = 0;
  #over = false;

  get done(): boolean {
    return this.#over || this.#bytes > LONG || this.#parts > PARTS;
  }

  get found(): boolean {
    return this.points >= ENOUGH && this.#orders > 0;
  }

  feed(direction: Direction, chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    this.#parts += 1;
    if (this.done) return;
    const text = Buffer.from(chunk.buffer, chunk.byteOffset, Math.min(chunk.length, READ)).toString('latin1');
    if (direction === 'down') {
      if (this.#turn !== 'down') this.#order = '';
      this.#order = (this.#order + text).slice(0, READ);
      if (OTHER_PROTOCOL.test(this.#order)) this.known = true;
      if (this.known || binary(this.#order)) this.#over = true;
      this.#answer = '';
    } else {
      if (this.#turn === 'down') this.#ordered();
      this.#answer = (this.#answer + text).slice(0, READ);
      this.#answered();
    }
    this.#turn = direction;
  }

  /** The inside answers: what it was asked is whole. */
  #ordered(): void {
    if (!/\n$/.test(this.#order)) return;
    this.#orders += 1;
    if (COMMAND.test(this.#order)) this.#score(`command ${this.#orders}`, 1);
  }

  #answered(): void {
    if (PROMPT.test(this.#answer))
      this.#score(this.#orders === 0 ? 'a prompt' : 'a prompt behind an answer', this.#orders === 0 ? 1 : 2);
    if (NO_TERMINAL.test(this.#answer)) this.#score('a shell without a terminal', 3);
    if (this.#orders === 0) return;
    const order = this.#order.trim();
    if (FAILED.test(this.#answer)) this.#score('an error of a shell', 2);
    if (order.length > 1 && this.#answer.startsWith(order)) this.#score('the echo of a terminal', 1);
    for (const [command, output] of OUTPUT) {
      if (command.test(order) && output.test(this.#answer)) this.#score('the output of a command', 3);
    }
  }

  #score(what: string, points: number): void {
    if (this.seen.has(what)) return;
    this.seen.add(what);
    this.points += points;
  }
}

/** Bytes that no shell is told and no text holds. */
function binary(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  return /[\x00-\x02\x05\x06\x0e-\x14\x16-\x19\x1c-\x1f\x80-\x9f]/.test(text);
}
