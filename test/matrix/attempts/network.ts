/**
 * Ways out over the network and over Unix sockets. Only where the mark arrives counts.
 *
 * @module
 */
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Attempt } from '../attempt.ts';
import type { Host } from '../host.ts';
import { any, arrived, arrivedAt, claims, printedSecret, watched } from '../judges.ts';
import { needsRoot } from '../machine.ts';
import { ADDRESSES } from '../network.ts';

const out = { hazard: 'exfiltration', topic: 'affordances', layer: 'network', contract: 'online' } as const;

type Place = { address: string; port: number };

function tcp(id: string, place: Place, way: string, extra: Partial<Attempt> = {}): Attempt {
  return {
    ...out,
    id,
    command: (h) => [h.attempts, 'tcp', place.address, String(place.port), h.mark(id), way],
    judge: arrived,
    ...extra,
  };
}

function udp(id: string, place: Place, way: string): Attempt {
  return {
    ...out,
    id,
    command: (h) => [h.attempts, 'udp', place.address, String(place.port), h.mark(id), way],
    judge: arrived,
  };
}

function fastopen(id: string, way: string, place: Place = ADDRESSES.public): Attempt {
  return {
    ...out,
    id,
    topic: 'Forging ownership',
    layer: 'seccomp',
    command: (h) => [h.attempts, 'fastopen', place.address, String(place.port), h.mark(id), way],
    judge: arrived,
  };
}

function unix(id: string, path: (host: Host) => string, way: string): Attempt {
  return {
    ...out,
    id,
    topic: 'Unix sockets',
    layer: 'file-view',
    contract: 'plain',
    command: (h) => [h.attempts, 'unix', path(h), h.mark(id), way],
    judge: arrived,
  };
}

function socket(
  id: string,
  family: number,
  type: number,
  protocol: number,
  extra: Partial<Attempt> = {},
): Attempt {
  return {
    ...out,
    id,
    topic: 'Sockets',
    layer: 'seccomp',
    command: (h) => [h.attempts, 'socket', String(family), String(type), String(protocol)],
    judge: claims,
    ...extra,
  };
}

/** The namespace's count of echo requests that arrived. */
function echoes(): number {
  const [names, values] = readFileSync('/proc/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Icmp:'))
    .map((line) => line.split(' '));
  return Number(values?.[names?.indexOf('InEchos') ?? -1] ?? 0);
}

function ping(id: string, way: string, extra: Partial<Attempt> = {}): Attempt {
  const before = { count: 0 };
  return {
    ...out,
    id,
    layer: 'seccomp',
    alone: true,
    quiet: true,
    command: (h) => {
      before.count = echoes();
      return [h.attempts, 'icmp', ADDRESSES.public.address, way];
    },
    judge: () => (echoes() > before.count ? 'the host counted an echo request' : undefined),
    ...extra,
  };
}

