/**
 * The gate before every launch.
 *
 * @module
 */
export {
  type Admission,
  admitCell,
  admitHelper,
  type FilterProver,
  type FilterTable,
  type Gate,
  type NotProved,
  type ProvedPlan,
  promiseText,
} from './gate.ts';
