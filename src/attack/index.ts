/**
 * Attack: the same battery of attempts in a cell and elsewhere, among stand-ins, judged by what happened outside.
 *
 * @module
 */
export { type Battery, type Progress, planOf, readJournal, runBattery } from './battery.ts';
export {
  type Loaded,
  loadScenarios,
  parseScenario,
  readTools,
  type Scenario,
  scenarioDigests,
} from './load.ts';
export { scenarioReference } from './reference.ts';
export { faultsOf, sumUp, type TargetResult, tellable } from './results.ts';
export { ForeignAddressError, type Programs } from './stage.ts';
export { configurationLines, hazardTable, trialLine } from './table.ts';
export {
  type FoundTarget,
  findTargets,
  TARGET_NAMES,
  type Target,
  type TargetName,
} from './targets/index.ts';
export { type Trial, tryBoth, tryPart } from './trial.ts';
