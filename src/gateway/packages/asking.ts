/**
 * What no list names, asked for inside: a question to the operator for each GET that would be sent outside, which it
 * shows in full. Names have a strict grammar, versions and files are those that the index itself tells of, and what was
 * allowed is for this run alone.
 *
 * @module
 */
import type { Owner, PackageArtefact, PackageIndex } from '../../contract/index.ts';
import { PACKAGE_FILE } from '../../contract/package-offers.ts';
import { type Ecosystem, npmFile, npmPath } from '../../contract/packages.ts';
import type { Questions } from '../approvals/questions.ts';
import type { Resource } from './catalogue.ts';
import type { Item } from './copies.ts';
import { npmDocument, pipDocument, readNpmDocument } from './documents.ts';
import { fitsPlatform, readFileName, readPipDocument } from './pip-index.ts';
import { askFor, documentUrl, type PlanContext, type Told, tarballUrl } from './plan.ts';

/** Today's rule for new names at the registry of npm, and PEP 503: lower case, no other letters. */
const NPM = /^(?:@[a-z0-9][a-z0-9._-]{0,99}\/)?[a-z0-9][a-z0-9._-]{0,99}$/;
const PIP = /^[a-z0-9]+(?:-[a-z0-9]+)*$/;
const LONGEST_PIP = 100;
/** Characters of an address that a person can still read. */
const LONGEST_URL = 600;
const KIND: Record<Ecosystem, string> = { npm: 'npm package', pip: 'Python package', files: 'file' };

/** What a path of an index asks for; `file` absent: its document. */
export interface AskedFor {
  name: string;
  file?: string;
}

/** Reads a path as clients write it; `undefined` for whatever else. */
export function readTarget(ecosystem: Ecosystem, target: string): AskedFor | undefined {
  if (ecosystem === 'npm') {
    const [, written = '', file] = /^\/([^/]+|@[^/]+\/[^/]+)(?:\/-\/([^/]+\.tgz))?$/.exec(target) ?? [];
    const name = written.replace(/%2f/i, '/');
    if (!NPM.test(name)) return undefined;
    if (file === undefined) return { name };
    return PACKAGE_FILE.test(file) ? { name, file } : undefined;
  }
  if (ecosystem !== 'pip') return undefined;
  const [, page, below, written] = /^\/(?:simple\/([^/]+)\/|files\/([^/]+)\/([^/]+))$/.exec(target) ?? [];
  const name = page ?? below ?? '';
  if (!PIP.test(name) || name.length > LONGEST_PIP) return undefined;
  if (written === undefined) return { name };
  const file = written.replace(/%2b/gi, '+').replace(/%21/g, '!');
  return PACKAGE_FILE.test(file) ? { name, file } : undefined;
}

type Refused = { kind: 'refused'; why: string };

/** What an index told of a name that the operator allowed to be asked for. */
interface Known {
  document: Extract<Resource, { kind: 'document' }>;
  files: ReadonlyMap<string, Item>;
}

export interface AskingOptions {
  indexes: readonly PackageIndex[];
  questions: Questions;
  contextOf: (index: PackageIndex) => PlanContext;
}

export class Asking {
  readonly #options: AskingOptions;
  /** by ecosystem and name; a failure is remembered, too: asking again would be one more GET */
  readonly #known = new Map<string, Promise<Known | Refused>>();
  readonly #allowed = new Map<Item, Resource>();
  #requests = 0;

  constructor(options: AskingOptions) {
    this.#options = options;
  }

  /** Asks the operator about what is not listed; waits for the answer. */
  async find(ecosystem: Ecosystem, target: string, owner: Owner): Promise<Resource | Refused> {
    const asked = readTarget(ecosystem, target);
    const index = asked && this.#indexFor(ecosystem, asked.name);
    if (!asked || !index) return { kind: 'refused', why: 'not listed, and not a name that can be asked for' };
    const { name, file } = asked;
    const known = await this.#knownOf(index, name, owner);
    if ('kind' in known) return known;
    if (file === undefined) return known.document;
    const item = known.files.get(file);
    if (!item) return { kind: 'refused', why: 'not listed, and the index does not have it' };
    const earlier = this.#allowed.get(item);
    if (earlier) return earlier;
    const { version } = item.artefact;
    const digest = item.artefact.digests[0] ?? 'the index tells no digest';
    const what = `fetch the ${KIND[ecosystem]} ${name} ${version} (${digest}): GET ${item.url}`;
    const why = await this.#ask(`${ecosystem} ${name} ${file}`, what, owner);
    if (why !== undefined) return { kind: 'refused', why };
    const resource: Resource = { kind: 'file', item };
    this.#allowed.set(item, resource);
    return resource;
  }

