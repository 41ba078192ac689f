/**
 * The doctor's report: which layers of isolation this machine gives, what is missing, and what mends it. A pure function
 * of the facts.
 *
 * @module
 */
import type { Attempts, MachineFacts } from './facts.ts';
import { limitLayers } from './limits.ts';
import { explainRefusal } from './userns.ts';

/** What to do: a command to paste, a remark, or both. */
export interface Mend {
  command?: string;
  note?: string;
}

export interface LayerReport {
  layer: string;
  /** what it is for, in a few plain words */
  purpose: string;
  /** `reduced`: works, with the lack that `why` names */
  state: 'ok' | 'reduced' | 'missing';
  why?: string;
  mend?: Mend;
}

export interface DoctorReport {
  /** `full`: every layer; `reduced`: a cell runs, with lacks; `none`: no cell can be made */
  verdict: 'full' | 'reduced' | 'none';
  /** one sentence for the top */
  summary: string;
  layers: LayerReport[];
}

/** A machine that is no Linux, and the way to one. */
function otherPlatform(platform: string): LayerReport {
  const mends: Record<string, Mend> = {
    darwin: {
      command: 'brew install lima && limactl start && lima',
      note: 'a Linux virtual machine with your home folder; run ringfence inside it',
    },
    win32: { command: 'wsl --install', note: 'then run ringfence inside the Linux that this installs' },
  };
  return {
    layer: 'Linux',
    purpose: 'the kernel that all isolation rests on',
    state: 'missing',
    why: `this is ${platform === 'darwin' ? 'macOS' : platform === 'win32' ? 'Windows' : platform}`,
    mend: mends[platform] ?? { note: 'use a Linux machine' },
  };
}

function kernelAtLeast(kernel: string, wanted: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = wanted.split('.').map(Number);
  return major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
}

/** A layer that the launcher tried: fine, or missing for a reason of its own or, where namespaces are refused, for that. */
function tried(
  facts: MachineFacts,
  attempts: Attempts,
  name: Exclude<keyof Attempts, 'landlock'>,
  texts: { layer: string; purpose: string; since: string },
): LayerReport {
  const { ok, errno } = attempts[name];
  const { layer, purpose, since } = texts;
  if (ok) return { layer, purpose, state: 'ok' };
  const needsNamespaces = ['userns', 'namespaces', 'netns', 'mount', 'overlay', 'proc'].includes(name);
  if (needsNamespaces && !(attempts.namespaces.ok && attempts.mount.ok)) {
    const first = attempts.userns.ok ? attempts.namespaces : attempts.userns;
    const { why, mend } = explainRefusal(facts, first.ok ? errno : first.errno);
    return { layer, purpose, state: 'missing', why, ...(mend ? { mend } : {}) };
  }
  if (!kernelAtLeast(facts.kernel, since)) {
    const why = `it came with Linux ${since}; this is ${facts.kernel}`;
    return { layer, purpose, state: 'missing', why, mend: { note: 'use a newer kernel' } };
  }
  if (facts.container && (name === 'proc' || name === 'overlay')) {
    const { mend } = explainRefusal({ ...facts, sysctl: {} }, errno);
    const why =
      name === 'proc'
        ? 'the container covers parts of /proc, so the kernel refuses a fresh one'
        : 'the container refuses overlay mounts';
    return { layer, purpose, state: 'missing', why, ...(mend ? { mend } : {}) };
  }
  return { layer, purpose, state: 'missing', why: `the kernel refused (errno ${errno})` };
}

function landlockLayer(facts: MachineFacts, version: number): LayerReport {
  const layer = 'Landlock';
  const purpose = 'a second, independent guard of what may be written';
  if (version === 0) {
    const listed = facts.securityModules;
    const off = listed !== undefined && !listed.includes('landlock');
    return {
      layer,
      purpose,
      state: 'missing',
      why: kernelAtLeast(facts.kernel, '5.13')
        ? 'it is switched off at boot'
        : `it came with Linux 5.13; this is ${facts.kernel}`,
      mend: off
        ? {
            command: `sudo sed -i 's/^GRUB_CMDLINE_LINUX="/&lsm=landlock,${listed.join(',')} /' /etc/default/grub && sudo update-grub`,
            note: 'then start the machine anew',
          }
        : { note: 'use a kernel with CONFIG_SECURITY_LANDLOCK' },
    };
  }
  const lacks = [
    ...(version < 2 ? ['moving files between folders'] : []),
    ...(version < 3 ? ['cutting files'] : []),
    ...(version < 5 ? ['device commands'] : []),
    ...(version < 6 ? ['signals and abstract sockets'] : []),
  ];
  if (lacks.length === 0) return { layer, purpose, state: 'ok' };
  return {
    layer,
    purpose,
    state: 'reduced',
    why: `version ${version} does not guard: ${lacks.join(', ')}. Other layers do`,
    mend: { note: 'Linux 6.12 or later has all of it' },
  };
}

