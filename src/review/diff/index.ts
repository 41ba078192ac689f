/**
 * Differences of content: for people, and as patches for other tools.
 *
 * @module
 */
export { compareLines, type Hunk } from './compare.ts';
export { type Content, contentDiff, contentOf, LARGEST_TEXT } from './content.ts';
export { gitDiff } from './git.ts';
export { type DiffLine, linesOf, MARKS, unifiedDiff } from './unified.ts';
export { visibleLine } from './visible.ts';
