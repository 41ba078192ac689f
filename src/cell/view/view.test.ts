import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { expandPath, readPaths, toolchainView, type View } from './index.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'view-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const HOME = '/home/ada';

function put(path: string, content = ''): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), content);
}

/** Links are written as the machine has them; absolute ones lead into the imitated root. */
function link(path: string, to: string): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  symlinkSync(to.startsWith('/') ? join(root, to) : to, join(root, path));
}

function view(path: string, env: Record<string, string> = {}, present: string[] = []): View {
  return toolchainView({ env: { ...env, PATH: path }, home: HOME, machineRoot: root, present });
}

const targets = (shown: View) => shown.binds.map(({ target }) => target);

describe('the system', () => {
  it('shows program folders, links as links, and of /etc only what programs need', () => {
    put('/usr/bin/true');
    put('/usr/share/zoneinfo/UTC');
    put('/lib64/ld.so');
    link('/bin', 'usr/bin');
    link('/etc/localtime', '../usr/share/zoneinfo/UTC');
    put('/etc/ssl/certs/authority.pem');
    put('/etc/ssl/private/key.pem');
    put('/etc/shadow', 'root:x');
    put('/etc/sudoers');
    put('/etc/ssh/ssh_host_ed25519_key');
    put('/etc/services', 'http 80/tcp\n');
    put('/etc/python3.13/sitecustomize.py');
    put('/etc/machine-id', 'c0ffee');
    put('/etc/hostname', 'secret-host');
    put('/var/lib/thing');
    const shown = view('/usr/bin:/bin');
    expect(targets(shown)).toEqual(['/etc/python3.13', '/etc/ssl/certs', '/lib64', '/usr']);
    expect(shown.binds.every(({ flags }) => flags.startsWith('ro,nosuid,nodev'))).toBe(true);
    expect(shown.symlinks).toEqual([
      { link: 'usr/bin', path: '/bin' },
      { link: '../usr/share/zoneinfo/UTC', path: '/etc/localtime' },
    ]);
    const files = Object.fromEntries(shown.files.map(({ path, content }) => [path, content]));
    expect(files['/etc/services']).toBe('http 80/tcp\n');
    expect(Object.keys(files).sort()).toEqual([
      '/etc/group',
      '/etc/hostname',
      '/etc/hosts',
      '/etc/machine-id',
      '/etc/nsswitch.conf',
      '/etc/passwd',
      '/etc/resolv.conf',
      '/etc/services',
    ]);
    expect(JSON.stringify(files)).not.toMatch(/c0ffee|secret-host/);
    expect(files['/etc/resolv.conf']).toBe('nameserver 127.0.0.1\n');
  });

  it('leaves out files of /etc that hold a credential or that only some may read', () => {
    put('/etc/npmrc', '//registry.example.com/:_authToken=abc\n');
    put('/etc/pip.conf', '[global]\nindex-url = https://me:pw@pip.example.com/simple\n');
    put('/etc/profile.d/proxy.sh', 'export http_proxy=http://192.0.2.1:3128\n');
    put('/etc/profile.d/token.sh', 'export CI_TOKEN=abcdef\n');
    put('/etc/wgetrc', 'timestamping = on\n');
    chmodSync(join(root, '/etc/wgetrc'), 0o600);
    const shown = view('');
    expect(shown.leftOut.map(({ path }) => path).sort()).toEqual([
      '/etc/npmrc',
      '/etc/pip.conf',
      '/etc/profile.d/token.sh',
      '/etc/wgetrc',
    ]);
    expect(shown.files.map(({ path }) => path)).toContain('/etc/profile.d/proxy.sh');
  });

  it('knows the user that the cell has', () => {
    const shown = toolchainView({
      env: {},
      home: HOME,
      machineRoot: root,
      identity: { user: 'ada', uid: 1234, gid: 1234, hostname: 'cell-7' },
    });
    const passwd = shown.files.find(({ path }) => path === '/etc/passwd')?.content;
    expect(passwd).toMatch(/^ada:x:1234:1234:ada:\/home\/ada:\/bin\/sh\n/);
    expect(shown.files.find(({ path }) => path === '/etc/hosts')?.content).toContain('cell-7');
  });
});

