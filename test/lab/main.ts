/**
 * The lab, run inside the outside namespace: `main.ts FOLDER INSIDE-NAMESPACE quick|whole OUTPUT`. Writes what was seen as JSON.
 *
 * @module
 */
import { cpSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Attack, mining, missing, plant, reverseSsh, shells, tunnels } from './attacks.ts';
import { LabProject, type Policy, type Told, tell } from './cell.ts';
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

async function act(attack: Attack, outside: Outside, policy: Policy): Promise<ActResult> {
  const { name, kind, rules, ports } = attack;
  const none = { findings: [], sent: undefined, froze: undefined, flows: 0 };
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
  const carried = listener
    ? await Promise.race([listener.carried(), running.ended.then(() => listener.carried())])
    : await Promise.race([attack.outside(outside, canary), running.ended.then(() => false)]);
  // what shows an act may be its end
  await new Promise((resolve) => setTimeout(resolve, 300));
  running.child.kill('SIGTERM');
  const ended = await running.ended;
  listener?.close();
  const told = tell(ended.events);
  project.remove();
  const found = told.findings.some(({ rule }) => rules.includes(rule));
  const detail =
    found && (carried || policy === 'respond')
      ? undefined
      : `${ended.record.reason} ${ended.out.slice(-600)} ${ended.err.slice(-1500)}`;
  return { ...told, name, kind, policy, carried, found, ...(detail === undefined ? {} : { detail }) };
}

async function main(): Promise<void> {
  const outside = await startOutside(folder);
  const results: ActResult[] = [];
  try {
    const attacks = [...reverseSsh(), ...shells(), ...tunnels(), ...mining()].filter(
      ({ name }) => only === undefined || new RegExp(only).test(name),
    );
    for (const attack of attacks) {
      const begun = performance.now();
      const result = await act(attack, outside, 'watch');
      results.push(result);
      console.error(
        `${Math.round(performance.now() - begun)} ms ${result.found ? 'found' : 'MISSED'} ${result.carried ? 'carried' : 'NOT CARRIED'} ${result.name} ${result.skipped ?? ''} ${result.detail ?? ''} ${result.findings.map(({ rule }) => rule).join(' ')}`,
      );
    }
  } finally {
    outside.stop();
  }
  writeFileSync(output, JSON.stringify({ extent, acts: results }));
}

await main();
