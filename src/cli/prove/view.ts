/**
 * How reports about a subject are shown to people.
 *
 * @module
 */
import { type ContractSource, positionOf } from '../../contract/index.ts';
import type { View } from '../../prove/report/index.ts';
import { commandLine } from '../text.ts';
import type { Subject } from './types.ts';

/** Without `style` there are no colours. */
export function viewOf(subject: Subject, style?: View['style']): View {
  const { file, contract, place } = subject;
  return {
    file,
    place,
    ...(contract && { shell: commandLine(['ringfence', 'run', '-c', file, '--', 'sh']) }),
    ...(style && { style }),
  };
}

/** Where clauses of a contract are written. */
export function placesOf(source: ContractSource): Subject['place'] {
  return (clause) => {
    const { position, exact } = positionOf(source, clause, 'key');
    return { file: source.path, ...position, ...(exact ? {} : { implied: true }) };
  };
}
