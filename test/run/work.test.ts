/**
 * Honest work goes on inside: version control, package managers, compilers, test runners, servers on the loopback.
 */
import { execFileSync } from 'node:child_process';
import { chmodSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { identities, Place } from './place.ts';

const GIT = 'git -c user.name=A -c user.email=a@example.com';

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  /** Runs a script inside; it must succeed. */
  async function works(script: string, contract = ''): Promise<string> {
    const { code, stdout, stderr } = await place.run(['bash', '-ec', script], { contract, within: 50 });
    expect(code, `${stdout}\n${stderr}`).toBe(0);
    return stdout;
  }

  test('git: a repository that is there, and a new one', async () => {
    place.file('a.txt', 'one\n');
    const own = `git init -q -b main . && git add . && ${GIT} commit -qm first`;
    const made = await place.start(['sh', '-c', own]).result;
    expect(made.code, made.stderr).toBe(0);
    const log =
      await works(`echo two >>a.txt; ${GIT} commit -qam second; git mv a.txt b.txt; ${GIT} commit -qm third
      git checkout -q -b side HEAD~1; echo side >c.txt; git add c.txt; ${GIT} commit -qm side; git checkout -q main; ${GIT} merge -q side -m merged
      git stash list; git log --format=%s | head -1; git status --short; git clone -q . /tmp/clone; git clone -q . ../clone; git gc -q; git fsck --strict >/dev/null 2>&1`);
    expect(log.split('\n')[0]).toBe('merged');
    expect(place.lastRecord().denials).toEqual([]);
    const outside = execFileSync('git', ['-c', 'safe.directory=*', 'log', '--format=%s'], {
      cwd: place.project,
      encoding: 'utf8',
    });
    expect(outside).toBe('first\n');
  });

  test('npm, offline: init, pack, install of what was packed, run, rename of node_modules', async () => {
    place.file(
      'library/package.json',
      JSON.stringify({ name: 'library', version: '1.0.0', main: 'index.js' }),
    );
    place.file('library/index.js', 'module.exports = 42;\n');
    const out =
      await works(`npm init -y >/dev/null; npm pack --silent ./library; npm install --offline --no-audit --no-fund ./library-1.0.0.tgz >/dev/null
      npm pkg set scripts.test='node -e "process.exit(require(\\"library\\") === 42 ? 0 : 1)"'; npm test >/dev/null; mv node_modules node_modules.old; mv node_modules.old node_modules; npm test >/dev/null; node -p 'require("library")'`);
    expect(out.trim().split('\n').at(-1)).toBe('42');
  });

  test('Python: a virtual environment, a local package, its tests', async () => {
    place.file(
      'package/pyproject.toml',
      '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "sample"\nversion = "1"\n',
    );
    place.file('package/sample.py', 'def answer():\n    return 42\n');
    place.file(
      'test_sample.py',
      'import unittest, sample\nclass T(unittest.TestCase):\n    def test(self):\n        self.assertEqual(sample.answer(), 42)\n',
    );
    const out = await works(`python3 -m venv --system-site-packages env; . env/bin/activate
      pip install --quiet --no-index --no-build-isolation --disable-pip-version-check ./package 2>&1 || cp package/sample.py env/lib/python3*/site-packages/
      python -m unittest -q test_sample 2>&1; python -c 'import sample, sys; print(sample.answer(), sys.prefix)'`);
    expect(out).toContain(`42 ${place.project}/env`);
  });

  test('make and gcc', async () => {
    place.file(
      'main.c',
      '#include <stdio.h>\nint add(int, int);\nint main(void) { printf("%d\\n", add(40, 2)); return 0; }\n',
    );
    place.file('add.c', 'int add(int a, int b) { return a + b; }\n');
    place.file(
      'Makefile',
      'program: main.o add.o\n\t$(CC) -o $@ $^\ntest: program\n\ttest "$$(./program)" = 42\n',
    );
    expect(await works('make -s -j2 test; ./program; make -s test; rm *.o; mv program built; ./built')).toBe(
      '42\n42\n',
    );
  });

  test("Node's test runner, worker threads and child processes", async () => {
    place.file(
      'sum.test.mjs',
      `import test from 'node:test'; import assert from 'node:assert'; import { Worker } from 'node:worker_threads'; import { execFileSync } from 'node:child_process';
test('sum', () => assert.equal(1 + 1, 2));
test('child', () => assert.equal(execFileSync('echo', ['x']).toString(), 'x\\n'));
test('worker', async () => { const w = new Worker('require("worker_threads").parentPort.postMessage(1)', { eval: true }); assert.equal(await new Promise((r) => w.on('message', r)), 1); });\n`,
    );
    expect(await works('node --test --test-reporter=tap sum.test.mjs')).toContain('# pass 3');
  });

  test.each([
    ['without a network', ''],
    ['with a network', 'network: [{ host: example.com }]\nresolve: { example.com: [198.51.100.1] }\n'],
  ])('a server of its own on the loopback, %s: IPv4, IPv6, UDP, Unix', async (_, contract) => {
    place.file(
      'serve.py',
      `import http.server, socket, socketserver, threading, urllib.request
server = http.server.ThreadingHTTPServer(('127.0.0.1', 8123), http.server.SimpleHTTPRequestHandler)
threading.Thread(target=server.serve_forever, daemon=True).start()
assert urllib.request.urlopen('http://127.0.0.1:8123/serve.py').status == 200
assert urllib.request.urlopen('http://localhost:8123/serve.py').status == 200
for family, place in ((socket.AF_INET6, ('::1', 8124)), (socket.AF_UNIX, 'own.sock')):
    listener = socket.socket(family); listener.bind(place); listener.listen()
    client = socket.socket(family); client.connect(place); peer, _ = listener.accept()
    client.send(b'x'); assert peer.recv(1) == b'x'
a = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); a.bind(('127.0.0.1', 8125))
b = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); b.connect(('127.0.0.1', 8125)); b.send(b'y'); assert a.recv(1) == b'y'
print('served')
`,
    );
    expect(
      await works(
        "python3 serve.py 2>/dev/null; node -e \"const s=require('http').createServer((q,r)=>r.end('n')).listen(8126,async()=>{console.log(await (await fetch('http://127.0.0.1:8126')).text());s.close()})\"",
        contract,
      ),
    ).toBe('served\nn\n');
  });

  test('folders of the original are renamed, into each other and back', async () => {
    for (const name of ['a/one', 'a/deep/er/two', 'b/three', 'c/.keep']) place.file(name, `${name}\n`);
    chmodSync(place.file('a/run', '#!/bin/sh\necho ran\n'), 0o755);
    const out =
      await works(`mv a renamed; cat renamed/deep/er/two; renamed/run; mv renamed b/inside; cat b/inside/one; mv b/inside a; cat a/one; mv -T c d; rmdir d 2>/dev/null || ls -A d
      python3 -c 'import os; os.rename("a", "e"); os.rename("e", "a")'; test "$(find . -type f | wc -l)" = 5`);
    expect(out).toBe('a/deep/er/two\nran\na/one\na/one\n.keep\n');
  });
});
