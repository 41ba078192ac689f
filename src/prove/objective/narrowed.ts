/**
 * A contract without what is not needed.
 *
 * @module
 */
import type { Contract } from '../../contract/index.ts';
import type { Judged } from './types.ts';

/** As if each of the changes had been made. What would then mean nothing, such as a secret for a host that is gone, stays. */
export function narrowed(contract: Contract, changes: readonly Judged[]): Contract {
  const of = new Map(changes.map((each) => [each.clause, each]));
  const kept = <T>(list: readonly T[], section: string): T[] =>
    list.filter((_, at) => !of.has(`${section}[${at}]`));
  const { files, environment, oversight } = contract;
  const programs = of.get('programs');
  return {
    ...contract,
    files: {
      ...files,
      workspace: of.has('files.workspace.mode') ? { ...files.workspace, mode: 'overlay' } : files.workspace,
      write: files.write.flatMap((pattern, at) => {
        const change = of.get(`files.write[${at}]`);
        return change === undefined ? [pattern] : (change.keeps ?? []);
      }),
      read: kept(files.read, 'files.read'),
    },
    programs: programs === undefined ? contract.programs : [...(programs.keeps ?? [])],
    network: contract.network.flatMap((rule, at) => {
      const change = of.get(`network[${at}]`);
      if (change === undefined) return [rule];
      if (change.methods !== undefined) return [{ ...rule, methods: [...change.methods] }];
      return (change.keeps ?? []).map((host) => ({ ...rule, host }));
    }),
    packages: kept(contract.packages, 'packages'),
    secrets: Object.fromEntries(
      Object.entries(contract.secrets).filter(([name]) => !of.has(`secrets.${name}`)),
    ),
    environment: { ...environment, pass: kept(environment.pass, 'environment.pass') },
    oversight: { ...oversight, approve: kept(oversight.approve, 'oversight.approve') },
  };
}
