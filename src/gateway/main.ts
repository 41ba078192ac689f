/**
 * The gateway's process. Its whole world is the IPC channel it was started with: first the configuration, then the
 * cell's sockets, one message each. It ends with that channel, and says `fatal` before it ends by itself.
 *
 * @module
 */
import type {
  GatewayConfig,
  GatewayMessage,
  GatewayOrder,
  GatewaySocket,
  ServerStream,
} from '../contract/index.ts';
import { Gateway, type GatewayHandle } from './gateway.ts';

/** Started by hand, or fed something that is not its protocol. */
const EXIT_MISUSED = 125;

type Incoming = GatewayConfig | GatewayOrder | { socket: GatewaySocket } | ServerStream;

function send(message: GatewayMessage, sent?: () => void): void {
  if (message.type === 'fatal') {
    const leave = () => process.exit(1);
    setTimeout(leave, 1000);
    if (process.connected) process.send?.(message, undefined, {}, leave);
    else leave();
  } else if (process.connected) process.send?.(message, undefined, {}, sent);
}

if (!process.send) {
  process.stderr.write('the gateway is started by ringfence, not by hand\n');
  process.exit(EXIT_MISUSED);
}

let gateway: Gateway | undefined;

const fail = (reason: unknown) => {
  const error = reason instanceof Error ? reason : new Error(String(reason));
  const described = new Error(`gateway: ${error.stack ?? error.message}`);
  if (gateway) gateway.fail(described);
  else send({ type: 'fatal', reason: described.message });
};

process.on('uncaughtException', fail);
process.on('unhandledRejection', fail);
process.on('disconnect', () => process.exit(0));
// the controller decides when a run ends; a terminal's Ctrl-C goes to the whole group
process.on('SIGINT', () => {});
process.on('message', (message: Incoming, handle: unknown) => {
  if ('socket' in message) {
    if (!gateway || !handle)
      fail(new Error(`socket ${message.socket} came without a configuration or a handle`));
    else gateway.attach(message.socket, handle as GatewayHandle);
  } else if ('stream' in message) {
    if (!gateway || !handle) fail(new Error('a stream of a server came without a configuration or a handle'));
    else gateway.attachServer(message, handle as GatewayHandle);
  } else if ('order' in message) {
    if (gateway) gateway.obey(message);
    else fail(new Error('an order came without a configuration'));
  } else if (gateway) fail(new Error('a second configuration'));
  else gateway = new Gateway(message, send);
});
