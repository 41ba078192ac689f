/**
 * The stated base: what of the machine every cell may show besides what its contract names. The system's own folders by a list,
 * and toolchains by where `PATH` leads.
 *
 * @module
 */
import { readdirSync } from 'node:fs';
import {
  BROAD_IN_HOME,
  CREDENTIAL_FILES,
  DEVICES,
  MANAGERS,
  MERGED_ROOTS,
  NEVER_SHOWN,
  PRIVATE_IN_HOME,
  SYSTEM_NAMES,
  SYSTEM_ROOTS,
  VERSIONED_NAMES,
} from '../../../contract/base-view.ts';
import { absolute, lies, look, real } from './paths.ts';

const ROOTS = new Set<string>([...SYSTEM_ROOTS, ...MERGED_ROOTS]);
const NAMES = new Set<string>(SYSTEM_NAMES);
const DEVICE_PATHS = new Set<string>(DEVICES.map((name) => `/dev/${name}`));

/** Folders that hold things of all kinds: never shown whole. */
const BROAD = new Set(['/', '/var', '/run', '/tmp', '/srv', '/home', '/mnt', '/media', '/root']);
/** How far links from one folder of programs to the next are followed. */
const MAXIMUM_DEPTH = 5;

export const isSystemRoot = (path: string): boolean => ROOTS.has(path);
export const isDevice = (path: string): boolean => DEVICE_PATHS.has(path);

/** Whether a path is one of the names in /etc that a cell may show, or lies in one. */
export function isSystemName(path: string): boolean {
  if (!path.startsWith('/etc/')) return false;
  const names = path.slice('/etc/'.length).split('/');
  if (VERSIONED_NAMES.test(names[0] as string)) return true;
  return names.some((_, index) => NAMES.has(names.slice(0, index + 1).join('/')));
}

/** Credentials of package clients that lie in a folder of the base, and are there: these must be covered. */
export const credentialsIn = (folder: string): string[] =>
  CREDENTIAL_FILES.map((name) => `${folder}/${name}`).filter((path) => look(path) !== undefined);

export interface Person {
  readonly home: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Which folders and files are toolchains: where PATH, JAVA_HOME and GOROOT lead, and the links in folders of programs. */
export class Toolchains {
  readonly #person: Person;
  readonly #managed: readonly string[];
  #programs: Set<string> | undefined;

  constructor(person: Person) {
    this.#person = person;
    this.#managed = MANAGERS.flatMap((manager) => {
      const named = manager.variable === undefined ? undefined : person.env[manager.variable];
      const root = named?.startsWith('/')
        ? absolute(named, person.home, '/')
        : `${person.home}/${manager.inHome}`;
      return [
        ...manager.parts.map((part) => `${root}/${part}`),
        ...(manager.settings ?? []).map((name) => `${person.home}/${name}`),
      ];
    });
  }

  /** Why a place cannot be shown as a toolchain, whatever leads there. */
  forbidden(path: string): string | undefined {
    const { home } = this.#person;
    if (lies(home, path)) return 'it holds the home folder';
    if (BROAD.has(path) || BROAD_IN_HOME.some((name) => path === `${home}/${name}`))
      return 'it is a folder of unrelated things';
    if (NEVER_SHOWN.some((folder) => lies(path, folder)))
      return 'nothing of that folder is part of a toolchain';
    if (PRIVATE_IN_HOME.some((name) => lies(path, `${home}/${name}`))) return 'credentials lie there';
    return undefined;
  }

  /** Whether a folder or file is one that a folder of programs belongs to. */
  has(path: string): boolean {
    if (this.forbidden(path) !== undefined) return false;
    if (this.#managed.includes(path)) return true;
    const { home } = this.#person;
    const inLibrary =
      path.startsWith(`${home}/.local/lib/python`) && !path.slice(home.length + 12).includes('/');
    if (inLibrary && this.#entries().includes(`${home}/.local/bin`)) return true;
    this.#programs ??= this.#reached();
    // the folder of programs, or the installation that it is the bin of; or a single program that a link leads to
    return this.#programs.has(path);
  }

  #entries(): string[] {
    const { env } = this.#person;
    const homes = [env.JAVA_HOME, env.GOROOT].flatMap((root) =>
      root?.startsWith('/') ? [`${root}/bin`] : [],
    );
    return [...(env.PATH ?? '').split(':'), ...homes]
      .filter((entry) => entry.startsWith('/'))
      .map((entry) => absolute(entry, '/', '/'));
  }

  #reached(): Set<string> {
    const reached = new Set<string>();
    const seen = new Set<string>();
    let folders = this.#entries().flatMap((entry) => [entry, real(entry) ?? entry]);
    for (let depth = 0; depth < MAXIMUM_DEPTH && folders.length > 0; depth += 1) {
      const next: string[] = [];
      for (const folder of folders) {
        if (seen.has(folder) || [...ROOTS].some((root) => lies(folder, root))) continue;
        seen.add(folder);
        reached.add(folder).add(folder.slice(0, folder.lastIndexOf('/')) || '/');
        for (const program of linksIn(folder)) {
          reached.add(program);
          next.push(program.slice(0, program.lastIndexOf('/')) || '/');
        }
      }
      folders = next;
    }
    return reached;
  }
}

/** Where the links in a folder of programs lead. */
function linksIn(folder: string): string[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isSymbolicLink())
      .flatMap(({ name }) => real(`${folder}/${name}`) ?? []);
  } catch {
    return [];
  }
}
