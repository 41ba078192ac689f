/**
 * What docker, compose and pods have in common: a container's settings in the catalogue's words.
 *
 * @module
 */
import { isWithin } from '../../contract/index.ts';
import type { NetworkMode, Source } from '../setting/index.ts';
import type { Draft } from './draft.ts';
import { locate } from './paths.ts';
import { type Led, serviceOfVariable } from './services.ts';
import { unknownValue } from './shell.ts';

/** Capabilities that Docker keeps: Docker documentation, Runtime privilege and Linux capabilities. */
const KEPT =
  'AUDIT_WRITE CHOWN DAC_OVERRIDE FOWNER FSETID KILL MKNOD NET_BIND_SERVICE NET_RAW SETFCAP SETGID SETPCAP SETUID SYS_CHROOT'.split(
    ' ',
  );

/** capabilities(7). */
const CAPABILITIES = new Set([
  ...KEPT,
  'ALL',
  ...'AUDIT_CONTROL AUDIT_READ BLOCK_SUSPEND BPF CHECKPOINT_RESTORE DAC_READ_SEARCH IPC_LOCK IPC_OWNER LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE NET_ADMIN NET_BROADCAST PERFMON SYSLOG SYS_ADMIN SYS_BOOT SYS_MODULE SYS_NICE SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM'.split(
    ' ',
  ),
]);

/** Folders of programs and settings, where nothing listens: Filesystem Hierarchy Standard 3.0, chapters 3 and 4; sysfs(5). */
const STILL = ['/bin', '/boot', '/etc', '/lib', '/lib32', '/lib64', '/sbin', '/sys', '/usr'];
/** Names of single files, which are neither sockets nor folders with sockets in them. */
const ONE_FILE =
  /\.(cfg|conf|crt|csv|env|gitconfig|gz|img|ini|iso|jar|js|json|jsonl|key|lock|log|md|pem|pub|py|sh|so|sql|tgz|toml|txt|xml|ya?ml|zip)$/;

/** What an engine counts as 0, 0x0 for instance: strconv.ParseInt with any base. */
const ZERO = /^[+-]?0[0xob._]*$/i;

/** From the network that leads nowhere to the one that leads furthest. */
const NETWORKS: readonly NetworkMode['mode'][] = ['none', 'named', 'all', 'machine'];

export interface Named {
  readonly source: Source;
  readonly text: string;
}

export interface Bind {
  /** As written: a path of the machine's. */
  readonly from: string;
  readonly inside: string;
  readonly readOnly: boolean;
}

export interface Volume {
  readonly name: string;
  readonly inside: string;
  readonly readOnly: boolean;
  readonly shared: boolean;
}

/** Gathers a container's settings; what is absent at the end has the engine's default. */
export class Container {
  readonly draft: Draft;
  /** Where the container itself is written: the place of its defaults. */
  readonly source: Source;
  #privileged = false;
  #escalation: Source | false;
  #rootIsReadOnly = false;
  #user: Named | undefined;
  #hasUserNamespace = false;
  #startedBy: Source | undefined;
  #isJoined = false;
  readonly #limits = new Set<string>();
  readonly #led: (Led & { source: Source })[] = [];

  constructor(draft: Draft, source: Source) {
    this.draft = draft;
    this.source = source;
    this.#escalation = source;
    draft.programs.push({ ...source, program: 'any' });
  }

  get isPrivileged(): boolean {
    return this.#privileged;
  }

  privileged(source: Source): void {
    this.#privileged = true;
    this.draft.word(source, 'privileged');
  }

  /** What is added to the engine's own; these are not said again, they are what a container is. */
  addCapabilities(added: readonly Named[]): void {
    for (const { source, text } of added) {
      const name = text.toUpperCase().replace(/^CAP_/, '');
      if (!CAPABILITIES.has(name)) this.draft.unexpressed(source, `what the capability ${text} gives`);
      else if (!KEPT.includes(name)) this.draft.word(source, `cap:${name}`);
    }
  }

  /** `false`: programs gain nothing by set-user-ID files. */
  allowEscalation(source: Source, allowed: boolean): void {
    this.#escalation = allowed && source;
  }

