/**
 * Everything that a run with `tools` needs beside a gateway: the servers, their pins, their processes.
 *
 * @module
 */
import { dirname, join } from 'node:path';
import { machineAuthorities } from '../../../cell/trust/index.ts';
import type {
  Contract,
  GatewayConfig,
  GatewayMessage,
  GatewayOrder,
  ServerStream,
} from '../../../contract/index.ts';
import { ensureFolder } from '../../folders.ts';
import { installation } from '../../installation.ts';
import { safe } from '../../text.ts';
import { ServerProcess } from './launch.ts';
import { pinFile, readPins, writePins } from './pins.ts';
import { type FoundServer, findServers, type ServersInput } from './servers.ts';

export interface ToolSupply {
  /** names of the servers, as they are found inside */
  servers: readonly string[];
  /** values that no record may show */
  secrets: readonly string[];
  /** what the operator reads at the start; safe to print */
  notice: readonly string[];
  configuration(): Pick<GatewayConfig, 'tools' | 'people'>;
  /** starts what runs as a process; `give` hands a stream to the gateway */
  start(give: (stream: ServerStream, handle: object) => void, tell: (order: GatewayOrder) => void): void;
  /** @throws Error where a message is none that a gateway sends */
  receive(message: GatewayMessage): void;
  stop(): Promise<void>;
}

export type PreparedTools =
  | { ok: true; supply: ToolSupply }
  | { ok: false; field: string; problem: string; hint: string };

/** @param path of the contract's file, absolute */
export function prepareTools(input: ServersInput, path: string): PreparedTools {
  const found = findServers(input);
  if (!found.ok) return found;
  const { contract } = input;
  const needsAuthorities = found.servers.some(
    ({ server: { via } }) => via.kind === 'http' && via.url.startsWith('https:') && via.ca === undefined,
  );
  const machine = needsAuthorities ? machineAuthorities(process.env) : undefined;
  const servers: NonNullable<GatewayConfig['tools']> = [];
  for (const { server, pins } of found.servers) {
    const read = readPins(pins ?? pinFile(path));
    if (!read.ok)
      return {
        ok: false,
        field: `tools[${server.rule}].pins`,
        problem: read.problem,
        hint: 'make it anew: ringfence tools pin',
      };
    const known = read.servers[server.name];
    const { via } = server;
    servers.push({
      ...server,
      ...(via.kind === 'http' &&
        machine !== undefined &&
        via.ca === undefined && { via: { ...via, ca: machine } }),
      // a file that is named says what may be; without one the first sight does
      ...(known !== undefined ? { pins: known } : pins !== undefined && { pins: {} }),
    });
  }
  const processes: ServerProcess[] = [];
  return {
    ok: true,
    supply: {
      servers: servers.map(({ name }) => name),
      secrets: found.secrets,
      notice: noticeOf(found.servers, contract),
      configuration: () => ({
        tools: servers,
        ...(contract.people.length > 0 && { people: contract.people }),
      }),
      start: (give, tell) => {
        for (const [server, { launch }] of found.servers.entries()) {
          if (!launch) continue;
          processes.push(
            new ServerProcess({
              launch,
              self: [process.execPath, join(installation().root, 'dist', 'cli.js')],
              name: `tools-${servers[server]?.name}`,
              onStreams: (stdin, stdout) => {
                give({ server, stream: 'stdin' }, stdin);
                give({ server, stream: 'stdout' }, stdout);
              },
              onGone: (why, again) => tell({ order: 'server-gone', server, why, again }),
            }),
          );
        }
      },
      receive: (message) => {
        if (message.type !== 'pins') return;
        const one = found.servers[message.server];
        const isPins = Object.entries(message.pins).every(
          ([tool, digest]) => tool.length <= 128 && /^[0-9a-f]{64}$/.test(digest),
        );
        if (!one || one.pins !== undefined || !isPins) throw new Error('pins that were not asked for');
        ensureFolder(dirname(pinFile(path)));
        writePins(pinFile(path), one.server.name, message.pins);
      },
      stop: async () => {
        await Promise.all(processes.map((one) => one.stop()));
      },
    },
  };
}

function noticeOf(servers: readonly FoundServer[], { tools }: Contract): string[] {
  return servers.map(({ server, launch }) => {
    const { allow = [], approve = [] } = tools[server.rule] ?? {};
    const where =
      launch === undefined
        ? 'over HTTP'
        : launch.cell === undefined
          ? 'runs outside, as you'
          : 'in a cell of its own';
    const what = [
      ...(allow.length > 0 ? [`may call ${allow.join(', ')}`] : []),
      ...(approve.length > 0 ? [`asks you for ${approve.join(', ')}`] : []),
    ];
    return `  tools    ${safe(server.name)} (${where}): ${safe(what.join('; '))}`;
  });
}
