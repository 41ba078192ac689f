import { describe, expect, test } from 'vitest';
import { statementsOf } from './index.ts';

const lost = (script: string) =>
  statementsOf(script)
    .filter(({ irreversible, own }) => irreversible && !own)
    .map(({ verb, object }) => `${verb} ${object}`);

describe('SQL that cannot be taken back', () => {
  test.each([
    ['DROP TABLE customers', 'DROP TABLE customers'],
    ['drop/**/table/* x */if exists "Customers" cascade', 'DROP TABLE customers'],
    ['DROP DATABASE IF EXISTS shop', 'DROP DATABASE shop'],
    ['TRUNCATE public.orders', 'TRUNCATE orders'],
    ['DELETE FROM orders', 'DELETE orders'],
    ['DELETE FROM orders -- WHERE id = 1', 'DELETE orders'],
    ['DELETE FROM orders WHERE 1=1', 'DELETE orders'],
    ["DELETE FROM orders WHERE 'a' = 'a'", 'DELETE orders'],
    ['DELETE FROM orders WHERE id = 4 OR TRUE', 'DELETE orders'],
    ['DELETE FROM orders WHERE id = id', 'DELETE orders'],
    ['UPDATE users SET balance = 0', 'UPDATE users'],
    ['ALTER TABLE users DROP COLUMN email', 'ALTER TABLE users'],
    ['WITH gone AS (DELETE FROM users RETURNING *) SELECT count(*) FROM gone', 'DELETE users'],
    ['/*!50000 DROP TABLE x */', 'DROP TABLE x'],
    ["DO $$ BEGIN EXECUTE 'DROP TABLE hidden'; END $$", 'DROP TABLE hidden'],
    ['BEGIN; DELETE FROM a; COMMIT; ROLLBACK', 'DELETE a'],
    ["SELECT 'it''s'; DROP TABLE b", 'DROP TABLE b'],
    ['\\c shop\nDROP TABLE c;', 'DROP TABLE c'],
    ['EXPLAIN ANALYZE DELETE FROM d', 'DELETE d'],
  ])('%s', (script, expected) => {
    expect(lost(script)).toContain(expected);
  });

  test.each([
    'SELECT * FROM orders',
    "INSERT INTO notes VALUES ('DROP TABLE orders; DELETE FROM x')",
    '-- DROP TABLE orders',
    '/* DROP /* TABLE */ orders */ SELECT 1',
    'DELETE FROM sessions WHERE expires < now()',
    "UPDATE users SET name = 'x' WHERE id = 7",
    'DELETE FROM a USING b WHERE a.id = b.id',
    'CREATE TEMP TABLE t (a int); DELETE FROM t; DROP TABLE t',
    'CREATE TABLE new_t AS SELECT 1; DROP TABLE new_t',
    'BEGIN; DELETE FROM orders; ROLLBACK',
    'EXPLAIN DELETE FROM orders',
    'DROP INDEX orders_by_day',
    'ALTER TABLE users DROP CONSTRAINT users_email_key',
    'SELECT deleted FROM updates FOR UPDATE',
    'INSERT INTO t VALUES (1) ON CONFLICT (id) DO UPDATE SET a = 1',
    'SELECT $tag$ DROP TABLE x; $tag$',
    'GRANT DELETE ON orders TO me',
  ])('not %s', (script) => {
    expect(lost(script)).toEqual([]);
  });

  test('reads what is cut off, in linear time', () => {
    for (const hostile of [
      "'".repeat(9999),
      '/*'.repeat(9999),
      '('.repeat(99_999),
      '$a$',
      '"x',
      '--'.repeat(50_000),
    ]) {
      const before = performance.now();
      statementsOf(hostile);
      expect(performance.now() - before).toBeLessThan(1000);
    }
  });
});
