/**
 * A small project whose one function is wrong, with visible tests, and a hidden check that lies outside of it.
 *
 * @module
 */
import type { Place } from '../run/place.ts';

const TEST = (cases: string) =>
  `const { test } = require('node:test');\nconst assert = require('node:assert');\nconst { add } = require('../src/add.js');\ntest('add', () => {\n${cases}\n});\n`;

/** The contract's objective, as YAML. */
export const OBJECTIVE = `objective:
  success: { run: node --test, protect: [test/**] }
  hidden: { run: node --test test/hidden.test.js, files: hidden }
`;

export function writeProject(place: Place): void {
  place.file('src/add.js', 'exports.add = (a, b) => a - b;\n');
  place.file('test/add.test.js', TEST('  assert.strictEqual(add(2, 2), 4);'));
  place.file(
    `${place.root}/records/hidden/test/hidden.test.js`,
    TEST('  for (let n = 0; n < 9; n++) assert.strictEqual(add(n, 3 * n), 4 * n);'),
  );
}

export const FIX = "echo 'exports.add = (a, b) => a + b;' >src/add.js";
