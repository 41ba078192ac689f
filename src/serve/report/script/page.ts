/**
 * What runs in the page of a run: reads the embedded events, and joins timeline, lists and links.
 *
 * @module
 */
import type {
  Browser,
  Element,
  MakeList,
  MakeOrder,
  MakePainter,
  MakeTimeline,
  MakeTree,
  ReadEvents,
} from './dom.ts';

/** This function’s own text runs in the page: it may use nothing from outside it but what it is given. */
export function openPage(
  browser: Browser,
  parts: {
    makeList: MakeList;
    makeTree: MakeTree;
    makeTimeline: MakeTimeline;
    makeOrder: MakeOrder;
    makePainter: MakePainter;
    readEvents: ReadEvents;
  },
): void {
  const { document } = browser;
  const find = (selector: string): Element => {
    const element = document.querySelector(selector);
    if (!element) throw new Error(`no ${selector}`);
    return element;
  };
  const events = parts.readEvents(find('#data').textContent);
  const { data, count, seq, time, weight, lane, indexOf } = events;
  const kindOf = (index: number): string => data.kinds[data.kind[index] as number] ?? '';
  const pidOf = (index: number): string => String(data.processes[data.process[index] as number]?.pid ?? '');

  const moment = (micros: number): string => {
    const seconds = micros / 1e6;
    const digits = data.end < 2e6 ? 4 : 3;
    if (seconds < 60) return `${seconds.toFixed(digits)} s`;
    const two = (value: number): string => String(Math.floor(value)).padStart(2, '0');
    if (seconds < 3600) return `${Math.floor(seconds / 60)}:${(seconds % 60).toFixed(1).padStart(4, '0')}`;
    return `${Math.floor(seconds / 3600)}:${two((seconds / 60) % 60)}:${two(seconds % 60)}`;
  };
  const bytes = (size: number | undefined): string =>
    size === undefined
      ? ''
      : size < 1000
        ? `${size} B`
        : size < 1e6
          ? `${(size / 1e3).toFixed(1)} kB`
          : `${(size / 1e6).toFixed(1)} MB`;

  document.documentElement.classList.add('live');

  const detail = find('#event-detail');
  const make = (tag: string, text = '', classes = ''): Element => {
    const element = document.createElement(tag);
    element.textContent = text;
    if (classes !== '') element.className = classes;
    return element;
  };
  const link = (to: number): Element => {
    const element = make('a', String(to), 'event');
    element.href = `#event-${to}`;
    return element;
  };
  const cited = new Map<number, number[]>();
  for (const finding of data.findings)
    for (const each of finding.cites) {
      const known = cited.get(each);
      if (known) known.push(finding.seq);
      else cited.set(each, [finding.seq]);
    }
  const findings = new Map(data.findings.map((finding) => [finding.seq, finding]));

  const showDetail = (index: number): void => {
    const number = seq[index] as number;
    const facts: [string, Element | string][] = [];
    const process = data.processes[data.process[index] as number];
    const flow = data.flows[data.flow[index] as number];
    const turn = data.turns[data.turn[index] as number];
    const call = data.calls[data.call[index] as number];
    facts.push([
      'At',
      `${moment(time[index] as number)}, ${new Date((data.begin + (time[index] as number)) / 1000).toISOString()}`,
    ]);
    if (turn !== undefined) facts.push(['Turn', turn]);
    if (call !== undefined) facts.push(['Tool call', call]);
    if (process) {
      const said = make('span', `${process.pid} ${process.text} `);
      if (process.seq !== undefined && process.seq !== number) said.append(link(process.seq));
      facts.push(['Process', said]);
    }
    if (flow) {
      const said = make('span', `${flow.id} to ${flow.host || flow.place} `);
      if (flow.seq !== number) said.append(link(flow.seq));
      facts.push(['Flow', said]);
    }
    const links = (numbers: readonly number[]): Element => {
      const box = make('span');
      for (const each of numbers.slice(0, 100)) box.append(link(each), ' ');
      if (numbers.length > 100) box.append(`and ${numbers.length - 100} more`);
      return box;
    };
    const own = findings.get(number);
    if (own) facts.push(['Shown by', own.cites.length > 0 ? links(own.cites) : 'nothing that it cites']);
    const of = cited.get(number);
    if (of) facts.push(['Findings', links(of)]);
    const list = make('dl');
    for (const [name, value] of facts) {
      const definition = make('dd');
      definition.append(value);
      list.append(make('dt', name), definition);
    }
    const text = make('pre', data.text[index]);
    text.tabIndex = 0;
    const said = (data.said[String(number)] ?? []).flatMap(([what, words]) => {
      const box = make('pre', words);
      box.tabIndex = 0;
      return [make('strong', what), box];
    });
    const commands = make('p', '', 'meta');
    commands.append(
      make('code', `ringfence trace ${data.run}:${number}`),
      ' ',
      make('code', `ringfence why ${data.run}:${number}`),
    );
    detail.replaceChildren(make('h3', `${kindOf(index)} ${number}`), text, ...said, list, commands);
    detail.scrollTop = 0;
    detail.hidden = false;
  };

  const choose = (index: number, shouldLeave: boolean): void => {
    showDetail(index);
    timeline.choose(index);
    browser.history.replaceState(null, '', `#event-${seq[index] as number}`);
    if (shouldLeave) detail.focus();
  };
  const list = parts.makeList(browser, find('#event-list'), {
    ...{ label: 'Events', classes: 'events', name: 'row' },
    columns: [
      { name: 'Event', number: true, text: (index) => String(seq[index]) },
      { name: 'At', number: true, text: (index) => moment(time[index] as number) },
      { name: 'Kind', text: kindOf },
      { name: 'Process', number: true, text: pidOf },
      { name: 'What', text: (index) => data.text[index] ?? '' },
    ],
    classOf: (index) => `w${weight[index]}`,
    onChoose: choose,
  });
  const timeline = parts.makeTimeline(
    browser,
    find('#timeline'),
    events,
    {
      moment,
      say: (index) =>
        `${seq[index]} at ${moment(time[index] as number)}: ${kindOf(index)} ${(data.text[index] ?? '').slice(0, 200)}`,
      onChoose: (index) => jump(seq[index] as number),
      onRange: () => {
        if (inView.checked) soon();
      },
    },
    parts,
  );

  const query = find('#find');
  const notable = find('#notable');
  const inView = find('#in-view');
  const plain = find('#plain');
  const boxes = [...document.querySelectorAll('input[name=lane]')];
  const status = find('#event-count');
  let lower: string[] | undefined;
  let waiting = 0;

  const filter = (): void => {
    const wanted = new Set(boxes.filter(({ checked }) => checked).map(({ value }) => Number(value)));
    const words = query.value.trim().toLowerCase();
    if (words !== '') lower ??= data.text.map((text) => text.toLowerCase());
    const [from, to] = inView.checked ? timeline.range() : [0, Number.POSITIVE_INFINITY];
    const rows = new Int32Array(count);
    let left = 0;
    for (let index = 0; index < count; index += 1) {
      if (!wanted.has(lane[index] as number)) continue;
      if (notable.checked && weight[index] === 0 && !cited.has(seq[index] as number)) continue;
      if ((time[index] as number) < from || (time[index] as number) > to) continue;
      if (
        words !== '' &&
        !lower?.[index]?.includes(words) &&
        !kindOf(index).includes(words) &&
        pidOf(index) !== words
      )
        continue;
      rows[left] = index;
      left += 1;
    }
    list.show(rows.subarray(0, left));
    status.textContent =
      left === count
        ? `${count.toLocaleString('en')} events`
        : `${left.toLocaleString('en')} of ${count.toLocaleString('en')} events`;
  };
  const soon = (): void => {
    browser.clearTimeout(waiting);
    waiting = browser.setTimeout(filter, 80);
  };
  const clear = (): void => {
    query.value = '';
    for (const box of boxes) box.checked = true;
    notable.checked = false;
    inView.checked = false;
    filter();
  };
  query.addEventListener('input', soon);
  query.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    query.value = '';
    filter();
  });
  for (const box of [...boxes, notable, inView]) box.addEventListener('change', filter);
  plain.addEventListener('change', () => list.plain(plain.checked));
  find('#all-events').addEventListener('click', clear);

  /** Shows an event, whatever the list was narrowed to. */
  function jump(wanted: number): void {
    const index = indexOf(wanted);
    if (index < 0) {
      status.textContent = `event ${wanted} is not in this page: ringfence log show ${data.run}`;
      find('#events').scrollIntoView({ block: 'start', behavior: 'instant' });
      return;
    }
    if (!list.choose(index)) {
      clear();
      list.choose(index);
    }
    find('.with-detail').scrollIntoView({ block: 'start', behavior: 'instant' });
    list.focus();
  }
  const eventIn = (hash: string): number | undefined => {
    const [, number] = /^#event-(\d{1,10})$/.exec(hash) ?? [];
    return number === undefined ? undefined : Number(number);
  };
  document.addEventListener('click', (event) => {
    const anchor = event.target.closest('a.event');
    const number = anchor && eventIn(anchor.hash);
    if (number === undefined || number === null) return;
    event.preventDefault();
    jump(number);
  });
  browser.addEventListener('hashchange', () => {
    const number = eventIn(browser.location.hash);
    if (number !== undefined) jump(number);
  });
  detail.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') list.focus();
  });

  const all = (length: number): Int32Array => Int32Array.from({ length }, (_, index) => index);
  const goTo = (number: number | undefined, shouldLeave: boolean): void => {
    if (shouldLeave && number !== undefined) jump(number);
  };
  const { processes, flows } = data;
  if (processes.length > 0)
    parts.makeTree(
      browser,
      find('#process-list'),
      {
        ...{ label: 'Processes; Enter shows the event', classes: 'procs small', name: 'process' },
        count: processes.length,
        columns: [
          { name: 'Process', number: true, text: (row) => String(processes[row]?.pid ?? '') },
          { name: 'At', number: true, text: (row) => moment(processes[row]?.from ?? 0) },
          { name: 'Program', tree: true, text: (row) => processes[row]?.text ?? '' },
          { name: 'Ended', text: (row) => processes[row]?.exit ?? '' },
          {
            name: 'Caused by',
            text: (row) => `${processes[row]?.call ?? ''} ${processes[row]?.by ?? ''}`.trim(),
          },
        ],
        depthOf: (row) => processes[row]?.depth ?? 0,
        onChoose: (row, shouldLeave) => goTo(processes[row]?.seq, shouldLeave),
      },
      parts.makeList,
    );
  if (flows.length > 0)
    parts
      .makeList(browser, find('#flow-list'), {
        ...{ label: 'Flows; Enter shows the event', classes: 'flows small', name: 'flow' },
        columns: [
          { name: 'Flow', number: true, text: (row) => flows[row]?.id ?? '' },
          { name: 'At', number: true, text: (row) => moment(flows[row]?.from ?? 0) },
          {
            name: 'Where to',
            text: (row) =>
              `${flows[row]?.host ?? ''} ${flows[row]?.place ?? ''} ${flows[row]?.pid ?? 'no process known'} ${flows[row]?.program ?? ''}`.trim(),
          },
          {
            name: 'Protocol',
            text: (row) =>
              `${flows[row]?.protocol ?? ''} ${flows[row]?.shape ?? ''}${flows[row]?.ok === false ? ' violation' : ''}`.trim(),
          },
          { name: 'Sent', number: true, text: (row) => bytes(flows[row]?.sent) },
          { name: 'Received', number: true, text: (row) => bytes(flows[row]?.received) },
        ],
        classOf: (row) => (flows[row]?.ok === false ? 'w2' : ''),
        onChoose: (row, shouldLeave) => goTo(flows[row]?.seq, shouldLeave),
      })
      .show(all(flows.length));

  find('#event-tools').hidden = false;
  filter();
  const asked = eventIn(browser.location.hash);
  if (asked !== undefined) jump(asked);
}
