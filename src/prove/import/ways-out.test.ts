import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Hazard } from '../../contract/index.ts';
import { openCatalogue } from '../catalogue/index.ts';
import { prove } from '../report/index.ts';
import { importSettings } from './import.ts';
import type { ForeignKind } from './types.ts';

const opened = await openCatalogue(
  join(import.meta.dirname, '../../../rules/affordances'),
  join(import.meta.dirname, '../../../dist/no-such-file.json'),
);
if (!opened.ok) throw new Error('the catalogue is not valid');
const { catalogue } = opened;

/** Hazards of the first thing that a file starts that are said to be closed. */
function provedOf(kind: ForeignKind, content: string): Hazard[] {
  const read = importSettings(kind, { content, file: 'input' });
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  const [setting] = read.settings;
  if (setting === undefined) throw new Error('no setting');
  return prove({ setting, catalogue, home: '/home/operator' }).verdicts.flatMap(({ verdict, hazard }) =>
    verdict === 'PROVED' ? [hazard] : [],
  );
}

const CLOSED = '--network none --user 1000 --security-opt no-new-privileges';
const docker = (more: string): string => `docker run ${CLOSED} ${more} img`;
const compose = (more: string, rest = ''): string =>
  `services:\n  a: {image: x, network_mode: none, user: "1000", security_opt: ["no-new-privileges:true"]${more === '' ? '' : `, ${more}`}}\n${rest}`;

describe('what is closed is proved, so that what follows shows a difference', () => {
  const some = ['exfiltration', 'remote-control', 'escape', 'persistence', 'intrusion', 'collusion'];
  it.each<[ForeignKind, string]>([
    ['docker', docker('--cap-drop ALL')],
    ['docker', docker('-v /etc/ssl/certs:/etc/ssl/certs:ro')],
    ['compose', compose('')],
  ])('%s %s', (kind, content) => {
    expect(provedOf(kind, content)).toEqual(expect.arrayContaining(some));
  });
});

describe.each<[string, string]>([
  ['the widest of several networks counts, in this order', docker('--network host')],
  ['and in the other', `docker run --network=host ${CLOSED} img`],
  ['a sockets’ folder below /run, read-only', docker('-v /run/user/1000:/r:ro')],
  ['by its other name', docker('-v /var/run/user/1000:/r:ro')],
  ['a folder of a service, read-only: its socket may lie there', docker('-v /srv/service:/s:ro')],
  ['a socket without a name that says so', docker('-v /var/spool/service/ctl:/s:ro')],
  ['words for false, 0', docker('--security-opt no-new-privileges=0')],
  ['words for false, F', docker('--security-opt no-new-privileges:F')],
  ['root by another spelling', docker('--user 00')],
  ['root by the operator’s own number', docker('--user $UID')],
  ['a system-call filter of one’s own', docker('--security-opt seccomp=mine.json')],
  ['an AppArmor profile of one’s own', docker('--security-opt apparmor=mine')],
  ['a map of accounts', docker('--uidmap 0:0:4294967295')],
  ['an annotation for the runtime', docker('--annotation run.oci.handler=krun')],
  [
    'an internal network: the machine answers at its gateway',
    `docker network create --internal n\n${docker('--network n')}`,
  ],
  ['a network that is connected later', `${docker('--name a')}\ndocker network connect bridge a`],
  ['a command with all rights, later', `${docker('--name a')}\ndocker exec --privileged a sh`],
  [
    'a volume made with options of its own',
    `docker volume create --opt type=none --opt o=bind --opt device=/ v\n${docker('-v v:/v')}`,
  ],
  ['its process namespace lent to another', `${docker('--name a')}\ndocker run --pid container:a -v /:/h y`],
  [
    'its network lent to another',
    `${docker('--name a')}\ndocker run --network=container:a -v /var/run/docker.sock:/s proxy`,
  ],
  ['a variable that may hold options, whatever its name', docker('$IMAGE_OPTS')],
  ['a word that the shell makes several of', docker('{--privileged,}')],
  ['podman, which root may have started', 'podman run --network none img'],
])('docker: %s', (_, content) => {
  it('proves nothing closed', () => {
    expect(provedOf('docker', content)).toEqual([]);
  });
});

it.each([
  '--memory 1g --cpus 1 --pids-limit 9',
  '--memory 0b --cpus 1 --pids-limit 9',
  '--memory 1g --cpus 0.0 --pids-limit 9',
  '--memory 1g --cpus 1 --pids-limit=-1',
])('limits of 0 and less are none: %s', (limits) => {
  const isLimited = limits === '--memory 1g --cpus 1 --pids-limit 9';
  expect(provedOf('docker', docker(limits)).includes('sabotage')).toBe(isLimited);
});

