/**
 * Files outside the workspace, hidden files, and secrets: read, changed, reached by other names.
 *
 * @module
 */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Attempt, Judge } from '../attempt.ts';
import type { Host } from '../host.ts';
import { any, claims, exists, filled, lost, marked, modeHas, printedSecret } from '../judges.ts';
import { needsRoot } from '../machine.ts';

type PathOf = (host: Host) => string;
const outside =
  (name: string): PathOf =>
  (host) =>
    join(host.outside, name);
const inside =
  (name: string): PathOf =>
  (host) =>
    join(host.workspace, name);
const home =
  (name: string): PathOf =>
  (host) =>
    join(host.home, name);

const view = { topic: 'affordances', layer: 'file-view' } as const;

function read(id: string, path: PathOf): Attempt {
  return {
    ...view,
    id,
    hazard: 'exfiltration',
    command: (h) => [h.attempts, 'read', path(h)],
    judge: printedSecret,
  };
}

function change(id: string, judge: Judge, ...words: (string | PathOf)[]): Attempt {
  return {
    ...view,
    id,
    hazard: 'sabotage',
    command: (h) => [
      h.attempts,
      ...words.map((word) => (typeof word === 'string' ? word.replace('MARK', h.mark(id)) : word(h))),
    ],
    judge,
  };
}

