/**
 * As much of a browser as the page’s script uses; the compiler of this program knows none.
 *
 * @module
 */
import type { Embedded } from '../embed.ts';

export interface Paint {
  fillStyle: string;
  strokeStyle: string;
  globalAlpha: number;
  lineWidth: number;
  font: string;
  textAlign: string;
  textBaseline: string;
  setTransform(a: number, b: number, c: number, d: number, e: number, f: number): void;
  clearRect(x: number, y: number, width: number, height: number): void;
  fillRect(x: number, y: number, width: number, height: number): void;
  strokeRect(x: number, y: number, width: number, height: number): void;
  fillText(text: string, x: number, y: number, most?: number): void;
  beginPath(): void;
  moveTo(x: number, y: number): void;
  lineTo(x: number, y: number): void;
  stroke(): void;
}

export interface Happening {
  key: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  deltaX: number;
  deltaY: number;
  offsetX: number;
  offsetY: number;
  pointerId: number;
  target: Element;
  preventDefault(): void;
}

export interface Element {
  id: string;
  hidden: boolean;
  className: string;
  textContent: string;
  value: string;
  checked: boolean;
  disabled: boolean;
  tabIndex: number;
  type: string;
  href: string;
  hash: string;
  width: number;
  height: number;
  scrollTop: number;
  readonly clientWidth: number;
  readonly clientHeight: number;
  readonly style: Record<string, string> & { setProperty(name: string, value: string): void };
  readonly dataset: Record<string, string>;
  readonly classList: { add(name: string): void; toggle(name: string, force: boolean): void };
  append(...children: (Element | string)[]): void;
  replaceChildren(...children: (Element | string)[]): void;
  remove(): void;
  closest(selector: string): Element | null;
  querySelector(selector: string): Element | null;
  querySelectorAll(selector: string): Iterable<Element>;
  setAttribute(name: string, value: string): void;
  removeAttribute(name: string): void;
  addEventListener(
    type: string,
    listener: (event: Happening) => void,
    options?: { passive?: boolean; capture?: boolean },
  ): void;
  focus(options?: { preventScroll: boolean }): void;
  scrollIntoView(options?: { block: string; behavior?: string }): void;
  setPointerCapture(id: number): void;
  getContext(kind: '2d'): Paint | null;
}

export interface Browser {
  document: Element & {
    documentElement: Element;
    body: Element;
    createElement(name: string): Element;
  };
  location: { hash: string };
  history: { replaceState(data: null, title: string, address: string): void };
  devicePixelRatio: number;
  ResizeObserver: new (seen: () => void) => { observe(element: Element): void };
  addEventListener(type: string, listener: () => void): void;
  matchMedia(query: string): { matches: boolean; addEventListener(type: string, listener: () => void): void };
  getComputedStyle(element: Element): { getPropertyValue(name: string): string; fontSize: string };
  requestAnimationFrame(task: () => void): number;
  setTimeout(task: () => void, ms: number): number;
  clearTimeout(task: number): void;
}

/** The events, ready to be looked up: differences are summed. */
export interface Events {
  data: Embedded;
  count: number;
  seq: Int32Array;
  time: Float64Array;
  weight: Uint8Array;
  lane: Uint8Array;
  /** the index of an event; -1: it is not in the page */
  indexOf(seq: number): number;
}

export type ReadEvents = (text: string) => Events;

export interface Column {
  name: string;
  /** a number, which stands at the right */
  number?: boolean;
  /** its text is set in by how deep the row stands, with the mark that folds it */
  tree?: boolean;
  text(row: number): string;
}

export interface ListOptions {
  label: string;
  classes: string;
  columns: Column[];
  /** begins the ids of rows */
  name: string;
  classOf?(row: number): string;
  /** how far a row stands below the first ones of a tree */
  depthOf?(row: number): number;
  /** how many rows stand below it, in sight or not */
  foldOf?(row: number): { below: number; isFolded: boolean };
  /** folds or unfolds */
  onFold?(row: number): void;
  /** left or right in a tree; the row to go to, or -1 */
  onSide?(row: number, isRight: boolean): number;
  onChoose(row: number, shouldLeave: boolean): void;
}

/** A list of rows of which only those in sight are in the document. */
export interface List {
  /** the rows to show, as numbers that {@link Column.text} takes */
  show(rows: ArrayLike<number>, staysThere?: boolean): void;
  /** chooses a row and brings it into sight; false: it is not among those shown */
  choose(row: number): boolean;
  focus(): void;
  /** as windows, or as pages of a plain table */
  plain(isPlain: boolean): void;
}

/** A tree: rows in depth-first order. */
export interface TreeOptions extends ListOptions {
  count: number;
  depthOf(row: number): number;
}

export type MakeTree = (browser: Browser, host: Element, options: TreeOptions, makeList: MakeList) => void;

export type MakeList = (browser: Browser, host: Element, options: ListOptions) => List;

export interface Timeline {
  draw(): void;
  choose(index: number): void;
  /** microseconds */
  range(): [from: number, to: number];
}

export interface TimelineOptions {
  onChoose(index: number): void;
  onRange(): void;
  say(index: number): string;
  moment(micros: number): string;
}

/** What the timeline shows: microseconds, the lane that the keyboard is in, the chosen event or -1. */
export interface View {
  from: number;
  to: number;
  lane: number;
  chosen: number;
}

export interface Order {
  /** events by when they happened */
  events: Uint32Array;
  /** the place of each event there */
  places: Uint32Array;
  timeOf(place: number): number;
  /** the place of the first event from a time on */
  firstFrom(time: number): number;
}

export type MakeOrder = (events: Events) => Order;

export interface Painter {
  draw(): void;
  timeAt(x: number): number;
  /** pixels that time has */
  widthOf(): number;
  laneAt(y: number): number;
}

export type MakePainter = (
  browser: Browser,
  canvas: Element,
  events: Events,
  order: Order,
  view: View,
  moment: (micros: number) => string,
) => Painter;

export type MakeTimeline = (
  browser: Browser,
  host: Element,
  events: Events,
  options: TimelineOptions,
  parts: { makeOrder: MakeOrder; makePainter: MakePainter },
) => Timeline;