  readOnlyRoot(value: boolean): void {
    this.#rootIsReadOnly = value;
  }

  user(named: Named): void {
    this.#user = named;
  }

  notRoot(source: Source): void {
    this.#user = { source, text: 'not root' };
  }

  userNamespace(): void {
    this.#hasUserNamespace = true;
  }

  /** Podman’s: of its own where an ordinary user starts it. Who does is not written. */
  userNamespaceUnlessRoot(source: Source): void {
    this.#hasUserNamespace = true;
    this.#startedBy = source;
  }

  /** A network that is joined. Of several the one that leads furthest counts, whatever their order. */
  join(network: NetworkMode): void {
    const { draft } = this;
    const rank = ({ mode }: NetworkMode): number => NETWORKS.indexOf(mode);
    if (!this.#isJoined || rank(network) > rank(draft.network)) draft.network = network;
    this.#isJoined = true;
  }

  /** A limit on memory, processes or CPU; 0 and less are none. */
  limit(what: 'memory' | 'processes' | 'CPU', value: string): void {
    if (/^\s*(-.*|\+?[0.]+\s*[a-z]*|unlimited|max)?\s*$/i.test(value)) return;
    if (value.includes('${'))
      this.draft.unexpressed(this.source, `how much ${what} ${value} is`, [
        'resource-acquisition',
        'sabotage',
      ]);
    this.#limits.add(what);
  }

  bind(source: Source, { from, inside, readOnly }: Bind): void {
    const found = locate(from);
    const { draft } = this;
    if (!found.ok) {
      draft.word(source, 'hostPath', from);
      draft.unexpressed(source, `${found.text}, mounted at ${inside}`);
      return;
    }
    const { space, path } = found;
    if (space === 'machine' && /\.sock(et)?$/.test(path)) {
      // connecting needs no right that a read-only mount takes away: connect(2), unix(7)
      draft.sockets.push({ ...source, path });
      return;
    }
    if (space === 'machine') draft.word(source, 'hostPath', path);
    if (isWithin(path, '/dev') && space === 'machine') draft.word(source, 'hostDevice', path);
    const meets = (folder: string): boolean => isWithin(path, folder) || isWithin(folder, path);
    if (space === 'machine' && !readOnly) {
      if (path !== '/' && meets('/sys/fs/cgroup')) draft.word(source, 'hostCgroup', path);
      if (meets('/proc')) draft.word(source, 'unmaskedProc', path);
    }
    if (space === 'machine') this.#addSocketsOf(source, path);
    draft.files.push({
      ...source,
      space,
      path,
      inside,
      read: true,
      write: !readOnly,
      execute: true,
      lands: 'at once',
      except: [],
    });
  }

  /** Sockets in a folder, and the path itself, which may be one: a read-only mount does not close them. */
  #addSocketsOf(source: Source, path: string): void {
    const { sockets } = this.draft;
    for (const folder of ['/run', '/var/run', '/tmp'])
      if (path !== folder && isWithin(folder, path)) sockets.push({ ...source, path: `${folder}/**` });
    if (path === '/' || ONE_FILE.test(path) || STILL.some((folder) => isWithin(path, folder))) return;
    // of devices only the log and what programs make in memory are sockets
    if (/^\/dev\/(?!log$|shm(\/|$))/.test(path)) return;
    // /var/run is another name of /run: Filesystem Hierarchy Standard 3.0, section 5.13
    const other = isWithin(path, '/run')
      ? [`/var${path}`]
      : isWithin(path, '/var/run')
        ? [path.slice('/var'.length)]
        : [];
    for (const each of [path, ...other])
      sockets.push({ ...source, path: each }, { ...source, path: `${each}/**` });
  }

  volume(source: Source, { name, inside, readOnly, shared }: Volume): void {
    if (shared) this.draft.word(source, 'sharedVolume', name);
    this.draft.files.push({
      ...source,
      space: 'volume',
      path: '**',
      inside,
      read: true,
      write: !readOnly,
      execute: true,
      lands: 'kept',
      except: [],
      volume: name,
      shared,
    });
  }

