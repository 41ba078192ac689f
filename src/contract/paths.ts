/**
 * Paths of the machine, as text: absolute and normal.
 *
 * @module
 */

/** Whether `path` is `folder` or below it. */
export const isWithin = (path: string, folder: string): boolean =>
  folder === '/' || path === folder || path.startsWith(`${folder}/`);
