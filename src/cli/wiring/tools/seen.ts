/**
 * The tools of a contract's servers as they are now, beside what is pinned of them.
 *
 * @module
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { join } from 'node:path';
import { standingOf, type ToolStanding } from '../../../contract/tools.ts';
import { askDefinitions, type Reach } from '../../../gateway/tools/ask.ts';
import { installation } from '../../installation.ts';
import { endProcess, startOf } from './launch.ts';
import { pinFile, readPins } from './pins.ts';
import type { FoundServer, Launch } from './servers.ts';

export interface SeenTool {
  name: string;
  standing: ToolStanding;
  /** `refused`: it cannot be offered whatever is pinned */
  state: 'pinned' | 'new' | 'changed' | 'refused';
  digest?: string;
  description: string;
  why?: string;
}

export interface SeenServer {
  name: string;
  /** file that its pins are in */
  pins: string;
  tools: SeenTool[];
  problem?: string;
}

/** @param path of the contract, absolute */
export async function seeServer({ server, launch, pins }: FoundServer, path: string): Promise<SeenServer> {
  const file = pins ?? pinFile(path);
  const read = readPins(file);
  const known = (read.ok ? read.servers[server.name] : undefined) ?? {};
  const seen = { name: server.name, pins: file, tools: [] };
  const child = launch && start(launch, server.name);
  child?.on('error', () => {}); // its streams end with it
  try {
    const reach: Reach | undefined =
      child?.stdin && child.stdout
        ? { kind: 'process', read: child.stdout, write: child.stdin }
        : server.via.kind === 'http'
          ? {
              kind: 'http',
              options: { url: server.via.url, headers: server.via.headers, ca: server.via.ca, resolve },
            }
          : undefined;
    if (!reach) return { ...seen, problem: 'it cannot be started' };
    const tools = (await askDefinitions(reach, server.time)).map((one): SeenTool => {
      const name = one.ok ? one.definition.name : one.name;
      const standing = standingOf(server, server.name, name);
      if (!one.ok) return { name, standing, state: 'refused', description: '', why: one.why };
      const { digest, definition } = one;
      const pinned = known[name];
      const state = pinned === undefined ? 'new' : pinned === digest ? 'pinned' : 'changed';
      return { name, standing, state, digest, description: String(definition.description ?? '') };
    });
    return { ...seen, tools };
  } catch (error) {
    return { ...seen, problem: (error as Error).message };
  } finally {
    if (child) await endProcess(child);
  }
}

/** As for a run: what the contract gives a cell is asked in that cell. */
function start(launch: Launch, server: string): ChildProcess {
  const self = [process.execPath, join(installation().root, 'dist', 'cli.js')];
  const { command, args, env } = startOf({ launch, self, name: `tools-${server}` });
  return spawn(command, args, { cwd: launch.cwd, env, stdio: ['pipe', 'pipe', 'ignore'], detached: true });
}

/** As any program of the operator's resolves names. */
async function resolve(host: string) {
  const found = await lookup(host, { all: true });
  return { addresses: found.map(({ address, family }) => ({ text: address, family })) as never };
}
