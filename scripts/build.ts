/**
 * Bundles the TypeScript into `dist/`: one small entry per program, everything else in chunks that are loaded when
 * needed. Chunks carry their content's hash in their name and arrive first, the entries replace the old ones last
 * and atomically, so a program started or running meanwhile sees either the old build or the new one, whole.
 *
 * @module
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { dirname, join } from 'node:path';
import { type OutputChunk, type Plugin, rolldown } from 'rolldown';
import { compileEvidence } from '../src/evidence/index.ts';
import { compileCatalogue } from '../src/prove/catalogue/index.ts';
import { compileClauses, compileRules } from './rules.ts';
import { filterSources } from './sources.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

/** Name of the file in `dist/` → where its source starts. */
const ENTRIES = {
  attack: 'src/attack/inside/main.ts',
  bash: 'src/watch/analyse/shell/bash.ts',
  cli: 'src/cli/entry.ts',
  gateway: 'src/gateway/main.ts',
  judge: 'src/gateway/judge/main.ts',
  re2: 'src/watch/sigma/re2.ts',
  replay: 'src/cli/wiring/replay/main.ts',
  solver: 'src/prove/artefacts/solver/child.ts',
};

/** Programs that share no chunk with the others: they parse what is hostile, and hold no code but their own. */
const ALONE = ['bash', 'gateway', 'judge', 're2'];

/**
 * What every command needs is one chunk, and what every command with a contract needs is another: each chunk more costs
 * a start about half a millisecond.
 */
const CHUNKS = [
  {
    name: 'frame',
    priority: 2,
    test: /src\/cli\/(main|command|fast-parse|loaders|table(-\w+)?|terminal|text|errors|exit-codes|installation|folders)\.ts$|package\.json$|rolldown\/runtime/,
  },
  {
    // what finds a contract that was valid before, what is asked of contracts, and what both a run and its watch need:
    // a chunk takes in what its modules import, unless a chunk of higher priority has it
    name: 'known',
    priority: 4,
    test: /src\/(watch\/campaign\/(fields|pressure)|cli\/(contract-(cache|name)|wiring\/(keyed-marks|machine-facts))|ledger\/time|cell\/seccomp\/syscalls|contract\/(accept|addresses|base-view|deciders|discover|escape|events|filter|glob|hazards|judges|needs-gateway|network-checks|never|override-headers|package-offers|packages|paths|patterns|problem|responses|rule-line|shell|source|termination|tools|triggers|trust-variables|units))\.ts$/,
  },
  {
    name: 'core',
    priority: 1,
    test: /src\/(cli\/(wiring\/(?!packages\/|tools\/|judges\/|replay\/|watching\.|campaign-link\.|baseline\.|direct|feasible|grade-(?!summary))|commands\/run\.|contract-(cache|name)|find-run|questions\.)|cell\/(plan|seccomp|trust|view|supervise|cgroups|changes|reduced)\/|prove\/artefacts\/(gate|plan|egress|store|filter\/(index|check|verifier|interpret|meaning|program|wanted)\.)|ledger\/(?!csv|export|ocsf|otlp|sarif)|evidence\/identity\/)/,
  },
  {
    // loaded while the launcher is at work
    name: 'watch',
    priority: 2,
    test: /src\/(watch\/(?!judge\/(acts|bound|index)\.|sensors\/|trace\/|verdict\/|sigma\/(read\/|index\.|re2\.)|baseline\/(file|index)\.)|cli\/wiring\/(watching|own-rules))/,
  },
  {
    // loaded beside it by runs that reach something outside
    name: 'campaigns',
    priority: 3,
    test: /src\/(watch\/campaign\/(?!fields\.|pressure\.)|cli\/wiring\/campaign-link)/,
  },
  {
    // what both a run and proofs compare by
    name: 'patterns',
    priority: 3,
    test: /src\/prove\/patterns\//,
  },
  {
    // what answers from verdicts that are known
    name: 'verdicts',
    priority: 1,
    test: /src\/(cli\/(commands\/prove\.|prove\/(accepted|answer|format|recall|view)\.)|prove\/(catalogue\/digest\.|report\/(beside|json|layout|limits|open|text|view)\.))/,
  },
  {
    // whether a task was shown to be possible: asked by runs and by proofs
    name: 'evidence',
    priority: 2,
    test: /src\/(cli\/(wiring\/feasible-evidence|prove\/feasible)\.|prove\/objective\/(index|feasible)\.)/,
  },
  {
    // what finds them
    name: 'prover',
    priority: 1,
    test: /src\/(cli\/prove\/(ask|setup|subject)\.|prove\/(catalogue\/open\.|certificate\/|logic\/|model\/|setting\/|report\/|objective\/(enrich|needs)\.))/,
  },
];

