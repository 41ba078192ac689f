/**
 * Reading a tree: each key is taken, skipped on purpose, or reported as something that is not known.
 *
 * @module
 */
import { formatPath, type Path } from '../../contract/index.ts';
import type { Source } from '../setting/index.ts';
import type { Draft } from './draft.ts';
import type { Fault, Tree } from './tree.ts';

/** What all nodes of a file share. */
export class Reader {
  readonly file: string;
  readonly faults: Fault[] = [];
  /** Values that only the place of use knows, where a certain kind is wanted; see {@link Reader.drain}. */
  readonly #unknown: { readonly source: Source; readonly text: string }[] = [];

  constructor(file: string) {
    this.file = file;
  }

  unknown(source: Source, text: string): undefined {
    this.#unknown.push({ source, text });
  }

  /** What was met since the last time becomes unexpressed in the draft. */
  drain(draft: Draft): void {
    for (const { source, text } of this.#unknown.splice(0))
      draft.unexpressed(source, `${source.clause} depends on ${text}, which is not known here`);
  }
}

/** A value, where it is. Methods that find another kind of value note a fault, and answer as if nothing were there. */
export class Node {
  readonly reader: Reader;
  readonly tree: Tree;
  readonly path: Path;
  /** Name of the document that the path is in, where a file has several. */
  readonly document: string;
  readonly #taken = new Set<string>();

  constructor(reader: Reader, tree: Tree, path: Path = [], document = '') {
    this.reader = reader;
    this.tree = tree;
    this.path = path;
    this.document = document;
  }

  get source(): Source {
    return { clause: this.#clause(this.path), place: { file: this.reader.file, ...this.tree.at } };
  }

  #clause(path: Path): string {
    const text = formatPath(path);
    if (this.document === '') return text || 'the file';
    return text === '' ? this.document : `${this.document} ${text}`;
  }

  #below(tree: Tree, name: string | number): Node {
    return new Node(this.reader, tree, [...this.path, name], this.document);
  }

  get isNull(): boolean {
    return this.tree.kind === 'scalar' && this.tree.value === null;
  }

  fault(message: string, hint: string): undefined {
    this.reader.faults.push({ ...this.tree.at, path: this.path, message, hint });
  }

  /** Numbers and the like as they are written. */
  text(): string | undefined {
    if (this.tree.kind !== 'scalar') return this.fault('a text is expected here', 'Write one value.');
    return this.tree.value === null
      ? ''
      : typeof this.tree.value === 'string'
        ? this.tree.value
        : this.tree.text;
  }

  flag(): boolean | undefined {
    if (this.tree.kind === 'scalar') {
      if (typeof this.tree.value === 'boolean') return this.tree.value;
      // YAML 1.1's words for it, which the readers of these formats know
      if (/^(true|yes|on)$/i.test(this.tree.text)) return true;
      if (/^(false|no|off)$/i.test(this.tree.text)) return false;
    }
    if (this.tree.kind === 'scalar' && this.tree.text.includes('${'))
      return this.reader.unknown(this.source, this.tree.text);
    return this.fault('true or false is expected here', 'Write true or false.');
  }

  number(): number | undefined {
    if (this.tree.kind === 'scalar' && this.tree.text.includes('${'))
      return this.reader.unknown(this.source, this.tree.text);
    const value = this.tree.kind === 'scalar' ? Number(this.tree.text) : Number.NaN;
    return this.tree.kind === 'scalar' && this.tree.text.trim() !== '' && Number.isFinite(value)
      ? value
      : this.fault('a number is expected here', 'Write a number.');
  }

  items(): Node[] {
    if (this.isNull) return [];
    if (this.tree.kind !== 'list') {
      this.fault('a list is expected here', 'Write [ … ], or a line with a dash for each entry.');
      return [];
    }
    return this.tree.items.map((item, index) => this.#below(item, index));
  }

  /** Texts of a list. */
  texts(): { node: Node; text: string }[] {
    return this.items().flatMap((node) => {
      const text = node.text();
      return text === undefined ? [] : [{ node, text }];
    });
  }

  /** All entries; they count as taken. */
  entries(): [name: string, node: Node][] {
    if (this.isNull) return [];
    if (this.tree.kind !== 'map') {
      this.fault('a mapping is expected here', 'Write KEY: VALUE lines.');
      return [];
    }
    return [...this.tree.entries].map(([name, { value }]) => {
      this.#taken.add(name);
      return [name, this.#below(value, name)];
    });
  }

  has(name: string): boolean {
    return this.tree.kind === 'map' && this.tree.entries.has(name);
  }

  get(name: string): Node | undefined {
    this.#taken.add(name);
    if (this.isNull) return undefined;
    if (this.tree.kind !== 'map') return this.fault('a mapping is expected here', 'Write KEY: VALUE lines.');
    const entry = this.tree.entries.get(name);
    return entry === undefined || (entry.value.kind === 'scalar' && entry.value.value === null)
      ? undefined
      : this.#below(entry.value, name);
  }

  /** A node further down, if all of its parents are there. */
  find(...names: readonly string[]): Node | undefined {
    let node: Node | undefined = this;
    for (const name of names) node = node?.tree.kind === 'map' ? node.get(name) : undefined;
    return node;
  }

  /** Keys that grant nothing. */
  skip(...names: readonly string[]): void {
    for (const name of names) this.#taken.add(name);
  }

  /** What nobody took is unexpressed. */
  rest(draft: Draft): void {
    if (this.tree.kind !== 'map') return;
    for (const [name, { key }] of this.tree.entries)
      if (!this.#taken.has(name))
        draft.unexpressed(
          {
            clause: this.#clause([...this.path, name]),
            place: { file: this.reader.file, ...key },
          },
          `what ${name} means here is not known`,
        );
  }
}
