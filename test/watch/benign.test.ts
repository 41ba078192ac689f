/**
 * Long honest work in real cells, and what is found in it: builds and tests of three projects, a history that was to be
 * rewritten, a migration of a database. Findings of whatever level count as false alarms, against the actions on record.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readdirSync } from 'node:fs';
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

test('a Python project is built and tested', LIMIT, async (context) => {
  const library = readdirSync('/usr/lib').find(
    (name) => /^python3\.\d+$/.test(name) && existsSync(`/usr/lib/${name}/json/decoder.py`),
  );
  if (library === undefined) return context.skip('there is no Python of the distribution');
  await work(
    'Python: json, email, html, urllib',
    `python=/usr/bin/python3
     $python -m venv .venv --without-pip
     .venv/bin/python -m compileall -q json_copy email_copy html_copy urllib_copy
     .venv/bin/python -m unittest -q test_project
     rm -rf __pycache__ */__pycache__ .venv
     $python -m py_compile test_project.py`,
    {
      prepare: (place) => {
        for (const name of ['json', 'email', 'html', 'urllib'])
          cpSync(`/usr/lib/${library}/${name}`, join(place.project, `${name}_copy`), { recursive: true });
        place.file(
          'test_project.py',
          'import unittest, json\nclass T(unittest.TestCase):\n    def test_round(self):\n        for n in range(100):\n            self.assertEqual(json.loads(json.dumps({"n": n})), {"n": n})\n',
        );
      },
    },
  );
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

test('false alarms are within what is allowed', () => {
  const actions = totals.reduce((sum, one) => sum + one.actions, 0);
  const alarms = totals.flatMap((one) => one.alarms);
  console.log(`${alarms.length} findings in ${actions} actions`);
  expect(alarms.length / Math.max(1, actions)).toBeLessThanOrEqual(ALLOWED);
});