  /** Files of the run's own: a tmpfs, an unnamed volume. */
  scratch(source: Source, inside: string): void {
    this.draft.files.push({
      ...source,
      space: 'private',
      path: '**',
      inside,
      read: true,
      write: true,
      execute: true,
      lands: 'never',
      except: [],
    });
  }

  device(source: Source, device: string): void {
    if (/^[^/]+\/[^/=]+=./.test(device)) this.draft.gpus.push({ ...source, text: device });
    this.draft.word(source, 'hostDevice', /^\//.test(device) ? device.replace(/:.*$/, '') : device);
    if (device.includes('${')) this.draft.unexpressed(source, `which device ${device} is`);
  }

  /** A port of the machine that leads inside. */
  publish(
    source: Source,
    port: {
      address: string | undefined;
      outside: number | 'any';
      inside: number | 'any';
      protocol: 'tcp' | 'udp';
    },
  ): void {
    const { address, outside, inside, protocol } = port;
    const isLoopback = address !== undefined && /^(127\.|localhost$|\[?::1\]?$)/.test(address);
    this.draft.word(
      source,
      'hostPort',
      `${address === undefined ? '' : `${address}:`}${outside}:${inside}/${protocol}`,
    );
    this.draft.inbound.push({
      ...source,
      port: outside,
      inside,
      protocol,
      from: isLoopback ? 'machine' : 'anyone',
    });
  }

  /** `value` is absent where the operator's own is passed on. */
  variable(source: Source, name: string, value: string | undefined): void {
    const isPassed = value === undefined || value === unknownValue(name);
    this.draft.variables.push({ ...source, name, from: isPassed ? 'passed' : 'set' });
    const led = value === undefined ? undefined : serviceOfVariable(name, value);
    if (led !== undefined) this.#led.push({ source, ...led });
  }

  /** Where variables lead: a variable opens no way, it says what is at the end of one that is there. */
  #addLed(): void {
    const { destinations, network } = this.draft;
    for (const { source, host, port, word } of this.#led) {
      const [label] = host.split('.');
      const open = destinations.findIndex((each) => each.host === host || each.host.split('.')[0] === label);
      const there = destinations[open];
      if (there !== undefined) {
        if (!there.services.includes(word))
          destinations[open] = { ...there, services: [...there.services, word] };
      } else if (network.mode === 'all' || network.mode === 'machine')
        destinations.push({
          ...source,
          host,
          port,
          protocol: 'any',
          addresses: [],
          services: [word],
          shared: true,
        });
    }
  }

  /** States what was not written. */
  finish(): void {
    const { draft, source } = this;
    this.#addLed();
    const [, user = ''] = /^([^:]*)/.exec(this.#user?.text ?? '') ?? [];
    const from = this.#user?.source ?? source;
    const isRoot = user === 'root' || ZERO.test(user);
    // $UID is root's own where root starts it
    const runsAs = isRoot ? 'root' : /^([1-9]\d{0,9}|not root)$/.test(user) ? 'other' : 'unknown';
    const mayBeRoot = runsAs !== 'other' || (this.#escalation !== false && !this.#privileged);
    if (this.#startedBy !== undefined && mayBeRoot)
      draft.unexpressed(
        this.#startedBy,
        'whether root starts podman: root inside is root on the machine then',
      );
    draft.isolation = { ...draft.isolation, user: this.#hasUserNamespace ? 'other' : runsAs };
    if (isRoot) draft.word(from, 'runAsRoot');
    else if (user === '') draft.word(from, 'runAsRoot', 'unless the image names another user');
    if (!this.#hasUserNamespace && !draft.hasWord('hostUsers'))
      draft.word(source, 'hostUsers', 'the engine’s default');
    if (this.#escalation !== false && !this.#privileged)
      draft.word(this.#escalation, 'allowPrivilegeEscalation');
    if (!this.#rootIsReadOnly) draft.word(source, 'writableRoot');
    const missing = ['memory', 'processes', 'CPU'].filter((what) => !this.#limits.has(what));
    if (missing.length > 0) draft.word(source, 'noLimits', missing.join(', '));
    draft.files.push({
      ...source,
      space: 'private',
      path: '/**',
      inside: '/',
      read: true,
      write: !this.#rootIsReadOnly,
      execute: true,
      lands: 'never',
      except: [],
    });
  }
}
