/**
 * `node patterns.bench.ts COUNT`: what is asked of a contract with so many path patterns, in this new process; prints
 * milliseconds as JSON.
 *
 * @module
 */
import { atomsOf, includes, intersect, type Pattern, parsePath } from './index.ts';

const count = Number(process.argv[2] ?? 1_000);

function parse(text: string): Pattern {
  const parsed = parsePath(text);
  if (!parsed.ok) throw new Error(parsed.message);
  return parsed.pattern;
}

/** Folders, files in folders, endings in folders: as contracts of large repositories list them. */
function contractText(at: number): string {
  const folder = `packages/part-${at % Math.ceil(count / 4)}`;
  return [`${folder}/src/**`, `${folder}/test/**/*.test.ts`, `${folder}/package.json`, `${folder}/*.md`][
    Math.floor((at * 4) / count)
  ] as string;
}

/** Files that somebody else runs later, at any depth: as the catalogue lists them. */
function triggerText(at: number): string {
  return [`**/.tool${at}/hooks/*`, `**/run-${at}.json`, `**/*.end${at}`][at % 3] as string;
}

function timed<Value>(work: () => Value): { milliseconds: number; value: Value } {
  const before = performance.now();
  const value = work();
  return { milliseconds: performance.now() - before, value };
}

const parsed = timed(() => Array.from({ length: count }, (_, at) => parse(contractText(at))));
const patterns = parsed.value;
const triggers = Array.from({ length: 150 }, (_, at) => parse(triggerText(at)));
const atoms = timed(() => atomsOf(patterns));
const maximum = [
  parse('packages/*/src/**'),
  parse('packages/*/{test,docs}/**'),
  parse('packages/*/*.{json,md}'),
];
const included = timed(() => includes(maximum, patterns));
const met = timed(() => {
  const pairs = patterns.flatMap((pattern) => triggers.map((trigger) => intersect([pattern], [trigger])));
  return pairs.filter((each) => each.ok && each.word !== undefined).length;
});
const product = timed(() => atomsOf([...patterns, ...triggers.slice(0, 20)]));
const cut = (of: ReturnType<typeof atomsOf>) => (of.ok ? of.atoms.length : of.message);
process.stdout.write(
  `${JSON.stringify({
    parse: parsed.milliseconds,
    atoms: atoms.milliseconds,
    includes: included.milliseconds,
    product: product.milliseconds,
    meet: met.milliseconds,
    found: {
      atoms: cut(atoms.value),
      product: cut(product.value),
      included: included.value,
      meet: met.value,
    },
    megabytes: process.memoryUsage().rss / 1e6,
  })}\n`,
);
