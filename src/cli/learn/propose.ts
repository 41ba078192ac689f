/**
 * From what was observed to the smallest contract, with the reason for each line beside it. Where the kernel can only
 * enforce more than what was seen (whole folders), or a sample may have missed a peak, the line says so.
 *
 * @module
 */
import { lstatSync } from 'node:fs';
import { join } from 'node:path';
import { directoryOf, formatDuration, formatSize, type NetworkRule } from '../../contract/index.ts';
import { contractName, list, quoted } from '../../contract/write-yaml.ts';
import { safe, shorten } from '../text.ts';
import type { Observed, Seen, SeenHost } from './observe.ts';
import { executed, isThere, portableName, withTilde } from './programs.ts';

/** What the lines say; `widen` changes it where the work did not pass. */
export interface Terms {
  write: { folder: string; because: string }[];
  programs: { list: string[]; because: string } | { any: string };
  limits: { cpus: number; memory: number; processes: number; time: number; 'cpu-time': number; disk: number };
  network: { rule: Pick<NetworkRule, 'host' | 'port' | 'protocol'>; bytes: number; because: string }[];
}

export interface Recording {
  /** id of the recorded run */
  run: string;
  /** real path */
  workspace: string;
  command: string;
  /** milliseconds */
  took: number;
  exit: number;
  /** files that look like secrets, as patterns */
  hide: readonly string[];
  /** the folder that the contract will stand in, as the workspace is written from there */
  written: string;
  /** the operator's home: not to be read in a file that others get */
  home: string;
}

const MB = 2 ** 20;
const MINUTE = 60_000;
/** Folders listed before they are put together under a common one: a list that nobody reads protects nobody. */
const MAX_FOLDERS = 12;
/** Programs listed; beyond it a list says no more than `any`. */
const MAX_PROGRAMS = 64;
/** Names and refusals that are listed as comments, of each: the agent chooses how many there are. */
const MAX_COMMENTS = 20;

type Source = Pick<Recording, 'run' | 'home' | 'workspace'>;

/** A text for others than the operator: neither the home folder nor where the project lies is in it. */
const impersonal = (text: string, { home, workspace }: Omit<Source, 'run'>): string =>
  safe(withTilde(withTilde(text, workspace, '.'), home));

const cite = (source: Source, { event, count, by }: Seen): string =>
  `${source.run}:${event}${count > 1 ? `, ${count} times` : ''}${by === undefined ? '' : `, ${shorten(impersonal(by, source), 40)}`}`;

/** At most so many lines, and how many there are besides. */
function listed<T>(items: readonly T[], line: (item: T) => string, run: string): string[] {
  const more = items.length - MAX_COMMENTS;
  const rest = more > 0 ? [`#   … and ${more} more: ringfence log show ${run}`] : [];
  return [...items.slice(0, MAX_COMMENTS).map(line), ...rest];
}

/** The folder, as it was before the run, that holds a path: a pattern must name one that exists. */
export function existingFolder(workspace: string, path: string): string {
  for (
    let folder = path.split('/').slice(0, -1).join('/');
    folder !== '';
    folder = folder.replace(/\/?[^/]*$/, '')
  )
    if (
      directoryOf(`${folder}/**`) !== undefined &&
      lstatSync(join(workspace, folder), { throwIfNoEntry: false })?.isDirectory()
    )
      return folder;
  return '';
}

function writeTerms(observed: Observed, recording: Recording): Terms['write'] {
  const { workspace } = recording;
  const folders = new Map<string, Seen>();
  for (const [path, seen] of observed.written) {
    const folder = existingFolder(workspace, path);
    const known = folders.get(folder);
    if (!known) folders.set(folder, { ...seen });
    else known.count += seen.count;
  }
  for (let most = deepest(folders); folders.size > MAX_FOLDERS && most > 0; most -= 1)
    for (const [folder, seen] of [...folders]) {
      if (folder.split('/').length <= most) continue;
      folders.delete(folder);
      const parent = folder.replace(/\/?[^/]*$/, '');
      const known = folders.get(parent);
      folders.set(parent, known ? { ...known, count: known.count + seen.count } : seen);
    }
  const covered = (folder: string) =>
    [...folders.keys()].some((other) => other !== folder && (other === '' || folder.startsWith(`${other}/`)));
  return [...folders]
    .filter(([folder]) => !covered(folder))
    .map(([folder, seen]) => ({
      folder,
      because: `written in ${cite(recording, seen)}${folder === '' ? '; what lies in the folder itself can only be opened with all of it' : ''}`,
    }));
}