function threadLayer(attempts: Attempts): LayerReport {
  const layer = 'Owner of each connection';
  const purpose = 'which process, and which thread, opened a connection';
  if (!attempts.pidfdGetfd.ok) {
    return {
      layer,
      purpose,
      state: 'missing',
      why: "another process's socket cannot be taken over (pidfd_getfd, Linux 5.6)",
      mend: {
        note: 'use a newer kernel, or allow ptrace between your own processes (kernel.yama.ptrace_scope below 3)',
      },
    };
  }
  if (attempts.pidfdThread.ok) return { layer, purpose, state: 'ok' };
  return {
    layer,
    purpose,
    state: 'reduced',
    why: 'single threads cannot be told apart before Linux 6.9, so threads with files of their own are refused',
    mend: { note: 'Linux 6.9 or later' },
  };
}

function kernelLayers(facts: MachineFacts, attempts: Attempts): LayerReport[] {
  const layer = (name: Exclude<keyof Attempts, 'landlock'>, title: string, purpose: string, since: string) =>
    tried(facts, attempts, name, { layer: title, purpose, since });
  return [
    ...(facts.uid === 0 ? [] : [layer('userns', 'User namespace', 'isolation without being root', '3.8')]),
    layer('namespaces', 'Namespaces', 'processes, mounts and names of the cell are its own', '4.6'),
    layer('netns', 'Network namespace', 'no network but what the gateway lets through', '3.0'),
    layer('mount', 'File view', 'only listed files and programs can be seen', '3.8'),
    layer(
      'overlay',
      'Overlay workspace',
      'changes are kept apart from the original',
      facts.uid === 0 ? '3.18' : '5.11',
    ),
    layer('proc', 'Private /proc', 'other processes of the machine cannot be seen', '3.8'),
    landlockLayer(facts, attempts.landlock),
    layer('seccomp', 'System call filter', 'dangerous calls are refused, connections are supervised', '5.5'),
    threadLayer(attempts),
  ];
}

/** Without these no cell can be made; Landlock, thread owners and hard limits have something behind them. */
const ESSENTIAL = new Set([
  'Linux',
  'Launcher',
  'User namespace',
  'Namespaces',
  'Network namespace',
  'File view',
  'Overlay workspace',
  'Private /proc',
  'System call filter',
]);

function summarise(layers: LayerReport[]): DoctorReport {
  const broken = layers.filter(({ state, layer }) => state === 'missing' && ESSENTIAL.has(layer));
  const lacking = layers.filter(({ state }) => state !== 'ok');
  const names = (list: readonly LayerReport[]) => list.map(({ layer }) => layer).join(', ');
  if (broken.length > 0) {
    return { verdict: 'none', summary: `No full cell can be made here; missing: ${names(broken)}.`, layers };
  }
  if (lacking.length > 0) {
    const summary = `A cell can be made here. Not at their best: ${names(lacking)}.`;
    return { verdict: 'reduced', summary, layers };
  }
  return { verdict: 'full', summary: 'Every layer of isolation works here.', layers };
}

/** Judge the facts. */
export function doctorReport(facts: MachineFacts): DoctorReport {
  if (facts.platform !== 'linux') return summarise([otherPlatform(facts.platform)]);
  const purpose = 'the program that builds the cell';
  if (!facts.launcher.ok) {
    const why = `${facts.launcher.path}: ${facts.launcher.problem}`;
    const mend: Mend = {
      command: 'npm run setup',
      note: 'in the folder of ringfence; it builds the launcher',
    };
    return summarise([{ layer: 'Launcher', purpose, state: 'missing', why, mend }]);
  }
  return summarise([
    { layer: 'Launcher', purpose, state: 'ok' },
    ...kernelLayers(facts, facts.launcher.attempts),
    ...limitLayers(facts),
  ]);
}

/** The report as lines of plain text: state, layer, purpose; below it why, and what to do. */
export function reportLines({ summary, layers }: DoctorReport): string[] {
  const width = Math.max(...layers.map(({ layer }) => layer.length));
  const lines = layers.flatMap(({ layer, purpose, state, why, mend }) => [
    `${state.padEnd(7)}  ${layer.padEnd(width)}  ${purpose}`,
    ...(why ? [`         why: ${why}`] : []),
    ...(mend?.command ? [`         do:  ${mend.command}`] : []),
    ...(mend?.note ? [`         ${mend.command ? '     ' : 'do:  '}${mend.note}`] : []),
  ]);
  return [...lines, '', summary];
}
