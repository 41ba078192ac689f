/**
 * What the contract format has and this version cannot enforce. A capability or limit that is accepted is enforced;
 * one that cannot be is an error that says so, never ignored.
 *
 * @module
 */
import { takesDeclarations } from './calls.ts';
import { asksForHosts } from './needs-gateway.ts';
import { neverCoverage } from './never.ts';
import type { Finding } from './problem.ts';
import type { Contract } from './schema.ts';

/** One finding for everything in the contract that this version cannot enforce. */
export function unsupported(contract: Contract): Finding[] {
  const findings: Finding[] = [];
  if (contract.isolation === 'microvm')
    findings.push({
      path: ['isolation'],
      message: 'this version cannot run in a microvm',
      hint: 'Write isolation: process.',
    });
  if (contract.files.workspace.mode === 'direct' && contract.isolation === 'landlock')
    findings.push({
      path: ['files', 'workspace', 'mode'],
      message: 'the reduced isolation works on a copy, never on the original',
      hint: 'Write mode: overlay, or isolation: process.',
    });
  const asksFor = contract.oversight.approve.indexOf('packages.new');
  if (asksFor >= 0 && contract.packages.every(({ ecosystem }) => ecosystem === 'files'))
    findings.push({
      path: ['oversight', 'approve', asksFor],
      message: 'there is no index that an unlisted package could be asked of',
      hint: 'Remove packages.new, or name an index of npm or pip under packages.',
    });
  if (contract.isolation === 'landlock' && asksForHosts(contract))
    findings.push({
      path: ['oversight', 'approve'],
      message: 'isolation: landlock has no network at all, so nothing could be approved',
      hint: 'Remove network.new-host, or write isolation: process.',
    });
  if (contract.isolation === 'landlock' && contract.packages.length > 0)
    findings.push({
      path: ['packages'],
      at: 'key',
      message: 'isolation: landlock has no network at all, so no index could be reached',
      hint: 'Remove packages, or write isolation: process.',
    });
  if (contract.isolation === 'landlock' && contract.models.length > 0)
    findings.push({
      path: ['models'],
      at: 'key',
      message: 'isolation: landlock has no network at all, so no model could be called',
      hint: 'Remove models, or write isolation: process.',
    });
  if (contract.isolation === 'landlock' && contract.tools.length > 0)
    findings.push({
      path: ['tools'],
      at: 'key',
      message: 'isolation: landlock has no network at all, so no tool could be called',
      hint: 'Remove tools, or write isolation: process.',
    });
  if (contract.isolation === 'landlock' && contract.oversight.judges.length > 0)
    findings.push({
      path: ['oversight', 'judges'],
      at: 'key',
      message:
        'judges are asked by a process in namespaces of its own, which isolation: landlock is to do without',
      hint: 'Remove judges, or write isolation: process.',
    });
  if (contract.isolation === 'landlock' && takesDeclarations(contract))
    findings.push({
      path: ['oversight', 'calls'],
      message: 'isolation: landlock has no network at all, so no tool call could be declared',
      hint: 'Remove calls, or write isolation: process.',
    });
  if (contract.isolation === 'landlock' && contract.network.length > 0)
    findings.push({
      path: ['network'],
      at: 'key',
      message: 'isolation: landlock has no network at all, so these rules would not hold',
      hint: 'Remove network, or write isolation: process.',
    });

  const coverage = neverCoverage(contract);
  for (const [index, hazard] of contract.never.require.entries()) {
    const covered = coverage[hazard];
    if (covered === undefined || covered.state === 'not covered')
      findings.push({
        path: ['never', 'require', index],
        message: `${hazard} is required but not covered: ${covered?.by ?? 'nothing speaks of it'}`,
        hint: 'Tighten the contract until it is, or remove it from require: it then stays an aim, and the record says so.',
      });
  }
  return findings;
}
