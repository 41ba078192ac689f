/**
 * The gate before every launch.
 *
 * @module
 */
export {
  type Admission,
  admitCell,
  admitConfig,
  admitHelper,
  type FilterProver,
  type FilterTable,
  type Gate,
  type NotProved,
  type ProvedConfig,
  type ProvedPlan,
  promiseText,
  textBreaches,
} from './gate.ts';
