/**
 * The parser of shell scripts, a file of its own: it is more than half of all that a watch would load, and many runs
 * have no script.
 *
 * @module
 */
export { forEachChild, parse } from 'unbash';