const deepest = (folders: Map<string, Seen>): number =>
  Math.max(0, ...[...folders.keys()].map((folder) => folder.split('/').length));

function programTerms(observed: Observed, recording: Recording): Terms['programs'] {
  const { workspace, run } = recording;
  const programs = executed(observed);
  const own = programs.find(([path]) => path.startsWith(`${workspace}/`) || !isThere(path));
  if (own)
    return {
      any: `${shorten(impersonal(own[0], recording), 60)} was made or lies in the workspace (${cite(recording, own[1])}), and such cannot be listed`,
    };
  if (programs.length === 0) return { any: 'no program was seen to start' };
  if (programs.length > MAX_PROGRAMS) return { any: `${programs.length} programs ran` };
  return {
    list: programs.map(([path]) => path).sort(),
    because: `what ran in ${run} (${programs.length}); interpreters among them run any script`,
  };
}

/** Up to a number that a person would write: 1, 2, 3, 4, 6, 8 of the power of two below. */
function roundUp(value: number, unit: number): number {
  let step = unit;
  while (step * 4 < value) step *= 2;
  return Math.ceil(value / step) * step;
}

function limitTerms({ peak }: Observed, { took }: Recording): Terms['limits'] {
  const cpus = Math.max(1, Math.ceil(peak.cpu / Math.max(took, 1)));
  return {
    cpus,
    memory: Math.max(512 * MB, roundUp(peak.memory * 2, 64 * MB)),
    processes: Math.max(64, roundUp(peak.processes * 2, 16)),
    time: Math.max(2 * MINUTE, roundUp(took * 4, MINUTE)),
    'cpu-time': Math.max(2 * MINUTE, roundUp(peak.cpu * 4, MINUTE)),
    disk: Math.max(128 * MB, roundUp(peak.disk * 2, 64 * MB)),
  };
}

function networkTerms(observed: Observed, recording: Recording): Terms['network'] {
  const because = (seen: SeenHost) =>
    `${cite(recording, seen)}; ${formatSize(Math.max(1, seen.sent))} sent, ${formatSize(Math.max(1, seen.received))} received`;
  return observed.hosts.flatMap((seen) =>
    seen.protocols.slice(0, 1).map((protocol) => ({
      rule: { host: seen.host, port: seen.port, protocol: protocol as NetworkRule['protocol'] },
      bytes: Math.max(MB, roundUp((seen.sent + seen.received) * 4, MB)),
      because: because(seen),
    })),
  );
}

/** The smallest terms under which what was observed should pass. */
export const learnTerms = (observed: Observed, recording: Recording): Terms => ({
  write: writeTerms(observed, recording),
  programs: programTerms(observed, recording),
  limits: limitTerms(observed, recording),
  network: networkTerms(observed, recording),
});

const LOCKS = [
  { ecosystem: 'npm', program: /\/(npm|npx)(-cli\.js)?$/, lock: 'package-lock.json' },
  { ecosystem: 'pip', program: /\/pip[\d.]*$/, lock: 'requirements.txt' },
] as const;

