/**
 * Reads the mount operations of a plan as the launcher carries them out (`native/setup.c`), one after the other, and says what
 * the file view is afterwards: which mount lies where, what covers it, and what of the host it shows.
 *
 * @module
 */
import type { Plan } from '../../../contract/index.ts';
import { isPlain, join, linkAt } from './paths.ts';
import type { Breach } from './types.ts';

export interface Mount {
  /** where it lies in the view, links followed */
  readonly at: string;
  readonly by: 'root' | 'tmpfs' | 'bind' | 'layer' | 'overlay' | 'proc' | 'devpts' | 'mask' | 'writable';
  /** the host's file or folder that it shows; for an overlay its lower layer */
  readonly source: string | undefined;
  /** host folders over the lower layer, topmost first; the first of a writable overlay takes what is written */
  readonly over: readonly string[];
  readonly flags: ReadonlySet<string>;
  /** `UID:GID` on disk that becomes the cell's own user; `-` for none */
  readonly ids: string;
  readonly operation: number;
  writable: boolean;
}

export interface ViewLink {
  readonly path: string;
  readonly to: string;
  readonly operation: number;
}

export interface ViewFile {
  readonly path: string;
  readonly mode: string;
  readonly hex: string;
  readonly owner: string;
  readonly operation: number;
}

/** What a plan's mount operations make. */
export class View {
  readonly #mounts: Mount[] = [];
  /** which of the mounts is the last one at a place */
  readonly #last = new Map<string, number>();
  readonly #links = new Map<string, ViewLink>();
  readonly files: ViewFile[] = [];
  /** folders that the agent owns */
  readonly owned: string[] = [];
  /** masks that cover nothing, because nothing is there or a link leads there */
  readonly idle: { path: string; operation: number }[] = [];
  readonly breaches: Breach[] = [];

  constructor() {
    const none = { source: undefined, over: [], ids: '-', operation: -1 };
    this.mount({ ...none, at: '/', by: 'root', flags: new Set(['nosuid', 'nodev']), writable: true });
  }

  get mounts(): readonly Mount[] {
    return this.#mounts;
  }

