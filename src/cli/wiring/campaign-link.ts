/**
 * A run among the others of its user: its marks, its words, and the folder where runs meet. Loaded by runs that reach
 * something outside alone: others have no way to each other.
 *
 * @module
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Contract } from '../../contract/index.ts';
import { markOf, oddWords, placesIn } from '../../gateway/content/index.ts';
import { CampaignLink } from '../../watch/campaign/share/index.ts';
import type { Detector, Pressure } from '../../watch/index.ts';
import { ensureFolder, folders } from '../folders.ts';
import { keyedMarks } from './keyed-marks.ts';

export interface CampaignInput {
  contract: Contract;
  run: string;
  /** 32 secret bytes of the installation */
  key: Uint8Array;
  /** the folder as it is before the run; absent where the run itself changes it */
  workspace: string | undefined;
}

/** Files that name what a project uses, by which its own words are known. */
const LISTS =
  /^(?:package(?:-lock)?\.json|pnpm-lock\.yaml|yarn\.lock|requirements.*\.txt|pyproject\.toml|poetry\.lock|uv\.lock|Cargo\.(?:toml|lock)|go\.(?:mod|sum)|Gemfile(?:\.lock)?|composer\.(?:json|lock)|README.*|Makefile|Dockerfile)$/;
const LARGEST = 2 * 1024 * 1024;
const WORDS = 20_000;
const NAMES = 5000;

/** What looks at a run in the light of other runs. `pressure`: what looks at it in the light of its own past. */
export function campaignLink({ contract, run, key, workspace }: CampaignInput, pressure: Pressure): Detector {
  const keyed = keyedMarks(key);
  return new CampaignLink({
    run,
    folder: () => ensureFolder(folders().campaigns),
    keyed,
    pressure,
    vocabulary: () => vocabulary(contract, workspace, (word) => keyed(markOf(word))),
  });
}

/** The task's own words: of its contract, of the names of its files, and of what they list. */
function vocabulary(
  contract: Contract,
  workspace: string | undefined,
  mark: (word: string) => string,
): Set<string> {
  const words = new Set<string>();
  const add = (text: string): void => {
    for (const word of [...oddWords(text, WORDS), ...placesIn(text, '')])
      if (words.size < WORDS) words.add(word);
  };
  for (const { host } of contract.network) words.add(host);
  add(JSON.stringify(contract));
  if (workspace !== undefined) {
    try {
      const names = readdirSync(workspace, { recursive: false }).slice(0, NAMES) as string[];
      add(names.join('\n'));
      for (const name of names.filter((one) => LISTS.test(one))) {
        const path = join(workspace, name);
        if (statSync(path).size <= LARGEST) add(readFileSync(path, 'utf8'));
      }
    } catch {
      // what cannot be read has no words; more is odd then, not less
    }
  }
  return new Set([...words].map(mark));
}
