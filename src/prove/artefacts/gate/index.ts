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
  admitJudges,
  type FilterProver,
  type FilterTable,
  type Gate,
  type NotProved,
  type ProvedConfig,
  type ProvedJudges,
  type ProvedPlan,
  promiseText,
  textBreaches,
} from './gate.ts';
