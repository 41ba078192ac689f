/**
 * `ringfence init`: a first contract for the project in a folder, from what lies there. Nothing of the project is run.
 *
 * @module
 */
import { closeSync, existsSync, openSync, readdirSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CONTRACT_FILE } from './discover.ts';
import { detectProject, type Project } from './project.ts';
import { contractName, list, quoted } from './write-yaml.ts';

export interface Proposal {
  /** the file to write: `ringfence.yaml` in the folder */
  path: string;
  /** the contract: commented YAML that loads */
  text: string;
  project: Project;
  /** files that look like secrets, relative to the folder */
  secrets: string[];
  /** patterns that hide them */
  hide: string[];
}

const SECRET =
  /^(\.env(\..+)?|\.envrc|.+\.(pem|key|p12|pfx|jks|keystore)|id_(rsa|dsa|ecdsa|ed25519)|\.netrc|\.pypirc|\.npmrc|\.pgpass|credentials(\.json)?|service-account.*\.json|secrets?\.(ya?ml|json|toml))$/i;
const HARMLESS = /\.(example|sample|template|dist|defaults?)$|\.pub$/i;
const SKIPPED = new Set([
  '.git',
  'node_modules',
  '.venv',
  'venv',
  'target',
  'vendor',
  'dist',
  'build',
  '__pycache__',
  '.tox',
]);

/** Files that look like secrets, up to three folders deep and 5,000 entries: a hint to be completed by the author. */
function findSecrets(folder: string): string[] {
  const found: string[] = [];
  let budget = 5000;
  const walk = (relative: string, depth: number) => {
    let entries: { name: string; isDirectory(): boolean }[];
    try {
      entries = readdirSync(join(folder, relative), { withFileTypes: true });
    } catch {
      return;
    }
    for (const entry of entries) {
      budget -= 1;
      if (budget < 0) return;
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      if (entry.isDirectory()) {
        if (depth < 3 && !SKIPPED.has(entry.name)) walk(path, depth + 1);
      } else if (
        SECRET.test(entry.name) &&
        !HARMLESS.test(entry.name) &&
        holdsSecret(join(folder, path), entry.name)
      )
        found.push(path);
    }
  };
  walk('', 0);
  return found.sort();
}

/** A project's .npmrc is usually settings, which npm needs; only one with a token is a secret. */
function holdsSecret(path: string, name: string): boolean {
  if (name !== '.npmrc') return true;
  try {
    return statSync(path).size < 65_536 && /_auth|_password/i.test(readFileSync(path, 'utf8'));
  } catch {
    return true;
  }
}

/** A pattern that matches exactly this path: characters that patterns read otherwise are stood for by `?`. */
const exactPattern = (path: string): string => path.replace(/[*[\]{}!~\\\p{Cc}\p{Cf}\u2028\u2029]/gu, '?');

/** Looks at the project in `directory` and proposes a contract. Writes nothing. */
export function proposeContract(directory: string): Proposal {
  const folder = resolve(directory);
  const project = detectProject(folder);
  const secrets = findSecrets(folder);
  const hide = [...new Set(['**/.env', ...secrets.map(exactPattern)])].filter(
    (pattern) => pattern === '**/.env' || !/(^|\/)\.env$/.test(pattern),
  );
  const text = `# What an agent that works on this project may do. "ringfence check" explains it in plain words.
# What is not written here has a safe default: no network, no keys, no files outside this folder.
ringfence: 1
name: ${quoted(contractName(folder))}

objective:
  task: Describe in a sentence what the agent is for.
${
  project.test === undefined
    ? '  # success: { run: make test }   # the command whose exit code 0 means success: none was found here'
    : `  # ${project.found}
  success:
    run: ${quoted(project.test)}
    protect: ${list(project.protect)}   # what decides success: restored before it is graded`
}

files:
  workspace: .          # this folder; changes go to a layer of their own, the original stays as it is
  write: ["**"]         # narrow it to folders if you can, for example [src/**]
  hide: ${list(hide)}   # what the agent must not see${secrets.length > 0 ? ` (found: ${secrets.length} that may hold secrets)` : ''}

# The only ways out. Without rules there is no network at all.${project.install === undefined ? '' : `\n# ${project.install} needs its package registry; name it here, or install before the run.`}
# network:
#   - { host: registry.example.com, port: 443, protocol: https, bytes: 500MiB }

compute:
  cpus: 2
  memory: 4GiB
  processes: ${project.kind === 'plain' ? 256 : 512}
  time: 30m             # wall clock
  cpu-time: 60m         # all processes together
  disk: 2GiB            # written in all
`;
  return { path: join(folder, CONTRACT_FILE), text, project, secrets, hide };
}

export type Written = { ok: true; path: string } | { ok: false; path: string; message: string; hint: string };

/** Writes a proposal. An existing file is never overwritten, whatever it is. */
export function writeProposal(proposal: Proposal): Written {
  const { path, text } = proposal;
  let descriptor: number;
  try {
    descriptor = openSync(path, 'wx', 0o644);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' || existsSync(path))
      return {
        ok: false,
        path,
        message: 'there is a contract here already',
        hint: 'Edit it, or move it away first.',
      };
    return {
      ok: false,
      path,
      message: `the file cannot be written: ${message}`,
      hint: 'Make the folder writable for you.',
    };
  }
  try {
    writeSync(descriptor, text);
  } finally {
    closeSync(descriptor);
  }
  return { ok: true, path };
}