/** Where an installer ran beside a lock file: the line that allows exactly its artefacts, and no host. */
function packageHints(observed: Observed, workspace: string): string[] {
  const [host = 'packages.example.com'] = [
    ...observed.hosts.map((seen) => seen.host),
    ...observed.names.keys(),
  ];
  if (observed.hosts.length + observed.names.size === 0) return [];
  return LOCKS.flatMap(({ ecosystem, program, lock }) =>
    [...observed.programs.keys()].some((path) => program.test(path)) &&
    lstatSync(join(workspace, lock), { throwIfNoEntry: false })
      ? [
          `# Instead of a host, if it is an index of packages: exactly what the lock file names, and no way to say anything.`,
          `# packages:`,
          `#   - { ecosystem: ${ecosystem}, from: "https://${safe(host)}", only: ${lock} }`,
        ]
      : [],
  );
}

/** The contract as text, a comment with the reason behind each line. */
export function writeContract(terms: Terms, observed: Observed, recording: Recording): string {
  const { run, workspace, command, took, exit, hide, written, home } = recording;
  const { peak } = observed;
  const { limits, programs, network } = terms;
  const write = terms.write.map(({ folder, because }) => {
    const pattern = folder === '' ? '**' : `${folder}/**`;
    return `    - ${quoted(pattern)}   # ${because}`;
  });
  const names = listed(
    [...observed.names],
    ([name, seen]) =>
      `#   - { host: ${safe(name)}, port: 443, protocol: https }   # looked up in ${cite(recording, seen)}`,
    run,
  );
  const refused = listed(
    [...observed.refused],
    ([what, seen]) => `#   ${shorten(impersonal(what, recording), 90)} (${cite(recording, seen)})`,
    run,
  );
  const whence = (path: string) => {
    const seen = observed.programs.get(path);
    return seen ? `${run}:${seen.event}` : 'executed when it was tried again';
  };
  const hints = packageHints(observed, workspace);
  return `# Learnt from run ${run}: ${shorten(impersonal(command, recording), 80)}
# It took ${formatDuration(took)} and ended with exit code ${exit}. Numbers like ${run}:12 are its events: ringfence why ${run}:12.
# Opened for what was seen, and nothing else; what the program does on other days is not in it.${observed.lost > 0 ? `\n# ${observed.lost} events were lost: something may be missing here.` : ''}
ringfence: 1
name: ${quoted(contractName(workspace))}

files:
  workspace: ${quoted(written)}
${write.length === 0 ? '  write: []   # nothing in the workspace was changed' : `  write:\n${write.join('\n')}`}
  hide: ${list(hide)}   # what looks like a secret
  # files.read: which files outside the workspace it looked for cannot be seen; add what it misses

${
  'any' in programs
    ? `programs: any   # ${programs.any}`
    : `programs:   # ${programs.because}\n${programs.list.map((path) => `  - ${quoted(portableName(path, home))}   # ${whence(path)}`).join('\n')}`
}
${
  network.length === 0
    ? '\nnetwork: []   # no connection was made'
    : `\nnetwork:\n${network.map(({ rule, bytes, because }) => `  - { host: ${quoted(rule.host)}, port: ${rule.port}, protocol: ${rule.protocol}, bytes: ${size(bytes)} }   # ${because}`).join('\n')}`
}${names.length === 0 ? '' : `\n# Names that were looked up without a connection; learn --network lets them be reached:\n${names.join('\n')}`}${hints.length === 0 ? '' : `\n${hints.join('\n')}`}

compute:   # about twice what was seen of memory, processes and disk, four times of time
  cpus: ${limits.cpus}
  memory: ${size(limits.memory)}   # at most ${formatSize(Math.max(1, peak.memory))} was seen, sampled
  processes: ${limits.processes}   # at most ${peak.processes} were seen at once, sampled
  time: ${Math.ceil(limits.time / MINUTE)}m   # it took ${formatDuration(took)}
  cpu-time: ${Math.ceil(limits['cpu-time'] / MINUTE)}m   # ${formatDuration(Math.max(1, peak.cpu))} was used
  disk: ${size(limits.disk)}   # ${formatSize(Math.max(1, peak.disk))} was written
${refused.length === 0 ? '' : `\n# Refused even while learning, so no contract opens it:\n${refused.join('\n')}\n`}`;
}

const size = (bytes: number): string => `${Math.ceil(bytes / MB)}MiB`;
