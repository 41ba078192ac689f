/**
 * First file that Node loads. It must be readable for an old Node, whose user deserves a sentence instead of a syntax
 * error, and it turns on the cache of compiled code before anything worth caching is loaded.
 *
 * @module
 */
import { lstatSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';

/**
 * Compiled code is executed as it lies there, so a cache folder that is somebody else's is not used.
 * (`folders.ts` knows the same folder, but is itself worth caching.)
 */
function enableCache(): void {
  const { XDG_CACHE_HOME, HOME } = process.env;
  let base = XDG_CACHE_HOME;
  try {
    if (!base?.startsWith('/')) base = `${HOME || homedir()}/.cache`;
  } catch {
    return; // a user without a name or a home
  }
  const folder = `${base}/ringfence`;
  const status = lstatSync(folder, { throwIfNoEntry: false });
  if (status && (!status.isDirectory() || status.uid !== process.getuid?.() || (status.mode & 0o022) !== 0))
    return;
  module.enableCompileCache(`${folder}/code`);
}

const major = Number.parseInt(process.versions.node, 10);
if (major < 24) {
  process.stderr.write(`ringfence: needs Node 24 or newer, this is Node ${process.versions.node}\n`);
  process.stderr.write(
    '  run: npm run setup in a checkout, or npm install --include=optional for the package\n',
  );
  process.exitCode = 125;
} else {
  enableCache();
  const { main } = await import('./main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
