/**
 * What all the test files here share: origins, certificates, the people who run cells, and a project of each.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Project, type Terms } from './cell.ts';
import { makeCertificates } from './certificates.ts';
import { HOME4, HOME6, type Origins, startOrigins } from './origins.ts';
import { type Person, people } from './people.ts';

const NAMES = ['api', 'web', 'git', 'registry', 'index', 'other', 'echo'].map(
  (name) => `${name}.example.com`,
);

export interface Setting {
  /** a folder that everybody can read */
  scratch: string;
  authority: string;
  origins: Origins;
  people: Person[];
  close(): void;
}

export async function makeSetting(): Promise<Setting> {
  const scratch = mkdtempSync(join(tmpdir(), 'ringfence-origins-'));
  chmodSync(scratch, 0o755);
  const certificates = makeCertificates(scratch, NAMES);
  const origins = await startOrigins(certificates);
  return {
    scratch,
    authority: certificates.authority,
    origins,
    people: people(scratch),
    close: () => {
      origins.close();
      rmSync(scratch, { recursive: true, force: true });
    },
  };
}

/** A project with the authority's certificate in it, which clients are told of by the environment. */
export function makeProject(setting: Setting, person: Person): Project {
  const project = new Project(person);
  project.add(setting.authority, 'ca.pem');
  return project;
}

/** Environment that makes each client trust the project's authority. */
export function trust(project: Project): Record<string, string> {
  const ca = join(project.folder, 'ca.pem');
  return {
    CURL_CA_BUNDLE: ca,
    GIT_SSL_CAINFO: ca,
    NODE_EXTRA_CA_CERTS: ca,
    npm_config_cafile: ca,
    PIP_CERT: ca,
    SSL_CERT_FILE: ca,
  };
}

/** The two hosts most tests use: `api` over TLS, `web` in the clear, both families. */
export function ordinaryTerms(setting: Setting, project: Project): Terms {
  return {
    network: [
      { host: 'api.example.com', port: setting.origins.https, protocol: 'https' },
      { host: 'web.example.com', port: setting.origins.http, protocol: 'http' },
    ],
    resolve: { 'api.example.com': [HOME4], 'web.example.com': [HOME6, HOME4] },
    environment: trust(project),
  };
}

/** Whether the project's tools include this one. */
export function has(tool: string, ...words: string[]): boolean {
  try {
    execFileSync(tool, words, {
      stdio: 'ignore',
      env: { PATH: '/usr/local/bin:/usr/bin:/bin' },
      timeout: 10_000,
    });
    return true;
  } catch {
    return false;
  }
}

/** One half per person: `root` (where root runs the tests) and `an ordinary user`. */
export const HALVES = process.getuid?.() === 0 ? ['root', 'an ordinary user'] : ['an ordinary user'];

export function personNamed(setting: Setting, name: string): Person {
  const person = setting.people.find((one) => one.name === name);
  if (!person) throw new Error(`nobody is ${name}`);
  return person;
}
