/**
 * A list of any length in a browser: rows in sight alone are in the document. By keyboard as by pointer; as a plain table, too.
 *
 * @module
 */
import type { Browser, Column, Element, List, ListOptions } from './dom.ts';

/** This function’s own text runs in the page: it may use nothing from outside it. */
export function makeList(browser: Browser, host: Element, options: ListOptions): List {
  const { document } = browser;
  const { columns, name } = options;
  const PAGE = 200;
  const make = (tag: string, classes = '', text = ''): Element => {
    const element = document.createElement(tag);
    if (classes !== '') element.className = classes;
    if (text !== '') element.textContent = text;
    return element;
  };
  const grid = make('div', `grid ${options.classes}`);
  const isTree = options.depthOf !== undefined;
  grid.tabIndex = 0;
  grid.setAttribute('role', isTree ? 'treegrid' : 'grid');
  grid.setAttribute('aria-label', options.label);
  grid.setAttribute('aria-colcount', String(columns.length));
  const head = make('div', 'grid-head');
  head.setAttribute('role', 'row');
  head.setAttribute('aria-rowindex', '1');
  for (const column of columns) {
    const cell = make('div', column.number ? 'n' : '', column.name);
    cell.setAttribute('role', 'columnheader');
    head.append(cell);
  }
  const space = make('div', 'grid-space');
  space.setAttribute('role', 'rowgroup');
  grid.append(head, space);
  const plainBox = make('div', 'plain');
  plainBox.hidden = true;
  host.replaceChildren(grid, plainBox);

  let rows: ArrayLike<number> = [];
  let places: Map<number, number> | undefined;
  let chosen = -1;
  let page = 0;
  let isPlain = false;
  let isWaiting = false;
  const shown = new Map<number, Element>();
  const narrow = browser.matchMedia('(max-width:44rem)');
  const root = (): number => Number.parseFloat(browser.getComputedStyle(document.documentElement).fontSize);
  let height = 0;

  const rowAt = (place: number): Element => {
    const row = rows[place] as number;
    const element = make('div', `grid-row ${options.classOf?.(row) ?? ''}`);
    element.setAttribute('role', 'row');
    element.setAttribute('aria-rowindex', String(place + 2));
    element.id = `${name}-${row}`;
    element.dataset.place = String(place);
    element.style.transform = `translateY(${place * height}px)`;
    if (options.depthOf) {
      const depth = options.depthOf(row);
      element.setAttribute('aria-level', String(depth + 1));
      element.style.setProperty('--d', String(Math.min(depth, 20)));
    }
    const fold = options.foldOf?.(row);
    const hasMore = fold !== undefined && fold.below > 0;
    if (hasMore) element.setAttribute('aria-expanded', String(!fold.isFolded));
    for (const column of columns) {
      const cell = make('div', column.number ? 'n' : '', column.text(row));
      cell.setAttribute('role', 'gridcell');
      if (fold && column.tree) {
        const mark = make('span', 'fold', hasMore ? (fold.isFolded ? '▸' : '▾') : '');
        mark.setAttribute('aria-hidden', 'true'); // aria-expanded says it
        cell.replaceChildren(
          mark,
          ...(hasMore && fold.isFolded ? [make('span', 'below', `${fold.below} below`)] : []),
          column.text(row),
        );
      }
      element.append(cell);
    }
    return element;
  };

  const paint = (): void => {
    isWaiting = false;
    if (isPlain) return;
    const first = Math.max(0, Math.floor(grid.scrollTop / height) - 8);
    const last = Math.min(rows.length, Math.ceil((grid.scrollTop + grid.clientHeight) / height) + 8);
    for (const [place, element] of shown)
      if (place < first || place >= last) {
        element.remove();
        shown.delete(place);
      }
    const added: Element[] = [];
    for (let place = first; place < last; place += 1) {
      if (shown.has(place)) continue;
      const element = rowAt(place);
      shown.set(place, element);
      added.push(element);
    }
    space.append(...added);
    for (const [place, element] of shown) element.setAttribute('aria-selected', String(place === chosen));
    if (shown.has(chosen)) grid.setAttribute('aria-activedescendant', `${name}-${rows[chosen] as number}`);
    else grid.removeAttribute('aria-activedescendant');
  };

  const later = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    browser.requestAnimationFrame(paint);
  };

  /** Anew: rows, or their height, are others. */
  const rebuild = (): void => {
    height = Math.round((narrow.matches ? 3.3 : 1.9) * root());
    for (const element of shown.values()) element.remove();
    shown.clear();
    space.style.setProperty('height', `${rows.length * height}px`);
    // no taller than its rows; the style sheet says how tall at most
    grid.style.setProperty('height', `${Math.max(2, rows.length) * height + Math.ceil(2.2 * root())}px`);
    grid.setAttribute('aria-rowcount', String(rows.length + 1));
    if (isPlain) table();
    else paint();
  };

  const bring = (place: number): void => {
    const from = place * height;
    const room = grid.clientHeight - 2 * height;
    if (from < grid.scrollTop) grid.scrollTop = from;
    else if (from > grid.scrollTop + room) grid.scrollTop = from - Math.max(0, room / 2);
  };

  const pick = (place: number, shouldLeave = false): void => {
    if (rows.length === 0) return;
    chosen = Math.max(0, Math.min(rows.length - 1, place));
    bring(chosen);
    paint();
    options.onChoose(rows[chosen] as number, shouldLeave);
  };

  /** A page of a table as any other. */
  function table(): void {
    const pages = Math.max(1, Math.ceil(rows.length / PAGE));
    page = Math.max(0, Math.min(pages - 1, page));
    const element = make('table');
    const heads = make('tr');
    for (const column of columns) {
      const cell = make('th', column.number ? 'n' : '', column.name);
      cell.setAttribute('scope', 'col');
      heads.append(cell);
    }
    const thead = make('thead');
    thead.append(heads);
    const body = make('tbody');
    for (let place = page * PAGE; place < Math.min(rows.length, (page + 1) * PAGE); place += 1) {
      const line = make('tr');
      columns.forEach((column: Column) => {
        line.append(make('td', column.number ? 'n' : '', column.text(rows[place] as number)));
      });
      body.append(line);
    }
    element.append(thead, body);
    const turn = (text: string, to: number, isOff: boolean): Element => {
      const button = make('button', '', text);
      button.type = 'button';
      button.disabled = isOff;
      button.addEventListener('click', () => {
        page = to;
        table();
        plainBox.querySelector('button:not([disabled])')?.focus();
      });
      return button;
    };
    const pager = make('div', 'pager');
    pager.append(
      turn('Previous', page - 1, page === 0),
      make('span', '', `page ${page + 1} of ${pages}`),
      turn('Next', page + 1, page === pages - 1),
    );
    plainBox.replaceChildren(pager, element);
  }

  function choose(row: number): boolean {
    if (!places) {
      places = new Map();
      for (let place = 0; place < rows.length; place += 1) places.set(rows[place] as number, place);
    }
    const place = places.get(row);
    if (place === undefined) return false;
    chosen = place;
    if (isPlain) {
      page = Math.floor(place / PAGE);
      table();
    } else {
      bring(place);
      paint();
    }
    options.onChoose(row, false);
    return true;
  }

  grid.addEventListener('scroll', later, { passive: true });
  grid.addEventListener('click', (event) => {
    const row = event.target.closest('.grid-row');
    if (!row) return;
    const place = Number(row.dataset.place);
    pick(place);
    if (event.target.closest('.fold')) options.onFold?.(rows[place] as number);
  });
  grid.addEventListener('dblclick', (event) => {
    const row = event.target.closest('.grid-row');
    if (row && !event.target.closest('.fold')) pick(Number(row.dataset.place), true);
  });
  grid.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const step = Math.max(1, Math.floor(grid.clientHeight / height) - 2);
    const to: Record<string, number> = {
      ArrowDown: chosen + 1,
      ArrowUp: chosen - 1,
      PageDown: chosen + step,
      PageUp: chosen - step,
      Home: 0,
      End: rows.length - 1,
    };
    const place = to[event.key];
    if (place !== undefined) {
      event.preventDefault();
      pick(place);
    } else if (event.key === 'Enter' && chosen >= 0) {
      event.preventDefault();
      pick(chosen, true);
    } else if (options.onSide && chosen >= 0 && /^Arrow(Left|Right)$/.test(event.key)) {
      event.preventDefault();
      const next = options.onSide(rows[chosen] as number, event.key === 'ArrowRight');
      if (next >= 0) choose(next);
    }
  });
  narrow.addEventListener('change', rebuild);
  new browser.ResizeObserver(later).observe(grid);

  return {
    show(next, staysThere) {
      const row = chosen < 0 ? -1 : (rows[chosen] ?? -1);
      rows = next;
      places = undefined;
      page = 0;
      chosen = -1;
      if (row >= 0)
        for (let place = 0; place < next.length; place += 1) if (next[place] === row) chosen = place;
      if (!staysThere) grid.scrollTop = 0;
      rebuild();
      if (chosen >= 0) bring(chosen);
    },
    choose,
    focus: () => grid.focus({ preventScroll: true }),
    plain(next) {
      isPlain = next;
      grid.hidden = next;
      plainBox.hidden = !next;
      rebuild();
    },
  };
}