  /** The index to ask: one that has the scope already, so that no name of it is asked for elsewhere; else the first. */
  #indexFor(ecosystem: Ecosystem, name: string): PackageIndex | undefined {
    const own = this.#options.indexes.filter((index) => index.ecosystem === ecosystem);
    const scope = /^@[^/]+\//.exec(name)?.[0];
    const has = ({ artefacts }: PackageIndex) =>
      artefacts.some((artefact) => artefact.name === name) ||
      (scope !== undefined && artefacts.some((artefact) => artefact.name.startsWith(scope)));
    return own.find(has) ?? own[0];
  }

  async #knownOf(index: PackageIndex, name: string, owner: Owner): Promise<Known | Refused> {
    const key = `${index.ecosystem} ${name}`;
    const known = this.#known.get(key);
    if (known) return await known;
    const url = documentUrl(index, name);
    const what = `ask for the versions of the ${KIND[index.ecosystem]} ${name}: GET ${url}`;
    const why = await this.#ask(key, what, owner);
    if (why !== undefined) return { kind: 'refused', why };
    // several requests may have waited for one answer
    const meanwhile = this.#known.get(key);
    const fetched = meanwhile ?? this.#fetch(index, name);
    this.#known.set(key, fetched);
    return await fetched;
  }

  async #ask(name: string, what: string, owner: Owner): Promise<string | undefined> {
    this.#requests += 1;
    const subject = { effect: 'packages.new', name, what } as const;
    const decision = await this.#options.questions.ask(subject, `request ${this.#requests}`, owner);
    if (decision.do === 'allow') return undefined;
    return decision.do === 'deny' ? `not listed, and ${decision.why}` : 'too many wait for the same answer';
  }

  async #fetch(index: PackageIndex, name: string): Promise<Known | Refused> {
    const context = this.#options.contextOf(index);
    const told = await askFor(index, name, context, 'oversight.approve');
    if (!told) return { kind: 'refused', why: 'the index did not tell of it' };
    try {
      return index.ecosystem === 'npm'
        ? this.#npm(index, name, told)
        : this.#pip(index, name, told, context.processor);
    } catch (error) {
      return { kind: 'refused', why: `what the index tells cannot be read: ${(error as Error).message}` };
    }
  }

  #npm(index: PackageIndex, name: string, { text }: Told): Known {
    const files = new Map<string, Item>();
    const versions = [...readNpmDocument(text)].flatMap(([version, { manifest, integrity, tarball }]) => {
      const file = npmFile(name, version);
      const url = tarballUrl(index, name, version, tarball);
      if (url.length > LONGEST_URL || !PACKAGE_FILE.test(file)) return [];
      files.set(file, this.#item(index, { name, version, file, url, digests: integrity }));
      return [{ version, path: `/${npmPath(name, version)}`, manifest, digests: integrity }];
    });
    return { document: this.#document(index, name, npmDocument(name, versions)), files };
  }

  #pip(index: PackageIndex, name: string, { text, type, url: page }: Told, processor: string): Known {
    const files = new Map<string, Item>();
    const entries = readPipDocument(text, type, page).flatMap(({ file, url, digests, requiresPython }) => {
      const is = readFileName(file);
      if (!is || is.name !== name || url.length > LONGEST_URL || files.has(file)) return [];
      if (is.platforms && !fitsPlatform(is.platforms, processor)) return [];
      files.set(file, this.#item(index, { name, version: is.version, file, url, digests }));
      const path = `/files/${name}/${encodeURIComponent(file)}`;
      return [{ file, path, ...(requiresPython !== undefined && { requiresPython }) }];
    });
    return { document: this.#document(index, name, pipDocument(name, entries)), files };
  }

  #item(index: PackageIndex, artefact: PackageArtefact & { file: string; url: string }): Item {
    const { name, version, file, url, digests } = artefact;
    const number = this.#options.indexes.indexOf(index);
    const of = { index: number, artefact: 0, file, asked: { name, version, digests } };
    return { of, index, artefact, url, digests };
  }

  #document(index: PackageIndex, name: string, document: Known['document']['document']): Known['document'] {
    return { kind: 'document', name, index, document, asked: true };
  }
}
