/**
 * The system's part of the view: program folders whole, and from /etc only what programs need to run.
 *
 * @module
 */
import { hostPath, isWithin, listFolder, lookAt, readLink, readText, resolveLinks } from './host.ts';
import { holdsSecret } from './secrets.ts';
import { type Machine, READ_ONLY, type View } from './types.ts';

/** Program folders that are shown whole. */
export const SYSTEM_ROOTS = ['/usr', '/opt', '/nix/store', '/gnu/store', '/snap'] as const;

/** Folders of the root that are links into /usr on a merged system, and folders of their own on others. */
const MERGED = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'] as const;

/** Names in /etc, by what needs them. Absent ones are no error. */
const ETC = [
  // the loader and the choice between installed programs
  ...['ld.so.cache', 'ld.so.conf', 'ld.so.conf.d', 'ld.so.preload', 'alternatives'],
  ...['ld-musl-x86_64.path', 'ld-musl-aarch64.path'],
  // certificates of authorities, never keys
  ...[
    'ssl/certs',
    'ssl/cert.pem',
    'ssl/openssl.cnf',
    'ca-certificates',
    'ca-certificates.conf',
    'crypto-policies',
  ],
  ...['pki/tls/certs', 'pki/tls/cert.pem', 'pki/tls/openssl.cnf', 'pki/ca-trust', 'ssl/ca-bundle.pem'],
  // time, locale, terminal, shell
  ...['localtime', 'timezone', 'locale.conf', 'locale.alias', 'terminfo', 'inputrc', 'shells'],
  ...[
    'bash.bashrc',
    'bashrc',
    'profile',
    'profile.d',
    'zsh',
    'zshenv',

    'nanorc',
    'vim',
    'papersize',
  ],
  // names of services, protocols, types of files
  ...['services', 'protocols', 'ethertypes', 'rpc', 'networks', 'gai.conf', 'host.conf', 'netconfig'],
  ...['mime.types', 'mailcap', 'magic', 'magic.mime', 'fonts', 'xml', 'sgml', 'groff', 'manpath.config'],
  // what system this is
  ...['debian_version', 'os-release', 'lsb-release', 'redhat-release', 'fedora-release', 'system-release'],
  ...['alpine-release', 'arch-release', 'SuSE-release', 'issue', 'dpkg/origins'],
  // languages and tools
  ...[
    'python',
    'python2.7',
    'perl',
    'php',
    'php.d',
    'php.ini',
    'R',
    'julia',
    'gdb',

    'ImageMagick-6',
  ],
  ...[
    'ImageMagick-7',
    'glvnd',
    'OpenCL',
    'vulkan',
    'texmf',
    'maven',
    'ant.conf',
    'gitconfig',
    'gitattributes',
  ],
  ...['npmrc', 'pip.conf', 'wgetrc', 'mke2fs.conf', 'nix/nix.conf', 'static'],
] as const;

/** Names in /etc with a version in them. */
const ETC_VERSIONED = /^(python3(\.\d+)?|java(-[\w.-]+)?|openjdk-[\w.-]+|llvm-\d+|ruby[\d.]*|lua[\d.]*)$/;

/** Files up to this size in bytes are copied into the view: cheaper than a mount, and their text can be checked. */
const COPY_LIMIT = 16_384;

function addSystemRoots(machine: Machine, view: View): void {
  for (const path of SYSTEM_ROOTS) {
    const real = resolveLinks(machine, path);
    if (real && lookAt(machine, real)?.isDirectory()) {
      view.binds.push({ source: hostPath(machine, real), target: path, flags: READ_ONLY, directory: true });
    }
  }
  for (const path of MERGED) {
    const stats = lookAt(machine, path);
    if (stats?.isSymbolicLink()) view.symlinks.push({ link: readLink(machine, path), path });
    else if (stats?.isDirectory()) {
      view.binds.push({ source: hostPath(machine, path), target: path, flags: READ_ONLY, directory: true });
    }
  }
}

/** Show one file or folder of /etc at its own path. Only what everybody may read is shown. */
function addEtc(machine: Machine, view: View, path: string): void {
  const stats = lookAt(machine, path);
  if (!stats) return;
  const real = stats.isSymbolicLink() ? resolveLinks(machine, path) : path;
  if (!real) return;
  if (stats.isSymbolicLink() && SYSTEM_ROOTS.some((root) => isWithin(real, root))) {
    view.symlinks.push({ link: readLink(machine, path), path });
    return;
  }
  const target = real === path ? stats : lookAt(machine, real);
  if (!target) return;
  if ((target.mode & 0o004) === 0) {
    view.leftOut.push({ path, reason: 'not readable by everybody on this machine' });
    return;
  }
  if (target.isFile() && target.size <= COPY_LIMIT) {
    const content = readText(machine, real);
    if (content === undefined) return;
    if (holdsSecret(content)) view.leftOut.push({ path, reason: 'it seems to hold a password or token' });
    else view.files.push({ path, mode: '0644', content });
  } else if (target.isFile() || target.isDirectory()) {
    view.binds.push({
      source: hostPath(machine, real),
      target: path,
      flags: READ_ONLY,
      directory: target.isDirectory(),
    });
  }
}

/** Add the system's folders and its /etc to a view. */
export function addSystem(machine: Machine, view: View): void {
  addSystemRoots(machine, view);
  const names = new Set<string>(ETC);
  for (const { name } of listFolder(machine, '/etc')) if (ETC_VERSIONED.test(name)) names.add(name);
  for (const name of names) {
    // shell start files are looked at one by one: proxies with passwords live there
    if (name === 'profile.d') {
      for (const file of listFolder(machine, `/etc/${name}`))
        addEtc(machine, view, `/etc/${name}/${file.name}`);
    } else addEtc(machine, view, `/etc/${name}`);
  }
}
