/**
 * What passes in requests and answers, in so few words that equal things are recognised and nothing can be read.
 *
 * @module
 */
export { ContentReader } from './reader.ts';
export { markOf, oddWords, packedLength, placesIn } from './words.ts';
