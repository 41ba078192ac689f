/**
 * Honest work that must succeed inside: a cell that breaks everything holds everything, and is worth nothing.
 *
 * @module
 */
import type { Attempt, ContractName } from '../attempt.ts';
import type { Host } from '../host.ts';
import { arrived, worked } from '../judges.ts';
import { ADDRESSES } from '../network.ts';

function control(
  id: string,
  command: (host: Host) => string[],
  expected = '',
  contract: ContractName = 'plain',
): Attempt {
  return {
    id: `control-${id}`,
    hazard: 'sabotage',
    topic: 'affordances',
    layer: 'supervisor',
    contract,
    control: true,
    command,
    judge: worked(expected),
  };
}

const shell = (script: string) => (host: Host) => ['sh', '-c', script, host.attempts, host.workspace];

const SERVER = `
const server = require('node:http').createServer((_, r) => r.end('served'));
server.listen(0, '127.0.0.1', async () => {
  const answer = await fetch('http://127.0.0.1:' + server.address().port);
  console.log(await answer.text());
  server.close();
});`;

export const controls: Attempt[] = [
  control('write-workspace', shell('echo text > "$1/new.txt" && cat "$1/new.txt"'), 'text'),
  control('read-project', shell('cat "$1/README.md"'), 'precious'),
  control(
    'delete-and-rename',
    shell('cd "$1" && mkdir d && mv d e && touch e/f && rm -r e && echo done'),
    'done',
  ),
  {
    ...control(
      'rename-existing-folder',
      shell('cd "$1" && mv folder folder2 && cat folder2/inside.txt && mv folder2 folder'),
      'precious',
    ),
    topic: 'Overlay',
  },
  control(
    'write-home-and-tmp',
    shell('echo a > ~/x && echo b > /tmp/rf-matrix-y && cat ~/x && rm ~/x /tmp/rf-matrix-y'),
    'a',
  ),
  control(
    'git-commit',
    shell(
      'cd "$1" && git add README.md && git -c user.name=a -c user.email=a@example.com commit -qm first && git log --oneline',
    ),
    'first',
  ),
  control(
    'fork-fifty',
    shell('i=0; while [ $i -lt 50 ]; do sleep 0.3 & i=$((i+1)); done; wait; echo done'),
    'done',
  ),
  control(
    'pipes-and-signals',
    shell('sleep 5 & kill $!; wait $!; [ $? -eq 143 ] && seq 1000 | tail -1'),
    '1000',
  ),
  control('node-loopback-server', () => [process.execPath, '-e', SERVER], 'served'),
  control(
    'unix-socket-of-its-own',
    () => [
      process.execPath,
      '-e',
      `const s = require('node:net').createServer((c) => c.end('hi')).listen('/tmp/rf-matrix-own.sock', () =>
      require('node:net').connect('/tmp/rf-matrix-own.sock').on('data', (d) => { console.log(String(d)); s.close(); }));`,
    ],
    'hi',
  ),
  control('trace-own-child', shell('sleep 2 & "$0" trace $!; code=$?; kill $!; exit $code'), 'seized'),
  control('memfd-without-program-list', (h) => [h.attempts, 'memfd-exec'], 'ran from memory'),
  {
    ...control(
      'declared-host',
      (h) => [
        'sh',
        '-c',
        'getent hosts allowed.example.com; exec "$0" tcp "$1" "$2" "$3"',
        h.attempts,
        ADDRESSES.declared.address,
        String(ADDRESSES.declared.port),
        h.mark('control-declared-host'),
      ],
      '',
      'online',
    ),
    judge: arrived,
  },
  { ...control('listed-program', (h) => [h.attempts, 'say', 'listed'], 'listed', 'programs'), alone: true },
];
