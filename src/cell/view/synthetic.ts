/**
 * The files of /etc that a cell has of its own: who it is, how names resolve, nothing that tells the host.
 *
 * @module
 */
import type { ViewFile } from './types.ts';

/** Who the program is inside: ids in the cell, name, home and login shell. */
export interface Identity {
  user: string;
  uid: number;
  gid: number;
  home: string;
  shell: string;
  hostname: string;
  /** true: a person may be asked about a name, so resolvers wait longer than their usual five seconds */
  patient?: boolean;
}

/** The same in every cell, so that it identifies none ("ringfence" in hexadecimal, filled up). */
const MACHINE_ID = '72696e6766656e636500000000000001';

export function syntheticFiles({ user, uid, gid, home, shell, hostname, patient }: Identity): ViewFile[] {
  const file = (path: string, lines: readonly string[]): ViewFile => ({
    path,
    mode: '0644',
    content: `${lines.join('\n')}\n`,
  });
  const others = (id: number) => [
    ...(id === 0 ? [] : ['root:x:0:0:root:/root:/usr/sbin/nologin']),
    ...(id === 65534 ? [] : ['nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin']),
  ];
  const otherGroups = [...(gid === 0 ? [] : ['root:x:0:']), ...(gid === 65534 ? [] : ['nogroup:x:65534:'])];
  return [
    file('/etc/passwd', [`${user}:x:${uid}:${gid}:${user}:${home}:${shell}`, ...others(uid)]),
    file('/etc/group', [`${user}:x:${gid}:`, ...otherGroups]),
    file('/etc/nsswitch.conf', [
      'passwd: files',
      'group: files',
      'shadow: files',
      'hosts: files dns',
      'networks: files',
      'protocols: files',
      'services: files',
      'ethers: files',
      'rpc: files',
    ]),
    // 30 s and five times are the most that resolv.conf(5) allows
    file('/etc/resolv.conf', ['nameserver 127.0.0.1', ...(patient ? ['options timeout:30 attempts:5'] : [])]),
    file('/etc/hosts', [
      `127.0.0.1 localhost ${hostname}`,
      `::1 localhost ip6-localhost ip6-loopback ${hostname}`,
    ]),
    file('/etc/hostname', [hostname]),
    file('/etc/machine-id', [MACHINE_ID]),
  ];
}
