/**
 * The line channel to the supervisor: flow registrations in, pins and results out.
 *
 * @module
 */
import type { Socket } from 'node:net';
import type { FlowRegistration, GatewayCommand } from '../contract/index.ts';
import type { PinRequest } from './policy/policy.ts';

/** One message of the supervisor never grows past this; more means that the channel is not what it should be. */
const MAX_LINE = 4 * 1024 * 1024;
const PIN_DEADLINE_MS = 5000;

/** The channel broke or said something that is not its protocol: the run cannot go on. */
export class ChannelError extends Error {
  readonly code = 'GATEWAY_CHANNEL';
  readonly hint =
    'the supervisor and the gateway must be of the same version; the run ends because it cannot be judged';
}

export interface ChannelHandlers {
  register(flow: FlowRegistration): void;
  withdraw(flow: number): void;
  /** the supervisor is gone, and with it the cell */
  end(): void;
  fail(error: Error): void;
}

export class SupervisorChannel {
  readonly #socket: Socket;
  readonly #handlers: ChannelHandlers;
  readonly #waiting = new Map<number, { resolve: () => void; timer: NodeJS.Timeout }>();
  #pieces: string[] = [];
  #length = 0;
  #pins = 0;

  constructor(socket: Socket, handlers: ChannelHandlers) {
    this.#socket = socket;
    this.#handlers = handlers;
    socket.setEncoding('utf8');
    socket.on('data', (text: string) => this.#receive(text));
    // a broken channel is an ended one: 'close' follows
    socket.on('error', () => {});
    socket.on('close', () => this.#ended());
    socket.resume();
  }

  /** Sends a pin; resolves when the supervisor says that connects to it are allowed. */
  pin(request: PinRequest): Promise<void> {
    this.#pins += 1;
    const id = this.#pins;
    const { address, port, transport } = request;
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.#handlers.fail(
          new ChannelError(`supervisor did not confirm a pin within ${PIN_DEADLINE_MS} ms`),
        );
      }, PIN_DEADLINE_MS);
      this.#waiting.set(id, { resolve, timer });
      this.#write(`pin ${id} ${address.family} ${address.text} ${port} ${transport}`);
    });
  }

  /** Ends a waiting connect: 0 connects it to the gateway, anything else is its errno. */
  result(flow: number, errno: number): void {
    this.#write(`result ${flow} ${errno}`);
  }

  #write(command: GatewayCommand): void {
    if (!this.#socket.destroyed) this.#socket.write(`${command}\n`);
  }

  #receive(text: string): void {
    let rest = text;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
      this.#pieces.push(rest.slice(0, end));
      const line = this.#pieces.join('');
      this.#pieces = [];
      this.#length = 0;
      rest = rest.slice(end + 1);
      if (line !== '') this.#line(line);
    }
    if (rest === '') return;
    this.#pieces.push(rest);
    this.#length += rest.length;
    if (this.#length > MAX_LINE) this.#handlers.fail(new ChannelError('supervisor sent a line without end'));
  }

  #line(line: string): void {
    let message: unknown;
    try {
      message = JSON.parse(line);
    } catch {
      this.#handlers.fail(new ChannelError('supervisor sent a line that is not JSON'));
      return;
    }
    if (typeof message !== 'object' || message === null) return;
    if ('pinned' in message && typeof message.pinned === 'number') this.#pinned(message.pinned);
    else if ('gone' in message && typeof message.gone === 'number') this.#handlers.withdraw(message.gone);
    else if (isRegistration(message)) this.#handlers.register(message);
    else this.#handlers.fail(new ChannelError('supervisor sent a message of no known kind'));
  }

  #ended(): void {
    for (const { timer } of this.#waiting.values()) clearTimeout(timer);
    this.#waiting.clear();
    this.#handlers.end();
  }

  #pinned(id: number): void {
    const waiting = this.#waiting.get(id);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    this.#waiting.delete(id);
    waiting.resolve();
  }
}

function isRegistration(message: object): message is FlowRegistration {
  const flow = message as Partial<FlowRegistration>;
  return (
    typeof flow.flow === 'number' &&
    (flow.family === 4 || flow.family === 6) &&
    (flow.type === 'tcp' || flow.type === 'udp') &&
    typeof flow.source === 'string' &&
    typeof flow.sourcePort === 'number' &&
    typeof flow.address === 'string' &&
    typeof flow.port === 'number' &&
    typeof flow.wait === 'boolean' &&
    typeof flow.pid === 'number'
  );
}