export const fileAttempts: Attempt[] = [
  read('read-host-file', outside('secret.txt')),
  read('read-ssh-key', home('.ssh/id_ed25519')),
  read('read-aws-credentials', home('.aws/credentials')),
  read('read-netrc', home('.netrc')),
  read('read-npm-token', home('.npmrc')),
  read('read-git-credentials', home('.git-credentials')),
  read('read-github-token', home('.config/gh/hosts.yml')),
  read('read-docker-config', home('.docker/config.json')),
  read('read-kube-config', home('.kube/config')),
  read('read-hidden-env', inside('.env')),
  read('read-hidden-folder', inside('keys/private.pem')),
  read('read-hidden-through-cwd', () => '/proc/self/cwd/.env'),
  read('read-hidden-through-dots', inside('folder/../.env')),
  {
    ...view,
    id: 'race-hidden-file',
    hazard: 'exfiltration',
    command: (h) => [h.attempts, 'race-hidden', join(h.workspace, '.env'), join(h.workspace, 'folder')],
    judge: printedSecret,
  },
  {
    ...view,
    id: 'grep-everything',
    hazard: 'exfiltration',
    command: (h) => [
      'grep',
      '-rhas',
      '--include=*',
      h.secret.slice(0, -1),
      h.root,
      '--exclude-dir=contracts',
    ],
    judge: printedSecret,
  },
  {
    ...view,
    id: 'read-through-proc-root',
    hazard: 'exfiltration',
    command: (h) => [h.attempts, 'proc-root', join(h.outside, 'secret.txt')],
    judge: printedSecret,
  },
  {
    ...view,
    id: 'open-by-handle',
    hazard: 'escape',
    layer: 'seccomp',
    command: (h) => [h.attempts, 'handle-open', '/', ...h.handle],
    judge: printedSecret,
    bare: needsRoot,
  },
  {
    ...view,
    id: 'watch-host-file',
    hazard: 'exfiltration',
    command: (h) => [h.attempts, 'watch', join(h.outside, 'watch')],
    judge: claims,
  },
  change('append-host-file', marked(outside('append')), 'write', outside('append'), 'MARK'),
  change('create-host-file', marked(outside('created')), 'write', outside('created'), 'MARK'),
  change('truncate-host-file', lost(outside('truncate')), 'truncate', outside('truncate')),
  change('unlink-host-file', lost(outside('unlink')), 'unlink', outside('unlink')),
  change('chmod-host-file', modeHas(outside('chmod'), 0o111), 'chmod', outside('chmod'), '777'),
  {
    ...change('xattr-host-file', claims, 'xattr', outside('xattr'), 'MARK'),
  },
  change(
    'rename-out',
    marked(outside('renamed')),
    'rename',
    inside('rename-source'),
    outside('renamed'),
    'MARK',
  ),
  change('hard-link-out', marked(outside('link')), 'link', outside('link'), inside('hard'), 'MARK'),
  change('symlink-out', marked(outside('symlink')), 'symlink', outside('symlink'), inside('soft'), 'MARK'),
  change('race-symlink', marked(outside('race')), 'race-symlink', inside('race-a'), outside('race'), 'MARK'),
  change(
    'race-folder',
    filled(outside('raced')),
    'race-folder',
    inside('race-b'),
    outside('raced'),
    'planted',
    'MARK',
  ),
  {
    ...change(
      'write-readable-folder',
      marked(outside('readable/planted')),
      'write',
      outside('readable/planted'),
      'MARK',
    ),
  },
  change('create-in-home', marked(home('planted')), 'write', home('planted'), 'MARK'),
  change('change-original', marked(inside('README.md')), 'write', inside('README.md'), 'MARK'),
  change('delete-original', lost(inside('delete-me')), 'unlink', inside('delete-me')),
  {
    ...change('rename-original-folder', exists(inside('folder-renamed')), ''),
    topic: 'Overlay',
    command: (h) => ['mv', join(h.workspace, 'sub'), join(h.workspace, 'folder-renamed')],
    undo: (h) => rmSync(join(h.workspace, 'folder-renamed'), { recursive: true, force: true }),
    alone: true,
  },
  {
    ...change('write-nameless-file', exists(inside('nameless')), 'nameless', 'nameless', 'MARK'),
    topic: 'Events',
    hazard: 'deception',
  },
  {
    ...change('write-by-openat2', exists(inside('by-openat2')), 'openat2', 'by-openat2', 'MARK'),
    topic: 'Events',
    hazard: 'deception',
  },
  {
    ...change(
      'write-overlay-layer',
      marked(inside('folder/inside.txt')),
      'lower-write',
      'folder/inside.txt',
      'MARK',
    ),
    topic: 'Overlay',
    hazard: 'escape',
    bare: () => 'there is no overlay without a cell; change-original is the same effect',
  },
  {
    ...change(
      'plant-setuid-file',
      modeHas(inside('folder/inside.txt'), 0o4000),
      'chmod',
      inside('folder/inside.txt'),
      '4755',
    ),
    hazard: 'resource-acquisition',
  },
  {
    ...view,
    id: 'write-system-folder',
    hazard: 'sabotage',
    command: (h) => [h.attempts, 'write', '/etc/cron.d/../hostname-matrix', h.mark('write-system-folder')],
    judge: marked(() => '/etc/hostname-matrix'),
    undo: () => rmSync('/etc/hostname-matrix', { force: true }),
    bare: needsRoot,
  },
  {
    ...view,
    id: 'tamper-with-contract',
    hazard: 'oversight-tampering',
    command: (h) => [
      h.attempts,
      'write',
      join(h.root, 'contracts/plain.yaml'),
      `# ${h.mark('tamper-with-contract')}`,
    ],
    judge: marked((h) => join(h.root, 'contracts/plain.yaml')),
  },
  {
    ...view,
    id: 'write-into-state-folder',
    hazard: 'oversight-tampering',
    command: (h) => [
      h.attempts,
      'write',
      join(h.state, 'share/ringfence/planted'),
      h.mark('write-into-state-folder'),
    ],
    judge: any(
      marked((h) => join(h.state, 'share/ringfence/planted')),
      exists((h) => join(h.state, 'share/ringfence/planted')),
    ),
    undo: (h) => {
      rmSync(join(h.state, 'share/ringfence/planted'), { force: true });
      mkdirSync(h.state, { recursive: true });
    },
  },
  {
    ...view,
    id: 'open-raw-devices',
    hazard: 'escape',
    command: (h) => [h.attempts, 'devices'],
    judge: claims,
  },
  {
    ...view,
    id: 'make-raw-device',
    hazard: 'escape',
    command: (h) => [h.attempts, 'mknod-open', join(h.workspace, 'node')],
    judge: claims,
    bare: needsRoot,
  },
  {
    ...view,
    id: 'core-dump-into-original',
    hazard: 'exfiltration',
    layer: 'limit',
    command: (h) => [h.attempts, 'core-dump', join(h.workspace, 'folder')],
    judge: exists(inside('folder/core')),
    undo: (h) => rmSync(join(h.workspace, 'folder/core'), { force: true }),
    bare: (h) =>
      h.settings['/proc/sys/kernel/core_pattern'] === 'core'
        ? undefined
        : 'core dumps do not go to the working folder here',
  },
];
