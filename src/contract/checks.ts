/**
 * What a contract says that its schema cannot judge: patterns, paths, names and contradictions between fields.
 *
 * @module
 */
import { checkAccept } from './accept.ts';
import { checkCalls } from './calls.ts';
import { checkJudges } from './judge-checks.ts';
import { checkModels } from './model-checks.ts';
import { checkNetwork } from './network-checks.ts';
import { checkPackages } from './package-checks.ts';
import { checkRelativePattern, coarserPattern, contains, directoryOf } from './patterns.ts';
import type { Finding } from './problem.ts';
import type { Contract } from './schema.ts';
import { checkSecrets } from './secret-checks.ts';
import { checkTools } from './tool-checks.ts';

const FRESH = ['/proc', '/sys', '/dev'];

function checkWorkspace(path: string): Finding[] {
  const at = ['files', 'workspace'];
  if (path === '')
    return [{ path: at, message: 'no folder is named', hint: 'Write "." for the folder of this file.' }];
  if (/^\/+(\.?\/*)*$/.test(path))
    return [
      {
        path: at,
        message: 'the whole machine cannot be the workspace',
        hint: 'Name the folder of the project.',
      },
    ];
  return [];
}

function checkWrite(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  for (const [index, pattern] of contract.files.write.entries()) {
    const path = ['files', 'write', index];
    const relative = checkRelativePattern(pattern);
    if (!relative.ok) {
      findings.push({ path, message: relative.message, hint: relative.hint });
      continue;
    }
    const folder = directoryOf(pattern);
    if (folder === undefined) {
      findings.push({
        path,
        message: `the kernel enforces whole folders, and ${pattern} is finer: this version cannot enforce it`,
        hint: `Write the folder pattern ${coarserPattern(pattern)}.`,
      });
      continue;
    }
    const hidden = contract.files.hide.findIndex((hide) => {
      const hiddenFolder = directoryOf(hide) ?? hide;
      // the whole workspace, hidden, is a problem of its own
      return hiddenFolder !== '' && contains(hiddenFolder, folder);
    });
    if (hidden >= 0)
      findings.push({
        path,
        message: `${pattern} may be written but is hidden by files.hide[${hidden}] (${contract.files.hide[hidden]})`,
        hint: 'Remove one of the two.',
      });
  }
  return findings;
}

function checkHide(contract: Contract): Finding[] {
  return contract.files.hide.flatMap((pattern, index): Finding[] => {
    const path = ['files', 'hide', index];
    const relative = checkRelativePattern(pattern);
    if (!relative.ok) return [{ path, message: relative.message, hint: relative.hint }];
    if (pattern === '**' || pattern === '.' || pattern === '**/*')
      return [
        {
          path,
          message: `${pattern} hides the whole workspace`,
          hint: 'Name what is to be hidden, for example .env.',
        },
      ];
    return [];
  });
}

function checkObjective(contract: Contract): Finding[] {
  const { success, hidden } = contract.objective;
  const findings = (success?.protect ?? []).flatMap((pattern, index): Finding[] => {
    const relative = checkRelativePattern(pattern);
    const path = ['objective', 'success', 'protect', index];
    return relative.ok ? [] : [{ path, message: relative.message, hint: relative.hint }];
  });
  if (hidden && !success)
    findings.push({
      path: ['objective', 'hidden'],
      at: 'key',
      message: 'a hidden check is compared with success, and the contract has none',
      hint: 'Write success: { run: COMMAND, protect: [test/**] } beside it.',
    });
  if (contract.objective.feasible && !success)
    findings.push({
      path: ['objective', 'feasible'],
      at: 'key',
      message: 'a solution is graded by success, and the contract has none',
      hint: 'Write success: { run: COMMAND, protect: [test/**] } beside it.',
    });
  return findings;
}

