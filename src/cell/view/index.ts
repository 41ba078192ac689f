/**
 * The file view: which parts of the host a cell shows, from default-deny.
 *
 * @module
 */
export { expandPath, type ReadPaths, readPaths } from './read-paths.ts';
export type { Identity } from './synthetic.ts';
export type { Bind, LeftOut, View, ViewFile, ViewSymlink } from './types.ts';
export { toolchainView, type ViewInput } from './view.ts';
