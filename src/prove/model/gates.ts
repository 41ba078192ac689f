/**
 * What a proof may rest on.
 *
 * @module
 */
import type { Setting } from '../setting/index.ts';
import type { Gate } from './types.ts';

const gate = (name: string, text: string): Gate => ({ name, text, without: ['without', name] });

const REVIEW = gate('review', 'review of the change set: nothing lands that a person did not apply');
const APPROVAL = gate('approval', 'approval: no message is sent that a person did not read and allow');
const LIMITS = gate('limits', 'the limits of compute, hard or supervised as the record says');
const FILTER = gate('filter', 'the system-call filter and Landlock');

/** Layers and persons that a proof may rest on, found by thinking each away: those that the set-up has. */
export function gatesOf({ isolation, files, people, artefacts, compute }: Setting): Gate[] {
  const persons = [
    ...(files.some(({ lands }) => lands === 'on review') ? [REVIEW] : []),
    ...(people.some(({ approved }) => approved) ? [APPROVAL] : []),
  ];
  const limits = compute.bounded ? [LIMITS] : [];
  switch (isolation.kind) {
    case 'cell':
      return [
        ...persons,
        gate('network', 'no network but what the gateway allows (network namespace, supervisor, gateway)'),
        ...(artefacts.length === 0
          ? []
          : [
              gate(
                'index',
                'the package index of the gateway: fixed artefacts, nothing of the agent’s choosing goes out',
              ),
            ]),
        gate('file-view', 'the file view: overlay, private home, all else read-only'),
        gate('namespaces', 'process, user, mount and IPC namespaces'),
        FILTER,
        ...limits,
      ];
    case 'reduced':
      return [
        ...persons,
        gate('network', 'no network: the system-call filter lets no socket of any family be made'),
        gate('file-view', 'Landlock: all writes go to a copy of the workspace, or to folders of the run'),
        FILTER,
        ...limits,
      ];
    case 'container':
      return [
        ...persons,
        gate('network', 'the engine’s network: no destination but those that are named'),
        gate('file-view', 'the container’s own files: nothing of the machine but what is mounted'),
        gate('namespaces', 'the engine’s process, mount and IPC namespaces'),
        gate('filter', 'the engine’s default system-call filter, capabilities and security module'),
        ...limits,
      ];
    case 'sandbox':
      return [
        ...persons,
        gate('network', 'the sandbox’s network rules: no destination but those that are named'),
        gate('file-view', 'the sandbox’s file rules: no write but where it is said'),
        gate('filter', 'the sandbox’s system-call filter and the rules that it gives the kernel'),
        ...limits,
      ];
    default:
      return [];
  }
}
