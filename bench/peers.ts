/**
 * The other sandboxes, installed from the package registries into the scratch folder where they are not there already.
 * A peer that cannot be had is a reason, not an error.
 *
 * @module
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { start } from './programs.ts';
import type { Workshop } from './workshop.ts';

export interface Peer {
  name: string;
  version: string;
  environment: NodeJS.ProcessEnv;
  /** the command line that runs a command in it */
  words: (command: readonly string[], network: 'none' | 'one host') => string[];
}

export type FoundPeer = { ok: true; peer: Peer } | { ok: false; name: string; reason: string };

const PACKAGES = { runtime: '@anthropic-ai/sandbox-runtime', codex: '@openai/codex' } as const;
/** What sandbox-runtime needs on the PATH. */
const DEBIAN = { rg: 'ripgrep', socat: 'socat' } as const;

/** A permission profile with the proxy that holds to its domains (https://developers.openai.com/codex/permissions). */
const CODEX_ONE_HOST = [
  ...['-c', 'default_permissions="task"', '-c', 'permissions.task.extends=":workspace"'],
  ...['-c', 'permissions.task.network.enabled=true', '-c', 'features.network_proxy=true'],
  ...['-c', 'permissions.task.network.domains={"api.example.com"="allow"}', '-P', 'task'],
];

const lastLine = (text: string) => text.trim().split('\n').at(-1) ?? '';

async function version(words: readonly string[]): Promise<string | undefined> {
  const { status, stdout } = await start(words, { within: 20 });
  return status === 0 ? (/\d+\.\d[\w.-]*/.exec(stdout)?.[0] ?? '') : undefined;
}

export async function bubblewrap(workshop: Workshop): Promise<FoundPeer> {
  const name = 'bwrap';
  const found = await version(['bwrap', '--version']);
  if (found === undefined) return { ok: false, name, reason: 'bwrap is not installed (Debian: bubblewrap)' };
  const view = [
    '--ro-bind',
    '/',
    '/',
    '--dev',
    '/dev',
    '--proc',
    '/proc',
    '--tmpfs',
    '/run',
    '--bind',
    workshop.workspace,
    workshop.workspace,
  ];
  const words = (command: readonly string[]) => [
    'bwrap',
    '--unshare-all',
    '--die-with-parent',
    '--new-session',
    ...view,
    '--',
    ...command,
  ];
  const peer = { name, version: found, environment: workshop.environment, words };
  const { status, stderr } = await start(words(['true']), { environment: workshop.environment, within: 20 });
  return status === 0
    ? { ok: true, peer }
    : { ok: false, name, reason: `bwrap does not run here: ${lastLine(stderr)}` };
}

/** Debian packages are unpacked, not installed: the machine stays as it is. */
async function debianTools(folder: string): Promise<string | undefined> {
  for (const [program, name] of Object.entries(DEBIAN)) {
    if (existsSync(`/usr/bin/${program}`)) continue;
    const got = await unpackDebian(folder, [name]);
    if (got !== undefined) return `${program} is missing: ${got}`;
  }
  return undefined;
}

/**
 * Unpacks Debian packages below `folder`, as any user.
 *
 * @returns why not, where it did not work
 */
export async function unpackDebian(folder: string, names: readonly string[]): Promise<string | undefined> {
  // the deadline is for registries that do not answer
  const script =
    'cd "$0" && apt-get download "$@" >/dev/null 2>&1 && for file in *.deb; do dpkg -x "$file" root && rm "$file" || exit 1; done';
  const { status, stderr } = await start(['sh', '-c', script, folder, ...names], { within: 90 });
  return status === 0
    ? undefined
    : `apt-get download ${names.join(' ')} failed${stderr ? `: ${lastLine(stderr)}` : ''} (lists missing? apt-get update)`;
}

/** Installs the peers that come from the npm registry, both at once. */
export async function npmPeers(workshop: Workshop): Promise<{ runtime: FoundPeer; codex: FoundPeer }> {
  const folder = workshop.folder('peers');
  const lacking = await debianTools(folder);
  const { status, stderr } = await start(
    [
      'npm',
      'install',
      '--prefix',
      folder,
      '--no-audit',
      '--no-fund',
      '--no-update-notifier',
      '--loglevel=error',
      ...Object.values(PACKAGES),
    ],
    { cwd: folder, within: 300 },
  );
  const missing = (name: string, reason: string): FoundPeer => ({ ok: false, name, reason });
  if (status !== 0) {
    const reason = `npm install failed: ${lastLine(stderr)}`;
    return { runtime: missing('sandbox-runtime', reason), codex: missing('Codex', reason) };
  }
  const environment = {
    ...workshop.environment,
    PATH: [process.env.PATH, join(folder, 'root/usr/bin')].join(delimiter),
  };
  const module = (name: string) => join(folder, 'node_modules', name);
  const versionOf = (name: string) =>
    (JSON.parse(readFileSync(join(module(name), 'package.json'), 'utf8')) as { version: string }).version;
  const program = (name: string, bin: string) => {
    const { bin: bins } = JSON.parse(readFileSync(join(module(name), 'package.json'), 'utf8')) as {
      bin: Record<string, string>;
    };
    return join(module(name), bins[bin] ?? '');
  };

  const settings = { none: join(folder, 'none.json'), 'one host': join(folder, 'one-host.json') };
  for (const [network, path] of Object.entries(settings)) {
    const allowedDomains = network === 'none' ? [] : ['api.example.com'];
    const filesystem = { denyRead: [], allowWrite: ['.'], denyWrite: [] };
    writeFileSync(path, JSON.stringify({ network: { allowedDomains, deniedDomains: [] }, filesystem }));
  }
  const srt = program(PACKAGES.runtime, 'srt');
  const codexProgram = program(PACKAGES.codex, 'codex');
  const runtime: Peer = {
    name: 'sandbox-runtime',
    version: versionOf(PACKAGES.runtime),
    environment,
    words: (command, network) => [process.execPath, srt, '--settings', settings[network], ...command],
  };
  const codex: Peer = {
    name: 'Codex',
    version: versionOf(PACKAGES.codex),
    environment,
    words: (command, network) => [
      ...[process.execPath, codexProgram, 'sandbox'],
      ...(network === 'none' ? [] : CODEX_ONE_HOST),
      ...['--', ...command],
    ],
  };
  const tried = async (peer: Peer): Promise<FoundPeer> => {
    const ended = await start(peer.words(['true'], 'none'), {
      cwd: workshop.workspace,
      environment,
      within: 30,
    });
    return ended.status === 0
      ? { ok: true, peer }
      : missing(peer.name, `it does not run here: ${lastLine(ended.stderr)}`);
  };
  return {
    runtime: lacking === undefined ? await tried(runtime) : missing(runtime.name, lacking),
    codex: await tried(codex),
  };
}
