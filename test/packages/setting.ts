/**
 * People and projects for tests of packages: as for egress, with the files that are used inside.
 *
 * @module
 */
import { chmodSync, chownSync, copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ended, Project, type Terms } from '../egress/cell.ts';
import { type Person, people } from '../egress/people.ts';
import { makeScratch } from './upstream.ts';

export interface Setting {
  scratch: string;
  people: Person[];
  close(): void;
}

export function makeSetting(): Setting {
  const scratch = makeScratch();
  chmodSync(scratch.path, 0o755);
  return { scratch: scratch.path, people: people(scratch.path), close: () => scratch.remove() };
}

export function personNamed({ people: all }: Setting, name: string): Person {
  const person = all.find((one) => one.name === name);
  if (!person) throw new Error(`nobody is ${name}`);
  return person;
}

/** Writes a file of the project, owned by its person. */
export function place(project: Project, name: string, text: string): void {
  const path = join(project.folder, name);
  writeFileSync(path, text);
  const { ids } = project.person;
  if (ids) chownSync(path, ids.uid, ids.gid);
}

/** Writes a file beside the contract, where the agent sees nothing of it. */
export function beside(project: Project, name: string, text: string): void {
  writeFileSync(join(project.root, name), text);
  chmodSync(join(project.root, name), 0o644);
}

export function makeProject(person: Person): Project {
  const project = new Project(person);
  copyFileSync(join(import.meta.dirname, 'inside/attempts.js'), join(project.folder, 'attempts.js'));
  return project;
}

export interface Attempt {
  name: string;
  host?: string;
  port?: number;
  /** sent one after another, as latin1 */
  pieces: string[];
}

export interface Result {
  name: string;
  text: string;
  error?: string;
}

/** Makes the attempts inside, each on a connection of its own. */
export async function attempt(
  project: Project,
  terms: Terms,
  attempts: readonly Attempt[],
): Promise<{ ended: Ended; results: Map<string, Result> }> {
  place(project, 'attempts.json', JSON.stringify(attempts));
  const ended = await project.run(terms, 'node', 'attempts.js', 'attempts.json');
  if (ended.status !== 0)
    throw new Error(`the attempts ended with ${ended.status}: ${ended.out}${ended.err}`);
  const results = JSON.parse(ended.out) as Result[];
  return { ended, results: new Map(results.map((result) => [result.name, result])) };
}
