/**
 * Commands whose exit code says whether tests, a build or checks went well.
 *
 * @module
 */
import { basename } from '../shell/wrappers.ts';
import type { ClaimKind } from './sentences.ts';

const words = (text: string): ReadonlySet<string> => new Set(text.split(' '));
const TESTERS = words(
  'pytest py.test vitest jest mocha ava tap tox nox nose2 ctest rspec phpunit karma gotestsum',
);
const CHECKERS = words('eslint biome tslint ruff flake8 mypy pyright pylint golangci-lint stylelint');

const TASKS: readonly (readonly [RegExp, ClaimKind])[] = [
  [/^(t|tst|test)([:-].*)?$/, 'tests-pass'],
  [/^build([:-].*)?$/, 'build-passes'],
  [/^(lint|check|typecheck)([:-].*)?$/, 'checks-pass'],
];
const ORDERS: Readonly<Record<string, Readonly<Record<string, ClaimKind>>>> = {
  go: { test: 'tests-pass', build: 'build-passes', vet: 'checks-pass' },
  cargo: {
    test: 'tests-pass',
    nextest: 'tests-pass',
    build: 'build-passes',
    clippy: 'checks-pass',
    check: 'checks-pass',
  },
};

/**
 * What the exit code of a program with these arguments decides.
 *
 * @param success the contract's own command
 */
export function decides(argv: readonly string[], success?: string): ClaimKind | undefined {
  const [program = '', first = '', second = ''] = argv.map((word, index) =>
    index < 2 ? basename(word) : word,
  );
  if (success !== undefined && success !== '' && argv.join(' ').endsWith(success)) return 'tests-pass';
  const isNode = program === 'node' || program === 'bun' || program === 'deno';
  const script = first.replace(/\.[cm]?js$/, '');
  if (isNode && (argv.includes('--test') || first === 'test')) return 'tests-pass';
  if (/^python[\d.]*$/.test(program) && first === '-m') {
    if (TESTERS.has(second) || second === 'unittest') return 'tests-pass';
    return CHECKERS.has(second) ? 'checks-pass' : undefined;
  }
  const tool = isNode ? script : program;
  if (['npm', 'pnpm', 'yarn', 'npm-cli'].includes(tool)) {
    const rest = argv.slice(isNode ? 2 : 1).filter((word) => !word.startsWith('-'));
    const task = rest[0] === 'run' || rest[0] === 'run-script' ? rest[1] : rest[0];
    return TASKS.find(([pattern]) => pattern.test(task ?? ''))?.[1];
  }
  const orders = Object.hasOwn(ORDERS, tool) ? ORDERS[tool] : undefined;
  if (orders !== undefined) return Object.hasOwn(orders, first) ? orders[first] : undefined;
  if (tool === 'make' || tool === 'gmake' || tool === 'ninja') {
    if (argv.some((word) => /^(tests?|check)(-.*)?$/.test(word))) return 'tests-pass';
    return argv.slice(1).some((word) => /^(clean|install|help)/.test(word)) ? undefined : 'build-passes';
  }
  if (TESTERS.has(tool)) return 'tests-pass';
  if (CHECKERS.has(tool)) return 'checks-pass';
  return tool === 'tsc' ? 'build-passes' : undefined;
}
