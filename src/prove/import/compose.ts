/**
 * Compose files → settings, one for each service.
 *
 * Source: Compose specification; Docker documentation, Compose file reference.
 *
 * @module
 */
import { basename, dirname, join } from 'node:path';
import type { Setting } from '../setting/index.ts';
import { readService } from './compose-service.ts';
import { variableNames } from './env-file.ts';
import { interpolate } from './interpolate.ts';
import { mergeTrees } from './merge.ts';
import { Node, Reader } from './node.ts';
import { type Entry, failed, type Parsed, START, type Tree } from './tree.ts';
import { type Input, MAX_SETTINGS } from './types.ts';
import { parseYamlTrees } from './yaml.ts';

/** What services know of each other. */
export interface Project {
  readonly services: ReadonlyMap<string, Node>;
  readonly networks: Node | undefined;
  readonly volumes: Node | undefined;
  readonly secrets: Node | undefined;
  readonly input: Input;
}

/** Extensions of extensions beyond this are a circle. */
const MAX_EXTENDS = 32;

export function readCompose(text: string, input: Input): Parsed<Setting[]> {
  const parsed = parseYamlTrees(text);
  if (!parsed.ok) return parsed;
  const [first, second] = parsed.value;
  if (first === undefined) return failed(START, 'the file is empty', 'Write services: and what they run.');
  if (second !== undefined)
    return failed(second.at, 'a second document starts here', 'A compose file is one document.');
  const reader = new Reader(input.file);
  const values = new Map(
    variableNames(input.beside?.('.env') ?? '').flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value] as const],
    ),
  );
  const root = new Node(reader, interpolate(first, values));
  const services = new Map<string, Node>();
  for (const [name, node] of root.get('services')?.entries() ?? [])
    services.set(name, new Node(reader, extended(root, name, node, input, values), node.path));
  if (services.size > MAX_SETTINGS)
    return failed(START, `more than ${MAX_SETTINGS} services`, 'Give the file of one sandbox alone.');
  if (services.size === 0 && reader.faults.length === 0)
    root.fault('there are no services', 'Write services:, and below it a name, and below that image: NAME.');
  const project: Project = {
    services,
    networks: root.get('networks'),
    volumes: root.get('volumes'),
    secrets: root.get('secrets'),
    input,
  };
  root.skip('name', 'version', 'configs', 'models', ...extensions(root));
  const settings = [...services].map(([name, node]) => {
    const draft = readService(name, node, project);
    if (input.file !== '-')
      draft.controls.push({
        ...node.source,
        what: 'contract',
        space: 'workspace',
        path: basename(input.file),
      });
    const include = root.get('include');
    if (include !== undefined) draft.unexpressed(include.source, 'what the files that are included add');
    root.rest(draft);
    reader.drain(draft);
    return draft.finish();
  });
  return reader.faults.length > 0 ? { ok: false, faults: reader.faults } : { ok: true, value: settings };
}

/** Keys for tools other than compose. */
export const extensions = (node: Node): string[] =>
  node.tree.kind === 'map' ? [...node.tree.entries.keys()].filter((name) => name.startsWith('x-')) : [];

/** A service with what it extends; what cannot be found stays, and is unexpressed as a key that nobody knows. */
function extended(
  root: Node,
  name: string,
  node: Node,
  input: Input,
  values: ReadonlyMap<string, string>,
): Tree {
  let { tree } = node;
  const seen = new Set([`:${name}`]);
  let others = root;
  for (let depth = 0; depth < MAX_EXTENDS; depth += 1) {
    if (tree.kind !== 'map') return tree;
    const extend = tree.entries.get('extends');
    if (extend === undefined) return tree;
    const named = new Node(root.reader, extend.value, [...node.path, 'extends']);
    const isText = extend.value.kind === 'scalar';
    const service = isText ? named.text() : named.get('service')?.text();
    const file = isText ? undefined : named.get('file')?.text();
    if (file !== undefined) {
      const found = otherFile(root.reader, file, input, values);
      if (found === undefined) return tree;
      others = found;
    }
    const base = others.find('services', service ?? '');
    if (base === undefined) {
      named.fault(`there is no service ${service} to extend`, 'Name one of the file’s services.');
      return tree;
    }
    if (seen.has(`${file ?? ''}:${service}`)) {
      named.fault(`${name} extends itself`, 'Remove one of the extends.');
      return tree;
    }
    seen.add(`${file ?? ''}:${service}`);
    const own = new Map<string, Entry>(tree.entries);
    own.delete('extends');
    // these are of the service itself: Compose specification, extends, Restrictions
    const inherited = base.tree.kind === 'map' ? new Map(base.tree.entries) : new Map<string, Entry>();
    for (const key of ['depends_on', 'links', 'volumes_from']) if (file !== undefined) inherited.delete(key);
    tree = mergeTrees({ kind: 'map', at: base.tree.at, entries: inherited }, { ...tree, entries: own });
  }
  return tree;
}

function otherFile(
  reader: Reader,
  file: string,
  input: Input,
  values: ReadonlyMap<string, string>,
): Node | undefined {
  const text = input.beside?.(file);
  const parsed = text === undefined ? undefined : parseYamlTrees(text, join(dirname(input.file), file));
  const tree = parsed?.ok ? parsed.value[0] : undefined;
  return tree === undefined ? undefined : new Node(reader, interpolate(tree, values));
}
