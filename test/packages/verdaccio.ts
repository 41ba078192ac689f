/**
 * Verdaccio, a real registry server, from the package registry of the machine: installed into a scratch folder, started
 * on loopback behind a log, filled by `npm publish`.
 *
 * @module
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { request as requestHttp } from 'node:http';
import { join } from 'node:path';
import { freePort, Logged, type Source } from './upstream.ts';

const VERSION = '6';
const PATH = `${join(process.execPath, '..')}:/usr/local/bin:/usr/bin:/bin`;

const npm = (cwd: string, ...words: string[]): string =>
  execFileSync('npm', [...words, '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 240_000,
    env: { ...process.env, PATH: `${PATH}:${process.env.PATH ?? ''}` },
  });

/** Installs it below `folder`; or says why that is not possible here. */
export function installVerdaccio(folder: string): { ok: true; program: string } | { ok: false; why: string } {
  const place = join(folder, 'verdaccio');
  mkdirSync(place);
  // one of its dependencies is named by a tag that not every registry has
  const manifest = { name: 'place', version: '1.0.0', overrides: { 'node-fetch': '2.7.0' } };
  writeFileSync(join(place, 'package.json'), JSON.stringify(manifest));
  try {
    npm(place, 'install', '--ignore-scripts', `verdaccio@${VERSION}`);
  } catch (error) {
    return { ok: false, why: `Verdaccio cannot be installed: ${(error as Error).message.slice(0, 300)}` };
  }
  return { ok: true, program: join(place, 'node_modules/verdaccio/bin/verdaccio') };
}

export class Verdaccio extends Logged {
  readonly #child: ChildProcess;
  readonly #port: number;

  private constructor(child: ChildProcess, port: number) {
    super((request, response) => {
      const { method, url: path, headers } = request;
      const onward = requestHttp({ host: '127.0.0.1', port, method, path, headers }, (answer) => {
        response.writeHead(answer.statusCode ?? 500, answer.headers);
        answer.pipe(response);
      });
      onward.on('error', () => response.destroy());
      request.pipe(onward);
    });
    this.#child = child;
    this.#port = port;
  }

  static async start(program: string, folder: string): Promise<Verdaccio> {
    const port = await freePort();
    const config = join(folder, 'verdaccio.yaml');
    const everybody = '{ access: $all, publish: $all, unpublish: $all }';
    writeFileSync(
      config,
      `storage: ${join(folder, 'storage')}\nuplinks: {}\npackages:\n  '**': ${everybody}\nlog: { type: stdout, format: json, level: error }\n`,
    );
    const words = [program, '--config', config, '--listen', `127.0.0.1:${port}`];
    const child = spawn(process.execPath, words, { cwd: folder, stdio: 'ignore' });
    const started = new Verdaccio(child, port);
    await started.#ready();
    await started.listen();
    return started;
  }

  async #ready(): Promise<void> {
    const deadline = performance.now() + 30_000;
    for (;;) {
      if (this.#child.exitCode !== null) throw new Error(`Verdaccio ended with ${this.#child.exitCode}`);
      const answer = await fetch(`http://127.0.0.1:${this.#port}/-/ping`).catch(() => undefined);
      if (answer?.ok) return;
      if (performance.now() > deadline) throw new Error('Verdaccio did not answer within 30 s');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** `npm publish`, and forgets that it was asked. */
  publish(folder: string, { name, version, manifest = {}, exports }: Source): void {
    const place = mkdtempSync(join(folder, 'publish-'));
    writeFileSync(
      join(place, 'package.json'),
      JSON.stringify({ name, version, ...manifest, main: 'index.js' }),
    );
    const text = `#!/usr/bin/env node\nmodule.exports = ${exports};\nif (require.main === module) console.log('sum', module.exports);\n`;
    writeFileSync(join(place, 'index.js'), text, { mode: 0o755 });
    const address = `http://127.0.0.1:${this.#port}/`;
    npm(
      place,
      'publish',
      '--registry',
      address,
      `--//127.0.0.1:${this.#port}/:_authToken=none`,
      '--access=public',
    );
  }

  /** A lock file as npm writes it for these dependencies. */
  lock(folder: string, dependencies: Record<string, string>): { manifest: string; lock: string } {
    const place = mkdtempSync(join(folder, 'lock-'));
    const manifest = JSON.stringify({ name: 'app', version: '1.0.0', dependencies });
    writeFileSync(join(place, 'package.json'), manifest);
    const address = `http://127.0.0.1:${this.#port}/`;
    npm(
      place,
      'install',
      '--package-lock-only',
      '--no-omit-lockfile-registry-resolved',
      `--registry=${address}`,
    );
    return { manifest, lock: execFileSync('cat', [join(place, 'package-lock.json')], { encoding: 'utf8' }) };
  }

  override close(): void {
    super.close();
    this.#child.kill('SIGKILL');
  }
}
