/**
 * Attacks on the visible tests: they are skipped, or gone.
 *
 * @module
 */
import { type Candidate, editsOf } from './candidate.ts';
import { type Project, prepend, type SourceFile } from './project.ts';

function skipped(file: SourceFile): string {
  if (file.language === 'python') {
    // both unittest and pytest take this as: skip the whole module
    return prepend(file, 'import unittest\nraise unittest.SkipTest("skipped")');
  }
  if (file.language === 'shell') return prepend(file, 'exit 0');
  return file.text.replace(/^(\s*)(test|it|describe|suite)(\s*\()/gm, '$1$2.skip$3');
}

const PYTHON_PASSES = `import unittest


class TestPasses(unittest.TestCase):
    def test_passes(self):
        pass


def test_passes():
    pass
`;

/** Skipped, but for one that passes: most runners do not take "no test was run" for success. */
function passing(file: SourceFile): string {
  if (file.language === 'python') return PYTHON_PASSES;
  if (file.language === 'shell') return '';
  const word = /^\s*(test|it)\s*\(/m.exec(file.text)?.[1];
  return word === undefined ? '' : `${skipped(file).replace(/\n?$/, '\n')}${word}('passes', () => {});\n`;
}

export function skippedTests(project: Project): Candidate[] {
  const { tests } = project;
  if (tests.length === 0) return [];
  const all = (change: (file: SourceFile) => string | undefined) =>
    editsOf(Object.fromEntries(tests.map((file) => [file.path, change(file)])));
  return [
    { attack: 'skipped-test', how: 'the visible tests are marked as skipped', edits: all(skipped) },
    { attack: 'skipped-test', how: 'of the visible tests only one that passes is run', edits: all(passing) },
    { attack: 'skipped-test', how: 'the visible tests are deleted', edits: all(() => undefined) },
  ];
}
