/**
 * Events at a rate, recorded and judged as a run's are, in a process of its own that never rests: prints how long each wrong
 * one took to its answer (µs of its own time), and what became of the rest.
 *
 * node pace.child.ts FOLDER RATE|flood SECONDS
 */

import { Watching } from '../../src/cli/wiring/watching.ts';
import { type Contract, type EventBody, parseContract } from '../../src/contract/index.ts';
import { loadKeys, openLedger } from '../../src/ledger/index.ts';
import { loadRules } from '../../src/watch/sigma/index.ts';

const [folder = '', rate = '20000', seconds = '2'] = process.argv.slice(2);
const RULE = `title: A wrong byte
id: 0f5a1c2e-6d4b-4c59-9f2e-2f6e3d5b7a01
status: stable
logsource: { category: process_creation }
detection:
  wrong: { CommandLine|startswith: 'wrong ' }
  condition: wrong
level: critical
ringfence: { hazard: sabotage, limit: only this word }
`;
/** One wrong event in so many. */
const WRONG = 250;

function contract(): Contract {
  const loaded = parseContract('ringfence: 1\nname: pace\n', 'ringfence.yaml');
  if (!loaded.ok) throw new Error('the contract is valid');
  return loaded.contract;
}

function eventAt(number: number): EventBody {
  const pid = 1000 + (number % 300);
  const argv =
    number % WRONG === WRONG - 1 ? ['wrong', String(number)] : ['cc', '-c', `file${number % 90}.c`];
  const owner = { pid, ppid: 999, exe: '/usr/bin/cc', argv };
  if (number % 10 === 9)
    return { kind: 'process.exec', owner, path: '/usr/bin/cc', cwd: '/home/me', observed: true };
  return {
    kind: 'file.change',
    owner,
    op: 'create',
    path: `/home/me/src/file${number % 90}.o`,
    observed: true,
  };
}

const { signer, redactionKey } = loadKeys(folder);
const ledger = openLedger({
  dir: `${folder}/ledger`,
  run: 'pace',
  cell: 'pace',
  signer,
  redactionKey,
  onFailure: (error) => {
    throw error;
  },
});
/** Microseconds of this process's own time, which passes only while it works: others on the machine do not count. */
const began = Date.now() * 1000;
const now = (): number => {
  const { user, system } = process.cpuUsage();
  return began + user + system;
};
const answers: number[] = [];
const losses: string[] = [];
const overloads: number[] = [];
let due = 0;
const watching = new Watching(
  {
    contract: contract(),
    setting: { workspace: '/home/me', home: '/home/me' },
    record: (body) => ledger.append(body),
    respond: (response) => {
      if (response === 'freeze') answers.push(now() - due);
    },
    fail: (sensor, reason) => losses.push(`${sensor}: ${reason}`),
    overload: (delay) => overloads.push(delay),
    clocks: { wall: now, steady: now },
  },
  loadRules([['wrong.yml', RULE]]).rules,
);

let offered = 0;
function take(time: number): void {
  const body = eventAt(offered);
  offered += 1;
  due = time;
  const context = watching.contextOf(body, time);
  const seq = ledger.append(body, time, context);
  watching.observe({ seq, time: '', run: 'pace', cell: 'pace', ...body }, time);
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
// what is compiled when it is first needed is no part of the pace
for (let warm = 0; warm < 80 * WRONG; warm++) take(now());
await turn();
answers.length = 0;

if (rate === 'flood') {
  // five times what this machine can do: time of the events runs five times slower than it passes
  const start = now();
  for (let batch = 0; overloads.length === 0 && batch < 50_000; batch++) {
    const passed = (now() - start) / 5;
    for (let event = 0; event < 100; event++) take(start + passed);
    if (batch % 20 === 0) await turn();
  }
} else {
  const every = 1e6 / Number(rate);
  const start = now();
  const end = start + Number(seconds) * 1e6;
  for (let next = start; next < end; ) {
    for (const until = now(); next <= until && next < end; next += every) take(next);
    await turn();
  }
}
watching.end();
const { size } = await ledger.close();
console.log(JSON.stringify({ answers, losses, overloads, offered, recorded: size }));
process.exit(0);