describe.each<[string, string]>([
  [
    'a volume that is the machine’s root, rbind',
    compose('volumes: [v:/h]', 'volumes: {v: {driver_opts: {type: none, o: rbind, device: /}}}'),
  ],
  [
    'a volume that is a disk',
    compose('volumes: [v:/h]', 'volumes: {v: {driver_opts: {type: ext4, device: /dev/sda1}}}'),
  ],
  ['a volume that is made elsewhere', compose('volumes: [v:/h]', 'volumes: {v: {external: true}}')],
  [
    'mounts of a service, of which one is a volume that is a folder',
    compose(
      'volumes_from: [b]',
      '  b: {image: y, volumes: [v:/h]}\nvolumes: {v: {driver_opts: {type: none, o: bind, device: /}}}',
    ),
  ],
  [
    'mounts that a service has of another',
    compose('volumes_from: [b]', '  b: {image: y, volumes_from: [c]}\n  c: {image: z, volumes: ["/:/h"]}'),
  ],
  [
    'a mount below which all stays writable',
    compose('volumes: [{type: bind, source: /, target: /h, read_only: true, bind: {recursive: writable}}]'),
  ],
  [
    'a service at its loopback',
    compose('', '  b: {image: y, network_mode: "service:a", volumes: ["/var/run/docker.sock:/s"]}'),
  ],
  ['a service in its process namespace', compose('', '  b: {image: y, pid: "service:a", volumes: ["/:/h"]}')],
  [
    'an internal network alone',
    'services:\n  a: {image: x, networks: [n], user: "1000", security_opt: [no-new-privileges]}\nnetworks: {n: {internal: true}}',
  ],
  ['no networks, which is the default one', compose('networks: []').replace('network_mode: none, ', '')],
  ['a user namespace that no engine knows', compose('userns_mode: private').replace('"1000"', '"0"')],
])('compose: %s', (_, content) => {
  it('proves nothing closed', () => {
    expect(provedOf('compose', content)).toEqual([]);
  });
});

const pod = ({
  spec = '',
  container = '',
  metadata = '',
  policy = 'policyTypes: [Egress, Ingress]',
  more = '',
}) => `
apiVersion: v1
kind: Pod
metadata: {name: a${metadata}}
spec:
  automountServiceAccountToken: false
  restartPolicy: Never
  containers: [{name: c, image: x, securityContext: {runAsUser: 1000, allowPrivilegeEscalation: false, seccompProfile: {type: RuntimeDefault}}${container}}]
${spec}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: p}
spec: {podSelector: {}, ${policy}}
${more}`;
const MOUNT = ', volumeMounts: [{name: v, mountPath: /h, readOnly: true}]';

describe.each<[string, string]>([
  ['its own node, whatever policies say', pod({})],
  ['an empty list of rules without policyTypes, which closes nothing', pod({ policy: 'egress: []' })],
  [
    'a claim for a volume that is the node’s root',
    pod({
      container: MOUNT,
      spec: '  volumes: [{name: v, persistentVolumeClaim: {claimName: mine}}]',
      more: '---\nkind: PersistentVolumeClaim\nmetadata: {name: mine}\nspec: {accessModes: [ReadWriteOnce]}\n---\nkind: PersistentVolume\nmetadata: {name: pv}\nspec: {hostPath: {path: /}}\n',
    }),
  ],
  [
    'a volume whose first kind is null',
    pod({ container: MOUNT, spec: '  volumes: [{name: v, emptyDir: , hostPath: {path: /}}]' }),
  ],
  [
    'a process of the Windows machine itself',
    pod({ spec: '  securityContext: {windowsOptions: {hostProcess: true}}' }),
  ],
  [
    'containers that are added later',
    pod({ spec: '  ephemeralContainers: [{name: d, image: y, securityContext: {privileged: true}}]' }),
  ],
  [
    'a second network by annotation',
    pod({ metadata: ', annotations: {k8s.v1.cni.cncf.io/networks: macvlan}' }),
  ],
  [
    'the runtime’s socket, by its folder',
    pod({ container: MOUNT, spec: '  volumes: [{name: v, hostPath: {path: /run/k3s}}]' }),
  ],
])('k8s: %s', (_, content) => {
  it('proves nothing closed', () => {
    expect(provedOf('k8s', content)).toEqual([]);
  });
});

describe('k8s: ways that are known are shown', () => {
  const shown = (content: string): string[] => {
    const read = importSettings('k8s', { content, file: 'input' });
    const [setting] = read.ok ? read.settings : [];
    if (setting === undefined) throw new Error('no setting');
    return prove({ setting, catalogue, home: '/home/operator' }).verdicts.flatMap(({ verdict, hazard }) =>
      verdict === 'REFUTED' ? [hazard] : [],
    );
  };

  it('an empty list of egress rules leaves every host within reach', () => {
    expect(shown(pod({ policy: 'egress: []' }))).toContain('exfiltration');
    expect(shown(pod({}))).not.toContain('exfiltration');
  });

  it('a claim for the node’s root', () => {
    const spec = '  volumes: [{name: v, persistentVolumeClaim: {claimName: mine}}]';
    const more = '---\nkind: PersistentVolume\nmetadata: {name: pv}\nspec: {hostPath: {path: /}}\n';
    expect(shown(pod({ container: MOUNT, spec, more }))).toContain('escape');
    expect(shown(pod({ container: MOUNT, spec }))).not.toContain('escape');
  });
});

it('lines that start something in a way that is not read are listed', () => {
  const content = `alias d='docker run --privileged'\n${docker('')}\ndocker compose up -d`;
  const read = importSettings('docker', { content, file: 'input' });
  const places = read.ok ? read.settings[0]?.unexpressed.map(({ place }) => place?.line) : [];
  expect(places).toEqual([1, 3]);
});

it('Claude Code’s sandbox lets commands write where they work, and asks about names', () => {
  const content = '{"sandbox": {"enabled": true}}';
  const read = importSettings('srt', { content, file: '-' });
  const [setting] = read.ok ? read.settings : [];
  expect(
    setting?.files.some(({ space, path, write }) => space === 'workspace' && path === '**' && write),
  ).toBe(true);
  expect(setting?.oversight.asks.map(({ effect }) => effect)).toContain('network.new-host');
});

it('what a sandbox without known namespaces shares with its user’s programs is not proved closed', () => {
  const content =
    'default_permissions = "p"\napproval_policy = "never"\n[permissions.p.filesystem]\n":minimal" = "read"\n';
  expect(provedOf('codex', content)).toEqual([]);
});
