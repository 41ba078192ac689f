/**
 * Rows of the command table: what becomes of what a run changed.
 *
 * @module
 */
import { type CommandSpec, json, ok, run, usage, usual } from './table-parts.ts';

export const REVIEW_COMMANDS = [
  {
    name: 'review',
    summary: 'Show what a run changed, as a person should see it before it lands.',
    description: [
      'First what deserves a look by itself: what never lands, deletions, changed modes and owners, links, executables, what somebody else runs later (hooks, CI files, package scripts, editor tasks, agent configuration) and what decides success; then the rest. Content is shown as a diff; control, invisible and direction-changing characters are shown as text. The last line is the digest of all of it, which apply takes.',
    ],
    arguments: [run],
    options: [
      { name: 'stat', summary: 'One line a path, no content.' },
      { name: 'diff', summary: 'A plain unified diff, for git apply and patch -p1.' },
      {
        name: 'all',
        summary: 'All lines of all diffs. Default: the first 200 of each, and it says what is left out.',
      },
      json,
    ],
    examples: [
      { line: 'ringfence review', what: 'What the latest run changed.' },
      { line: 'ringfence review --diff | git apply --stat', what: 'The same for another tool.' },
    ],
    exitCodes: [
      ok,
      { code: '1', when: 'there is no such run, or its changes are gone or cannot be read' },
      usage,
    ],
    failure: usual,
  },
  {
    name: 'apply',
    summary: 'Land what was reviewed in the workspace, whole or by path.',
    description: [
      'Needs the digest that review printed; on a terminal it may be left out where nothing changed since the review. Lands everything or nothing: killed in the middle, the next command ends it. What is replaced is kept for undo.',
      'PATH is a path of the workspace with all below it, or a pattern such as src/**/*.ts. Folders that a path needs come with it.',
    ],
    arguments: [
      {
        name: 'RUN',
        kind: 'run',
        optional: true,
        summary: 'Id of a run, or its beginning, or latest. Default: the latest run.',
      },
      { name: 'PATH', optional: true, rest: true, summary: 'Only these. Default: everything.' },
    ],
    options: [
      {
        name: 'digest',
        value: 'DIGEST',
        summary: 'Digest of the change set, as review printed it (at least 12 characters).',
      },
      { name: 'except', value: 'PATH', multiple: true, summary: 'All but this path or pattern.' },
      {
        name: 'merge',
        summary:
          'Merge text files that were changed on both sides (three-way, by git). Conflicts are refused and named.',
      },
      { name: 'overwrite', summary: 'Also where the original was changed since the run began.' },
      { name: 'dry-run', summary: 'Say what would land, change nothing.' },
      { name: 'recover', summary: 'Only end what a killed apply or undo left unfinished.' },
      json,
    ],
    examples: [
      { line: 'ringfence apply latest --digest 3f1c9a0be2d4 src/', what: 'Land only what is below src.' },
      {
        line: 'ringfence apply --digest 3f1c9a0be2d4 --except .github',
        what: 'Everything but the CI files.',
      },
    ],
    exitCodes: [
      ok,
      { code: '1', when: 'it could not be done; nothing was changed' },
      usage,
      { code: '3', when: 'it was not reviewed, or is not what was reviewed' },
      { code: '4', when: 'the original was changed meanwhile; the paths are named' },
      { code: '5', when: 'something selected never lands: a device, a set-user-id file' },
    ],
    failure: usual,
  },
  {
    name: 'undo',
    summary: 'Take the last apply of a run back, or roll a direct run back.',
    description: [
      'Restores what apply replaced, exactly; refuses where a path was changed since. The workspace of a direct run becomes its snapshot again.',
    ],
    arguments: [run],
    options: [json],
    examples: [{ line: 'ringfence undo', what: 'Take back what was applied last.' }],
    exitCodes: [
      ok,
      { code: '1', when: 'there is nothing to take back, or it could not be done' },
      usage,
      { code: '4', when: 'a path was changed since; the paths are named' },
    ],
    failure: usual,
  },
  {
    name: 'discard',
    summary: 'Throw the changes of a run away.',
    description: ['Nothing of the change set is left; the record of the run stays.'],
    arguments: [run],
    options: [
      { name: 'keep-changes', summary: 'For a direct run: keep what it changed, drop the snapshot.' },
      json,
    ],
    examples: [{ line: 'ringfence discard', what: 'Throw away what the latest run changed.' }],
    exitCodes: [ok, { code: '1', when: 'there is no such run, or it is going on' }, usage],
    failure: usual,
  },
] as const satisfies readonly CommandSpec[];