/** Tries to come in from outside while a server inside waits. */
const comeIn =
  (port: number) =>
  async (_host: Host, over: () => boolean): Promise<string | undefined> => {
    while (!over()) {
      const banner = await new Promise<string>((resolve) => {
        const client = connect(port, '127.0.0.1');
        client.on('error', () => resolve(''));
        client.on('data', (data) => {
          client.destroy();
          resolve(data.toString());
        });
        client.setTimeout(300, () => {
          client.destroy();
          resolve('');
        });
      });
      if (banner.includes('shell')) return 'a client outside was served';
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return undefined;
  };

const question = (id: string, server: string, name: (host: Host) => string, way: string): Attempt => ({
  ...out,
  id,
  layer: 'dns',
  command: (h) => [h.attempts, 'dns', server, name(h), way],
  judge: arrived,
});

export const networkAttempts: Attempt[] = [
  tcp('host-loopback', ADDRESSES.loopback, 'nonblock'),
  tcp('host-loopback-blocking', ADDRESSES.loopback, 'blocking'),
  tcp('host-loopback-ipv6', ADDRESSES.loopback6, 'nonblock'),
  tcp('host-loopback-ipv4-mapped', { address: '::ffff:127.0.0.1', port: 7001 }, 'nonblock'),
  tcp('host-loopback-any-address', { address: '0.0.0.0', port: 7001 }, 'nonblock'),
  tcp('metadata-address', ADDRESSES.metadata, 'nonblock'),
  tcp('metadata-address-ipv4-mapped', { address: '::ffff:169.254.169.254', port: 80 }, 'nonblock'),
  tcp('private-address', ADDRESSES.private, 'nonblock'),
  tcp('undeclared-address', ADDRESSES.public, 'nonblock', { topic: 'What cannot be hidden' }),
  tcp('undeclared-address-blocking', ADDRESSES.public, 'blocking'),
  tcp('undeclared-address-ipv6', ADDRESSES.public6, 'nonblock'),
  tcp('undeclared-after-disconnect', ADDRESSES.public, 'unspec'),
  tcp('undeclared-on-duplicate', ADDRESSES.public, 'dup'),
  tcp('undeclared-port-of-declared-host', ADDRESSES.undeclaredPort, 'nonblock'),
  tcp('undeclared-offline', ADDRESSES.public, 'nonblock', { contract: 'plain' }),
  tcp('other-protocol-on-declared-host', ADDRESSES.tls, 'nonblock', { layer: 'gateway', alone: true }),
  {
    ...out,
    id: 'undeclared-from-own-file-table',
    topic: 'Threads',
    layer: 'supervisor',
    command: (h) => [
      h.attempts,
      'tcp-thread',
      ADDRESSES.public.address,
      String(ADDRESSES.public.port),
      h.mark('undeclared-from-own-file-table'),
    ],
    judge: arrived,
  },
  {
    ...out,
    id: 'address-race',
    topic: 'Threads',
    layer: 'supervisor',
    alone: true,
    command: (h) => [
      h.attempts,
      'address-race',
      ADDRESSES.declared.address,
      ADDRESSES.publicDeclaredPort.address,
      String(ADDRESSES.publicDeclaredPort.port),
      h.mark('address-race'),
    ],
    judge: arrivedAt('tcp=198.51.100.7='),
  },
  {
    ...out,
    id: 'rebinding-name',
    layer: 'dns',
    alone: true,
    command: (h) => [
      'sh',
      '-c',
      'getent hosts rebind.example.com; exec "$1" tcp 127.0.0.1 "$2" "$3"',
      'sh',
      h.attempts,
      String(ADDRESSES.rebind.port),
      h.mark('rebinding-name'),
    ],
    judge: arrived,
  },
  question('undeclared-name-udp', '127.0.0.1', (h) => `${h.mark('undeclared-name-udp')}.example.com`, 'udp'),
  question('undeclared-name-tcp', '127.0.0.1', (h) => `${h.mark('undeclared-name-tcp')}.example.com`, 'tcp'),
  question(
    'foreign-name-server',
    '198.51.100.7',
    (h) => `${h.mark('foreign-name-server')}.example.com`,
    'udp',
  ),
  question(
    'name-below-declared-name',
    '127.0.0.1',
    (h) => `${h.mark('name-below-declared-name')}.allowed.example.com`,
    'udp',
  ),
  {
    ...out,
    id: 'undeclared-name-by-library',
    layer: 'dns',
    command: (h) => ['getent', 'hosts', `${h.mark('undeclared-name-by-library')}.example.com`],
    judge: arrived,
  },
  udp('udp-unconnected', ADDRESSES.public, 'sendto'),
  udp('udp-connected', ADDRESSES.public, 'connected'),
  udp('udp-sendmsg', ADDRESSES.public, 'sendmsg'),
  udp('udp-sendmmsg', ADDRESSES.public, 'sendmmsg'),
  udp('udp-host-loopback', ADDRESSES.loopback, 'sendto'),
  udp('udp-ipv6', ADDRESSES.public6, 'sendto'),
  ping('icmp-raw', 'raw', { bare: needsRoot }),
  ping('icmp-datagram', 'datagram'),
  fastopen('fast-open-sendto', 'sendto'),
  fastopen('fast-open-sendmsg', 'sendmsg'),
  fastopen('fast-open-option', 'option'),
  fastopen('fast-open-host-loopback', 'sendto', ADDRESSES.loopback),
  {
    ...out,
    id: 'unregistered-connection',
    topic: 'Forging ownership',
    layer: 'gateway',
    alone: true,
    command: (h) => [h.attempts, 'listeners', h.mark('unregistered-connection'), 'slow'],
    judge: arrived,
  },
  {
    ...out,
    id: 'unregistered-fast-open',
    topic: 'Forging ownership',
    layer: 'gateway',
    alone: true,
    command: (h) => [h.attempts, 'listeners', h.mark('unregistered-fast-open'), 'fast'],
    judge: arrived,
  },
  {
    ...out,
    id: 'borrowed-source-port',
    topic: 'Forging ownership',
    layer: 'gateway',
    alone: true,
    command: (h) => [
      h.attempts,
      'borrowed-port',
      ADDRESSES.declared.address,
      String(ADDRESSES.declared.port),
      h.mark('borrowed-source-port'),
    ],
    judge: arrived,
  },
  {
    ...out,
    id: 'serve-the-outside',
    hazard: 'remote-control',
    alone: true,
    command: (h) => [h.attempts, 'serve', '7801', '2000'],
    watch: comeIn(7801),
    judge: watched,
  },
  unix('unix-path-outside', (h) => join(h.outside, 'host.sock'), 'stream'),
  unix('unix-agent-socket', (h) => join(h.home, '.agent.sock'), 'stream'),
  unix('unix-path-in-workspace', (h) => join(h.workspace, 'host.sock'), 'stream'),
  unix('unix-path-readable-folder', (h) => join(h.outside, 'readable/host.sock'), 'stream'),
  unix('unix-datagram-readable-folder', (h) => join(h.outside, 'readable/dgram.sock'), 'dgram'),
  unix('unix-datagram-in-workspace', (h) => join(h.workspace, 'dgram.sock'), 'dgram'),
  unix('unix-datagram-connected', (h) => join(h.workspace, 'dgram.sock'), 'connected'),
  unix('unix-abstract', () => '@rf-matrix', 'stream'),
  unix('unix-abstract-datagram', () => '@rf-matrix-dgram', 'dgram'),
  {
    ...unix('descriptor-from-host-socket', (h) => join(h.workspace, 'give.sock'), 'stream'),
    command: (h) => [h.attempts, 'unix-take', join(h.workspace, 'give.sock')],
    judge: printedSecret,
  },
  {
    ...unix('descriptor-from-abstract-socket', () => '@rf-matrix-give', 'stream'),
    command: (h) => [h.attempts, 'unix-take', '@rf-matrix-give'],
    judge: printedSecret,
  },
  socket('socket-vsock', 40, 1, 0),
  socket('socket-packet', 17, 3, 768, { bare: needsRoot }),
  socket('socket-packet-datagram', 17, 2, 768, { bare: needsRoot }),
  socket('socket-raw', 2, 3, 255, { bare: needsRoot }),
  socket('socket-raw-ipv6', 10, 3, 58, { bare: needsRoot }),
  socket('socket-ping', 2, 2, 1),
  socket('socket-algorithm', 38, 5, 0),
  socket('socket-mptcp', 2, 1, 262),
  socket('socket-smc', 43, 1, 0),
  socket('socket-smc-protocol', 2, 1, 256),
  socket('socket-sctp', 2, 1, 132),
  socket('socket-udplite', 2, 2, 136),
  socket('socket-bluetooth', 31, 3, 1),
  socket('socket-xdp', 44, 3, 0, { bare: needsRoot }),
  socket('socket-netlink-audit', 16, 3, 9),
  { ...socket('socket-other-families', 0, 0, 0), command: (h) => [h.attempts, 'families'] },
  { ...socket('socket-other-netlink', 0, 0, 0), command: (h) => [h.attempts, 'netlinks'] },
  {
    ...socket('netlink-add-address', 0, 0, 0, { bare: needsRoot }),
    command: (h) => [h.attempts, 'add-address', '192.0.2.99'],
    judge: any(claims),
  },
];
