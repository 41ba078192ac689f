/**
 * The lab, run inside the outside namespace: `main.ts FOLDER INSIDE-NAMESPACE quick|whole OUTPUT`. Writes what was seen as JSON.
 *
 * @module
 */
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { join } from 'node:path';
import { type Attack, mining, missing, plant, reverseSsh, shells, tunnels } from './attacks.ts';
import { carriers } from './carriers.ts';
import { LabProject, type Policy, type Told, tell } from './cell.ts';
import { type HonestResult, honestWork } from './honest.ts';
import { type Outside, startOutside } from './outside.ts';

export interface ActResult extends Told {
  name: string;
  kind: string;
  policy: Policy;
  /** the payload arrived */
  carried: boolean;
  /** the right finding was made */
  found: boolean;
  /** why it was not tried */
  skipped?: string;
  detail?: string;
}

const [folder = '', namespace = '', extent = 'quick', output = ''] = process.argv.slice(2);
const only = process.env.RINGFENCE_LAB_ONLY;

/** Milliseconds for an act on a busy machine. */
const PATIENCE = 50_000;

/** Each act is watched to its end; one of each kind is answered, too. */
const answered = new Set<string>();
function policiesOf({ kind }: Attack): Policy[] {
  const first = !answered.has(kind);
  answered.add(kind);
  const times: Policy[] = Array.from({ length: extent === 'whole' ? 4 : 1 }, () => 'watch');
  return first ? [...times, 'respond'] : times;
}

async function act(attack: Attack, outside: Outside, policy: Policy): Promise<ActResult> {
  const { name, kind, rules, ports } = attack;
  const none = { findings: [], effects: [], sent: undefined, froze: undefined, flows: 0 };
  const lacks = missing(attack);
  if (lacks.length > 0) {
    return {
      ...none,
      name,
      kind,
      policy,
      carried: false,
      found: false,
      skipped: `not installed: ${lacks.join(', ')}`,
    };
  }
  const project = new LabProject(namespace, folder, [outside.key, join(folder, 'client-rsa')]);
  const modules = join(folder, 'node_modules');
  if (existsSync(modules) && attack.script.includes('ssh2'))
    cpSync(modules, join(project.project.folder, 'node_modules'), { recursive: true });
  const canary = plant(project);
  const listener = await attack.before?.(outside, canary);
  const running = project.start(ports, attack.script, policy);
  const late = new Promise<boolean>((resolve) => {
    setTimeout(resolve, PATIENCE, false).unref();
    // frozen programs neither end nor answer
    running.child.stderr?.on('data', (data: Buffer) => data.includes('it is held') && resolve(false));
  });
  const carried = listener
    ? await Promise.race([late, listener.carried(), running.ended.then(() => listener.carried())])
    : await Promise.race([late, attack.outside(outside, canary), running.ended.then(() => false)]);
  // what shows an act may be its end
  await new Promise((resolve) => setTimeout(resolve, 300));
  running.child.kill(policy === 'respond' ? 'SIGINT' : 'SIGTERM');
  const hard = setTimeout(() => running.child.kill('SIGTERM'), 1500);
  const ended = await running.ended;
  clearTimeout(hard);
  listener?.close();
  const told = tell(ended.events);
  project.remove();
  // a command line may have said it before there was a flow: where that is answered, nothing came of it
  const found =
    [...told.findings.map(({ rule }) => rule), ...told.effects].some((rule) => rules.includes(rule)) ||
    (policy === 'respond' && told.froze !== undefined);
  const detail =
    found && (carried || policy === 'respond')
      ? undefined
      : `${ended.record.reason} ${ended.out.slice(-600)} ${ended.err.slice(-1500)}`;
  console.error(
    `${found ? 'found' : 'MISSED'} ${carried ? 'carried' : 'not carried'} ${policy} ${name} ${told.findings.map(({ rule }) => rule).join(' ')} (${told.effects.join(' ')}) ${detail ?? ''}`,
  );
  return { ...told, name, kind, policy, carried, found, ...(detail === undefined ? {} : { detail }) };
}

async function main(): Promise<void> {
  const outside = await startOutside(folder);
  const results: ActResult[] = [];
  let honest: HonestResult[] = [];
  const loads: number[] = [];
  const measure = setInterval(() => loads.push(loadavg()[0] ?? 0), 5000);
  try {
    const wanted = only === undefined ? undefined : new RegExp(only);
    const acts = async (attacks: readonly Attack[]) => {
      for (const attack of attacks.filter(({ name }) => !wanted || wanted.test(name)))
        for (const policy of policiesOf(attack)) results.push(await act(attack, outside, policy));
    };
    // most of it is waiting: for somebody outside to come in, for a server that takes its time
    [honest] = await Promise.all([
      honestWork(namespace, outside, extent === 'whole', wanted),
      acts(reverseSsh()),
      acts([...shells(), ...tunnels(), ...mining(), ...carriers()]),
    ]);
  } finally {
    clearInterval(measure);
    outside.stop();
  }
  writeFileSync(output, JSON.stringify({ extent, cores: cpus().length, loads, acts: results, honest }));
}

await main();
// connections that an act left open hold nobody up
process.exit(0);
