/**
 * The regular expressions' engine, a file of its own: with its tables of Unicode it takes five milliseconds to load.
 *
 * @module
 */
export { RE2JS } from 're2js';
