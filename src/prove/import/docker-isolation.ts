/**
 * What of Docker's options strengthens or weakens the walls: namespaces, networks, filters, runtimes.
 *
 * @module
 */
import type { Source } from '../setting/index.ts';
import type { Container } from './container.ts';
import type { Networks } from './docker.ts';

/** Words for false: Go's strconv.ParseBool, which the engines read flags with. */
export const isFalse = (text: string): boolean => /^(0|f|false)$/i.test(text);

/** `--security-opt`, and compose's `security_opt`; `:` was its separator once. */
export function readSecurityOption(container: Container, source: Source, text: string): void {
  const [, key = '', value = ''] = /^([\w-]+)[=:]?(.*)$/.exec(text) ?? [];
  const { draft } = container;
  switch (key) {
    case 'no-new-privileges':
      container.allowEscalation(source, isFalse(value));
      break;
    case 'seccomp':
      if (value === 'unconfined') draft.word(source, 'unconfinedSeccomp');
      else if (value !== 'builtin') draft.unexpressed(source, `which system calls ${value} lets through`);
      break;
    case 'apparmor':
      if (value === 'unconfined') draft.word(source, 'unconfinedLsm', 'AppArmor');
      else if (value !== 'docker-default')
        draft.unexpressed(source, `what the AppArmor profile ${value} allows`);
      break;
    case 'label':
      if (value === 'disable') draft.word(source, 'unconfinedLsm', 'SELinux');
      else if (!/^level:/.test(value)) draft.unexpressed(source, `what the SELinux label ${value} allows`);
      break;
    case 'systempaths':
      if (value === 'unconfined') draft.word(source, 'unmaskedProc');
      break;
    case 'unmask':
      draft.word(source, 'unmaskedProc', value);
      break;
    case 'mask':
    case 'proc-opts':
      break;
    default:
      draft.unexpressed(source, `what ${text} changes`);
  }
}

/** `--network`. */
export function readNetwork(container: Container, source: Source, text: string, networks: Networks): void {
  const { draft } = container;
  // --network name=NAME,alias=…
  const name = /(?:^|,)name=([^,]+)/.exec(text)?.[1] ?? text.replace(/:.*$/, '');
  if (text === 'none') container.join({ ...source, mode: 'none', by: 'engine' });
  else if (text === 'host') {
    container.join({ ...source, mode: 'machine', by: 'engine' });
    draft.word(source, 'hostNetwork');
  } else if (text.startsWith('container:') || text.startsWith('ns:')) {
    container.join({ ...source, mode: 'none', by: 'engine' });
    draft.unexpressed(source, `what the network of ${text.replace(/^\w+:/, '')} leads to`);
  } else if (/^(bridge|default|pasta|slirp4netns|private)$/.test(name))
    container.join({ ...source, mode: 'all', by: 'engine' });
  else {
    const internal = networks.internal.get(name);
    container.join({ ...source, mode: internal === false ? 'all' : 'named', by: 'engine' });
    if (internal === undefined)
      draft.unexpressed(source, `what the network ${name}, which is made elsewhere, leads to`);
    else if (internal) {
      draft.unexpressed(source, `which containers share the network ${name}`);
      addGateway(container, source);
    }
  }
  if (draft.network.mode === 'all' || draft.network.mode === 'named')
    draft.inbound.push({ ...source, port: 'any', inside: 'any', protocol: 'tcp', from: 'neighbours' });
}

/** On an internal network the machine itself still answers, unless its gateway mode is `isolated`: Docker documentation, Bridge network driver. */
export function addGateway({ draft }: Container, source: Source): void {
  draft.unexpressed(source, 'which services of the machine answer at the network’s gateway address');
}

/** `--pid`, `--ipc`, `--uts`, `--userns`, `--cgroupns`, `--cgroup-parent`. */
export function readNamespace(container: Container, source: Source, which: string, value: string): void {
  const { draft } = container;
  const host = value === 'host';
  const other = /^(container|service|ns):(.*)$/.exec(value);
  if (which === 'cgroup-parent') {
    draft.unexpressed(source, `which limits the control group ${value} has`, ['resource-acquisition']);
    return;
  }
  if (other !== null) {
    draft.unexpressed(source, `what the ${which} namespace of ${other[2]} shows`);
    return;
  }
  if (value.includes('${')) draft.unexpressed(source, `which ${which} namespace ${value} is`);
  // engines that know nothing but host refuse other words, or take them for the default
  if (which === 'userns' && /^(auto|keep-id|nomap)(:.*)?$/.test(value)) container.userNamespace();
  else if (which === 'userns' && !host && value !== '')
    draft.unexpressed(source, `which accounts of the machine the user namespace ${value} leads to`);
  if (!host) return;
  if (which === 'pid') draft.word(source, 'hostPID');
  else if (which === 'ipc') draft.word(source, 'hostIPC');
  else if (which === 'cgroupns') draft.word(source, 'hostCgroup');
  else if (which === 'userns') draft.word(source, 'hostUsers');
  // who may set the machine's name needs CAP_SYS_ADMIN besides: uts_namespaces(7)
  else draft.unexpressed(source, 'the machine’s own name can be set by who may', ['sabotage', 'deception']);
}

/** `--runtime`, `--isolation`. */
export function readRuntime({ draft }: Container, source: Source, value: string): void {
  if (/kata|hyperv|firecracker|krun|qemu/i.test(value))
    draft.isolation = { ...draft.isolation, ...source, kind: 'vm' };
  else if (/runsc|gvisor/i.test(value))
    draft.unexpressed(source, 'gVisor’s own kernel stands between the program and the machine’s', []);
  else if (/nvidia/i.test(value)) {
    draft.gpus.push({ ...source, text: value });
    draft.word(source, 'hostDevice', '/dev/nvidia*');
  } else if (!/^(runc|crun|youki|io\.containerd\.runc\.v\d|default|process)$/.test(value))
    draft.unexpressed(source, `what the runtime ${value} changes`);
}
