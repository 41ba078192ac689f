/**
 * What runs in a reader’s browser on the index: search and facets that narrow the list. Without it, everything is there all the
 * same: the list, and a page for each facet.
 *
 * @module
 */

/** As much of the DOM as is used here; the compiler of this program knows none. */
interface Element {
  hidden: boolean;
  value: string;
  checked: boolean;
  name: string;
  src: string;
  textContent: string;
  readonly dataset: Readonly<Record<string, string>>;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  addEventListener(type: string, listener: (event: { key: string; preventDefault(): void }) => void): void;
  append(child: Element): void;
  focus(): void;
}

interface Browser {
  document: Element & { createElement(name: string): Element; head: Element; activeElement: Element };
  location: { hash: string };
  history: { replaceState(data: null, title: string, address: string): void };
  addEventListener(type: string, listener: () => void): void;
  /** called by the file of search texts: words of each claim, by its id */
  evidenceWords: (words: Record<string, string>) => void;
}

/** The script is this function’s own text: it may use nothing from outside it. */
function enhance(browser: Browser): void {
  const { document } = browser;
  const all = (selector: string): Element[] => [...document.querySelectorAll(selector)];
  const form = document.querySelector('#narrow');
  const query = document.querySelector('#query');
  const count = document.querySelector('#count');
  const none = document.querySelector('#none');
  if (!form || !query || !count || !none) return;
  const boxes = all('#narrow input[type=checkbox]');
  const items = all('#list > li');
  const split = (text: string): string[] =>
    text.toLowerCase().match(/[\p{L}\p{N}]+(?:\.[\p{L}\p{N}]+)*/gu) ?? [];
  const shown = new Map(items.map((item) => [item, ` ${split(item.textContent).join(' ')}`]));
  const whole = new Map<string, string>();
  let asked = false;

  /** The rest of the words is fetched only by who searches; where it cannot be, what the list shows is searched. */
  const fetchWords = (): void => {
    if (asked) return;
    asked = true;
    const script = document.createElement('script');
    script.src = form.dataset.words ?? '';
    document.head.append(script);
  };

  /** 3 for each word at a word’s beginning in what the list shows, 1 elsewhere in the claim; 0 where a word is nowhere. */
  const scoreOf = (item: Element, words: readonly string[]): number => {
    let score = 0;
    for (const word of words) {
      const inList = shown.get(item)?.includes(` ${word}`);
      const inClaim = whole.get(item.dataset.id ?? '')?.includes(` ${word}`);
      if (!inList && !inClaim) return 0;
      score += inList ? 3 : 1;
    }
    return score;
  };

  const apply = (): void => {
    const words = split(query.value);
    const wanted = new Map<string, string[]>();
    for (const { name, value, checked } of boxes)
      if (checked) wanted.set(name, [...(wanted.get(name) ?? []), value]);
    const list = document.querySelector('#list');
    const scored = items.map((item, place) => {
      const fits = [...wanted].every(([facet, values]) => {
        const has = (item.dataset[facet] ?? '').split(' ');
        return values.some((value) => has.includes(value));
      });
      return { item, place, score: fits ? (words.length === 0 ? 1 : scoreOf(item, words)) : 0 };
    });
    scored.sort((one, other) => other.score - one.score || one.place - other.place);
    for (const { item, score } of scored) {
      item.hidden = score === 0;
      list?.append(item);
    }
    const left = scored.filter(({ score }) => score > 0).length;
    count.textContent = left === items.length ? `${left} claims` : `${left} of ${items.length} claims`;
    none.hidden = left > 0;
    const state = [
      ...(words.length > 0 ? [`q=${encodeURIComponent(query.value)}`] : []),
      ...[...wanted].map(([facet, values]) => `${facet}=${values.join('+')}`),
    ];
    browser.history.replaceState(null, '', `#${state.length > 0 ? `?${state.join('&')}` : ''}`);
  };

  /** What the address asks for: `#?q=tunnel&status=realized`. */
  const restore = (): void => {
    if (!browser.location.hash.startsWith('#?')) return;
    for (const part of browser.location.hash.slice(2).split('&')) {
      const [key = '', text = ''] = part.split('=');
      if (key === 'q') {
        try {
          query.value = decodeURIComponent(text);
        } catch {
          query.value = '';
        }
        fetchWords();
      }
      for (const box of boxes) if (box.name === key) box.checked = text.split('+').includes(box.value);
    }
  };

  browser.evidenceWords = (words) => {
    for (const [id, text] of Object.entries(words)) whole.set(id, text);
    apply();
  };
  form.hidden = false;
  for (const element of all('.without-script')) element.hidden = true;
  query.addEventListener('focus', fetchWords);
  query.addEventListener('input', () => {
    fetchWords();
    apply();
  });
  query.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    query.value = '';
    apply();
  });
  for (const box of boxes) box.addEventListener('change', apply);
  document.querySelector('#all')?.addEventListener('click', () => {
    query.value = '';
    for (const box of boxes) box.checked = false;
    apply();
    query.focus();
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || document.activeElement === query) return;
    event.preventDefault();
    query.focus();
  });
  restore();
  if (browser.location.hash.startsWith('#?')) apply();
}

/** The text of the script. Its own end tag cannot stand in it. */
export const SCRIPT = `(${enhance.toString()})(globalThis);`.replaceAll('</', '<\\/');
