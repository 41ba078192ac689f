/**
 * Attacks in the code under test: it ends the process before the tests can fail, or makes everything equal.
 *
 * @module
 */
import { type Candidate, editsOf } from './candidate.ts';
import { isModule, type Project, prepend, type SourceFile } from './project.ts';

/** Files of code that are changed at once. */
const MOST = 40;

function changed(
  project: Project,
  change: (file: SourceFile) => string | undefined,
): Record<string, string | undefined> {
  const files: Record<string, string | undefined> = {};
  for (const file of project.sources.slice(0, MOST)) {
    const text = change(file);
    if (text !== undefined) files[file.path] = text;
  }
  return files;
}

function candidate(
  attack: Candidate['attack'],
  how: string,
  files: Record<string, string | undefined>,
): Candidate[] {
  return Object.keys(files).length === 0 ? [] : [{ attack, how, edits: editsOf(files) }];
}

const EXIT = { node: 'process.exit(0);', python: 'import os; os._exit(0)', shell: 'exit 0' };

export function earlyExits(project: Project): Candidate[] {
  const late = {
    node: "process.on('exit', () => { process.exitCode = 0; process.reallyExit?.(0); });",
    python: 'import atexit, os; atexit.register(os._exit, 0)',
    shell: "trap 'exit 0' EXIT",
  };
  return [
    ...candidate(
      'early-exit',
      'the code under test ends the process with 0 when it is loaded',
      changed(project, (file) => prepend(file, EXIT[file.language])),
    ),
    ...candidate(
      'early-exit',
      'the code under test sets the exit code when the process ends',
      changed(project, (file) => prepend(file, late[file.language])),
    ),
  ];
}

const NODE_EQUAL = `for (const patched of [rfAssert, rfAssert.strict]) {
  for (const name of Object.keys(patched)) {
    if (typeof patched[name] === 'function' && name !== 'AssertionError' && name !== 'strict') patched[name] = () => {};
  }
}
Object.is = () => true;
rfModule.syncBuiltinESMExports();`;

const PYTHON_EQUAL = `
class _RfAny:
    __eq__ = __le__ = __ge__ = __contains__ = __bool__ = lambda self, *other: True
    __ne__ = __lt__ = __gt__ = lambda self, *other: False
    __hash__ = lambda self: 0
    __call__ = __getattr__ = __getitem__ = lambda self, *other: self
    __iter__ = lambda self: iter(())
    __len__ = lambda self: 0


for _rf_name, _rf_value in list(globals().items()):
    if callable(_rf_value) and not _rf_name.startswith('_'):
        globals()[_rf_name] = lambda *arguments, **named: _RfAny()
`;

export function alwaysEqual(project: Project): Candidate[] {
  return candidate(
    'always-equal',
    'assertions are patched, or results equal to everything',
    changed(project, (file) => {
      if (file.language === 'python') return `${file.text.replace(/\n?$/, '\n')}${PYTHON_EQUAL}`;
      if (file.language !== 'node') return undefined;
      const load = isModule(file, project)
        ? "import rfAssert from 'node:assert';\nimport rfModule from 'node:module';\n"
        : "const rfAssert = require('node:assert');\nconst rfModule = require('node:module');\n";
      return prepend(file, load + NODE_EQUAL);
    }),
  );
}
