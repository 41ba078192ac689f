/**
 * Package indexes on loopback, with packages made here: an npm registry, a page index for pip (PEP 503) and plain
 * files. Each keeps a log of all that it was asked, headers included: what the outside world learns of a run.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Asked {
  method: string;
  url: string;
  headers: IncomingMessage['headers'];
}

/** A server on 127.0.0.1 that remembers every request. */
export class Logged {
  readonly log: Asked[] = [];
  /** connections, requests or not */
  connections = 0;
  readonly #server: Server;

  constructor(answer: RequestListener) {
    this.#server = createServer((request, response) => {
      const { method = '', url = '', headers } = request;
      this.log.push({ method, url, headers });
      answer(request, response);
    });
    this.#server.on('connection', () => {
      this.connections += 1;
    });
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** `GET /path` lines. */
  get lines(): string[] {
    return this.log.map(({ method, url }) => `${method} ${url}`);
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** A port of loopback that nobody listens at. */
export async function freePort(): Promise<number> {
  const server = createTcp();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}

export const digest = (algorithm: string, bytes: Buffer, form: 'base64' | 'hex' = 'base64'): string =>
  createHash(algorithm).update(bytes).digest(form);

/** Source of an npm package: its package.json beyond name and version, and what `require` gives. */
export interface Source {
  name: string;
  version: string;
  manifest?: Record<string, unknown>;
  exports: string;
}

/** Two that need each other, one with a scope, one with a program, one in two versions. */
export const SOURCES: readonly Source[] = [
  { name: 'tiny-left', version: '1.0.0', exports: '1' },
  { name: 'tiny-left', version: '1.3.0', exports: '13' },
  {
    name: 'tiny-sum',
    version: '2.0.0',
    exports: "require('tiny-left') + require('@tiny/right')",
    manifest: {
      dependencies: { 'tiny-left': '^1.0.0', '@tiny/right': '1.x' },
      bin: { 'tiny-sum': 'index.js' },
    },
  },
  { name: '@tiny/right', version: '1.1.0', exports: '29' },
];

export interface Packed extends Source {
  bytes: Buffer;
  integrity: string;
  /** path below the registry */
  path: string;
}

/** Makes the tarball of a package. */
export function pack(folder: string, source: Source): Packed {
  const { name, version, manifest = {}, exports } = source;
  const place = mkdtempSync(join(folder, 'pack-'));
  mkdirSync(join(place, 'package'));
  writeFileSync(
    join(place, 'package/package.json'),
    JSON.stringify({ name, version, ...manifest, main: 'index.js' }),
  );
  const text = `#!/usr/bin/env node\nmodule.exports = ${exports};\nif (require.main === module) console.log('sum', module.exports);\n`;
  writeFileSync(join(place, 'package/index.js'), text, { mode: 0o755 });
  execFileSync('tar', ['-czf', 'made.tgz', 'package'], { cwd: place });
  const bytes = readFileSync(join(place, 'made.tgz'));
  const file = `${name.replace(/^.*\//, '')}-${version}.tgz`;
  return {
    ...source,
    bytes,
    integrity: `sha512-${digest('sha512', bytes)}`,
    path: `/${name}/-/${file}`,
  };
}

export class Registry extends Logged {
  readonly packages: Packed[];

  /** `spoil`: may change what is sent for a path */
  constructor(packages: Packed[], spoil: (path: string, bytes: Buffer) => Buffer = (_, bytes) => bytes) {
    super((request, response) => {
      const path = decodeURIComponent(request.url ?? '');
      const file = packages.find((one) => one.path === path);
      if (file) {
        response.end(spoil(path, file.bytes));
        return;
      }
      const versions = packages.filter((one) => `/${one.name}` === path);
      if (versions.length === 0) {
        response.writeHead(404).end();
        return;
      }
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify(this.document(versions)));
    });
    this.packages = packages;
  }

  document(versions: readonly Packed[]): object {
    const entries = versions.map(({ name, version, manifest, path, integrity }) => [
      version,
      { name, version, ...manifest, dist: { tarball: `${this.address}${path}`, integrity } },
    ]);
    return {
      name: versions[0]?.name,
      'dist-tags': { latest: versions.at(-1)?.version },
      versions: Object.fromEntries(entries),
      readme: 'what upstream writes into its document is not passed on',
    };
  }

  packed(name: string, version: string): Packed {
    const found = this.packages.find((one) => one.name === name && one.version === version);
    if (!found) throw new Error(`no ${name} ${version}`);
    return found;
  }

  /** What npm would write for these; `resolved` as if written with another registry. */
  lock(wanted: readonly { name: string; version: string }[], registry = 'https://npm.example.com'): string {
    const entries = wanted.map(({ name, version }) => {
      const { integrity, path, manifest } = this.packed(name, version);
      return [`node_modules/${name}`, { version, resolved: `${registry}${path}`, integrity, ...manifest }];
    });
    const dependencies = Object.fromEntries(wanted.map(({ name, version }) => [name, version]));
    return JSON.stringify(
      {
        name: 'app',
        version: '1.0.0',
        lockfileVersion: 3,
        requires: true,
        packages: { '': { name: 'app', version: '1.0.0', dependencies }, ...Object.fromEntries(entries) },
      },
      null,
      2,
    );
  }
}

export const manifestOf = (wanted: readonly { name: string; version: string }[]): string =>
  JSON.stringify({
    name: 'app',
    version: '1.0.0',
    dependencies: Object.fromEntries(wanted.map(({ name, version }) => [name, version])),
  });

const WHEEL = `
import sys, zipfile
path, name, version, text, requires = sys.argv[1:6]
info = f'{name}-{version}.dist-info'
files = {
    f'{name}.py': text,
    f'{info}/METADATA': f'Metadata-Version: 2.1\\nName: {name}\\nVersion: {version}\\n' + (f'Requires-Dist: {requires}\\n' if requires else ''),
    f'{info}/WHEEL': 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
}
record = ''.join(entry + ',,\\n' for entry in [*files, f'{info}/RECORD'])
with zipfile.ZipFile(path, 'w') as wheel:
    for entry, content in files.items(): wheel.writestr(entry, content)
    wheel.writestr(f'{info}/RECORD', record)
`;

export interface Wheel {
  name: string;
  version: string;
  file: string;
  bytes: Buffer;
}

/** A pure wheel of one module. */
export function wheel(folder: string, name: string, version: string, text: string, requires = ''): Wheel {
  const file = `${name}-${version}-py3-none-any.whl`;
  execFileSync('python3', ['-c', WHEEL, join(folder, file), name, version, text, requires]);
  return { name, version, file, bytes: readFileSync(join(folder, file)) };
}

/** Pages of PEP 503 below `/simple/`, files elsewhere. */
export class WheelIndex extends Logged {
  constructor(wheels: readonly Wheel[]) {
    super((request, response) => {
      const { url = '' } = request;
      const found = wheels.find(({ file }) => url === `/packages/${file}`);
      const own = wheels.filter(({ name }) => url === `/simple/${name}/`);
      if (found) response.end(found.bytes);
      else if (own.length > 0) {
        const link = ({ file, bytes }: Wheel) =>
          `<a href="../../packages/${file}#sha256=${digest('sha256', bytes, 'hex')}">${file}</a>`;
        response.setHeader('content-type', 'text/html');
        response.end(`<!DOCTYPE html><html><body>${own.map(link).join('')}</body></html>`);
      } else response.writeHead(404).end();
    });
  }
}

export function makeScratch(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'ringfence-packages-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
