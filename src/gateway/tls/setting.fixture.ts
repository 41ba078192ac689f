/**
 * A gateway's process between a TLS client inside and HTTPS servers outside, for tests.
 *
 * @module
 */
import { once } from 'node:events';
import { createServer, type Server as HttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { type TLSSocket, connect as tlsConnect } from 'node:tls';
import type { GatewayConfig, InsertedSecret, NetworkRule } from '../../contract/index.ts';
import { Harness } from '../harness.fixture.ts';
import { testAuthority } from './authority.fixture.ts';

export const HOST = 'api.example.com';
export const SECRET = 'tok-0123456789/abcdef+XYZ';

export interface Seen {
  line: string;
  headers: string[];
  body: string;
}

export interface World {
  port: number;
  seen: Seen[];
  server: HttpsServer;
}

/** Authorities and helpers of one test file; `close` ends what its tests have begun. */
export function setting() {
  const run = testAuthority('run');
  const world = testAuthority('world');
  const cleanups: (() => Promise<unknown> | unknown)[] = [];
  const close = async () => {
    for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  };

  async function httpsWorld(
    certificate: { cert: string; key: string },
    answer: Parameters<typeof createServer>[1] = (request, response) => {
      response.end(`answer to ${request.url}`);
    },
  ): Promise<World> {
    const seen: Seen[] = [];
    const server = createServer({ ...certificate }, (request, response) => {
      const pieces: Buffer[] = [];
      const entry = { line: `${request.method} ${request.url}`, headers: request.rawHeaders, body: '' };
      seen.push(entry);
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        entry.body = Buffer.concat(pieces).toString('latin1');
      });
      answer?.(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    cleanups.push(() => {
      server.closeAllConnections();
      server.close();
    });
    return { port: (server.address() as AddressInfo).port, seen, server };
  }

  async function gateway(rules: Partial<NetworkRule>[], rest: Partial<GatewayConfig> = {}): Promise<Harness> {
    const harness = await Harness.start(
      Harness.config(rules, {
        resolve: { [HOST]: ['127.0.0.1'] },
        authority: { certificate: run.certificate, key: run.key },
        trusted: { machine: world.certificate, rules: {} },
        ...rest,
      }),
    );
    cleanups.push(() => harness.stop());
    return harness;
  }

  async function agent(
    harness: Harness,
    port: number,
    options: { ca?: string; servername?: string; ALPNProtocols?: string[] } = {},
  ): Promise<{ tls: TLSSocket; text(): string; ended: Promise<string> }> {
    const { socket } = await harness.connect('127.0.0.1', port);
    const tls = tlsConnect({ socket, servername: HOST, ca: run.certificate, ...options });
    const received: Buffer[] = [];
    tls.on('data', (chunk: Buffer) => received.push(chunk));
    const ended = new Promise<string>((resolve) => {
      tls.on('end', () => resolve('end'));
      tls.on('close', () => resolve('close'));
      tls.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    });
    cleanups.push(() => tls.destroy());
    return { tls, text: () => Buffer.concat(received).toString('latin1'), ended };
  }

  return { run, world, cleanups, close, httpsWorld, gateway, agent };
}

/** A bearer token for {@link HOST}. */
export const secret = (more: Partial<InsertedSecret> = {}): InsertedSecret => ({
  name: 'TOKEN',
  hosts: [HOST],
  as: 'bearer',
  value: SECRET,
  placeholder: 'placeholder-of-TOKEN',
  ...more,
});
