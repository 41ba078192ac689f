/**
 * The options of `docker run` and `docker create`, with those that podman and nerdctl add: which take a value, and which letters
 * stand for them.
 *
 * Source: Docker CLI reference, docker container run; podman-run(1).
 *
 * @module
 */
import type { Position } from '../../contract/index.ts';
import type { Word } from './shell.ts';

const VALUED =
  `add-host annotation arch attach authfile blkio-weight blkio-weight-device cap-add cap-drop cgroup-conf cgroup-parent
 cgroupns cgroups chrootdirs cidfile conmon-pidfile cpu-count cpu-percent cpu-period cpu-quota cpu-rt-period cpu-rt-runtime cpu-shares cpus
 cpuset-cpus cpuset-mems decryption-key detach-keys device device-cgroup-rule device-read-bps device-read-iops device-write-bps device-write-iops
 dns dns-opt dns-option dns-search domainname entrypoint env env-file env-merge expose gidmap gpus group-add group-entry health-cmd
 health-interval health-on-failure health-retries health-start-interval health-start-period health-timeout hostname hosts-file hostuser
 image-volume init-path io-maxbandwidth io-maxiops ip ip6 ipc isolation kernel-memory label label-file link link-local-ip log-driver log-opt
 mac-address memory memory-reservation memory-swap memory-swappiness mount name net net-alias network network-alias oom-score-adj os
 passwd-entry personality pid pidfile pids-limit platform pod pod-id-file preserve-fd preserve-fds publish pull rdt-class requires restart runtime
 sdnotify seccomp-policy secret security-opt shm-size shm-size-systemd stop-signal stop-timeout storage-opt subgidname subuidname sysctl
 systemd timeout tmpfs tz uidmap ulimit umask unsetenv user userns uts variant volume volume-driver volumes-from workdir`
    .split(/\s+/)
    .filter((name) => name !== '');

const FLAGS =
  `detach disable-content-trust env-host help http-proxy init interactive no-healthcheck no-hostname no-hosts oom-kill-disable
 passwd privileged publish-all quiet read-only read-only-tmpfs replace rm rmi rootfs sig-proxy tls-verify tty unsetenv-all use-api-socket`
    .split(/\s+/)
    .filter((name) => name !== '');

const LETTERS: Readonly<Record<string, string>> = {
  a: 'attach',
  c: 'cpu-shares',
  d: 'detach',
  e: 'env',
  h: 'hostname',
  i: 'interactive',
  l: 'label',
  m: 'memory',
  p: 'publish',
  P: 'publish-all',
  q: 'quiet',
  t: 'tty',
  u: 'user',
  v: 'volume',
  w: 'workdir',
};

export interface Option {
  /** Its long name. */
  readonly name: string;
  /** `true` and `false` for those without a value. */
  readonly value: string;
  /** As typed, with its value. */
  readonly typed: string;
  readonly at: Position;
  readonly known: boolean;
}

export interface Line {
  readonly options: readonly Option[];
  /** The image and what follows it. */
  readonly image: Word | undefined;
  readonly rest: readonly Word[];
  /** An option that wants a value and is the line's last word. */
  readonly lacking?: Word;
}

/** Values that are not known, and may be several words with options among them; images have names that say so. */
function mayBeOptions({ text, quoted }: Word): boolean {
  if (/^\$\{[^}]*\[@\]\}$/.test(text)) return true;
  if (quoted || !/^\$\{[^}]*\}$/.test(text)) return false;
  return !/image|img|tag|repo|container/i.test(text) || /opt|arg|flag|param|extra|with/i.test(text);
}

/** `{a,b}` and `{a..b}`, which the shell makes several words of: bash(1), Brace Expansion. */
const isSeveral = ({ text, quoted }: Word): boolean =>
  !quoted && /\{[^{}]*(,|\.\.)[^{}]*\}/.test(text.replaceAll(/\$\{[^}]*\}/g, ''));

/** Options and image of the words behind `run`. */
export function readOptions(words: readonly Word[]): Line {
  const options: Option[] = [];
  const valued = new Set(VALUED);
  const flags = new Set(FLAGS);
  let at = 0;
  const done = (): Line => ({ options, image: words[at], rest: words.slice(at + 1) });
  while (at < words.length) {
    const word = words[at] as Word;
    if (word.text === '--') {
      at += 1;
      return done();
    }
    if (isSeveral(word)) {
      options.push({ name: word.text, value: '', typed: word.text, at: word.at, known: false });
      at += 1;
      continue;
    }
    if (!word.text.startsWith('-') || word.text === '-') {
      if (!mayBeOptions(word) || words[at + 1] === undefined) return done();
      options.push({ name: word.text, value: '', typed: word.text, at: word.at, known: false });
      at += 1;
      continue;
    }
    at += 1;
    const next = words[at];
    const take = (name: string, typed: string): boolean => {
      if (next === undefined) return false;
      options.push({ name, value: next.text, typed: `${typed} ${next.text}`, at: word.at, known: true });
      at += 1;
      return true;
    };
    const long = /^--([^=]+)(?:=([\s\S]*))?$/.exec(word.text);
    if (long !== null) {
      const [, name, value] = long as unknown as [string, string, string | undefined];
      const own = { name, typed: word.text, at: word.at };
      if (value !== undefined) options.push({ ...own, value, known: valued.has(name) || flags.has(name) });
      else if (flags.has(name)) options.push({ ...own, value: 'true', known: true });
      else if (valued.has(name)) {
        if (!take(name, word.text)) return { ...done(), lacking: word };
      } else {
        options.push({ ...own, value: '', known: false });
        // whether it takes the next word is not known; it does where an image can still follow
        if (next !== undefined && !next.text.startsWith('-') && words[at + 1] !== undefined) at += 1;
      }
      continue;
    }
    const letters = [...word.text.slice(1)];
    for (const [index, letter] of letters.entries()) {
      const name = LETTERS[letter];
      const typed = `-${letter}`;
      if (name === undefined)
        options.push({ name: typed, value: '', typed: word.text, at: word.at, known: false });
      else if (flags.has(name)) {
        options.push({ name, value: 'true', typed, at: word.at, known: true });
        continue;
      } else if (index < letters.length - 1) {
        const value = letters
          .slice(index + 1)
          .join('')
          .replace(/^=/, '');
        options.push({ name, value, typed: `${typed} ${value}`, at: word.at, known: true });
      } else if (!take(name, typed)) return { ...done(), lacking: word };
      break;
    }
  }
  return done();
}
