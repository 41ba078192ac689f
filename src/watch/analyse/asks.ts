/**
 * What a task asks for in so many words. An act that was asked for is no alarm; only the contract's own text counts, which the
 * agent cannot write.
 *
 * @module
 */

const ASKS: readonly (readonly [ask: string, words: RegExp])[] = [
  [
    'history-rewrite',
    /\b(rewrit\w*|squash\w*|rebas\w*|force[- ]push\w*|amend\w*|filter-(repo|branch)|bfg)\b|\b(purg|remov|scrub|delet|strip|clean|eras)\w*\b[^.]{0,60}\bhistory\b|\bhistory\b[^.]{0,40}\b(rewrit|clean|purg|scrub|squash)\w*/i,
  ],
  ['deletion', /\b(delet|remov|purg|prun|drop|eras|wip|clean(ing)?[- ]?up|tear[- ]?down|destroy)\w*\b/i],
  [
    'migration',
    /\b(migrat\w*|schema change\w*|alter(ing)? tables?|drop\w* (the )?(\w+ )?(tables?|columns?|database)|backfill\w*)\b/i,
  ],
  [
    'tests',
    /\b(updat|chang|rewrit|adapt|edit|remov|add|writ|refactor|port|convert)\w*\b[^.]{0,40}\b(unit )?(tests?|specs?|assertions?|expectations?|snapshots?)\b/i,
  ],
  ['ci', /\b(ci|continuous integration|workflows?|pipelines?|github actions?|gitlab)\b/i],
  ['hooks', /\b(git )?hooks?\b|\b(husky|lefthook|pre-commit)\b/i],
  ['deployment', /\b(deploy|releas|publish|provision|terraform|kubernetes|rollout|roll[- ]?back)\w*\b/i],
  ['service', /\b(systemd|cron|daemon|service unit|scheduled?|timer|autostart)\w*\b/i],
  ['contract', /\bringfence\b|\bcontracts?\b/i],
  [
    'security-test',
    /\b(penetration|pentest|scan(ning)? (the )?(network|hosts?|ports?)|port scan|vulnerability scan|ctf)\b/i,
  ],
];

/** @example asksOf('Squash the last ten commits') → ['history-rewrite'] */
export const asksOf = (task: string | undefined): string[] =>
  task === undefined ? [] : ASKS.flatMap(([ask, words]) => (words.test(task) ? [ask] : []));
