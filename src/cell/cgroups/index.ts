/**
 * Control groups: hard limits, accounting, freeze and kill where the machine gives them.
 *
 * @module
 */
export { createGroups, type Group, type GroupLimits, type LimitState, type RunGroups } from './create.ts';
export { type CgroupFacts, type CgroupSupport, type Controller, detectCgroups } from './detect.ts';
export { type GroupOwner, groupName, groupOwner, startTimeOf } from './names.ts';
export { removeGroups, staleGroups, sweepGroups } from './remove.ts';
export { type GroupUsage, readUsage } from './usage.ts';
