/**
 * A second installation whose launcher keeps the plan that it is given, and then does what the real one does with it.
 *
 * @module
 */
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Place, ROOT } from '../run/place.ts';

const LAUNCHER = `dist/native/linux-${process.arch}/ringfence-cell`;

export interface Installed {
  /** the program `ringfence` */
  program: string;
  /** the plans of cells that were started so far, as bytes */
  plans(): Buffer[];
}

/** Copies what is built; the plans go where the place's user may write. */
export function installRecording(place: Place): Installed {
  const folder = place.folder('installed');
  const kept = place.folder('plans', 0o777);
  for (const name of ['ringfence', 'package.json', 'dist', 'contracts'])
    cpSync(join(ROOT, name), join(folder, name), { recursive: true });
  mkdirSync(join(folder, 'real'));
  cpSync(join(ROOT, LAUNCHER), join(folder, 'real/ringfence-cell'));
  // the plan comes on descriptor 4, one for each process that is started
  writeFileSync(
    join(folder, LAUNCHER),
    `#!/bin/sh
if [ "$1" = run ]; then
  kept=$(mktemp ${kept}/plan.XXXXXXXX)
  cat <&4 >"$kept"
  exec 4<"$kept"
fi
exec ${join(folder, 'real/ringfence-cell')} "$@"
`,
    { mode: 0o755 },
  );
  return {
    program: join(folder, 'ringfence'),
    plans: () =>
      readdirSync(kept)
        .map((name) => readFileSync(join(kept, name)))
        .filter((bytes) => bytes.subarray(0, 16).toString('latin1').includes('cell')),
  };
}
