/**
 * The loader of contracts, apart from what does not need it: its parser costs a start some 30 ms.
 *
 * @module
 */
export { loadContract } from '../../contract/index.ts';