  get links(): readonly ViewLink[] {
    return [...this.#links.values()];
  }

  mount(mount: Mount): void {
    this.#last.set(mount.at, this.#mounts.push(mount) - 1);
  }

  link(link: ViewLink): void {
    this.#links.set(link.path, link);
  }

  /** The mount that is seen at a place: the last one made at it or above it. */
  mountAt(path: string): Mount {
    let found = this.#last.get('/') ?? 0;
    for (let at = path; at.length > 1; at = at.slice(0, at.lastIndexOf('/')))
      found = Math.max(found, this.#last.get(at) ?? 0);
    return this.#mounts[found] as Mount;
  }

  /** The host's path that is seen at a place of the view; `undefined` where what is seen is the view's own. */
  hostPath(path: string): string | undefined {
    const mount = this.mountAt(path);
    return mount.source === undefined
      ? undefined
      : join(mount.source, path.slice(mount.at === '/' ? 0 : mount.at.length));
  }

  #linkAt(path: string): string | undefined {
    const mount = this.mountAt(path);
    const own = this.#links.get(path);
    if (own && own.operation > mount.operation) return own.to;
    const source = mount.source === undefined || path === mount.at ? undefined : this.hostPath(path);
    return source === undefined ? undefined : linkAt(source);
  }

  /** Follows the links of the view, the last name's only where asked; the root holds whatever they say (RESOLVE_IN_ROOT). */
  resolve(path: string, last: boolean, depth = 0): string | undefined {
    if (depth > 40) return undefined;
    let at = '/';
    const names = path.split('/').filter((name) => name !== '' && name !== '.');
    for (const [index, name] of names.entries()) {
      if (name === '..') {
        at = at.slice(0, at.lastIndexOf('/')) || '/';
        continue;
      }
      const next = at === '/' ? `/${name}` : `${at}/${name}`;
      const to = index < names.length - 1 || last ? this.#linkAt(next) : undefined;
      if (to === undefined) at = next;
      else {
        const rest = names.slice(index + 1).join('/');
        return this.resolve(`${to.startsWith('/') ? to : `${at}/${to}`}/${rest}`, last, depth + 1);
      }
    }
    return at;
  }
}

const set = (flags: string): ReadonlySet<string> => new Set(flags === '-' ? [] : flags.split(','));
const KNOWN_FLAGS = new Set(['ro', 'nosuid', 'nodev', 'noexec', 'rec']);

/** What the launcher would make of the plan. Looks at links of the host, and at nothing else. */
export function readView(plan: Plan): View {
  const view = new View();
  const under: string[] = [];
  const wrong = (operation: number, says: string, witness?: string) =>
    view.breaches.push({ promise: 'form', says, operation, ...(witness !== undefined && { witness }) });

  plan.forEach((op, operation) => {
    const place = (path: string, last: boolean): string | undefined => {
      const at = isPlain(path) ? view.resolve(path, last) : undefined;
      if (at === undefined) wrong(operation, `a place that is not written in one way: ${path}`, path);
      return at;
    };
    const mount = (
      by: Mount['by'],
      target: string,
      made: Partial<Pick<Mount, 'source' | 'over' | 'ids' | 'writable'>> & { flags: ReadonlySet<string> },
      last = true,
    ) => {
      const at = place(target, last);
      if (at === undefined) return;
      for (const flag of made.flags)
        if (!KNOWN_FLAGS.has(flag)) wrong(operation, `a mount flag that nobody knows: ${flag}`, target);
      const defaults = { source: undefined, over: [], ids: '-', writable: !made.flags.has('ro') };
      view.mount({ at, by, operation, ...defaults, ...made });
    };
    switch (op[0]) {
      case 'tmpfs':
        mount('tmpfs', op[1], { flags: new Set(['nosuid', 'nodev', ...set(op[4])]) });
        if (set(op[4]).has('ro')) wrong(operation, 'a tmpfs cannot be made read-only by its flags', op[1]);
        break;
      case 'bind':
        mount('bind', op[2], { source: op[1], flags: set(op[3]), ids: op[4] });
        break;
      case 'layer':
        mount('layer', op[2], { source: op[1], flags: set('ro,nosuid,nodev'), ids: op[3] });
        break;
      case 'under':
        under.push(op[1]);
        break;
      case 'overlay':
        mount('overlay', op[1], {
          source: op[2],
          over: [op[3], ...under.splice(0)],
          flags: set('nosuid,nodev'),
          ids: op[5],
        });
        break;
      case 'proc':
        mount('proc', op[1], { flags: set('nosuid,nodev,noexec') });
        break;
      case 'devpts':
        mount('devpts', op[1], { flags: set('nosuid,noexec') });
        break;
      case 'mask': {
        const at = isPlain(op[1]) ? view.resolve(op[1], true) : undefined;
        // the launcher follows no link there: what a link leads to would stay open
        if (at === op[1]) mount('mask', op[1], { flags: set('ro,nosuid,nodev,noexec') }, false);
        else view.idle.push({ path: op[1], operation });
        break;
      }
      case 'writable': {
        const at = place(op[1], true);
        if (at === undefined) break;
        if (at !== op[1]) wrong(operation, 'a folder is opened for writing through a link', op[1]);
        const around = view.mountAt(at);
        const source = view.hostPath(at);
        view.mount({ ...around, at, by: 'writable', source, operation });
        break;
      }
      case 'readonly': {
        const at = place(op[1], true);
        if (at === undefined) break;
        const around = view.mountAt(at);
        if (around.at !== at) wrong(operation, 'read-only is set on what is no mount', op[1]);
        else around.writable = false;
        break;
      }
      case 'symlink': {
        const path = place(op[2], false);
        if (path !== undefined) view.link({ path, to: op[1], operation });
        break;
      }
      case 'file': {
        const path = place(op[1], false);
        if (path !== undefined) view.files.push({ path, mode: op[2], hex: op[3], owner: op[4], operation });
        break;
      }
      case 'dir': {
        const path = place(op[1], true);
        if (path !== undefined && op[3] === 'agent') view.owned.push(path);
        break;
      }
    }
  });
  if (under.length > 0) wrong(plan.length - 1, 'layers without an overlay over them');
  return view;
}
