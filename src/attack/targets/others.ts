/**
 * What attempts are held against: nothing at all, other sandboxes, and whatever a command template starts.
 *
 * @module
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, readFileSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { type FoundTarget, hiddenOf, hostsOf, type Setting, secretsOf, type Target } from './types.ts';

const SHELL = ['sh', '-c'];

/** What each is given, in words: told beside the results, and on the reference page. */
export const CONFIGURATIONS = {
  none: 'sh -c SCRIPT in the workspace, as whoever runs the battery.',
  bwrap:
    'The system’s folders read-only, the workspace writable, empty home and /tmp, every namespace of its own, --new-session and --die-with-parent, as bwrap(1) and its example script have it; --unsetenv for the operator’s tokens; --share-net where the task needs a host, since it knows no single ones.',
  srt: 'Settings after its README: the hosts of the task as allowedDomains; ~/.ssh, ~/.aws and what the contract hides as denyRead; the operator’s tokens as credentials.envVars that are denied; the workspace and TMPDIR as allowWrite; .env as denyWrite; NODE_USE_ENV_PROXY=1, which Node’s own clients need for its proxy (https://github.com/anthropic-experimental/sandbox-runtime).',
  codex:
    'codex sandbox with a permission profile that extends :workspace, as its documentation has it (https://developers.openai.com/codex/permissions): ~/.ssh, ~/.aws and what the contract hides denied; the operator’s tokens excluded by shell_environment_policy; the hosts of the task as its allowed domains, with the proxy (features.network_proxy) that holds to them, and allow_local_binding, because stand-ins have addresses of documentation; no network where the task needs no host.',
} as const;

export const none: Target = {
  name: 'none',
  version: '',
  configuration: CONFIGURATIONS.none,
  peer: false,
  prepare: () => ({ launch: { words: SHELL, environment: {} }, files: {} }),
};

