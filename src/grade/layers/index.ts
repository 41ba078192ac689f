/**
 * What a grading looks at: the result of a run as layers over the original.
 *
 * @module
 */
export { applyLayer, type Overlaid } from './apply.ts';
export { expandBraces, protectedBy } from './glob.ts';
export { Layer, LayerError } from './layer.ts';
export { withLinkTargets } from './links.ts';
export { type Altered, restoreProtected } from './restore.ts';
export { type Node, openFolder, openView, type ResultView } from './view.ts';
