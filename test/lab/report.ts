/**
 * The lab's results as the page docs/reference/flow-detection.md: `report.ts RESULTS`. Run `main.ts` with `whole` for it.
 *
 * @module
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { clopperPearson } from '../../src/evidence/coverage/index.ts';
import type { HonestResult } from './honest.ts';
import { KINDS } from './inside/kinds.mjs';
import type { ActResult } from './main.ts';

export interface Results {
  extent: string;
  cores: number;
  /** load of the machine while it ran, measured at intervals */
  loads: number[];
  acts: ActResult[];
  honest: HonestResult[];
  /** what was run again after a change, and stands here in place of the first run’s */
  again?: string[];
}

const percent = (rate: number) => `${(100 * rate).toFixed(rate > 0 && rate < 0.01 ? 2 : 0)} %`;
const median = (values: readonly number[]) => values.toSorted((a, b) => a - b)[values.length >> 1];
const shown = (value: number | undefined, unit: string, digits = 0) =>
  value === undefined || Number.isNaN(value) ? '–' : `${value.toFixed(digits)} ${unit}`;

export function page({ acts, honest, cores, loads, again = [] }: Results): string {
  const tried = acts.filter(({ skipped }) => skipped === undefined);
  const kinds = [...new Set(tried.map(({ kind }) => kind))];
  const rowOf = (kind: string, all: readonly ActResult[]) => {
    const watched = all.filter(({ policy }) => policy === 'watch');
    const found = watched.filter((act) => act.found).length;
    const [low, high] = clopperPearson(found, watched.length);
    const carried = watched.filter((act) => act.carried).length;
    const sent = median(all.flatMap((act) => (act.found && act.sent !== undefined ? [act.sent] : [])));
    const froze = median(
      all.flatMap((act) => (act.policy === 'respond' && act.froze !== undefined ? [act.froze] : [])),
    );
    return `| ${kind} | ${watched.length} | ${carried} | ${found} | ${percent(low)} – ${percent(high)} | ${shown(sent, 'B')} | ${shown(froze, 'ms', 1)} |`;
  };
  const rows = [
    ...kinds.map((kind) =>
      rowOf(
        kind,
        tried.filter((act) => act.kind === kind),
      ),
    ),
    rowOf(
      '**reverse SSH**',
      tried.filter(({ kind }) => kind.startsWith('reverse SSH')),
    ),
    rowOf('**all**', tried),
  ];
  const load = `${Math.min(...loads).toFixed(0)} to ${Math.max(...loads).toFixed(0)}`;
  const flows = honest.reduce((sum, one) => sum + one.flows, 0);
  const alarms = honest.reduce((sum, one) => sum + one.findings.length, 0);
  const [, highest] = clopperPearson(alarms, flows);
  const tools = honest.filter(({ skipped, carried }) => skipped === undefined && carried === undefined);
  return [
    '<!-- written by test/lab/report.ts from a run of the lab; not to be edited by hand -->',
    '# How well flows are judged',
    '',
    'Real tools in real cells, under a contract that lets any bytes through to one host (`protocol: tcp`), between two network namespaces. Each act carries a secret from end to end while it is only watched; one of each kind is repeated under the answers that contracts give unless told otherwise (`critical: freeze`, `high: alert`).',
    '',
    '| act | tried | carried | found | 95 % interval of the rate | bytes out when told | event to freeze |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
    '',
    `Intervals are Clopper and Pearson’s. “Bytes out” counts all that the flow had sent until then, its handshakes included. A dash: the answer to this level is not a freeze. Where a rule about command lines speaks first, the freeze is counted from the program’s start; times are those of a machine with ${cores} cores at a load of ${load}.`,
    '',
    `Honest work: **${flows} flows** of ${Object.keys(KINDS).length + tools.length} kinds, **${alarms} false alarms**; the rate is at most ${percent(highest)} with 95 % confidence. Conversations that are played by both ends: ${Object.keys(KINDS).join(', ')}. By real tools: ${tools.map(({ name }) => name).join(', ')}.`,
    '',
    ...(again.length > 0
      ? [
          `Run again after a change that their first results led to, which are not counted: ${again.join(', ')}.`,
          '',
        ]
      : []),
    '## What is not seen',
    '',
    '- Remote forwarding by an SSH client that pads its messages at random. Beside a session of the same connection: by a client that compresses, that wants no answer to its request, or whose request or answer came together with other data where lengths are hidden; with AES, one that is asked for while what runs in a session greets its client (ten messages from its first word, each less than 150 ms behind another).',
    '- A shell inside TLS that is given fewer than three orders, or whose client offers ALPN; a shell that is driven by long orders, without pauses, or by orders of one length that are all answered in one length.',
    '- Local forwarding in an SSH connection that opened a session first.',
    '- Tunnels with a framing of their own inside TLS that nobody terminates.',
    '- Mining inside TLS before the sixth share.',
    '- A change of algorithms under way in an SSH connection, where the new lengths can still be read.',
    '- DNS tunnels below forty new names a minute, or of one server that is asked below more than sixteen names in turn.',
    '- What computes on a GPU: cells are given none, and none is watched.',
    '',
    '## Remote forwarding beside a session',
    '',
    'A connection that has a session and is then asked for remote forwarding (`ssh -O forward -R`, `-R` of a second client of a kept connection) is told by two things: a request of the client’s beside channels, whose answer has one byte of payload, and later a message of the server’s that is as much longer than the request as its opening of a channel must be, which the client confirms. What answers a channel has five bytes or more. ChaCha20, which OpenSSH chooses unless told otherwise, shows lengths in steps of eight bytes, so that the request is certain. AES shows them in steps of sixteen, and one byte looks like five: there the first channel is a suspicion (`remote-control.reverse-ssh-suspected`, a note), and it is certain once that was closed and another came. Programs that acknowledge a line of twenty letters with one and then ask for a few look the same; that is why it is no more than that. Programs that greet each other do, too: with rsync’s first messages any of these ciphers would make a suspicion, so that what comes within ten messages of a program’s first word asks for nothing unless it came by itself, 150 ms behind any other; and the same is wanted of a request whose answer came in one piece with the channel. AES in counter mode with a MAC over the plaintext hides where messages end: there a program that answers prompts at once is a suspicion, too.',
    '',
    'What else tells it: the command line that asks for it (`remote-control.reverse-tunnel`), whatever the cipher, and the contract, which names the hosts that SSH may go to.',
    '',
    'ICMP cannot leave a cell: the socket is refused, and `remote-control.icmp-refused` tells of it. iodine wants a tun device, which no cell has; its way of carrying data in names, the handshakes of WireGuard, OpenVPN and Stratum version 2, and SSH in WebSocket are played by bounded clients that carry the same secret.',
    '',
    'A tunnel that a command line shows (`ssh -R`, `bash -i >& /dev/tcp/…`) is one finding: its flow is recorded as further evidence of it, and counts as found here only if the flow was told, too.',
    '',
    'A contract that declares the protocol (`https`, `ssh`, `postgres`) ends most of these at their first bytes; this page is about those that do not.',
    '',
  ].join('\n');
}

if (process.argv[1] === import.meta.filename) {
  const results = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Results;
  writeFileSync(join(import.meta.dirname, '../../docs/reference/flow-detection.md'), page(results));
}
