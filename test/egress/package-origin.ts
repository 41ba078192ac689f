/**
 * Package indexes with one package each, made here: an npm registry and a static index for pip (PEP 503).
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';

/** Serves `tinypkg` 1.0.0 (its export is 42) to npm clients; `origin()` is the address clients were told. */
export function npmHandler(folder: string, origin: () => string): RequestListener {
  mkdirSync(join(folder, 'package'), { recursive: true });
  writeFileSync(
    join(folder, 'package/package.json'),
    JSON.stringify({ name: 'tinypkg', version: '1.0.0', main: 'index.js' }),
  );
  writeFileSync(join(folder, 'package/index.js'), 'module.exports = 42;\n');
  execFileSync('tar', ['-czf', 'tinypkg.tgz', 'package'], { cwd: folder });
  const tarball = readFileSync(join(folder, 'tinypkg.tgz'));
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`;
  return (request, response) => {
    if (request.url === '/tinypkg') {
      const dist = { tarball: `${origin()}/tinypkg/-/tinypkg-1.0.0.tgz`, integrity };
      const versions = { '1.0.0': { name: 'tinypkg', version: '1.0.0', dist } };
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ name: 'tinypkg', 'dist-tags': { latest: '1.0.0' }, versions }));
    } else if (request.url === '/tinypkg/-/tinypkg-1.0.0.tgz') response.end(tarball);
    else response.writeHead(404).end();
  };
}

const WHEEL = `
import sys, zipfile
files = {
    'tinywheel.py': 'ANSWER = 42\\n',
    'tinywheel-1.0.dist-info/METADATA': 'Metadata-Version: 2.1\\nName: tinywheel\\nVersion: 1.0\\n',
    'tinywheel-1.0.dist-info/WHEEL': 'Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n',
}
record = ''.join(name + ',,\\n' for name in [*files, 'tinywheel-1.0.dist-info/RECORD'])
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    for name, text in files.items(): wheel.writestr(name, text)
    wheel.writestr('tinywheel-1.0.dist-info/RECORD', record)
`;

/** Serves `tinywheel` 1.0 below `/simple/`. */
export function pipHandler(folder: string): RequestListener {
  const name = 'tinywheel-1.0-py3-none-any.whl';
  execFileSync('python3', ['-c', WHEEL, join(folder, name)]);
  const wheel = readFileSync(join(folder, name));
  const digest = createHash('sha256').update(wheel).digest('hex');
  return (request, response) => {
    if (request.url === '/simple/tinywheel/') {
      response.setHeader('content-type', 'text/html');
      response.end(`<!DOCTYPE html><a href="/files/${name}#sha256=${digest}">${name}</a>`);
    } else if (request.url === `/files/${name}`) response.end(wheel);
    else response.writeHead(404).end();
  };
}
