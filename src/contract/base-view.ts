/**
 * The stated base of every file view, as data: what of a machine a cell may show besides what its contract names. The
 * compiler of plans makes views from it, the proof of plans holds them against it.
 *
 * @module
 */

/** Program folders that are shown whole. */
export const SYSTEM_ROOTS = ['/usr', '/opt', '/nix/store', '/gnu/store', '/snap'] as const;

/** Folders of the root that are links into /usr on a merged system, and folders of their own on others. */
export const MERGED_ROOTS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'] as const;

/** Names in /etc, by what needs them. Absent ones are no error. */
export const SYSTEM_NAMES = [
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
export const VERSIONED_NAMES =
  /^(python3(\.\d+)?|java(-[\w.-]+)?|openjdk-[\w.-]+|llvm-\d+|ruby[\d.]*|lua[\d.]*)$/;

/** A version manager: its root (variable, or folder of the home) and the parts of it that running programs needs. */
export interface Manager {
  variable?: string;
  inHome: string;
  parts: readonly string[];
  /** files of the home that say which version to use */
  settings?: readonly string[];
  /** another manager that this one's programs hand over to */
  with?: string;
}

/** Each documented by its own project; caches, sources, logs and credentials are left out. */
export const MANAGERS: readonly Manager[] = [
  { variable: 'CARGO_HOME', inHome: '.cargo', parts: ['bin', 'env'], with: '.rustup' },
  { variable: 'RUSTUP_HOME', inHome: '.rustup', parts: ['toolchains', 'settings.toml'] },
  {
    variable: 'PYENV_ROOT',
    inHome: '.pyenv',
    parts: ['bin', 'libexec', 'shims', 'versions', 'plugins', 'pyenv.d', 'completions', 'version'],
  },
  {
    variable: 'RBENV_ROOT',
    inHome: '.rbenv',
    parts: ['bin', 'libexec', 'shims', 'versions', 'plugins', 'version'],
  },
  { variable: 'NVM_DIR', inHome: '.nvm', parts: ['versions', 'alias', 'nvm.sh', 'nvm-exec'] },
  { variable: 'FNM_DIR', inHome: '.local/share/fnm', parts: ['node-versions', 'aliases'] },
  {
    variable: 'VOLTA_HOME',
    inHome: '.volta',
    parts: ['bin', 'tools/image', 'tools/user', 'volta', 'volta-shim', 'volta-migrate', 'layout.v4'],
  },
  {
    variable: 'ASDF_DATA_DIR',
    inHome: '.asdf',
    parts: ['bin', 'lib', 'libexec', 'shims', 'installs', 'plugins', 'asdf.sh'],
    settings: ['.tool-versions'],
  },
  {
    variable: 'MISE_DATA_DIR',
    inHome: '.local/share/mise',
    parts: ['shims', 'installs', 'plugins'],
    settings: ['.tool-versions'],
  },
  { variable: 'SDKMAN_DIR', inHome: '.sdkman', parts: ['candidates'] },
  { variable: 'BUN_INSTALL', inHome: '.bun', parts: ['bin', 'install/global'] },
  { variable: 'DENO_INSTALL', inHome: '.deno', parts: ['bin'] },
  { variable: 'GHCUP_INSTALL_BASE_PREFIX', inHome: '.ghcup', parts: ['bin', 'ghc', 'env'] },
];

/** Below a toolchain's root: where package clients keep tokens. */
export const CREDENTIAL_FILES = [
  '.npmrc',
  'etc/npmrc',
  'pip.conf',
  '.pypirc',
  '.netrc',
  'credentials',
  'credentials.toml',
  'auth.json',
] as const;

/** Folders of a home that are never shown, in whole or in part, because of a PATH entry. */
export const PRIVATE_IN_HOME = [
  '.ssh',
  '.gnupg',
  '.aws',
  '.azure',
  '.config',
  '.docker',
  '.kube',
  '.mozilla',
  '.password-store',
  '.local/share/keyrings',
  '.thunderbird',
];

/** Folders of a home that are too broad to be shown whole. */
export const BROAD_IN_HOME = [
  '',
  '.local',
  '.local/share',
  '.cache',
  'go',
  'Documents',
  'Desktop',
  'Downloads',
];

/** Host folders that no PATH entry may bring in. */
export const NEVER_SHOWN = ['/etc', '/proc', '/sys', '/dev', '/boot'];

/** Devices that are shown: they give nothing of the machine. */
export const DEVICES = ['null', 'zero', 'full', 'random', 'urandom', 'tty'] as const;

/** Files of /etc that a cell has of its own. */
export const OWN_FILES = [
  '/etc/passwd',
  '/etc/group',
  '/etc/nsswitch.conf',
  '/etc/resolv.conf',
  '/etc/hosts',
  '/etc/hostname',
  '/etc/machine-id',
] as const;

/** Host variables that say how to talk to the user, not who the user is. Besides them, those that begin with `LC_`. */
export const HARMLESS_VARIABLES = [
  'PATH',
  'LANG',
  'LANGUAGE',
  'TERM',
  'COLORTERM',
  'TZ',
  'NO_COLOR',
  'FORCE_COLOR',
  'COLUMNS',
  'LINES',
] as const;
