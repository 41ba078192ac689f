/**
 * Runs one cell with a launcher of the test's choosing: no gateway, no ledger, nothing that production code would have
 * to offer a switch for. Arguments: a JSON {@link DriverSpec}. Descriptor 3 gets the supervisor's events as JSON lines
 * (and `{"ev":"exited"}` at the end), descriptor 4 is read for commands, one per line.
 *
 * @module
 */
import { createReadStream, createWriteStream, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createGroups, detectCgroups, removeGroups } from '../../src/cell/cgroups/index.ts';
import { compilePlan } from '../../src/cell/plan/index.ts';
import { launchCell } from '../../src/cell/supervise/index.ts';
import { type ControllerCommand, type PlanOp, parseContract } from '../../src/contract/index.ts';

export interface DriverSpec {
  launcher: string;
  command: string[];
  workspace: string;
  /** folder for what the run leaves behind; removed at the end */
  state: string;
  home: string;
  /** lines of the contract after its name */
  contract: string;
  /** milliseconds */
  probeInterval: number;
  cgroups: boolean;
  /** operations that replace those of the same name */
  plan?: PlanOp[];
  cwd?: string;
}

const spec = JSON.parse(process.argv[2] ?? '') as DriverSpec;
const report = createWriteStream('', { fd: 3 });
const tell = (event: object) => report.write(`${JSON.stringify(event)}\n`);
const loaded = parseContract(`ringfence: 1\nname: native\n${spec.contract}\n`, 'test');
if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
const uid = process.getuid?.() ?? -1;
const unprivileged = 0x7100_0000 + (process.pid % 0xff_0000);
mkdirSync(spec.state, { recursive: true });
const folder = mkdtempSync(join(spec.state, 'run-'));
const [upper, work, marker] = ['upper', 'work', 'marker'].map((name) => join(folder, name)) as [string, string, string];
mkdirSync(upper);
mkdirSync(work);
if (uid === 0) (await import('node:fs')).chownSync(upper, unprivileged, unprivileged);
writeFileSync(marker, '');
const groups = spec.cgroups
  ? createGroups(detectCgroups(), `native-${process.pid}`, { memory: loaded.contract.compute.memory.max, cpus: loaded.contract.compute.cpus.max })
  : { groups: [] };
const compiled = compilePlan({
  contract: loaded.contract,
  base: spec.workspace,
  command: spec.command,
  cwd: spec.cwd ?? spec.workspace,
  run: 'native',
  folders: { upper, work, marker },
  host: { env: process.env, uid, gid: process.getgid?.() ?? -1, home: spec.home, user: 'tester' },
  unprivileged,
  processors: 2,
  groups: { limits: {}, folders: groups.groups },
  pidfdThread: true,
  probeInterval: spec.probeInterval,
});
if (!compiled.ok) throw new Error(compiled.problem);
const replaced = new Set(spec.plan?.map(([name]) => name));
const plan = [...compiled.plan.filter(([name]) => !replaced.has(name) && name !== 'end'), ...(spec.plan ?? []), ['end'] as PlanOp];

const ended = new Promise<{ code?: number; signal?: string }>((resolve) => {
  const cell = launchCell({
    launcher: spec.launcher,
    plan,
    onEvent: (event) => {
      tell(event);
      if (event.ev === 'ready') cell.send('go');
    },
    onSocket: () => {},
    onExit: (code, signal) => resolve({ ...(code !== undefined && { code }), ...(signal !== undefined && { signal }) }),
    onError: (error) => resolve({ signal: error.code }),
  });
  tell({ ev: 'launched', pid: cell.pid, upper });
  const commands = createInterface({ input: createReadStream('', { fd: 4 }) });
  commands.on('line', (line) => cell.send(line as ControllerCommand));
});
const exit = await ended;
const left = groups.groups.map(({ path }) => path);
await removeGroups(left);
tell({ ev: 'exited', ...exit });
report.end(() => {
  rmSync(folder, { recursive: true, force: true, maxRetries: 2 });
  process.exit(0);
});
