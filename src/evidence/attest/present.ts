/**
 * Digests of what is here now: what statements are held against, each read when it is first asked for.
 *
 * @module
 */
import { join } from 'node:path';
import { scenarioDigests } from '../../attack/index.ts';
import {
  type Code,
  digestOfFile,
  kernelDigest,
  kernelWords,
  namesIn,
  programDigest,
} from '../identity/index.ts';
import type { Statement, Subject } from './statement.ts';

/** Where to look: `rules`, `claims`, `scenarios` and the code lie in `root`. */
export interface Here extends Code {
  /** file of the launcher */
  readonly launcher: string;
  /** SHA-256 of the contract's file, where the question is about one */
  readonly contract?: string | undefined;
  /** SHA-256 of the plan that a run under it would load */
  readonly plan?: string | undefined;
}

export interface Present {
  /** `undefined`: it is not here, or cannot be read */
  digestOf(name: string): string | undefined;
  /** What is here under a prefix (`rules/detections/`, `claims/`), in order. */
  namesBelow(prefix: string): string[];
  /** Subjects of a statement that is made now. @throws where one is not here */
  subjects(names: readonly string[]): Subject[];
}

/** Folder of the installation → names of subjects → files. */
const FILES = [
  { prefix: 'rules/detections/', folder: ['rules', 'detections'], ending: /\.ya?ml$/ },
  { prefix: 'rules/monitors/', folder: ['rules', 'monitors'], ending: /\.ya?ml$/ },
  { prefix: 'rules/affordances/', folder: ['rules', 'affordances'], ending: /\.ya?ml$/ },
] as const;
const CLAIMS = [
  // the longer prefix first
  { prefix: 'claims/sources/', folder: ['claims', 'sources'] },
  { prefix: 'claims/', folder: ['claims'] },
] as const;
/** What the build made of the rules, which is what runs read. */
const COMPILED = ['compiled/rules.json', 'compiled/affordances.json', 'compiled/claims.json'];

const isPlain = (name: string): boolean => !name.includes('/') && !name.startsWith('.');

/** Looks at nothing yet. */
export function presentDigests(here: Here): Present {
  const known = new Map<string, string | undefined>();
  let scenarios: ReadonlyMap<string, string> | undefined;
  const scenariosHere = () => {
    scenarios ??= scenarioDigests(here.root);
    return scenarios;
  };
  const look = (name: string): string | undefined => {
    switch (name) {
      case 'contract':
        return here.contract;
      case 'plan':
        return here.plan;
      case 'program':
        return programDigest(here);
      case 'launcher':
        return digestOfFile(here.launcher);
      case 'kernel':
        return kernelDigest();
    }
    if (COMPILED.includes(name)) return digestOfFile(join(here.root, 'dist', name.slice('compiled/'.length)));
    if (name.startsWith('scenarios/')) return scenariosHere().get(name.slice('scenarios/'.length));
    for (const { prefix, folder } of FILES)
      if (name.startsWith(prefix) && isPlain(name.slice(prefix.length)))
        return digestOfFile(join(here.root, ...folder, name.slice(prefix.length)));
    for (const { prefix, folder } of CLAIMS)
      if (name.startsWith(prefix) && isPlain(name.slice(prefix.length)))
        return digestOfFile(join(here.root, ...folder, `${name.slice(prefix.length)}.yaml`));
    return undefined;
  };
  const digestOf = (name: string): string | undefined => {
    if (!known.has(name)) known.set(name, look(name));
    return known.get(name);
  };
  return {
    digestOf,
    namesBelow(prefix) {
      if (prefix === 'scenarios/') return [...scenariosHere().keys()].map((id) => `scenarios/${id}`);
      if (prefix === 'compiled/')
        return here.code === 'dist' ? COMPILED.filter((name) => digestOf(name) !== undefined) : [];
      const files = FILES.find((one) => one.prefix === prefix);
      if (files)
        return namesIn(join(here.root, ...files.folder), files.ending).map((name) => `${prefix}${name}`);
      const claims = CLAIMS.find((one) => one.prefix === prefix);
      if (!claims) return [];
      return namesIn(join(here.root, ...claims.folder), /\.yaml$/).map(
        (name) => `${prefix}${name.slice(0, -5)}`,
      );
    },
    subjects(names) {
      return names.map((name) => {
        const sha256 = digestOf(name);
        if (sha256 === undefined) throw new Error(`${name} is not here`);
        return {
          name,
          digest: { sha256 },
          ...(name === 'kernel' && { annotations: { words: kernelWords() } }),
        };
      });
    },
  };
}

/** A subject whose digest is another now. */
export interface Changed {
  readonly name: string;
  /** `undefined`: the statement does not tell of it */
  readonly before: string | undefined;
  /** `undefined`: it is not here any more */
  readonly now: string | undefined;
  /** what the subject was then, where that was said in words */
  readonly words?: string;
}

/** Subjects that changed since; none: the statement is fresh. */
export const changedSince = (statement: Pick<Statement, 'subjects'>, present: Present): Changed[] =>
  statement.subjects.flatMap(({ name, digest, annotations }) => {
    const now = present.digestOf(name);
    if (now === digest.sha256) return [];
    return [{ name, before: digest.sha256, now, ...(annotations && { words: annotations.words }) }];
  });
