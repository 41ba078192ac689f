/**
 * Why namespaces are refused here, and the exact command that mends it. Causes in the order in which they are likely.
 *
 * @module
 */
import type { MachineFacts } from './facts.ts';
import type { Mend } from './report.ts';

export interface Refusal {
  why: string;
  mend?: Mend;
}

/** Persist a sysctl and set it now. */
function sysctl(setting: string): string {
  return `echo '${setting}' | sudo tee /etc/sysctl.d/60-ringfence.conf && sudo sysctl -p /etc/sysctl.d/60-ringfence.conf`;
}

/** A profile that gives the launcher, and nothing else, the right to make user namespaces (Ubuntu's own way). */
function apparmorProfile(launcher: string): string {
  const profile = String.raw`abi <abi/4.0>,\ninclude <tunables/global>\nprofile ringfence "${launcher}" flags=(unconfined) {\n  userns,\n}\n`;
  return `printf '${profile}' | sudo tee /etc/apparmor.d/ringfence && sudo apparmor_parser -r /etc/apparmor.d/ringfence`;
}

const DOCKER_OPTIONS =
  '--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined';

function inContainer(container: NonNullable<MachineFacts['container']>): Refusal {
  switch (container) {
    case 'docker':
    case 'podman':
      return {
        why: `this is a ${container} container whose own filter refuses new namespaces`,
        mend: {
          command: `${container} run ${DOCKER_OPTIONS} …`,
          note: 'start the container so; its own filter is then off, and the cell inside brings a stricter one',
        },
      };
    case 'kubernetes':
      return {
        why: 'this is a Kubernetes pod whose security context refuses new namespaces',
        mend: {
          command:
            'kubectl patch deployment NAME -p \'{"spec":{"template":{"spec":{"hostUsers":false,"containers":[{"name":"NAME","securityContext":{"procMount":"Unmasked","seccompProfile":{"type":"Unconfined"},"appArmorProfile":{"type":"Unconfined"}}}]}}}}\'',
          note: 'the namespace must allow the privileged pod security level; hostUsers: false keeps the pod apart from the node',
        },
      };
    case 'lxc':
    case 'other':
      return {
        why: 'this is a container that refuses new namespaces',
        mend: {
          command: 'lxc config set NAME security.nesting true',
          note: 'for LXC and Incus, on the host; elsewhere, the setting that allows nested containers',
        },
      };
  }
}

/** The reason why a user namespace (or, for root, any namespace) was refused. */
export function explainRefusal(facts: MachineFacts, errno: number): Refusal {
  const { sysctl: set, uid } = facts;
  if (facts.wsl === 1) {
    return {
      why: 'this is version 1 of the Windows Subsystem for Linux, which has no Linux kernel',
      mend: { command: 'wsl --set-version DISTRIBUTION 2', note: 'in PowerShell; `wsl -l` lists the names' },
    };
  }
  if (set.maxUserNamespaces === 0) {
    return {
      why: 'user.max_user_namespaces is 0: this machine allows no user namespace at all',
      mend: { command: sysctl('user.max_user_namespaces=15000') },
    };
  }
  if (uid !== 0 && set.unprivilegedUsernsClone === 0) {
    return {
      why: 'kernel.unprivileged_userns_clone is 0: only root may make user namespaces here',
      mend: { command: sysctl('kernel.unprivileged_userns_clone=1') },
    };
  }
  if (uid !== 0 && set.apparmorRestrictsUserns === 1 && !facts.container) {
    return {
      why: 'AppArmor lets only programs with a profile make user namespaces (Ubuntu 23.10 and later)',
      mend: {
        command: apparmorProfile(facts.launcher.path),
        note: 'this allows it for the launcher alone',
      },
    };
  }
  if (facts.container) return inContainer(facts.container);
  if (errno === 38 || errno === 22) {
    return {
      why: 'the kernel was built without user namespaces (CONFIG_USER_NS)',
      mend: { note: 'use a kernel with them' },
    };
  }
  return {
    why: `the kernel refused (errno ${errno}); a security module or a filter around this shell does that`,
    mend: { note: 'try outside of that sandbox, or ask who set it up' },
  };
}
