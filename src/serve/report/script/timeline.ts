/**
 * The timeline in a browser: a lane for each kind of act, on a canvas, whatever the number of events. What it shows the list of
 * events says in words, so it is one way among two.
 *
 * @module
 */
import type {
  Browser,
  Element,
  Events,
  MakeOrder,
  MakePainter,
  Timeline,
  TimelineOptions,
  View,
} from './dom.ts';

/** This function’s own text runs in the page: it may use nothing from outside it. */
export function makeTimeline(
  browser: Browser,
  host: Element,
  events: Events,
  options: TimelineOptions,
  parts: { makeOrder: MakeOrder; makePainter: MakePainter },
): Timeline {
  const { document } = browser;
  const { data, count } = events;
  const lanes = data.lanes;
  const LEAST = 50; // microseconds in sight
  const end = Math.max(1000, data.end);
  const view: View = { from: 0, to: end, lane: 0, chosen: -1 };
  let isWaiting = false;

  const make = (tag: string, classes = '', text = ''): Element => {
    const element = document.createElement(tag);
    if (classes !== '') element.className = classes;
    if (text !== '') element.textContent = text;
    return element;
  };
  const box = make('div', 'timeline');
  const canvas = make('canvas');
  canvas.tabIndex = 0;
  canvas.setAttribute('role', 'application');
  canvas.setAttribute('aria-roledescription', 'timeline');
  canvas.setAttribute(
    'aria-label',
    'Timeline. Left and right: event before and after in the lane; Home and End: the first and the last; up and down: lane; plus and minus: zoom; 0: the whole run; Enter: to the list.',
  );
  box.append(canvas);
  const tools = make('div', 'timeline-tools');
  const said = make('p', 'timeline-said', `${count.toLocaleString('en')} events in ${options.moment(end)}`);
  said.setAttribute('role', 'status');
  const button = (text: string, label: string, act: () => void): Element => {
    const element = make('button', '', text);
    element.type = 'button';
    element.setAttribute('aria-label', label);
    element.addEventListener('click', act);
    return element;
  };
  tools.append(
    button('−', 'Zoom out', () => zoom(2)),
    button('+', 'Zoom in', () => zoom(0.5)),
    button('◂', 'Earlier', () => pan(-0.5)),
    button('▸', 'Later', () => pan(0.5)),
    button('Whole run', 'Whole run', () => set(0, end)),
    said,
  );
  host.replaceChildren(box, tools);

  const order = parts.makeOrder(events);
  const painter = parts.makePainter(browser, canvas, events, order, view, options.moment);

  const later = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    browser.requestAnimationFrame(() => {
      isWaiting = false;
      painter.draw();
    });
  };

  const set = (nextFrom: number, nextTo: number): void => {
    const length = Math.max(LEAST, Math.min(end, nextTo - nextFrom));
    view.from = Math.max(0, Math.min(end - length, nextFrom));
    view.to = view.from + length;
    later();
    options.onRange();
  };
  const zoom = (by: number, around = (view.from + view.to) / 2): void => {
    const length = Math.max(LEAST, Math.min(end, (view.to - view.from) * by));
    const share = (around - view.from) / (view.to - view.from);
    set(around - share * length, around - share * length + length);
  };
  const pan = (by: number): void => {
    const shift = by * (view.to - view.from);
    set(view.from + shift, view.to + shift);
  };

  const tell = (index: number): void => {
    said.textContent = index < 0 ? 'no event there' : options.say(index);
  };

  /** The event of a lane that is nearest to a time, at most so far away. */
  const nearest = (inLane: number, time: number, most: number): number => {
    let [best, distance] = [-1, most];
    for (let at = order.firstFrom(time - most); at < count; at += 1) {
      const index = order.events[at] as number;
      const away = Math.abs(order.timeOf(at) - time);
      if (order.timeOf(at) - time > most) break;
      // where many stand at one place, the worst of them
      const wins =
        best >= 0 && away === distance && (events.weight[index] as number) > (events.weight[best] as number);
      if (events.lane[index] === inLane && (away < distance || wins)) [best, distance] = [index, away];
    }
    return best;
  };

  const step = (by: 1 | -1): void => {
    const start =
      view.chosen < 0
        ? by === 1
          ? order.firstFrom(view.from) - 1
          : order.firstFrom(view.to)
        : (order.places[view.chosen] as number);
    for (let at = start + by; at >= 0 && at < count; at += by) {
      const index = order.events[at] as number;
      if (events.lane[index] !== view.lane) continue;
      point(index);
      return;
    }
    said.textContent = `no more events in lane ${lanes[view.lane]}`;
  };

  /** The first event of the lane from one end. */
  const edge = (start: number, by: 1 | -1): void => {
    for (let at = start; at >= 0 && at < count; at += by)
      if (events.lane[order.events[at] as number] === view.lane) {
        point(order.events[at] as number);
        return;
      }
    said.textContent = `no event in lane ${lanes[view.lane]}`;
  };

  function point(index: number): void {
    view.chosen = index;
    view.lane = events.lane[index] as number;
    const time = events.time[index] as number;
    if (time < view.from || time > view.to)
      set(time - (view.to - view.from) / 2, time + (view.to - view.from) / 2);
    tell(index);
    later();
  }

  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const acts: Record<string, () => void> = {
      ArrowRight: () => (event.shiftKey ? pan(0.25) : step(1)),
      ArrowLeft: () => (event.shiftKey ? pan(-0.25) : step(-1)),
      ArrowDown: () => move(1),
      ArrowUp: () => move(-1),
      '+': () => zoom(0.5, view.chosen < 0 ? undefined : events.time[view.chosen]),
      '=': () => zoom(0.5, view.chosen < 0 ? undefined : events.time[view.chosen]),
      '-': () => zoom(2),
      '0': () => set(0, end),
      Home: () => edge(0, 1),
      End: () => edge(count - 1, -1),
      Enter: () => {
        if (view.chosen >= 0) options.onChoose(view.chosen);
      },
    };
    const act = acts[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
  const move = (by: number): void => {
    view.lane = (view.lane + by + lanes.length) % lanes.length;
    said.textContent = `lane ${lanes[view.lane]}`;
    const near = nearest(
      view.lane,
      view.chosen < 0 ? view.from : (events.time[view.chosen] as number),
      view.to - view.from,
    );
    if (near >= 0) point(near);
    else later();
  };

  let held = -1;
  let heldFrom = 0;
  let hasMoved = false;
  const under = (x: number, y: number): number =>
    nearest(painter.laneAt(y), painter.timeAt(x), ((view.to - view.from) / painter.widthOf()) * 6);
  canvas.addEventListener('pointerdown', (event) => {
    [held, heldFrom, hasMoved] = [event.offsetX, view.from, false];
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener('pointermove', (event) => {
    if (held < 0) {
      const index = under(event.offsetX, event.offsetY);
      if (index >= 0) tell(index);
      return;
    }
    if (Math.abs(event.offsetX - held) > 4) hasMoved = true;
    if (!hasMoved) return;
    const shift = ((held - event.offsetX) / painter.widthOf()) * (view.to - view.from);
    set(heldFrom + shift, heldFrom + shift + (view.to - view.from));
  });
  canvas.addEventListener('pointerup', (event) => {
    held = -1;
    if (hasMoved) return;
    const index = under(event.offsetX, event.offsetY);
    if (index < 0) return;
    point(index);
    options.onChoose(index);
  });
  canvas.addEventListener('pointercancel', () => {
    held = -1;
  });
  canvas.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.shiftKey && Math.abs(event.deltaX) <= Math.abs(event.deltaY)) return;
    event.preventDefault();
    if (event.ctrlKey) zoom(event.deltaY > 0 ? 1.25 : 0.8, painter.timeAt(event.offsetX));
    else pan(((event.deltaX || event.deltaY) / painter.widthOf()) * 1.5);
  });
  new browser.ResizeObserver(later).observe(box);
  browser.matchMedia('(prefers-color-scheme:dark)').addEventListener('change', later);
  // paper is white, whatever the screen is, and no frame comes while a page is printed
  browser.matchMedia('print').addEventListener('change', () => painter.draw());
  painter.draw();

  return {
    draw: later,
    choose: point,
    range: () => [view.from, view.to],
  };
}
