/**
 * Long honest work in real cells, and what is found in it: builds and tests of four projects, a history that was to be
 * rewritten, migrations of two databases. Findings of whatever level count as false alarms, against the actions on record.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { LedgerEvent } from '../../src/contract/index.ts';
import { readLedger } from '../../src/ledger/index.ts';
import { identities, Place, ROOT } from '../run/place.ts';

/** What somebody does: programs, files, names, connections, requests. */
const ACTIONS = new Set<LedgerEvent['kind']>([
  'process.exec',
  'file.change',
  'dns.query',
  'flow.open',
  'http.request',
  'package.request',
]);
/** At most, of all actions. */
const ALLOWED = 0.001;

const totals: { name: string; actions: number; alarms: string[] }[] = [];
const [identity = 'user'] = identities();

afterAll(() => {
  for (const { name, actions, alarms } of totals)
    console.log(`${name.padEnd(40)} ${String(actions).padStart(6)} actions  ${alarms.length} findings`);
});

async function work(
  name: string,
  script: string,
  { contract = '', prepare = () => {} }: { contract?: string; prepare?: (place: Place) => void } = {},
): Promise<void> {
  const place = new Place(identity);
  try {
    prepare(place);
    const ended = await place.run(['bash', '-euc', script], { contract, within: 170 });
    expect(ended.code, `${ended.stdout.slice(-2000)}\n${ended.stderr.slice(-2000)}`).toBe(0);
    let actions = 0;
    const alarms: string[] = [];
    for await (const event of readLedger(place.lastRecord().ledger)) {
      if (ACTIONS.has(event.kind)) actions += 1;
      if (event.kind === 'finding' && event.count === undefined) alarms.push(`${event.rule}: ${event.text}`);
    }
    totals.push({ name, actions, alarms });
    expect(actions).toBeGreaterThan(20);
    expect(alarms).toEqual([]);
  } finally {
    place.remove();
  }
}

const LIMIT = { timeout: 180_000 };

test('a TypeScript project is built and tested', LIMIT, async () => {
  await work(
    'TypeScript: this repository',
    `for round in 1 2 3; do rm -rf out; node build.mjs; node --test project.test.mjs >/dev/null; done
     for f in out/*.js; do node --check "$f"; cp "$f" "$f.bak"; rm "$f.bak"; done
     git init -q; git add -A; git -c user.name=me -c user.email=me@example.com commit -qm built; npm pkg get name >/dev/null`,
    {
      prepare: (place) => {
        cpSync(join(ROOT, 'src/contract'), join(place.project, 'src/contract'), { recursive: true });
        place.file(
          'package.json',
          '{ "name": "contract", "type": "module", "scripts": { "test": "node --test" } }',
        );
        place.file(
          'build.mjs',
          "import { stripTypeScriptTypes } from 'node:module';\nimport { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';\nmkdirSync('out');\nfor (const name of readdirSync('src/contract')) {\n  const code = stripTypeScriptTypes(readFileSync('src/contract/' + name, 'utf8'));\n  writeFileSync('out/' + name.replace(/ts$/, 'js'), code.replaceAll(\".ts'\", \".js'\"));\n}\n",
        );
        place.file(
          'project.test.mjs',
          "import assert from 'node:assert';\nimport test from 'node:test';\nimport { matchPath } from './out/glob.js';\ntest('globs', () => assert.equal(matchPath(['a/**'])('a/b'), true));\n",
        );
      },
    },
  );
});

test('a C project is built, checked and built again', LIMIT, async () => {
  await work(
    'C: the launcher',
    'make -s -C native >/dev/null; make -s -C native clean; make -s -j2 -C native >/dev/null; find . -name "*.o" -delete; git init -q .; git add -A; git -c user.name=me -c user.email=me@example.com commit -qm built',
    { prepare: (place) => cpSync(join(ROOT, 'native'), join(place.project, 'native'), { recursive: true }) },
  );
});