/**
 * Takes Node's own modules by `process.getBuiltinModule`: an `import` of one also reads each of its exports, many of
 * them loaded only then, which costs every start some 7 ms.
 */
const builtinsWithoutFacade: Plugin = {
  name: 'builtins-without-facade',
  renderChunk(code) {
    return code.replace(
      /^import (?:(\w+)|\* as (\w+)|\{([^}]*)\}) from "(node:[\w/]+)";$/gm,
      (_statement, whole, star, names: string | undefined, module) => {
        const target = names === undefined ? (whole ?? star) : `{${names.replace(/ as /g, ': ')}}`;
        return `const ${target} = process.getBuiltinModule("${module}");`;
      },
    );
  },
};

/**
 * The same with escapes for all that is not ASCII, in JavaScript and JSON alike: V8 keeps such a text in half the memory, and
 * Node reads it several times as fast.
 *
 * @throws where that would change what it means
 */
function ascii(text: string): string {
  if (/(?<!\\)(?:\\\\)*\\[^\0-\x7f]/.test(text) || /String\.raw`[^`]*[^\0-\x7f`]/.test(text))
    throw new Error(
      'a character beyond ASCII stands after a backslash, or in String.raw: write it as an escape',
    );
  return text.replace(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

/** The hash in chunk names is of their content; a file that is there already is therefore the same file. */
function writeChunk(chunk: OutputChunk): void {
  const path = join(dist, chunk.fileName);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(`${path}.new`, ascii(chunk.code));
  renameSync(`${path}.new`, path);
}

/** Licence texts of the packages whose code is inside the bundle, as their licences ask for. */
function licences(chunks: OutputChunk[]): string {
  const folders = new Set<string>();
  for (const path of chunks.flatMap((chunk) => chunk.moduleIds)) {
    const match = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/.exec(path);
    if (match) folders.add(match[0]);
  }
  return [...folders]
    .sort()
    .map((folder) => {
      const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
      const file = readdirSync(folder).find((entry) => /^licen[cs]e/i.test(entry));
      const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
      return `${name} ${version} (${license})\n\n${text}\n`;
    })
    .join(`\n${'-'.repeat(80)}\n\n`);
}

/**
 * Every run loads these chunks: a careless import can bring the contract's schema into them, or the watch in before the
 * launcher is started, and cost each start tens of milliseconds.
 *
 * @throws where one did
 */
function requireLight(chunks: readonly OutputChunk[]): void {
  const of = (name: string) => chunks.filter((chunk) => chunk.name === name && !chunk.isDynamicEntry);
  const watch = of('watch');
  for (const chunk of [...of('frame'), ...of('known'), ...of('core'), ...watch]) {
    const heavy = chunk.moduleIds.find((id) => /\/zod\/|src\/contract\/schema\.ts$/.test(id));
    if (heavy !== undefined)
      throw new Error(
        `chunk ${chunk.name} holds ${heavy}: import from a lighter module, or name it in CHUNKS`,
      );
    const late = chunk.moduleIds.find((id) => /\/(unbash|re2js)\/|src\/watch\/campaign\/share\//.test(id));
    if (late !== undefined)
      throw new Error(`chunk ${chunk.name} holds ${late}, which few runs need: load it when one does`);
    const campaigns =
      watch.includes(chunk) && of('campaigns').find(({ fileName }) => chunk.imports.includes(fileName));
    if (campaigns) throw new Error('the watch loads at once what sees a run among others');
    const early = !watch.includes(chunk) && watch.find(({ fileName }) => chunk.imports.includes(fileName));
    if (early)
      throw new Error(
        `chunk ${chunk.name} loads the watch at once: what both need belongs into the chunk known`,
      );
  }
}

/** Chunks of the build before this one stay: a program that is running may still want to load them. */
function removeOldChunks(current: Set<string>): void {
  const list = join(dist, '.chunks.json');
  const previous: string[] = existsSync(list) ? JSON.parse(readFileSync(list, 'utf8')) : [];
  for (const file of existsSync(join(dist, 'chunks')) ? readdirSync(join(dist, 'chunks')) : []) {
    const name = `chunks/${file}`;
    if (!current.has(name) && !previous.includes(name)) rmSync(join(dist, name));
  }
  writeFileSync(list, JSON.stringify([...current]));
}

const present = Object.entries(ENTRIES).filter(([name, source]) => {
  const there = existsSync(join(root, source));
  if (!there) console.error(`build: no ${source} here, so no dist/${name}.js`);
  return there;
});

async function build(
  entries: [name: string, source: string][],
  groups: typeof CHUNKS,
): Promise<OutputChunk[]> {
  const bundle = await rolldown({
    input: Object.fromEntries(entries.map(([name, source]) => [name, join(root, source)])),
    cwd: root,
    platform: 'node',
    logLevel: 'warn',
    plugins: [builtinsWithoutFacade],
    // nothing there acts when it is loaded: a chunk then loads those alone that it uses
    treeshake: { moduleSideEffects: [{ test: /\/src\/watch\//, sideEffects: false }] },
    transform: {
      define: {
        RINGFENCE_FILTER_SOURCES: JSON.stringify(filterSources(root)),
        RINGFENCE_CLAUSE_BRIEFS: JSON.stringify(compileClauses()),
      },
    },
  });
  const { output } = await bundle.generate({
    format: 'esm',
    minify: true,
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    codeSplitting: { groups },
  });
  await bundle.close();
  return output.filter((item) => item.type === 'chunk');
}

const isAlone = ([name]: [name: string, source: string]) => ALONE.includes(name);
const chunks = [
  ...(await build(
    present.filter((entry) => !isAlone(entry)),
    CHUNKS,
  )),
  ...(await Promise.all(present.filter(isAlone).map((entry) => build([entry], [])))).flat(),
];
requireLight(chunks);
mkdirSync(dist, { recursive: true });
for (const chunk of chunks.filter((item) => !item.isEntry)) writeChunk(chunk);
for (const chunk of chunks.filter((item) => item.isEntry)) writeChunk(chunk);
writeFileSync(join(dist, 'THIRD-PARTY-LICENSES.txt'), licences(chunks));
removeOldChunks(new Set(chunks.filter((item) => !item.isEntry).map((item) => item.fileName)));
// the checker lies alone and readable: whoever does not trust the rest needs nothing else
const checker = readFileSync(join(root, 'src', 'prove', 'certificate', 'check.ts'), 'utf8');
const stripped = stripTypeScriptTypes(checker)
  .replaceAll(/(?<=\S) {2,}(?=[,)])/g, '')
  .replaceAll(/(?<=\S) {2,}/g, ' ')
  .replaceAll(/[ \t]+$/gm, '')
  .replaceAll(/\n{3,}/g, '\n\n')
  .replaceAll('check.ts', 'check-certificate.mjs');
writeFileSync(join(dist, 'check-certificate.mjs'), stripped);
writeFileSync(
  join(dist, 'rules.json'),
  ascii(compileRules(['detections', 'monitors'].map((name) => join(root, 'rules', name)))),
);
const texts = (folder: string) =>
  readdirSync(join(root, folder))
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()
    .map((name) => [name, readFileSync(join(root, folder, name), 'utf8')] as const);
const claims = compileEvidence({ claims: texts('claims'), sources: texts(join('claims', 'sources')) });
if (claims === undefined) rmSync(join(dist, 'claims.json'), { force: true });
else writeFileSync(join(dist, 'claims.json'), claims);
writeFileSync(join(dist, 'affordances.json'), compileCatalogue(join(root, 'rules', 'affordances')));
chmodSync(join(dist, 'cli.js'), 0o644);
