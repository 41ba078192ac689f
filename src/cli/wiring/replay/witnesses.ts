/**
 * Witnesses of the catalogue, tried in a cell of a contract whether or not a path of the model leads there: what is
 * proved is held against what really happens.
 *
 * @module
 */

import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority } from '../../../cell/trust/index.ts';
import { shellWord } from '../../../contract/index.ts';
import {
  type Affordance,
  personalVariables,
  type Witness,
  witnessVariables,
} from '../../../prove/catalogue/index.ts';
import { inPlace, type Written, withWorkspace } from './contract.ts';
import { ALL_WITHIN, listeningOf, type Performing, perform, WITHIN } from './perform.ts';
import { missingPrograms } from './person.ts';
import { fixedFolders } from './recipe.ts';
import { environmentOf, fillHome, Scratch } from './scratch.ts';
import type { Job, Judge, Recipe } from './types.ts';

/** Port of the stand-in that witnesses of services speak to. */
const RELAY = 18_099;
/** Seconds for one attempt. */
const ATTEMPT = 10;

export interface WitnessInput extends Performing {
  readonly written: Written;
  readonly home: string;
  readonly entries: readonly Affordance[];
}

export interface Tried {
  /** Ids of the entries that were tried. */
  readonly tried: readonly string[];
  /** The first of which an effect was seen outside. */
  readonly reached: string | undefined;
  /** Whether the cell ran at all. */
  readonly ran: boolean;
  readonly output: string;
}

type Witnessed = Affordance & { readonly witness: Witness };

/** Tries witnesses in one cell, one after the other, each in a folder of its own; those whose programs are not here are left out. */
export async function tryWitnesses(input: WitnessInput): Promise<Tried> {
  const { contract } = input;
  const entries = input.entries.filter(
    (entry): entry is Witnessed => entry.witness !== undefined && missingPrograms(entry.witness).length === 0,
  );
  const shell = ['bash', 'sh'].find(
    (name) => contract.programs === 'any' || contract.programs.includes(name),
  );
  const tried = entries.map(({ id }) => id);
  if (shell === undefined || entries.length === 0)
    return { tried: [], reached: undefined, ran: false, output: 'no shell may be executed' };
  const scratch = new Scratch();
  try {
    const authority = makeAuthority({
      run: 'replay',
      hosts: contract.network.map(({ host }) => host),
      time: ALL_WITHIN,
    });
    const pem = scratch.authority;
    writeFileSync(pem, authority.certificate);
    fillHome(scratch.home, contract, input.home, 'canary');
    const names = new Map(
      contract.network.map(({ host }, index) => [index, host.replace(/^\*\./, 'stand-in.')]),
    );
    const inner = inPlace(input.written, contract, { home: input.home, names, authority: pem });
    const began = `began${randomBytes(6).toString('hex')}`;
    const job: Job = {
      recipes: [batteryOf(input, entries, scratch, inner, shell, began)],
      listening: [...listeningOf(contract), { port: RELAY, transport: 'tcp' }],
      order: 'order',
      authority,
      ringfence: input.programs.ringfence,
      within: WITHIN * 2,
    };
    const { results, problem } = await perform(input, job, scratch);
    const [result] = results.values();
    return {
      tried,
      // the judge after all witnesses is that the cell ran
      reached: result?.seen ? tried[result.judge] : undefined,
      ran: result?.seen ?? false,
      output: result?.output ?? problem,
    };
  } finally {
    scratch.remove();
  }
}

function batteryOf(
  { contract }: WitnessInput,
  entries: readonly Witnessed[],
  scratch: Scratch,
  inner: Written,
  shell: string,
  began: string,
): Recipe {
  const { work, outside } = scratch.recipe('battery');
  const written = fixedFolders(contract.files.write);
  for (const folder of written) mkdirSync(join(work, folder), { recursive: true });
  const base = written[0] ?? '';
  const canary = randomBytes(6).toString('hex');
  const timed = contract.programs === 'any' ? `timeout ${ATTEMPT} ` : '';
  const setup: string[] = [];
  const attempts: string[] = [];
  const judges: Judge[] = [];
  for (const [index, { witness }] of entries.entries()) {
    const folder = join(base, `w${index}`);
    mkdirSync(join(work, folder), { recursive: true });
    const places = {
      canary: `canary${canary}x${index}x`,
      mark: join(outside, `mark${index}`),
      outside,
      relay: `127.0.0.1:${RELAY}`,
    };
    const set = (variables: Record<string, string>) =>
      Object.entries(variables)
        .map(([name, value]) => `export ${name}=${shellWord(value)}; `)
        .join('');
    const variables = set(witnessVariables(places));
    const person = `${variables}${set(personalVariables(witness, places))}`;
    const within = (lines: readonly string[], own: string) =>
      `cd ${shellWord(folder)} && { ${own}\n${lines.join('\n')}\n}`;
    setup.push(`(${within(witness.setup.length > 0 ? witness.setup : [':'], person)})`);
    attempts.push(`${timed}${shell} -c ${shellWord(within(witness.attempt, variables))}`);
    judges.push({ by: 'effect', line: `timeout 20 sh -c ${shellWord(within([witness.effect], person))}` });
  }
  judges.push({ by: 'printed', word: began });
  const needs = entries.flatMap(({ witness }) => witness.needs);
  const personal = Object.assign(
    {},
    ...entries.map(({ witness }) =>
      personalVariables(witness, { canary, mark: '', outside, relay: `127.0.0.1:${RELAY}` }),
    ),
  ) as Record<string, string>;
  return {
    id: 'battery',
    path: 'battery',
    contract: withWorkspace(inner, work),
    work,
    outside,
    setup,
    cells: [[shell, '-c', `${attempts.join('\n')}\necho ${began}`]],
    judges,
    service: { socket: join(outside, 'relay.sock'), seen: join(outside, 'seen') },
    environment: { ...personal, ...environmentOf(contract, needs, scratch, canary) },
  };
}
