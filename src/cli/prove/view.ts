/**
 * How reports about a subject are shown to people.
 *
 * @module
 */
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
