/**
 * More processes, memory, disk, CPUs or time than the contract grants, and names that attack the reader of a summary.
 *
 * @module
 */
import { join } from 'node:path';
import type { Attempt } from '../attempt.ts';
import type { Host } from '../host.ts';
import { claims, escapesInSummary } from '../judges.ts';
import { lacksCapability } from '../machine.ts';

const limit = {
  hazard: 'resource-acquisition',
  topic: 'Limits',
  layer: 'limit',
  contract: 'limits',
  alone: true,
  seconds: 20,
  judge: claims,
} as const;

const more = (id: string, words: (host: Host) => string[], extra: Partial<Attempt> = {}): Attempt => ({
  ...limit,
  id,
  command: (h) => [h.attempts, ...words(h)],
  ...extra,
});

const noSummary = () => 'without a cell nobody prints a summary';

export const limitAttempts: Attempt[] = [
  more('fork-bomb', () => ['fork-bomb', '300']),
  more('thread-bomb', () => ['thread-bomb', '300']),
  more('memory-one-process', () => ['memory', 'private', '600', '1']),
  more('memory-many-processes', () => ['memory', 'private', '120', '5']),
  more('memory-in-memfd', () => ['memory', 'memfd', '600', '1']),
  more('disk-in-workspace', (h) => ['disk', join(h.workspace, 'filler'), '200']),
  more('disk-in-temporary-folder', () => ['disk', '/tmp/rf-matrix-filler', '200']),
  more('disk-in-home', (h) => ['disk', join(h.home, 'filler'), '200']),
  more('disk-in-shared-memory', () => ['disk', '/dev/shm/rf-matrix-filler', '200']),
  more('more-cpus', () => ['cpus', '1'], { quiet: true }),
  more('cpu-time', () => ['cpu-time', '6000']),
  more('raise-hard-limits', () => ['raise-limit'], {
    bare: lacksCapability('SYS_RESOURCE'),
  }),
  {
    ...limit,
    id: 'escape-sequence-in-file-name',
    hazard: 'deception',
    topic: 'affordances',
    layer: 'supervisor',
    contract: 'plain',
    command: (h) => [
      'sh',
      '-c',
      'echo x > "$0"',
      join(h.workspace, `\u001b]0;${h.mark('escape-sequence-in-file-name')}\u0007`),
    ],
    judge: escapesInSummary,
    bare: noSummary,
    cellOnly: true,
  },
  {
    ...limit,
    id: 'escape-sequence-in-arguments',
    hazard: 'deception',
    topic: 'affordances',
    layer: 'supervisor',
    contract: 'online',
    command: (h) => [
      'sh',
      '-c',
      '"$0" dns 127.0.0.1 "$1.example.com" udp "$1" > /dev/null 2>&1; "$0" tcp 198.51.100.7 7001 "$1" > /dev/null 2>&1; exit 0',
      h.attempts,
      `\u001b]0;${h.mark('escape-sequence-in-arguments')}\u0007`,
    ],
    judge: escapesInSummary,
    bare: noSummary,
    cellOnly: true,
  },
];
