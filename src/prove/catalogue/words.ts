/**
 * The words that entries of the catalogue are written in. Every word is explained, and proofs may rest on its meaning:
 * a word is added here before an entry uses it.
 *
 * @module
 */

/** What an affordance is. */
export const KINDS = {
  trigger: 'a file or variable that somebody else later runs, loads or obeys: who writes it, acts as them',
  relay: 'a service that passes data on: who reaches it, reaches more than it',
  authority: 'something whose possession gives rights: a key, a socket, a kernel interface',
  boundary:
    'a service on the allowed path that is itself attackable software, or keeps state which several runs share',
} as const;

/** With whose rights a trigger acts. */
export const ACTORS = {
  operator: 'the person who uses the workspace, with all that their account may do',
  ci: 'a build, deployment or dependency service, with its secrets',
  'other-user': 'another account of the machine, such as root or whoever uses a shared folder',
  service: 'a daemon or manager that runs without anyone there',
  agent: 'the next AI agent that works here, with what it is allowed',
} as const;

/** What is gained. `secrets:` is followed by one of {@link SECRETS}. */
export const GAINS = {
  'code-execution': 'commands of the writer’s choosing run with the rights of the one who is triggered',
  instructions: 'text of the writer’s choosing is obeyed by another agent',
  'dependency-choice': 'decides which code others fetch and run',
  network: 'connections leave from outside of the cell',
  publish: 'data can be made readable to people outside',
  'message-board': 'what one run leaves, another run can read',
  'server-side-fetch': 'the service makes requests of the caller’s choosing',
  inbound: 'someone outside can open connections to the inside',
  'host-files': 'files of the machine outside of the cell’s view can be read or written',
  'host-processes': 'processes outside of the cell can be seen, changed or ended',
  'input-capture': 'keys, screen or clipboard of a person can be read or forged',
  kernel: 'code or data of the kernel can be read or changed',
  root: 'the machine’s root rights',
  persistence: 'takes effect again after the run has ended, without its doing',
  compute: 'compute beyond the granted',
  credentials: 'new keys, tokens or accounts can be made',
  money: 'money can be spent',
  people: 'messages reach people, as if from somebody they trust',
  'shared-artefact': 'what others will fetch and use can be replaced',
  grading: 'decides what counts as success',
  oversight: 'changes or hides what overseers see',
  destruction: 'data or services can be destroyed for good',
} as const;

/** Whose secrets `secrets:` means. */
export const SECRETS = {
  any: 'every secret that the one who is triggered can read',
  git: 'access to git hosts',
  ssh: 'SSH keys, or their use',
  gpg: 'GnuPG keys, or their use',
  cloud: 'a cloud account or role',
  registry: 'publishing rights at a package or image registry',
  ci: 'secrets of the build service',
  browser: 'cookies, sessions and saved passwords of a browser',
  keyring: 'a desktop keyring or password store',
  model: 'keys of a model provider',
  database: 'access to databases',
  kubernetes: 'access to a cluster',
  container: 'image registry logins',
  vpn: 'membership of a private network',
  mail: 'a mailbox or mail-sending account',
  payment: 'a payment account',
  host: 'password hashes and keys of the machine',
  data: 'data sets, model weights and research artefacts',
} as const;

/** Settings of containers and pods, as importers of other sandboxes name them; `cap:` is followed by a capability. */
export const CONTAINER_WORDS = {
  privileged: 'all capabilities, all devices, no filter, no masks',
  hostNetwork: 'the machine’s network namespace',
  hostPID: 'the machine’s process namespace',
  hostIPC: 'the machine’s IPC namespace',
  hostUsers: 'no user namespace: root inside is root outside',
  hostCgroup: 'the machine’s control-group namespace, or its tree writable',
  hostPath: 'a folder of the machine is mounted',
  hostDevice: 'a device of the machine is handed in',
  hostPort: 'a port of the machine leads inside',
  unconfinedSeccomp: 'no system call filter',
  unconfinedLsm: 'no AppArmor or SELinux profile',
  unmaskedProc: 'the masked parts of /proc and /sys are open',
  allowPrivilegeEscalation: 'no_new_privs is not set',
  runAsRoot: 'the program runs as user 0',
  writableRoot: 'the image’s own files can be changed',
  sharedVolume: 'a volume that other containers mount, too',
  serviceAccountToken: 'the cluster’s token is mounted',
  noLimits: 'no limit on memory, processes or CPU',
  restartAlways: 'started again whenever it ends',
} as const;

/** Services that have no name of their own to match: an organisation runs its own under any name. */
export const SERVICES = {
  'any-host': 'a rule that lets the program reach names of its own choosing',
  dns: 'a resolver that forwards questions',
  'package-index': 'an index that packages are installed from, reached directly',
  'package-cache': 'a caching proxy of package indexes',
  'http-proxy': 'a forward proxy',
  'artefact-store': 'a store of build results',
  'build-cache': 'a remote cache of compilations',
  'object-store': 'buckets of objects under keys',
  'container-registry': 'an image registry',
  'git-host': 'a server of git repositories',
  'code-evaluation': 'a service that runs submitted code',
  'dataset-hub': 'a host of data sets and model weights',
  'mesh-vpn': 'a coordinated private network',
  notebook: 'a notebook server that several use',
  'message-queue': 'a broker of queues or topics',
  database: 'a database server',
  'key-value-store': 'a shared cache or coordination store',
  'feature-store': 'a store of features for models',
  'vector-store': 'a store of embeddings that prompts are filled from',
  'sandbox-manager': 'an API that starts sandboxes',
  'mcp-server': 'a server of tools for agents',
  'model-api': 'a model provider’s API',
  'experiment-tracker': 'a store of runs, metrics and models',
  'link-local-metadata': 'the instance-metadata service at the cloud’s link-local address',
  'ci-identity': 'the build service’s token endpoint',
  'token-service': 'a service that turns one credential into another',
  'secret-manager': 'a store of secrets',
  'cluster-api': 'a cluster’s control API',
  'compute-scheduler': 'a scheduler of jobs on shared machines or GPUs',
  'payment-api': 'an API that moves money',
  mail: 'a mail server',
  chat: 'a chat service',
  'shared-filesystem': 'a network file system',
  telemetry: 'a collector of errors, traces or metrics',
  'time-server': 'a time server',
  icmp: 'echo requests',
  grader: 'a service that grades results',
  logging: 'a collector of logs and audit records',
} as const;

export type Kind = keyof typeof KINDS;
export type Actor = keyof typeof ACTORS;
export type Gain = keyof typeof GAINS | `secrets:${keyof typeof SECRETS}`;
export type ServiceWord = keyof typeof SERVICES;

export const keysOf = <Words extends object>(words: Words): (keyof Words & string)[] =>
  Object.keys(words) as (keyof Words & string)[];

export const ALL_GAINS: readonly Gain[] = [
  ...keysOf(GAINS),
  ...keysOf(SECRETS).map((which): Gain => `secrets:${which}`),
];