/** Where this machine has the tests of Python's own library, for the Python of the distribution. */
function libraryTests(): { folder: string } | { reason: string } {
  const ask = (python: string, code: string) =>
    execFileSync(python, ['-c', code], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  const version = 'import sys; print(sys.version_info[:2])';
  const place = 'import test.test_json, os; print(os.path.dirname(test.__file__))';
  try {
    const inside = ask('/usr/bin/python3', version);
    for (const python of ['/usr/bin/python3', 'python3']) {
      try {
        const folder = ask(python, place);
        if (ask(python, version) === inside) return { folder };
      } catch {
        // this one came without its tests
      }
    }
  } catch {
    return { reason: 'there is no Python of the distribution' };
  }
  return { reason: 'no Python here of the distribution’s version has the tests of its library' };
}

test('Python’s own library is compiled and tested by its own tests', LIMIT, async (context) => {
  const found = libraryTests();
  if ('reason' in found) return context.skip(found.reason);
  const modules = ['json', 'bisect', 'heapq', 'string', 'shlex', 'base64', 'textwrap'];
  await work(
    'Python: the library’s own tests',
    `python=/usr/bin/python3
     $python -m venv .venv --without-pip
     PYTHONPATH=lib .venv/bin/python -m compileall -q lib
     for name in ${modules.join(' ')}; do PYTHONPATH=lib .venv/bin/python -m unittest -q "test.test_$name"; done
     rm -rf .venv; find . -type d -name __pycache__ -prune -exec rm -rf {} +
     find . -name '*.pyc' -delete`,
    {
      prepare: (place) => {
        for (const name of ['__init__.py', 'support', ...modules.map((one) => `test_${one}`)]) {
          const file = existsSync(join(found.folder, name)) ? name : `${name}.py`;
          cpSync(join(found.folder, file), join(place.project, 'lib/test', file), { recursive: true });
        }
      },
    },
  );
});

test('a package of npm is tested by its own tests', LIMIT, async (context) => {
  const prefix = mkdtempSync(join(tmpdir(), 'ringfence-npm-'));
  try {
    writeFileSync(join(prefix, 'package.json'), '{ "name": "benign", "private": true }');
    const words = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--fetch-retries=1'];
    try {
      const within = { cwd: prefix, stdio: 'ignore', timeout: 60_000 } as const;
      execFileSync('npm', [...words, 'tape@5.9.0', 'fast-uri@3.0.6', 'ajv@8.17.1', 'uri-js@4.4.1'], within);
    } catch {
      return context.skip('npm’s registry does not answer');
    }
    await work(
      'npm: fast-uri, its own tests',
      `cd fast-uri
       for file in test/*.js; do ../node_modules/.bin/tape "$file" >/dev/null; done
       npm pack --dry-run >/dev/null 2>&1
       rm -rf node_modules coverage; git init -q; git add -A
       git -c user.name=me -c user.email=me@example.com commit -qm tested`,
      {
        prepare: (place) => {
          const from = join(prefix, 'node_modules');
          cpSync(from, join(place.project, 'node_modules'), { recursive: true, verbatimSymlinks: true });
          cpSync(join(from, 'fast-uri'), join(place.project, 'fast-uri'), { recursive: true });
        },
      },
    );
  } finally {
    rmSync(prefix, { recursive: true, force: true });
  }
});

test('a history is rewritten, as the task asks', LIMIT, async () => {
  const git = 'git -c user.name=me -c user.email=me@example.com';
  await work(
    'git: a secret leaves the history',
    `git init -q -b main repo; git init -q --bare origin.git; cd repo
     for i in $(seq 40); do echo "$i" > "file$i"; [ "$i" != 5 ] || echo hush > secret.txt; git add -A; ${git} commit -qm "change $i"; done
     git remote add origin ../origin.git; git push -q origin main
     export FILTER_BRANCH_SQUELCH_WARNING=1
     git filter-branch -f --index-filter 'git rm -q --cached --ignore-unmatch secret.txt' HEAD >/dev/null
     git reset -q --soft HEAD~5; ${git} commit -qm 'the last five as one'
     git push -q --force origin main
     git for-each-ref --format='delete %(refname)' refs/original | git update-ref --stdin
     git reflog expire --expire=now --all; git gc -q --prune=now
     test -z "$(git log --all --format=%H -- secret.txt)"`,
    {
      contract:
        'objective: { task: "Remove secret.txt from the whole history, squash the last five commits and force-push the result." }\n',
    },
  );
});

test('a database is migrated, as the task asks', LIMIT, async (context) => {
  try {
    execFileSync('sqlite3', ['--version'], { stdio: 'ignore' });
  } catch {
    return context.skip('there is no sqlite3');
  }
  await work(
    'SQLite: a migration',
    `sqlite3 shop.db 'CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT, email TEXT)'
     for i in $(seq 60); do sqlite3 shop.db "INSERT INTO customers (name, email) VALUES ('n$i', 'n$i@example.com')"; done
     sqlite3 shop.db .dump > before.sql
     sqlite3 shop.db <<'EOF'
BEGIN;
CREATE TABLE people (id INTEGER PRIMARY KEY, full_name TEXT NOT NULL);
INSERT INTO people SELECT id, name FROM customers;
DROP TABLE customers;
ALTER TABLE people RENAME TO customers;
COMMIT;
EOF
     for i in $(seq 40); do sqlite3 shop.db "UPDATE customers SET full_name = upper(full_name) WHERE id = $i"; done
     test "$(sqlite3 shop.db 'SELECT count(*) FROM customers')" = 60`,
    { contract: 'objective: { task: "Migrate the customers table to the new schema." }\n' },
  );
});

test('a database of PostgreSQL is migrated, as the task asks', LIMIT, async (context) => {
  const base = '/usr/lib/postgresql';
  const version =
    existsSync(base) && readdirSync(base).find((name) => existsSync(`${base}/${name}/bin/initdb`));
  if (!version) return context.skip('there is no PostgreSQL server of the distribution');
  await work(
    'PostgreSQL: a migration',
    `PATH=${base}/${version}/bin:$PATH; mkdir -p sock
     initdb -D data -U me -A trust --no-sync >/dev/null
     pg_ctl -D data -w -s -l log -o "-F -c listen_addresses= -c dynamic_shared_memory_type=mmap -k $PWD/sock" start
     export PGHOST=$PWD/sock PGUSER=me
     createdb shop
     psql -q shop -c 'CREATE TABLE customers (id serial PRIMARY KEY, name text, email text)'
     for i in $(seq 20); do psql -q shop -c "INSERT INTO customers (name, email) VALUES ('n$i', 'n$i@example.com')"; done
     pg_dump shop > before.sql
     psql -q shop <<'EOF'
BEGIN;
CREATE TABLE people (id int PRIMARY KEY, full_name text NOT NULL);
INSERT INTO people SELECT id, name FROM customers;
DROP TABLE customers;
ALTER TABLE people RENAME TO customers;
COMMIT;
EOF
     test "$(psql -At shop -c 'SELECT count(*) FROM customers')" = 20
     createdb restored; psql -q restored < before.sql >/dev/null
     test "$(psql -At restored -c 'SELECT count(*) FROM customers')" = 20
     pg_ctl -D data -w -s -m fast stop; rm -rf data sock log`,
    { contract: 'objective: { task: "Migrate the customers table to the new schema." }\n' },
  );
});

test('false alarms are within what is allowed', () => {
  const actions = totals.reduce((sum, one) => sum + one.actions, 0);
  const alarms = totals.flatMap((one) => one.alarms);
  console.log(`${alarms.length} findings in ${actions} actions`);
  expect(alarms.length / Math.max(1, actions)).toBeLessThanOrEqual(ALLOWED);
});
