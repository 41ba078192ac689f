/**
 * A change set as text for a person.
 *
 * @module
 */
import { formatSize } from '../../contract/index.ts';
import { type Content, contentDiff, type DiffLine, MARKS, visibleLine } from '../../review/diff/index.ts';
import { type ChangeSet, type Reviewed, SECTIONS, type Section, type State } from '../../review/set/index.ts';
import type { Style, Terminal } from '../terminal.ts';
import { safe } from '../text.ts';

const TITLES: Record<Section, string> = {
  refused: 'Never lands',
  deleted: 'Deleted',
  modes: 'Mode or owner changed',
  symlinks: 'Symbolic links',
  executables: 'Executables',
  'runs later': 'Runs later: somebody else executes it, with their rights',
  'decides success': 'Decides success',
  rest: 'The rest',
};

const SIGNS: Record<Reviewed['kind'], string> = { added: '+', modified: '~', mode: '~', deleted: '-' };
const COLOURS: Record<Reviewed['kind'], Style> = {
  added: 'green',
  modified: 'yellow',
  mode: 'yellow',
  deleted: 'red',
};
const LINE_COLOURS: Partial<Record<DiffLine['kind'], Style>> = {
  hunk: 'cyan',
  removed: 'red',
  added: 'green',
};

export interface TextOptions {
  /** lines of one file's diff; Infinity: all */
  linesPerFile: number;
  /** lines of all diffs */
  lines: number;
  content: boolean;
}

export const SHORT: TextOptions = { linesPerFile: 200, lines: 4000, content: true };
export const WHOLE: TextOptions = {
  linesPerFile: Number.POSITIVE_INFINITY,
  lines: Number.POSITIVE_INFINITY,
  content: true,
};

/** Characters of one line of content. */
const WIDEST = 400;

const describeState = (state: State): string => {
  if (state.type === 'symlink') return `link to ${safe(state.link?.toString() ?? '')}`;
  if (state.type !== 'file') return state.type === 'directory' ? 'folder' : state.type;
  return formatSize(state.size);
};

function headline(item: Reviewed, terminal: Terminal): string {
  const { before, after, kind } = item;
  const name = terminal.style(COLOURS[kind], `${SIGNS[kind]} ${item.shown}${isFolder(item) ? '/' : ''}`);
  const one = after ?? before;
  const size =
    before && after && kind === 'modified'
      ? `${describeState(before)} → ${describeState(after)}`
      : one
        ? describeState(one)
        : '';
  return `  ${name}  ${terminal.style('dim', `(${size})`)}`;
}

const isFolder = ({ before, after }: Reviewed) => (after ?? before)?.type === 'directory';

function opaqueLines(item: Reviewed, content: Extract<Content, { kind: 'opaque' }>): string[] {
  const { before, after } = item;
  const lines = [
    `not shown: ${content.why === 'large' ? 'large file' : content.why === 'binary' ? 'binary file' : 'cannot be read'}`,
  ];
  if (before?.type === 'file') lines.push(`  before  ${before.size} bytes, sha256 ${before.sha256 ?? '?'}`);
  if (after?.type === 'file') lines.push(`  after   ${after.size} bytes, sha256 ${after.sha256 ?? '?'}`);
  if (content.firstDifference !== undefined) lines.push(`  differs from byte ${content.firstDifference} on`);
  return lines;
}

class Printer {
  readonly #terminal: Terminal;
  readonly #options: TextOptions;
  readonly #out: string[] = [];
  #left: number;

  constructor(terminal: Terminal, options: TextOptions) {
    this.#terminal = terminal;
    this.#options = options;
    this.#left = options.lines;
  }

  line(text: string): void {
    this.#out.push(`${text}\n`);
    if (this.#out.length > 1000) this.flush();
  }

  flush(): void {
    this.#terminal.raw(this.#out.join(''));
    this.#out.length = 0;
  }

  item(item: Reviewed): void {
    this.line(headline(item, this.#terminal));
    for (const note of item.notes) this.line(`      ${this.#terminal.style('bold', note)}`);
    if (!this.#options.content || item.kind === 'mode' || isMove(item)) return;
    if (item.kind === 'deleted' && item.before?.type !== 'file') return;
    if (this.#left <= 0) {
      const { before, after } = item;
      if (before?.type === 'file' || after?.type === 'file')
        this.line(`      not shown: the diff of ${item.shown}, see ringfence review --all`);
      return;
    }
    const content = contentDiff(item);
    if (content.kind === 'opaque') for (const line of opaqueLines(item, content)) this.line(`      ${line}`);
    if (content.kind === 'text') this.#diff(item, content.lines);
  }

  #diff(item: Reviewed, lines: readonly DiffLine[]): void {
    const most = Math.max(0, Math.min(lines.length, this.#options.linesPerFile, this.#left));
    this.#left -= most;
    for (const { kind, text } of lines.slice(0, most)) {
      const visible = visibleLine(text);
      const cut =
        visible.length > WIDEST && this.#options.linesPerFile !== Number.POSITIVE_INFINITY
          ? `${visible.slice(0, WIDEST)} … (${visible.length - WIDEST} more characters not shown: --all)`
          : visible;
      const line = `${MARKS[kind]}${cut}`;
      const style = LINE_COLOURS[kind];
      this.line(`      ${style ? this.#terminal.style(style, line) : line}`);
    }
    const hidden = lines.length - most;
    if (hidden > 0)
      this.line(
        `      not shown: ${hidden} line${hidden === 1 ? '' : 's'} of ${item.shown}, see ringfence review --all`,
      );
  }
}

const isMove = ({ movedFrom, movedTo }: Reviewed) => movedFrom !== undefined || movedTo !== undefined;

/** Sections in order, each item with its notes and its content. */
export function printReview(set: ChangeSet, terminal: Terminal, options: TextOptions): void {
  const printer = new Printer(terminal, options);
  for (const section of SECTIONS) {
    const items = set.items.filter((item) => item.section === section);
    if (items.length === 0) continue;
    printer.line(terminal.style('bold', `${TITLES[section]} (${items.length})`));
    for (const item of items) printer.item(item);
    printer.line('');
  }
  printer.flush();
}

/** `3 added, 1 deleted`. */
export function countsOf(items: readonly Reviewed[]): string {
  const words = (['added', 'modified', 'mode', 'deleted'] as const).flatMap((kind) => {
    const count = items.filter((item) => item.kind === kind).length;
    return count === 0 ? [] : [`${count} ${kind === 'mode' ? 'mode changed' : kind}`];
  });
  return words.join(', ') || 'nothing';
}