function checkRead(contract: Contract): Finding[] {
  return contract.files.read.flatMap((entry, index): Finding[] => {
    const path = ['files', 'read', index];
    if (entry === '~' || entry.startsWith('~/') || entry.startsWith('/')) {
      if (/[*?[\]{}]/.test(entry))
        return [
          {
            path,
            message: 'patterns are not read here',
            hint: 'Name each file or folder; a folder includes all below it.',
          },
        ];
      const clean = entry.replace(/\/+/g, '/').replace(/(.)\/$/, '$1');
      if (clean === '/')
        return [
          {
            path,
            message: 'the whole machine is never handed in',
            hint: 'Name the files or folders that are needed.',
          },
        ];
      if (clean.split('/').some((part) => part === '..' || part === '.'))
        return [{ path, message: 'must not contain "." or ".." parts', hint: 'Write the path in full.' }];
      if (FRESH.some((folder) => contains(folder, clean)))
        return [
          {
            path,
            message: `${clean} of this machine is never handed in`,
            hint: 'The cell has its own; remove the line.',
          },
        ];
      return [];
    }
    if (/^~[^/]/.test(entry))
      return [{ path, message: 'only your own home is known, as ~', hint: 'Write the path in full.' }];
    return [
      {
        path,
        message: `${JSON.stringify(entry)} is not an absolute path`,
        hint: 'Write /path or ~/path; what lies in the workspace is readable already.',
      },
    ];
  });
}

function checkPrograms(contract: Contract): Finding[] {
  if (contract.programs === 'any') return [];
  if (contract.programs.length === 0)
    return [
      {
        path: ['programs'],
        message: 'an empty list lets nothing run, not even the command',
        hint: 'List the programs, for example [node, npm, git, sh], or write programs: any.',
      },
    ];
  return contract.programs.flatMap((program, index): Finding[] => {
    const path = ['programs', index];
    if (/[*?[\]{}]/.test(program))
      return [{ path, message: 'patterns are not possible here', hint: 'Name each program.' }];
    if (/\s/.test(program))
      return [
        {
          path,
          message: `${JSON.stringify(program)} is a command line`,
          hint: `Name the program alone: ${program.trim().split(/\s+/)[0]}.`,
        },
      ];
    if (program.includes('/') && !/^~?\//.test(program))
      return [
        {
          path,
          message: `${program} is neither a name nor an absolute path`,
          hint: 'Write a name such as node, or /usr/bin/node, or ~/.local/bin/node.',
        },
      ];
    if (program.endsWith('/') || program.split('/').some((part) => part === '..' || part === '.'))
      return [
        {
          path,
          message: `${program} is not the path of a program`,
          hint: 'Write it in full, for example /usr/bin/node.',
        },
      ];
    return [];
  });
}

function checkEnvironment(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  const check = (name: string, path: (string | number)[], at?: 'key') => {
    if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return;
    const value = name.includes('=') ? ' To set a value, use environment.set.' : '';
    findings.push({
      path,
      ...(at && { at }),
      message: `${JSON.stringify(name)} is not a variable's name`,
      hint: `Names are letters, digits and underscore.${value}`,
    });
  };
  for (const [index, name] of contract.environment.pass.entries()) {
    check(name, ['environment', 'pass', index]);
    if (Object.hasOwn(contract.environment.set, name))
      findings.push({
        path: ['environment', 'pass', index],
        message: `${name} is both handed in and set`,
        hint: 'Keep it in pass or in set.',
      });
  }
  for (const name of Object.keys(contract.environment.set)) check(name, ['environment', 'set', name], 'key');
  return findings;
}

/** Everything that is wrong with a contract whose shape is right; `overlaps`: several rules of `network` may be for one host and port. */
export function checkContract(contract: Contract, options: { overlaps?: boolean } = {}): Finding[] {
  return [
    ...checkWorkspace(contract.files.workspace.path),
    ...checkWrite(contract),
    ...checkRead(contract),
    ...checkHide(contract),
    ...checkObjective(contract),
    ...checkPrograms(contract),
    ...checkNetwork(contract, options),
    ...checkPackages(contract),
    ...checkModels(contract),
    ...checkTools(contract),
    ...checkCalls(contract),
    ...checkEnvironment(contract),
    ...checkSecrets(contract),
    ...checkJudges(contract),
    ...checkAccept(contract),
  ];
}
