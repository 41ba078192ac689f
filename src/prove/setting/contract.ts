/**
 * Contract → setting: what our own format grants, every default included.
 *
 * @module
 */
import { isAbsolute, relative, resolve } from 'node:path';
import type { Contract, NetworkRule } from '../../contract/index.ts';
import { grantsUnsupported } from './sections.ts';
import type {
  ControlObject,
  Destination,
  FileException,
  FileGrant,
  Grading,
  Place,
  SecretGrant,
  Setting,
} from './types.ts';

export interface ReadOptions {
  /** The contract's own file, which a workspace may hold. */
  readonly file?: string;
  /** Where a contract path such as `network[0]` is written, if it is. */
  readonly place?: (clause: string) => Place | undefined;
}

/**
 * What a contract grants. A contract that was loaded has a setting: there is nothing to fail.
 *
 * @example
 * settingOf(contract, { file: 'ringfence.yaml' }).destinations
 */
export function settingOf(contract: Contract, options: ReadOptions = {}): Setting {
  const at = (clause: string) => {
    const place = options.place?.(clause);
    return place === undefined ? { clause } : { clause, place };
  };
  const { isolation, network, packages, programs, environment, compute, oversight } = contract;
  return {
    kind: 'contract',
    name: contract.name,
    isolation: {
      ...at('isolation'),
      kind: ({ process: 'cell', landlock: 'reduced', microvm: 'vm' } as const)[isolation],
      user: isolation === 'process' ? 'other' : 'operator',
      words: [],
    },
    files: filesOf(contract, at),
    network: {
      ...at('network'),
      mode: network.length === 0 ? 'none' : 'named',
      by: 'gateway',
    },
    destinations: network.map((rule, index) => destinationOf(rule, contract, at(`network[${index}]`), at)),
    artefacts: packages.map(({ ecosystem, from }, index) => ({
      ...at(`packages[${index}]`),
      ecosystem,
      from,
    })),
    inbound: [],
    sockets: [],
    programs:
      programs === 'any'
        ? [{ ...at('programs'), program: 'any' }]
        : programs.map((program, index) => ({ ...at(`programs[${index}]`), program })),
    secrets: Object.entries(contract.secrets).map(
      ([name, { for: hosts }]): SecretGrant => ({ ...at(`secrets.${name}`), name, where: 'outside', hosts }),
    ),
    variables: [
      ...environment.pass.map((name, index) => ({
        ...at(`environment.pass[${index}]`),
        name,
        from: 'passed' as const,
      })),
      ...Object.keys(environment.set).map((name) => ({
        ...at(`environment.set.${name}`),
        name,
        from: 'set' as const,
      })),
    ],
    compute: {
      ...at('compute'),
      text: `${compute.cpus.max} CPUs for ${Math.round(compute['cpu-time'].max / 1000)} s of CPU time`,
      bounded: true,
      gpus: [],
    },
    ...grantsUnsupported(contract, at),
    grading: gradingOf(contract, at),
    controls: controlsOf(contract, options.file, at),
    oversight: {
      asks: oversight.approve.flatMap((effect, index) =>
        effect !== 'packages.new' || packages.length > 0
          ? [{ ...at(`oversight.approve[${index}]`), effect }]
          : [],
      ),
      recorded: true,
    },
    several: undefined,
  };
}

type At = (clause: string) => { clause: string; place?: Place };

function filesOf({ files }: Contract, at: At): FileGrant[] {
  const { workspace, write, read, hide } = files;
  const except = hide.map(
    (path, index): FileException => ({ ...at(`files.hide[${index}]`), path, what: 'hidden' }),
  );
  const isDirect = workspace.mode === 'direct';
  const shared = {
    space: 'workspace',
    read: true,
    execute: true,
    lands: isDirect ? 'at once' : 'on review',
    landing: at('files.workspace.mode'),
    except,
  } as const;
  return [
    { ...at('files.workspace'), ...shared, path: '**', write: false },
    ...write.map(
      (path, index): FileGrant => ({ ...at(`files.write[${index}]`), ...shared, path, write: true }),
    ),
    ...read.map(
      (path, index): FileGrant => ({
        ...at(`files.read[${index}]`),
        space: 'machine',
        path,
        read: true,
        write: false,
        execute: true,
        lands: 'never',
        except: [],
      }),
    ),
  ];
}

function destinationOf(
  { host, port, protocol, methods, paths, headers, body, bytes, connections }: NetworkRule,
  { resolve: addresses }: Contract,
  source: { clause: string },
  at: At,
): Destination {
  return {
    ...source,
    host,
    port,
    protocol,
    ...(methods !== undefined && { methods }),
    ...(paths !== undefined && { paths }),
    ...(headers !== undefined && { headers }),
    ...(body !== undefined && { body }),
    ...(bytes !== undefined && { bytes }),
    ...(connections !== undefined && { connections }),
    addresses: Object.entries(addresses).flatMap(([written, list]) => {
      const name = written.toLowerCase().replace(/\.$/, '');
      const isNamed = name === host || (host.startsWith('*.') && name.endsWith(host.slice(1)));
      const clause = at(`resolve[${JSON.stringify(written)}]`);
      return isNamed ? list.map((address) => ({ ...clause, name, address })) : [];
    }),
    services: [],
    shared: true,
  };
}

function gradingOf({ objective: { success, hidden } }: Contract, at: At): Grading {
  if (success === undefined) return { ...at('objective.success'), kind: 'none', protect: [] };
  const { run, protect } = success;
  if (hidden !== undefined) return { ...at('objective.hidden'), kind: 'hidden', run, protect };
  return { ...at('objective.success'), kind: protect.length === 0 ? 'unprotected' : 'visible', run, protect };
}

/** Where the contract itself and the files of the hidden check lie. Without the contract's own place, what lies outside of the workspace is not known. */
function controlsOf({ files, objective }: Contract, file: string | undefined, at: At): ControlObject[] {
  // far enough below the root for paths that begin with `..`
  const base = file === undefined ? '/of/a/contract/whose/place/is/not/known' : resolve(file, '..');
  const workspace = resolve(base, files.workspace.path);
  const placed = (what: ControlObject['what'], clause: string, path: string): ControlObject[] => {
    if (file === undefined && (isAbsolute(path) || isAbsolute(files.workspace.path))) return [];
    const found = relative(workspace, resolve(base, path));
    const isOutside = found === '..' || found.startsWith('../');
    if (!isOutside) return [{ ...at(clause), what, space: 'workspace', path: found === '' ? '.' : found }];
    return file === undefined ? [] : [{ ...at(clause), what, space: 'machine', path: resolve(base, path) }];
  };
  const hidden = objective.hidden;
  return [
    ...(file === undefined ? [] : placed('contract', 'files.workspace', resolve(file))),
    ...(hidden?.files === undefined
      ? scriptsIn(hidden?.run ?? '').flatMap((path) => placed('grader', 'objective.hidden.run', path))
      : placed('grader', 'objective.hidden.files', hidden.files)),
  ];
}

/** Scripts that a command names by a relative path: without a folder of its own the check takes them from the workspace. */
const scriptsIn = (command: string): string[] =>
  command
    .split(/[\s;&|()'"]+/)
    .filter(
      (word) =>
        /^(?!-)(\.{0,2}\/)?[\w.-][\w./-]*\.(sh|bash|py|js|mjs|cjs|ts|rb|pl|php)$/.test(word) &&
        !isAbsolute(word),
    );
