/**
 * Whether a setting of a container opens something by itself, or takes away one layer of several.
 *
 * An entry of the catalogue says what may be gained by a setting; whether it is gained with the setting alone depends on the
 * others. What only weakens leaves its hazards UNKNOWN: there is no step to show, and no layer left that a proof could rest on.
 *
 * @module
 */
import { CONTAINER_WORDS } from '../catalogue/index.ts';
import type { ContainerWord, Setting } from '../setting/index.ts';

export interface Standing {
  /** `opens`: by itself; `weakens`: one layer less; `neither`: nothing, as the other settings are. */
  readonly kind: 'opens' | 'weakens' | 'neither';
  /** The setting in words. */
  readonly text: string;
}

/** Take away a layer, and need a fault in another besides: seccomp(2), apparmor(7). */
const WEAKEN: ReadonlySet<string> = new Set(['unconfinedLsm', 'unconfinedSeccomp']);

/** Matter only together: who is root inside, or may become it, and is the machine's root then (user_namespaces(7)). */
const ROOT_INSIDE: ReadonlySet<string> = new Set(['runAsRoot', 'hostUsers', 'allowPrivilegeEscalation']);

/** Capabilities that hold beyond the container's own namespaces: capabilities(7), user_namespaces(7). */
const OPENING_CAPABILITIES: ReadonlySet<string> = new Set([
  'cap:ALL',
  'cap:SYS_ADMIN',
  'cap:SYS_MODULE',
  // open_by_handle_at(2) opens files by number, of whatever is mounted
  'cap:DAC_READ_SEARCH',
  'cap:BPF',
  'cap:PERFMON',
  'cap:SYS_RAWIO',
]);

/** Capabilities that need something of the machine's to be used on: what, and the words that bring it. */
const NEEDS: Readonly<Record<string, readonly ContainerWord[]>> = {
  'cap:SYS_PTRACE': ['hostPID', 'privileged'],
  'cap:NET_ADMIN': ['hostNetwork', 'privileged'],
  'cap:NET_RAW': ['hostNetwork', 'privileged'],
  'cap:SYS_BOOT': ['hostPID', 'privileged'],
  'cap:SYS_RAWIO': ['hostDevice', 'privileged'],
};

/** Of files of the kernel that belong to root. */
const ROOTS_OWN: ReadonlySet<string> = new Set(['unmaskedProc', 'hostCgroup']);

export function standingOf(word: ContainerWord, { isolation }: Setting): Standing {
  const has = (other: ContainerWord): boolean => isolation.words.some((each) => each.word === other);
  const text = word.startsWith('cap:')
    ? `the capability CAP_${word.slice(4)}`
    : CONTAINER_WORDS[word as keyof typeof CONTAINER_WORDS];
  const kind = kindOf(word, has, isolation.user);
  return { kind, text };
}

function kindOf(
  word: ContainerWord,
  has: (other: ContainerWord) => boolean,
  user: Setting['isolation']['user'],
): Standing['kind'] {
  const isRoot = user === 'root' || user === 'unknown';
  const isMapped = user === 'other' && !has('hostUsers');
  // the image's own files are the run's own
  if (word === 'writableRoot') return 'neither';
  if (WEAKEN.has(word)) return 'weakens';
  if (ROOT_INSIDE.has(word))
    return has('hostUsers') && (isRoot || has('allowPrivilegeEscalation')) ? 'weakens' : 'neither';
  if (word.startsWith('cap:')) {
    // another user than root has an added capability only within a program that is marked for it: capabilities(7)
    const isUseful = NEEDS[word]?.some(has) ?? OPENING_CAPABILITIES.has(word);
    return isRoot && isUseful && !isMapped ? 'opens' : 'weakens';
  }
  if (ROOTS_OWN.has(word)) return isRoot ? 'opens' : 'weakens';
  if (word === 'privileged' && isMapped) return 'weakens';
  return 'opens';
}