describe('toolchains on PATH', () => {
  it('shows parts of version managers, never their caches and credentials', () => {
    put(`${HOME}/.cargo/bin/cargo`);
    put(`${HOME}/.cargo/credentials.toml`, 'token');
    put(`${HOME}/.cargo/registry/cache/x`);
    put(`${HOME}/.rustup/toolchains/stable/bin/rustc`);
    put(`${HOME}/.rustup/settings.toml`);
    put(`${HOME}/.nvm/versions/node/v24.0.0/bin/node`);
    put(`${HOME}/.nvm/.cache/x`);
    put(`${HOME}/.pyenv/shims/python`);
    put(`${HOME}/.pyenv/versions/3.13.0/bin/python`);
    const shown = view(
      `${HOME}/.cargo/bin:${HOME}/.nvm/versions/node/v24.0.0/bin:${HOME}/.pyenv/shims:${HOME}/.pyenv/bin`,
    );
    expect(targets(shown)).toEqual([
      `${HOME}/.cargo/bin`,
      `${HOME}/.nvm/versions`,
      `${HOME}/.pyenv/shims`,
      `${HOME}/.pyenv/versions`,
      `${HOME}/.rustup/settings.toml`,
      `${HOME}/.rustup/toolchains`,
    ]);
  });

  it('finds a manager where its variable says it is', () => {
    put('/srv/rust/cargo/bin/cargo');
    put('/srv/rust/cargo/credentials');
    put('/srv/rust/rustup/toolchains/stable/bin/rustc');
    const env = { CARGO_HOME: '/srv/rust/cargo/', RUSTUP_HOME: '/srv/rust/rustup' };
    expect(targets(view('/srv/rust/cargo/bin', env))).toEqual([
      '/srv/rust/cargo/bin',
      '/srv/rust/rustup/toolchains',
    ]);
  });

  it('shows a whole installation where the folder belongs to one, and covers its credentials', () => {
    put(`${HOME}/.npm-global/bin/tool`);
    put(`${HOME}/.npm-global/lib/node_modules/tool/cli.js`);
    put(`${HOME}/.npm-global/etc/npmrc`, 'token');
    put('/srv/jdk/bin/java');
    put('/srv/jdk/release');
    const shown = view(`${HOME}/.npm-global/bin`, { JAVA_HOME: '/srv/jdk' });
    expect(targets(shown)).toEqual([`${HOME}/.npm-global`, '/srv/jdk']);
    expect(shown.masks).toEqual([`${HOME}/.npm-global/etc/npmrc`]);
  });

  it('shows only the folder itself where the parent is a collection', () => {
    put(`${HOME}/go/bin/gopls`);
    put(`${HOME}/go/src/example.com/private/main.go`);
    put(`${HOME}/bin/script`);
    put(`${HOME}/.local/bin/x`);
    put(`${HOME}/.local/lib/python3.13/site-packages/x.py`);
    put(`${HOME}/.local/share/keyrings/login.keyring`);
    expect(targets(view(`${HOME}/go/bin:${HOME}/bin:${HOME}/.local/bin`))).toEqual([
      `${HOME}/.local/bin`,
      `${HOME}/.local/lib/python3.13`,
      `${HOME}/bin`,
      `${HOME}/go/bin`,
    ]);
  });

  it('follows links to interpreters and tools elsewhere, as often as needed', () => {
    const tools = `${HOME}/.local/share/uv/tools/ruff`;
    put(`${tools}/pyvenv.cfg`);
    put(`${tools}/bin/ruff`);
    put(`${HOME}/.local/share/uv/python/cpython-3.13/bin/python3.13`);
    put(`${HOME}/.local/share/uv/python/cpython-3.13/include/Python.h`);
    put(`${HOME}/.local/share/app/run`);
    put(`${HOME}/.local/share/app/data`);
    link(`${tools}/bin/python`, `${HOME}/.local/share/uv/python/cpython-3.13/bin/python3.13`);
    link(`${HOME}/.local/bin/ruff`, `${tools}/bin/ruff`);
    link(`${HOME}/.local/bin/app`, `${HOME}/.local/share/app/run`);
    link(`${HOME}/.local/bin/key`, `${HOME}/.ssh/id_ed25519`);
    put(`${HOME}/.ssh/id_ed25519`);
    const shown = view(`${HOME}/.local/bin`);
    expect(targets(shown)).toEqual([
      `${HOME}/.local/bin`,
      `${HOME}/.local/share/app/run`,
      `${HOME}/.local/share/uv/python/cpython-3.13`,
      tools,
    ]);
    expect(shown.leftOut).toEqual([{ path: `${HOME}/.ssh/id_ed25519`, reason: '~/.ssh holds credentials' }]);
  });

  it('keeps a PATH entry that is a link (fnm, current-system) as one', () => {
    const real = `${HOME}/.local/share/fnm/node-versions/v24/installation/bin`;
    put(`${real}/node`);
    link('/run/user/1000/fnm/1/bin', real);
    const shown = view('/run/user/1000/fnm/1/bin');
    expect(targets(shown)).toEqual([`${HOME}/.local/share/fnm/node-versions`]);
    expect(shown.symlinks).toContainEqual({ link: real, path: '/run/user/1000/fnm/1/bin' });
  });

  it('leaves out homes, private folders, relative entries, Windows drives and the workspace', () => {
    put(`${HOME}/.config/tool/bin/x`);
    put('/mnt/c/Windows/cmd.exe');
    put('/srv/project/node_modules/.bin/tsc');
    put('/etc/bin/x');
    const shown = view(
      `${HOME}:/home:/:.:bin:${HOME}/.config/tool/bin:/mnt/c/Windows:/etc/bin:/nowhere:/srv/project/node_modules/.bin`,
      {},
      ['/srv/project'],
    );
    expect(targets(shown)).toEqual([]);
    expect(shown.leftOut.map(({ path }) => path)).toEqual([
      HOME,
      '/home',
      '/',
      '.',
      'bin',
      `${HOME}/.config/tool/bin`,
      '/mnt/c/Windows',
      '/etc/bin',
    ]);
  });
});

