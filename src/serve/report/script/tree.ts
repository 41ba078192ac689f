/**
 * A list in a browser that is a tree: what stands below a row can be folded away.
 *
 * @module
 */
import type { Browser, Element, MakeList, TreeOptions } from './dom.ts';

/** This function’s own text runs in the page: it may use nothing from outside it but what it is given. */
export function makeTree(browser: Browser, host: Element, options: TreeOptions, makeList: MakeList): void {
  const { document } = browser;
  const { count, depthOf } = options;
  /** how many rows stand below each, and which one it stands below */
  const below = new Int32Array(count);
  const parents = new Int32Array(count).fill(-1);
  const open: number[] = [];
  for (let row = 0; row <= count; row += 1) {
    const depth = row < count ? depthOf(row) : -1;
    for (let last = open.at(-1); last !== undefined && depthOf(last) >= depth; last = open.at(-1)) {
      below[last] = row - last - 1;
      open.pop();
    }
    if (row === count) break;
    parents[row] = open.at(-1) ?? -1;
    open.push(row);
  }
  const folded = new Uint8Array(count);

  const tools = document.createElement('div');
  tools.className = 'tools tree-tools';
  const status = document.createElement('p');
  status.className = 'count';
  status.setAttribute('role', 'status');
  const box = document.createElement('div');
  host.replaceChildren(tools, box);

  const list = makeList(browser, box, {
    ...options,
    foldOf: (row) => ({ below: below[row] as number, isFolded: folded[row] === 1 }),
    onFold(row) {
      if (below[row] === 0) return;
      folded[row] = folded[row] === 1 ? 0 : 1;
      show();
    },
    // as the ARIA Authoring Practices have it for tree grids
    onSide(row, isRight) {
      if (isRight && folded[row] === 0) return below[row] === 0 ? -1 : row + 1;
      if (isRight || (folded[row] === 0 && (below[row] as number) > 0)) {
        folded[row] = isRight ? 0 : 1;
        show();
        return row;
      }
      return parents[row] as number;
    },
  });

  function show(): void {
    const rows = new Int32Array(count);
    let shown = 0;
    for (let row = 0; row < count; row += folded[row] === 1 ? 1 + (below[row] as number) : 1) {
      rows[shown] = row;
      shown += 1;
    }
    list.show(rows.subarray(0, shown), true);
    const [few, all] = [shown.toLocaleString('en'), count.toLocaleString('en')];
    status.textContent =
      shown === count ? `${all} in sight` : `${few} of ${all} in sight; the others are folded away`;
  }

  const button = (text: string, isFolded: boolean): Element => {
    const element = document.createElement('button');
    element.type = 'button';
    element.textContent = text;
    element.addEventListener('click', () => {
      for (let row = 0; row < count; row += 1) folded[row] = isFolded && (below[row] as number) > 0 ? 1 : 0;
      show();
    });
    return element;
  };
  tools.append(button('Unfold all', false), button('Fold all', true), status);
  show();
}
