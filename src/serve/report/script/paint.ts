/**
 * Draws the timeline: lanes, what lasts, what happened, the load, the axis.
 *
 * @module
 */
import type { Browser, Element, Events, Order, Paint, Painter, View } from './dom.ts';

/** This function’s own text runs in the page: it may use nothing from outside it. */
export function makePainter(
  browser: Browser,
  canvas: Element,
  events: Events,
  order: Order,
  view: View,
  moment: (micros: number) => string,
): Painter {
  const { document } = browser;
  const { data, count } = events;
  const { lanes } = data;
  /** What has a length: by the name of its lane, when it began and ended. What has no end goes on. */
  const lasting: Record<string, readonly (readonly [number, number])[]> = {
    ...data.spans,
    process: data.processes.map(({ from: began, to: ended }) => [began, ended ?? data.end]),
    flow: data.flows.map(({ from: began, to: ended }) => [began, ended ?? data.end]),
  };
  const LANE = 34;
  const AXIS = 22;
  const height = lanes.length * LANE + AXIS;
  canvas.style.setProperty('height', `${height}px`);

  const gutter = (): number => (canvas.clientWidth < 560 ? 0 : 68);
  const widthOf = (): number => Math.max(50, canvas.clientWidth - gutter());
  const xOf = (time: number): number => gutter() + ((time - view.from) / (view.to - view.from)) * widthOf();
  const timeAt = (x: number): number => view.from + ((x - gutter()) / widthOf()) * (view.to - view.from);

  const colour = (name: string): string =>
    browser.getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

  /** Where anything lasts, by pixels: 50,000 processes cost as much as are pixels. */
  function spans(paint: Paint, name: string, y: number): void {
    const width = Math.ceil(widthOf()) + 1;
    const changes = new Int32Array(width + 1);
    const scale = widthOf() / (view.to - view.from);
    const place = (time: number): number =>
      Math.max(0, Math.min(width - 1, Math.floor((time - view.from) * scale)));
    for (const [one, other] of lasting[name] ?? []) {
      if (other < view.from || one > view.to) continue;
      const [first, last] = [place(one), place(other) + 1];
      changes[first] = (changes[first] as number) + 1;
      changes[last] = (changes[last] as number) - 1;
    }
    paint.globalAlpha = 0.3;
    let [running, began] = [0, 0];
    for (let at = 0; at <= width; at += 1) {
      const next = running + (changes[at] as number);
      if (running === 0 && next > 0) began = at;
      if (running > 0 && next <= 0) paint.fillRect(gutter() + began, y + 8, at - began, LANE - 16);
      running = next;
    }
    paint.globalAlpha = 1;
  }

  /** CPU that was used between two samples, as a share of the most. */
  function load(paint: Paint, y: number): void {
    const { samples } = data;
    const rates = samples.map(([time, cpu], index) => {
      const [before = 0, cpuBefore = 0] = samples[index - 1] ?? [0, 0];
      return time > before ? Math.max(0, (cpu - cpuBefore) / (time - before)) : 0;
    });
    let most = 0;
    for (const rate of rates) most = Math.max(most, rate);
    if (most === 0) return;
    paint.beginPath();
    samples.forEach(([time], index) => {
      if (time < view.from || time > view.to) return;
      paint.lineTo(xOf(time), y + LANE - 5 - ((rates[index] as number) / most) * (LANE - 10));
    });
    paint.stroke();
  }

  /** Events of a lane are counted for each pixel: 100,000 of them cost as much as are pixels. */
  function density(paint: Paint, colours: string[]): void {
    const width = Math.ceil(widthOf()) + 1;
    const counts = new Uint32Array(width * lanes.length);
    const worst = new Uint8Array(width * lanes.length);
    const scale = widthOf() / (view.to - view.from);
    for (let at = order.firstFrom(view.from); at < count; at += 1) {
      const time = order.timeOf(at);
      if (time > view.to) break;
      const index = order.events[at] as number;
      const place = (events.lane[index] as number) * width + Math.floor((time - view.from) * scale);
      counts[place] = (counts[place] as number) + 1;
      worst[place] = Math.max(worst[place] as number, events.weight[index] as number);
    }
    for (let weight = 0; weight < 4; weight += 1) {
      paint.fillStyle = colours[weight] as string;
      for (let place = 0; place < counts.length; place += 1) {
        const number = counts[place] as number;
        if (number === 0 || worst[place] !== weight) continue;
        const tall = Math.min(LANE - 8, 8 + 5 * Math.log2(1 + number));
        const y = Math.floor(place / width) * LANE + (LANE - tall) / 2;
        paint.fillRect(gutter() + (place % width), y, weight > 0 ? 3 : 2, tall);
      }
    }
  }

  function axis(paint: Paint, ink: string, line: string): void {
    const room = widthOf();
    const steps = Math.max(2, Math.floor(room / 130));
    const raw = (view.to - view.from) / steps;
    const unit = 10 ** Math.floor(Math.log10(raw));
    const step = [1, 2, 5, 10].map((by) => by * unit).find((by) => by >= raw) ?? raw;
    paint.textBaseline = 'middle';
    paint.textAlign = 'left';
    const first = Math.ceil(view.from / step) * step;
    // counted: what is added to a time that is far too great may change nothing
    for (
      let index = 0, at = first;
      at <= view.to && index <= 2 * steps + 10;
      index += 1, at = first + index * step
    ) {
      const x = xOf(at);
      paint.fillStyle = line;
      paint.fillRect(x, 0, 1, height - AXIS);
      paint.fillStyle = ink;
      if (x < canvas.clientWidth - 60) paint.fillText(moment(at), x + 2, height - AXIS / 2);
    }
  }

  function draw(): void {
    const ratio = browser.devicePixelRatio || 1;
    const width = canvas.clientWidth;
    if (width === 0) return;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    const paint = canvas.getContext('2d');
    if (!paint) return;
    paint.setTransform(ratio, 0, 0, ratio, 0, 0);
    paint.clearRect(0, 0, width, height);
    paint.font = '12px system-ui, sans-serif';
    const [ink, soft, line, sunk, accent] = ['ink', 'soft', 'line', 'sunk', 'accent'].map(colour) as [
      string,
      string,
      string,
      string,
      string,
    ];
    lanes.forEach((_, index) => {
      paint.fillStyle = index === view.lane ? sunk : 'transparent';
      paint.fillRect(0, index * LANE, width, LANE);
    });
    axis(paint, soft, line);
    paint.fillStyle = accent;
    paint.strokeStyle = accent;
    paint.lineWidth = 1.5;
    lanes.forEach((name, index) => {
      if (lasting[name]) spans(paint, name, index * LANE);
      if (name === 'compute') load(paint, index * LANE);
    });
    density(paint, [accent, colour('amber'), colour('orange'), colour('red')]);
    if (view.chosen >= 0) {
      paint.strokeStyle = ink;
      paint.lineWidth = 2;
      const y = (events.lane[view.chosen] as number) * LANE;
      paint.strokeRect(xOf(events.time[view.chosen] as number) - 4, y + 2, 9, LANE - 4);
    }
    lanes.forEach((name, index) => {
      paint.fillStyle = line;
      paint.fillRect(0, (index + 1) * LANE - 1, width, 1);
      paint.fillStyle = gutter() === 0 ? soft : ink;
      paint.textBaseline = gutter() === 0 ? 'top' : 'middle';
      paint.fillText(name, 6, index * LANE + (gutter() === 0 ? 2 : LANE / 2));
    });
  }

  return { draw, timeAt, widthOf, laneAt: (y) => Math.floor(y / LANE) };
}
