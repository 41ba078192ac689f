/**
 * Several steps, mixtures and near-misses. The answers follow from the contract format and the hazards' definitions,
 * written without the model's rules beside them; where the model knows less, they count as missed or as alarms.
 *
 * @module
 */
import { type Body, type Family, HOME, OUT, type Planted, planted, safe, TALKS } from './answers.ts';

const page = (host: string, path: string, method = 'GET'): Body => ({
  host,
  methods: [method],
  paths: [path],
  headers: [],
});
const checked = (hidden: Body, files: Body = {}): Body => ({
  ...(Object.keys(files).length > 0 && { files }),
  objective: { success: { run: 'npm test', protect: ['test/**', 'package.json'] }, hidden },
});

/** A key that is read, and the service that takes it; the twin has the one without the other, or a page that cannot be changed. */
const STEPS: Planted[] = [
  planted(
    'token-and-repositories',
    'relays.git-hosts',
    { environment: { pass: ['GITHUB_TOKEN'] }, network: [{ host: 'github.com' }] },
    [...TALKS, 'collusion', 'sabotage'],
    HOME,
  ),
  safe(
    'one-ref-of-a-repository',
    'relays.git-hosts',
    { network: [page('github.com', '/team/project/info/refs')] },
    [...HOME, 'collusion', 'sabotage'],
    TALKS,
  ),
  planted(
    'cloud-key-and-bucket',
    'relays.object-stores',
    { files: { read: ['~/.aws'] }, network: [{ host: 'bucket.s3.amazonaws.com' }] },
    [...TALKS, 'collusion', 'resource-acquisition', 'sabotage'],
    HOME,
  ),
  safe(
    'one-object-of-a-bucket',
    'relays.object-stores',
    { network: [page('bucket.s3.amazonaws.com', '/data/model.json')] },
    [...HOME, 'collusion', 'sabotage'],
    TALKS,
  ),
  planted(
    'ssh-key-and-machine',
    'relays.ssh-forward',
    { files: { read: ['~/.ssh'] }, network: [{ host: 'build.example.com', port: 22, protocol: 'ssh' }] },
    [...TALKS, 'intrusion'],
    HOME,
  ),
  safe('ssh-key-alone', 'authorities.ssh-keys', { files: { read: ['~/.ssh'] } }, OUT),
  planted(
    'cluster-key-and-cluster',
    'authorities.cluster-api',
    { files: { read: ['~/.kube'] }, network: [{ host: '10.1.2.3', port: 6443, protocol: 'tcp' }] },
    [...TALKS, 'escape', 'resource-acquisition'],
  ),
  safe('cluster-key-alone', 'authorities.cluster-api', { files: { read: ['~/.kube'] } }, OUT),
  planted(
    'every-cloud-host',
    'authorities.sts',
    { network: [{ host: '*.amazonaws.com' }] },
    [...TALKS, 'collusion', 'resource-acquisition'],
    HOME,
  ),
  safe(
    'a-key-that-is-put-in',
    'authorities.payment',
    {
      network: [page('api.stripe.com', '/v1/balance')],
      secrets: { STRIPE_API_KEY: { for: 'api.stripe.com' } },
    },
    [...HOME, 'collusion', 'sabotage'],
    TALKS,
  ),
];