function onPath(program: string): string | undefined {
  return (process.env.PATH ?? '')
    .split(delimiter)
    .map((folder) => join(folder, program))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

const versionIn = (text: string): string => /\d+\.\d[\w.-]*/.exec(text)?.[0] ?? '';

function versionOf(words: readonly string[]): string | undefined {
  const [program = '', ...rest] = words;
  const { status, stdout } = spawnSync(program, [...rest, '--version'], {
    encoding: 'utf8',
    timeout: 20_000,
  });
  return status === 0 ? versionIn(stdout) : undefined;
}

export function bubblewrap(): FoundTarget {
  const version = versionOf(['bwrap']);
  if (version === undefined)
    return { ok: false, name: 'bwrap', reason: 'bwrap is not installed (Debian: bubblewrap)' };
  const prepare = (setting: Setting) => {
    const { places } = setting;
    const readOnly = [
      '/usr',
      '/bin',
      '/sbin',
      '/lib',
      '/lib64',
      '/etc',
      dirname(process.execPath),
      places.kit,
    ];
    const words = [
      ...['bwrap', '--unshare-all', ...(hostsOf(setting).length > 0 ? ['--share-net'] : [])],
      ...['--die-with-parent', '--new-session', '--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
      ...['--dir', places.home, '--dir', places.temporary],
      ...readOnly.flatMap((path) => ['--ro-bind-try', path, path]),
      ...['--bind', places.work, places.work],
      ...hiddenOf(setting).flatMap((path) => ['--ro-bind-try', '/dev/null', join(places.work, path)]),
      ...secretsOf(setting).flatMap((name) => ['--unsetenv', name]),
      ...['--chdir', places.work, '--', ...SHELL],
    ];
    return { launch: { words, environment: {} }, files: {} };
  };
  return {
    ok: true,
    target: { name: 'bwrap', version, configuration: CONFIGURATIONS.bwrap, peer: true, prepare },
  };
}

/** The program file of an npm package's command, and its version. */
function packaged(command: string): { words: string[]; version: string } | undefined {
  const found = onPath(command);
  if (found === undefined) return undefined;
  const real = realpathSync(found);
  for (let folder = dirname(real); folder !== '/'; folder = dirname(folder))
    try {
      const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
        version?: string;
      };
      if (version !== undefined) return { words: [process.execPath, real], version };
    } catch {
      // not this folder
    }
  return { words: [found], version: '' };
}

export function sandboxRuntime(): FoundTarget {
  const name = 'srt' as const;
  const found = packaged('srt');
  if (!found)
    return {
      ok: false,
      name,
      reason: 'srt is not on the PATH (npm install -g @anthropic-ai/sandbox-runtime)',
    };
  const helpers = ['bwrap', 'socat', 'rg'].map((program) => ({ program, path: onPath(program) }));
  const lacking = helpers.filter(({ path }) => path === undefined).map(({ program }) => program);
  const folders = new Set(helpers.flatMap(({ path }) => (path === undefined ? [] : [dirname(path)])));
  const PATH = [
    dirname(process.execPath),
    ...folders,
    '/usr/local/bin',
    '/usr/bin',
    '/bin',
    '/usr/sbin',
    '/sbin',
  ].join(delimiter);
  if (lacking.length > 0) return { ok: false, name, reason: `srt needs ${lacking.join(', ')}` };
  const prepare = (setting: Setting) => {
    const { places } = setting;
    const file = join(places.root, 'srt.json');
    const settings = {
      network: { allowedDomains: hostsOf(setting), deniedDomains: [] },
      filesystem: {
        denyRead: ['~/.ssh', '~/.aws', ...hiddenOf(setting).map((path) => join(places.work, path))],
        allowWrite: ['.', places.temporary],
        denyWrite: ['.env'],
      },
      credentials: { envVars: secretsOf(setting).map((name) => ({ name, mode: 'deny' })) },
    };
    const words = [...found.words, '--settings', file, ...SHELL];
    return {
      launch: { words, environment: { PATH, NODE_USE_ENV_PROXY: '1' } },
      files: { [file]: JSON.stringify(settings) },
    };
  };
  return {
    ok: true,
    target: { name, version: found.version, configuration: CONFIGURATIONS[name], peer: true, prepare },
  };
}

export function codex(): FoundTarget {
  const name = 'codex' as const;
  const found = packaged('codex');
  if (!found) return { ok: false, name, reason: 'codex is not on the PATH (npm install -g @openai/codex)' };
  const prepare = (setting: Setting) => {
    const { places } = setting;
    const hosts = hostsOf(setting);
    const settings = [
      'default_permissions = "task"',
      ...['[shell_environment_policy]', `exclude = ${JSON.stringify(secretsOf(setting))}`],
      // the proxy is what holds to the list of domains
      ...['[features]', `network_proxy = ${hosts.length > 0}`],
      ...['[permissions.task]', 'extends = ":workspace"'],
      ...[
        '[permissions.task.filesystem]',
        ...['.ssh', '.aws'].map((name) => `${JSON.stringify(join(places.home, name))} = "deny"`),
        ...hiddenOf(setting).map((path) => `${JSON.stringify(join(places.work, path))} = "deny"`),
      ],
      // stand-ins have addresses of documentation, which count as local there
      ...['[permissions.task.network]', `enabled = ${hosts.length > 0}`, 'allow_local_binding = true'],
      ...['[permissions.task.network.domains]', ...hosts.map((host) => `${JSON.stringify(host)} = "allow"`)],
      '',
    ];
    const words = [...found.words, 'sandbox', '-P', 'task', '--', ...SHELL];
    return {
      launch: { words, environment: { CODEX_HOME: places.root } },
      files: { [join(places.root, 'config.toml')]: settings.join('\n') },
    };
  };
  return {
    ok: true,
    target: { name, version: found.version, configuration: CONFIGURATIONS[name], peer: true, prepare },
  };
}

/** Words of a template, as a shell cuts them, without any expansion. */
export function wordsOf(template: string): string[] {
  return [...template.matchAll(/(?:[^\s'"]|'[^']*'|"[^"]*")+/g)].map(([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/g, '$1$2'),
  );
}

/** Whatever the template starts. `{script}` is the script, the others are places. */
export function templated(template: string): FoundTarget {
  const name = 'command';
  const words = wordsOf(template);
  if (words.at(-1) !== '{script}')
    return {
      ok: false,
      name,
      reason:
        'the template does not end with {script}; write for example: firejail --private={workspace} sh -c {script}',
    };
  const prepare = ({ places, scenario }: Setting) => {
    const values: Record<string, string> = {
      workspace: places.work,
      home: places.home,
      kit: places.kit,
      network: scenario.contract.network === undefined ? 'none' : 'host',
    };
    const filled = words
      .slice(0, -1)
      .map((word) => word.replaceAll(/\{(\w+)\}/g, (whole, key: string) => values[key] ?? whole));
    return { launch: { words: filled, environment: {} }, files: {} };
  };
  return { ok: true, target: { name, version: '', configuration: template, peer: false, prepare } };
}
