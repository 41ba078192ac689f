/**
 * How programs read their arguments: which options take a value. A word is an option only as the program itself would
 * see it; `-fNR8080:localhost:22` holds the option R.
 *
 * @module
 */

/** Short options that take a value, as in getopt(3), per program; from the manual pages of the versions in Debian 12. */
const SHORT_VALUES: Readonly<Record<string, string>> = {
  ssh: 'BbcDEeFIiJLlmOopQRSWw',
  scp: 'cFiJloPSDX',
  sftp: 'BbcDFiJloPRSsX',
  autossh: 'MBbcDEeFIiJLlmOopQRSWw',
  dbclient: 'piLRlcmWKIBJob',
  curl: 'AbcCdDeEFHhKmoPQrtTuUwxXyYz',
  wget: 'aBDeeIiloOPQRtTUwX',
  git: 'Cc',
  nc: 'cegGiIoOpPqsTVwxX',
  ncat: 'cegGimpoosxw',
  psql: 'cdfFhLopPRTUv',
  mysql: 'eDhPSu',
  mariadb: 'eDhPSu',
  tar: 'bCfFgHIKLNTVX',
  rsync: 'BefMT',
  kill: 'ns',
  pkill: 'FgGPstuU',
  killall: 'nsuyo',
  xmrig: 'aoupkt',
  nmap: 'DeEgiIMmopST',
  socat: 'Llb',
  crontab: 'u',
  at: 'fqt',
  tee: '',
  chmod: '',
  truncate: 'ors',
  shred: 'ns',
  find: '',
  sudo: 'CDghpRrTtu',
  docker: 'HclD',
  kubectl: 'nfLlo',
  zip: 'bnPtx',
  '7z': '',
};

/** Long options whose value is the next word, where it matters. */
const LONG_VALUES: Readonly<Record<string, readonly string[]>> = {
  curl: [
    ...[
      'request',
      'data',
      'data-binary',
      'data-raw',
      'data-urlencode',
      'json',
      'form',
      'upload-file',
      'header',
    ],
    ...[
      'user',
      'output',
      'url',
      'proxy',
      'socks5',
      'socks5-hostname',
      'cookie',
      'config',
      'user-agent',
      'max-time',
    ],
    ...['connect-timeout', 'retry', 'cacert', 'cert', 'key', 'resolve', 'referer'],
  ],
  wget: ['method', 'post-file', 'post-data', 'body-file', 'body-data', 'header', 'output-document', 'user'],
  psql: ['command', 'file', 'dbname', 'host', 'port', 'username', 'variable'],
  mysql: ['execute', 'host', 'port', 'user', 'database'],
  mariadb: ['execute', 'host', 'port', 'user', 'database'],
  git: ['git-dir', 'work-tree', 'namespace'],
  ncat: ['exec', 'sh-exec', 'lua-exec', 'proxy', 'proxy-type'],
  nc: ['exec', 'sh-exec'],
  xmrig: ['url', 'user', 'pass', 'algo', 'coin', 'threads'],
  truncate: ['size', 'reference'],
  rsync: ['rsh', 'exclude', 'include', 'files-from'],
  tar: ['file', 'directory', 'exclude'],
  npm: ['registry', 'workspace', 'prefix'],
  docker: ['volume', 'mount', 'name', 'network', 'pid', 'cap-add', 'device', 'security-opt', 'user', 'env'],
};

/** Options of one dash that are long all the same. */
const SINGLE_DASH_LONG = new Set([
  'find',
  'java',
  'openssl',
  'terraform',
  'go',
  'ffmpeg',
  '7z',
  'zip',
  'chisel',
  'iodine',
]);

/** What follows the host and is no option is the command there, with options of its own (ssh(1)). */
const TO_HOST = new Set(['ssh', 'autossh', 'dbclient', 'plink']);

export interface Parsed {
  /** names without dashes, as given: `r`, `force`, `delete` */
  flags: string[];
  /** `name=value` */
  options: string[];
  operands: string[];
}

/** @param words what follows the program's name */
export function parseArguments(program: string, words: readonly string[]): Parsed {
  const parsed: Parsed = { flags: [], options: [], operands: [] };
  const values = SHORT_VALUES[program] ?? '';
  const longValues = LONG_VALUES[program] ?? [];
  const take = (name: string, value: string | undefined) => {
    parsed.flags.push(name);
    if (value !== undefined) parsed.options.push(`${name}=${value}`);
  };
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (word === '--') {
      parsed.operands.push(...words.slice(at + 1));
      break;
    }
    if (word.startsWith('--') || (SINGLE_DASH_LONG.has(program) && /^-[A-Za-z]/.test(word))) {
      const [name = '', value] = splitOnce(word.replace(/^--?/, ''), '=');
      if (value !== undefined) take(name, value);
      else if (longValues.includes(name)) take(name, words[++at]);
      else take(name, undefined);
      continue;
    }
    if (/^-[^-]/.test(word)) {
      for (let letter = 1; letter < word.length; letter++) {
        const name = word.charAt(letter);
        if (!values.includes(name)) {
          take(name, undefined);
          continue;
        }
        const attached = word.slice(letter + 1);
        take(name, attached === '' ? words[++at] : attached);
        break;
      }
      continue;
    }
    parsed.operands.push(word);
    if (TO_HOST.has(program) && parsed.operands.length === 2) {
      parsed.operands.push(...words.slice(at + 1));
      break;
    }
  }
  return parsed;
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
