/**
 * Mounts as Docker's tools write them in one text: `FROM:INSIDE:OPTIONS`, `type=bind,source=…,target=…`, `PATH:OPTIONS`.
 *
 * Source: Docker documentation, Volumes and Bind mounts.
 *
 * @module
 */
import type { Source } from '../setting/index.ts';
import type { Container } from './container.ts';

/** A name of the engine's, and no path: Docker documentation, docker volume create. */
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** `-v`, and compose's short form. Names there may be short for others. */
export function readVolumeText(
  container: Container,
  source: Source,
  text: string,
  volumeOf: (name: string) => { name: string; shared: boolean } = (name) => ({ name, shared: false }),
): void {
  const { draft } = container;
  if (/^[A-Za-z]:[\\/]/.test(text)) {
    draft.word(source, 'hostPath', text);
    draft.unexpressed(source, 'a path of Windows');
    return;
  }
  const parts = splitOutsideBraces(text);
  if (parts.length === 1) {
    if (text.includes('${')) draft.unexpressed(source, `what ${text} mounts`);
    else container.scratch(source, text);
    return;
  }
  const [from, inside, options = ''] = parts as [string, string, string?];
  if (from === '' || inside === '' || parts.length > 3) {
    draft.unexpressed(source, `what ${text} mounts`);
    return;
  }
  const words = options.split(',');
  const readOnly = words.some((word) => word === 'ro' || word === 'readonly');
  readPropagation(container, source, words);
  if (VOLUME_NAME.test(from)) container.volume(source, { ...volumeOf(from), inside, readOnly });
  else if (words.includes('O') || words.some((word) => word.startsWith('upperdir=')))
    // podman's overlay: the original is not changed
    container.bind(source, { from, inside, readOnly: true });
  else container.bind(source, { from, inside, readOnly });
}

/** `--mount`: comma-separated `KEY=VALUE`, a field with a comma in double quotes. */
export function readMountText(container: Container, source: Source, text: string): void {
  const fields = new Map<string, string>();
  for (const match of text.matchAll(/"((?:[^"]|"")*)"|[^,]+/g)) {
    const field = match[1]?.replaceAll('""', '"') ?? match[0];
    const [key, ...rest] = field.split('=');
    fields.set((key as string).trim().toLowerCase(), rest.join('='));
  }
  const first = (...names: string[]): string | undefined =>
    names.map((name) => fields.get(name)).find((value) => value !== undefined);
  const { draft } = container;
  const type = fields.get('type') ?? 'volume';
  const from = first('source', 'src') ?? '';
  const inside = first('target', 'destination', 'dst') ?? '';
  const flag = first('readonly', 'ro');
  const readOnly = flag !== undefined && flag !== 'false' && flag !== '0';
  readPropagation(container, source, [fields.get('bind-propagation') ?? '']);
  if (type === 'bind' && from !== '') container.bind(source, { from, inside, readOnly });
  else if (type === 'tmpfs' || type === 'ramfs' || (type === 'volume' && from === ''))
    container.scratch(source, inside);
  else if (type === 'volume') {
    const driver = [...fields].find(([key]) => key.startsWith('volume-opt') || key === 'volume-driver');
    if (driver !== undefined) draft.unexpressed(source, `where the volume driver keeps ${from}`);
    container.volume(source, { name: from, inside, readOnly, shared: false });
  } else if (type === 'image') {
    draft.files.push({
      ...source,
      space: 'private',
      path: '**',
      inside,
      read: true,
      write: false,
      execute: true,
      lands: 'never',
      except: [],
    });
  } else draft.unexpressed(source, `what ${text} mounts`);
}

/** Mounts that are made inside and appear on the machine, too: mount_namespaces(7). */
export function readPropagation({ draft }: Container, source: Source, words: readonly string[]): void {
  const shared = words.find((word) => /^(r?shared|bidirectional)$/i.test(word));
  if (shared !== undefined)
    draft.unexpressed(source, 'what mounts made inside change on the machine', [
      'escape',
      'persistence',
      'sabotage',
      'oversight-tampering',
    ]);
}

/** Colons within `${NAME:-…}` do not count. */
function splitOutsideBraces(text: string): string[] {
  const parts = [''];
  let depth = 0;
  for (const character of text) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === ':' && depth <= 0) parts.push('');
    else parts[parts.length - 1] += character;
  }
  return parts;
}
