/**
 * Where the runs of one user meet: a folder of files that only grow, one for each run.
 *
 * @module
 */
export { JudgeBench } from './bench.ts';
export { CampaignLink, type LinkOptions } from './link.ts';