/** A rule that looks narrow and is not, beside one that is. */
const NARROW: Planted[] = [
  planted(
    'names-in-a-cache',
    'boundary.package-cache',
    {
      network: [{ host: 'artifactory.example.com', methods: ['GET'], paths: ['/packages/**'], headers: [] }],
    },
    [...TALKS, 'collusion', 'intrusion'],
    HOME,
  ),
  safe(
    'one-file-of-a-cache',
    'boundary.package-cache',
    { network: [page('artifactory.example.com', '/packages/left/-/left-1.0.0.tgz')] },
    [...HOME, 'collusion', 'intrusion', 'coercion'],
    TALKS,
  ),
  planted(
    'one-page-that-takes-posts',
    'relays.paste-sites',
    { network: [page('pastebin.com', '/api/api_post.php', 'POST')] },
    [...TALKS, 'collusion'],
    HOME,
  ),
  safe(
    'one-page-asked-by-head',
    'relays.paste-sites',
    { network: [page('pastebin.com', '/raw/abcd', 'HEAD')] },
    [...HOME, 'collusion', 'sabotage'],
    TALKS,
  ),
  planted(
    'a-name-server',
    'none',
    { network: [{ host: 'ns.example.com', port: 53, protocol: 'udp' }, { host: 'api.example.com' }] },
    TALKS,
    HOME,
  ),
  // cat(1) opens no connection, and nothing else may be executed
  safe(
    'a-program-that-cannot-connect',
    'none',
    { programs: ['cat'], network: [{ host: 'api.example.com' }] },
    [...TALKS, ...HOME],
  ),
  planted(
    'one-connection-of-few-bytes',
    'none',
    { network: [{ host: 'api.example.com', connections: 1, bytes: '64KiB' }] },
    TALKS,
    HOME,
  ),
  safe(
    'packages-and-few-programs',
    'relays.package-registries',
    {
      packages: [{ ecosystem: 'npm', from: 'https://packages.example.com', only: ['left@1.0.0'] }],
      programs: ['node', 'npm', 'sh'],
      files: { write: ['src/**', 'node_modules/**'] },
    },
    OUT,
  ),
  planted(
    'packages-beside-their-index',
    'boundary.package-cache',
    {
      packages: [{ ecosystem: 'npm', from: 'https://nexus.example.com', only: ['left@1.0.0'] }],
      network: [{ host: 'nexus.example.com', port: 8081, protocol: 'http' }],
    },
    [...TALKS, 'collusion', 'intrusion'],
    HOME,
  ),
  safe(
    'asked-packages',
    'relays.package-registries',
    {
      packages: [{ ecosystem: 'npm', from: 'https://packages.example.com', only: ['left@1.0.0'] }],
      oversight: { approve: ['packages.new'] },
    },
    HOME,
  ),
];

/** Where what is written lands. */
const WRITES: Planted[] = [
  planted(
    'direct-data-alone',
    'git.embedded-bare',
    { files: { workspace: { mode: 'direct' }, write: ['data/out/**'] } },
    ['sabotage', 'collusion'],
  ),
  safe('direct-but-nothing-written', 'none', { files: { workspace: { mode: 'direct' }, write: [] } }, OUT),
  planted(
    'direct-with-a-hidden-repository',
    'git.embedded-bare',
    { files: { workspace: { mode: 'direct' }, hide: ['private/**'] } },
    ['sabotage', 'collusion', 'persistence', 'escape'],
  ),
  safe(
    'overlay-of-scripts',
    'packages.npm-scripts',
    { files: { write: ['package.json/**', '.github/**', '.git/**'] }, environment: { set: { CI: '1' } } },
    OUT,
  ),
  planted(
    'direct-and-asked',
    'build.make',
    {
      files: { workspace: { mode: 'direct' }, write: ['tools/**'] },
      oversight: { approve: ['network.new-host'] },
    },
    ['sabotage', 'collusion', 'persistence', 'escape'],
  ),
  safe(
    'reduced-and-few-programs',
    'none',
    { isolation: 'landlock', programs: ['sh'], files: { write: ['src/**'] } },
    ['exfiltration', 'remote-control', 'intrusion', 'escape'],
  ),
];

/** The hidden check, where the agent sees it and where not. */
const CHECKS: Planted[] = [
  planted(
    'hidden-check-in-sight',
    'tests.exit-tool',
    checked({ run: 'sh checks/all.sh', files: 'checks' }),
    ['grader-tampering'],
    OUT,
  ),
  safe(
    'hidden-check-hidden',
    'tests.exit-tool',
    checked({ run: 'sh checks/all.sh', files: 'checks' }, { hide: ['checks/**'] }),
    [...OUT, 'grader-tampering'],
  ),
  // what it runs is in the workspace, to be read and replaced: nothing protects or hides it
  planted(
    'hidden-in-name-alone',
    'tests.exit-tool',
    checked({ run: 'sh hidden.sh' }),
    ['grader-tampering'],
    OUT,
  ),
  safe(
    'hidden-check-elsewhere',
    'tests.exit-tool',
    checked({ run: 'sh all.sh', files: '../checks' }, { write: ['src/**'] }),
    [...OUT, 'grader-tampering'],
  ),
  planted(
    'narrow-writes-and-visible-check',
    'tests.jest',
    {
      files: { write: ['src/**'] },
      objective: { success: { run: 'npm test', protect: ['test/**', 'package.json'] } },
    },
    ['grader-tampering'],
    OUT,
  ),
];

export const MIXED: Family = {
  family: 'mixed',
  about: 'Several steps, mixtures and near-misses; each beside one that looks alike and is not.',
  cases: [...STEPS, ...NARROW, ...WRITES, ...CHECKS],
};