describe('files.read', () => {
  it('expands the home and relative paths, and resolves links', () => {
    put(`${HOME}/.gitconfig`, '[user]');
    put('/srv/data/a');
    link(`${HOME}/data`, '/srv/data');
    expect(
      readPaths(['~/.gitconfig', '../data/'], { home: HOME, base: `${HOME}/project`, machineRoot: root }),
    ).toEqual({
      ok: true,
      binds: [
        {
          source: join(root, HOME, '.gitconfig'),
          target: `${HOME}/.gitconfig`,
          flags: 'ro,nosuid,nodev,rec',
          directory: false,
        },
        {
          source: join(root, '/srv/data'),
          target: `${HOME}/data`,
          flags: 'ro,nosuid,nodev,rec',
          directory: true,
        },
      ],
    });
    expect(expandPath('~', '/home/x', '/y')).toBe('/home/x');
    expect(expandPath('~x/y', '/home/x', '/y')).toBe('/y/~x/y');
  });

  it.each(['~/absent', '/'])('refuses %s and says why', (path) => {
    const result = readPaths([path], { home: HOME, base: '/', machineRoot: root });
    expect(result).toMatchObject({ ok: false, path });
  });
});

it('covers every program that this machine finds on its PATH', () => {
  const shown = toolchainView({ env: process.env, home: homedir() });
  const visible = (path: string) =>
    [...shown.binds.map(({ target }) => target), ...shown.symlinks.map((entry) => entry.path)].some(
      (target) => path === target || path.startsWith(`${target}/`),
    );
  for (const name of ['sh', 'env', 'node']) {
    const found = execFileSync('/bin/sh', ['-c', `command -v ${name} || true`], { encoding: 'utf8' }).trim();
    if (found.startsWith('/')) expect([found, visible(found)]).toEqual([found, true]);
  }
  for (const path of ['/etc/shadow', '/etc/sudoers', join(homedir(), '.ssh'), '/var', '/root/.npmrc']) {
    expect([path, visible(path)]).toEqual([path, false]);
  }
});
