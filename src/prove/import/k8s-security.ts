/**
 * Security contexts: the container's own stands before the pod's.
 *
 * Source: Kubernetes documentation, Configure a Security Context for a Pod or Container; Pod Security Standards.
 *
 * @module
 */
import type { Container } from './container.ts';
import type { Pod } from './k8s-cluster.ts';
import type { Node } from './node.ts';

export function addSecurity(container: Container, { spec, template }: Pod, node: Node): void {
  const { draft } = container;
  const pod = spec.get('securityContext');
  const own = node.get('securityContext');
  const either = (name: string): Node | undefined => {
    const [first, second] = [own?.get(name), pod?.get(name)];
    return first ?? second;
  };
  for (const [name, word] of [
    ['hostPID', 'hostPID'],
    ['hostIPC', 'hostIPC'],
  ] as const) {
    const flag = spec.get(name);
    if (flag?.flag()) draft.word(flag.source, word);
  }
  const windows = own?.find('windowsOptions', 'hostProcess') ?? pod?.find('windowsOptions', 'hostProcess');
  if (windows !== undefined && windows.flag() !== false) {
    // Kubernetes documentation, Create a Windows HostProcess Pod: it runs on the machine itself
    container.privileged(windows.source);
    draft.isolation = { ...draft.isolation, ...windows.source, kind: 'none' };
  }
  const users = spec.get('hostUsers');
  if (users?.flag() === false) container.userNamespace();
  const privileged = own?.get('privileged');
  if (privileged?.flag()) container.privileged(privileged.source);
  const capabilities = own?.get('capabilities');
  container.addCapabilities(
    (capabilities?.get('add')?.texts() ?? []).map((each) => ({ source: each.node.source, text: each.text })),
  );
  capabilities?.skip('drop');
  const escalation = own?.get('allowPrivilegeEscalation');
  if (escalation !== undefined) container.allowEscalation(escalation.source, escalation.flag() ?? true);
  container.readOnlyRoot(own?.get('readOnlyRootFilesystem')?.flag() ?? false);
  const user = either('runAsUser');
  const notRoot = either('runAsNonRoot');
  if (user !== undefined) container.user({ source: user.source, text: user.text() ?? '' });
  else if (notRoot?.flag()) container.notRoot(notRoot.source);
  if (!container.isPrivileged) addFilters(container, either, own, template, node);
  const proc = own?.get('procMount');
  if (proc?.text() === 'Unmasked') draft.word(proc.source, 'unmaskedProc');
  const labels = either('seLinuxOptions');
  const type = labels?.get('type');
  if (type?.text() === 'spc_t') draft.word(type.source, 'unconfinedLsm', 'SELinux');
  else if (type !== undefined) draft.unexpressed(type.source, `what the SELinux type ${type.text()} allows`);
  own?.skip('runAsGroup', 'windowsOptions', 'seLinuxOptions');
  own?.rest(draft);
  pod?.skip(
    'runAsGroup',
    'fsGroup',
    'fsGroupChangePolicy',
    'supplementalGroups',
    'supplementalGroupsPolicy',
    'sysctls',
    'windowsOptions',
    'seLinuxOptions',
    'seLinuxChangePolicy',
    'runAsUser',
    'runAsNonRoot',
    'seccompProfile',
    'appArmorProfile',
  );
  pod?.rest(draft);
}

function addFilters(
  { draft }: Container,
  either: (name: string) => Node | undefined,
  own: Node | undefined,
  template: Node,
  node: Node,
): void {
  const seccomp = either('seccompProfile');
  switch (seccomp?.get('type')?.text() ?? '') {
    case '':
    case 'Unconfined':
      // Kubernetes documentation, Restrict a Container's Syscalls with seccomp: none unless the kubelet is told so
      draft.word(
        (seccomp ?? own ?? node).source,
        'unconfinedSeccomp',
        seccomp === undefined ? 'the default, unless the node has another' : undefined,
      );
      break;
    case 'Localhost':
      draft.unexpressed((seccomp as Node).source, 'which system calls the node’s own profile lets through');
      break;
  }
  const apparmor = either('appArmorProfile');
  const name = node.find('name')?.text() ?? '';
  const annotation = template.find(
    'metadata',
    'annotations',
    `container.apparmor.security.beta.kubernetes.io/${name}`,
  );
  if (apparmor?.get('type')?.text() === 'Unconfined' || annotation?.text() === 'unconfined')
    draft.word((apparmor ?? (annotation as Node)).source, 'unconfinedLsm', 'AppArmor');
  else if (apparmor?.get('type')?.text() === 'Localhost')
    draft.unexpressed(apparmor.source, 'what the node’s own AppArmor profile allows');
}
