/**
 * A change set as JSON for programs.
 *
 * @module
 */
import { escapePath } from '../../cell/changes/index.ts';
import type { ChangeSet, Item, Reviewed, State } from '../../review/set/index.ts';

const stateJson = ({ type, mode, uid, gid, size, link, sha256 }: State) => ({
  type,
  mode: mode.toString(8).padStart(4, '0'),
  uid,
  gid,
  ...(type === 'file' && { size }),
  ...(link && { link: escapePath(link), linkBase64: link.toString('base64') }),
  ...(sha256 && { sha256 }),
});

const isText = (path: Buffer) => Buffer.from(path.toString()).equals(path);

const moves = ({ movedFrom, movedTo }: Item) => ({
  ...(movedFrom && { movedFrom: escapePath(movedFrom) }),
  ...(movedTo && { movedTo: escapePath(movedTo) }),
});

export const itemJson = (item: Reviewed) => ({
  path: item.shown,
  // a name that is no text, or that escaping changes, is exact only here
  ...((!isText(item.path) || item.shown !== item.path.toString()) && {
    pathBase64: item.path.toString('base64'),
  }),
  kind: item.kind,
  section: item.section,
  notes: item.notes,
  ...(item.trigger && {
    runsLater: { id: item.trigger.id, who: item.trigger.who, when: item.trigger.when },
  }),
  decidesSuccess: item.decidesSuccess,
  ...(item.refusal && { refusal: item.refusal }),
  ...(item.originalChanged && { originalChanged: true }),
  ...moves(item),
  ...(item.before && { before: stateJson(item.before) }),
  ...(item.after && { after: stateJson(item.after) }),
});

export const changeSetJson = (id: string, set: ChangeSet) => ({
  version: 1,
  run: id,
  workspace: set.workspace,
  digest: set.digest,
  complete: set.incomplete === undefined,
  ...(set.incomplete !== undefined && { incomplete: set.incomplete }),
  items: set.items.map(itemJson),
});
