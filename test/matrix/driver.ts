/**
 * Runs inside the scratch host's namespaces: lays out the host, runs the attempts, writes the results as JSON.
 * usage: driver.ts ROOT bare|cell root|user OUTPUT [only ids…]; RINGFENCE_MATRIX_TARGET, RINGFENCE_COMMAND
 *
 * @module
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ATTEMPTS } from './attempts/index.ts';
import { startHost } from './host.ts';
import { runAll, type Target } from './run.ts';

const [root, mode, identity, output, ...only] = process.argv.slice(2);
if (!root || !output || (mode !== 'bare' && mode !== 'cell') || (identity !== 'root' && identity !== 'user'))
  throw new Error('usage: driver.ts ROOT bare|cell root|user OUTPUT [ID...]');

const host = await startHost(root, mode, identity);
for (const folder of ['config', 'share', 'state', 'cache', 'run'])
  mkdirSync(join(host.state, folder), { recursive: true, mode: 0o700 });
const target: Target = {
  ...(process.env.RINGFENCE_COMMAND && { ringfence: process.env.RINGFENCE_COMMAND }),
  ...(process.env.RINGFENCE_MATRIX_TARGET && { template: process.env.RINGFENCE_MATRIX_TARGET }),
};
try {
  const chosen = ATTEMPTS.filter(({ id }) => only.length === 0 || only.includes(id));
  writeFileSync(output, JSON.stringify(await runAll(host, target, chosen)));
} finally {
  host.stop();
}
process.exit(0);
