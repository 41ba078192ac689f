/**
 * What claims may link to in this installation: hazards, rules, affordances, ready contracts, techniques, files.
 *
 * @module
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { isAbsolute, join, normalize, relative } from 'node:path';
import { loadScenarios } from '../../attack/index.ts';
import { HAZARD_NAMES } from '../../contract/index.ts';
import type { World } from '../../evidence/lint/index.ts';
import type { SiteWorld } from '../../evidence/site/index.ts';
import { LedgerError, readChained } from '../../ledger/index.ts';
import { loadCatalogue } from '../../prove/catalogue/index.ts';
import { loadRules } from '../../watch/sigma/index.ts';
import { listRuns } from '../find-run.ts';
import { installation } from '../installation.ts';
import { rulesOf } from '../rules/files.ts';
import { allOf } from '../watch/rule-folder.ts';

/** ATT&CK and ATLAS ids → names. They stand at the beginning of lines; a comment begins with `#`. */
export function techniqueNames(): Map<string, string> {
  const text = readFileSync(join(installation().root, 'rules', 'techniques.txt'), 'utf8');
  const lines = text.matchAll(/^((?:AML\.)?T\d{4}(?:\.\d{3})?) (\S.*)$/gm);
  return new Map([...lines].map(([, id = '', name = '']) => [id, name]));
}

/** Looks into the records of runs that are here, each read once, when it is first asked for. */
function recordsHere(): World['recordOf'] {
  const records = new Map<string, Map<number, string> | 'broken' | undefined>();
  const read = (run: string): Map<number, string> | 'broken' | undefined => {
    const found = listRuns().find(({ id }) => id === run);
    if (!found) return undefined;
    try {
      const hashes = new Map<number, string>();
      for (const { event, hash } of readChained(found.ledger)) hashes.set(event.seq, hash);
      return hashes;
    } catch (error) {
      if (error instanceof LedgerError) return 'broken';
      throw error;
    }
  };
  return (run, seq) => {
    if (!records.has(run)) records.set(run, read(run));
    const record = records.get(run);
    return record instanceof Map ? (record.get(seq) ?? 'missing') : record;
  };
}

/** @param folder what problems of the base as a whole are said of */
export function readWorld(folder: string, today: string): World {
  const { root } = installation();
  const catalogue = loadCatalogue(join(root, 'rules', 'affordances'));
  const scenarios = loadScenarios(root);
  const isRepository = existsSync(join(root, 'test'));
  return {
    hazards: new Set(HAZARD_NAMES),
    rules: allOf(loadRules(rulesOf([]))).map(({ info, at }) => ({
      id: info.id,
      file: at.file,
      line: at.line,
    })),
    affordances: new Set(catalogue.ok ? catalogue.catalogue.affordances.map(({ id }) => id) : []),
    contracts: new Set(
      readdirSync(join(root, 'contracts')).flatMap((name) =>
        name.endsWith('.yaml') ? [name.slice(0, -5)] : [],
      ),
    ),
    techniques: new Set(techniqueNames().keys()),
    scenarios: new Map(scenarios.ok ? scenarios.scenarios.map(({ id, claims }) => [id, claims]) : []),
    hasPath: isRepository
      ? (path) => !isAbsolute(path) && !normalize(path).startsWith('..') && existsSync(join(root, path))
      : undefined,
    recordOf: recordsHere(),
    today,
    folder,
  };
}

/** The same for pages: files as a reader of the repository would name them. */
export function readSiteWorld({ folder, today }: { folder: string; today: string }): SiteWorld {
  const { root } = installation();
  const nameOf = (file: string): string => {
    const name = isAbsolute(file) ? relative(root, file) : file;
    return name.startsWith('..') ? (name.split('/').at(-1) ?? name) : name;
  };
  return {
    rules: new Map(readWorld(folder, today).rules.map(({ id, file }) => [id, nameOf(file)])),
    techniques: techniqueNames(),
  };
}
