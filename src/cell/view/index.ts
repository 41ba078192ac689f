/**
 * The file view: which parts of the host a cell shows, from default-deny.
 *
 * @module
 */
export { withoutLinks } from './host.ts';
export { expandPath, type ReadPaths, readPaths } from './read-paths.ts';
export type { Identity } from './synthetic.ts';
export { type Bind, type LeftOut, READ_ONLY, type View, type ViewFile, type ViewSymlink } from './types.ts';
export { toolchainView, type ViewInput } from './view.ts';
