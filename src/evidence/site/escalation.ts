/**
 * The escalation path of a claim as a picture: steps in layers, each below all those that lead to it.
 *
 * @module
 */
import { printable } from '../../contract/index.ts';
import { stepsBefore } from '../graph.ts';
import { type Html, html } from '../html/index.ts';
import type { WrittenClaim } from '../schema/claim.ts';
import { STEP_STATES, titleOf } from '../words.ts';

type Step = WrittenClaim['escalation'][number];

const WIDTH = 720;
const GAP = 18;
const BETWEEN = 44;
const PADDING = 12;
const LINE = 19;
/** A character’s width at the font’s size, on the safe side for fonts that pages are shown in. */
const CHARACTER = 7.7;
const MOST_LINES = 7;
/** A step’s widest box: longer lines are hard to read. */
const WIDEST = 440;
/** What lies beside the boxes of a layer for arrows that pass it. */
const PASSAGE = 26;

interface Box {
  step: Step;
  x: number;
  y: number;
  width: number;
  height: number;
  lines: readonly string[];
}

/** The longest way to each step from a beginning; steps that a circle leads to stay where they are listed. */
function layersOf(claim: Pick<WrittenClaim, 'escalation'>): Step[][] {
  const depth = new Map<string, number>();
  for (const [index, step] of claim.escalation.entries()) {
    const before = stepsBefore(claim, index).flatMap((id) => depth.get(id) ?? []);
    depth.set(step.id, before.length === 0 ? 0 : Math.max(...before) + 1);
  }
  const layers: Step[][] = [];
  for (const step of claim.escalation) {
    const at = depth.get(step.id) ?? 0;
    const layer = layers[at] ?? [];
    layer.push(step);
    layers[at] = layer;
  }
  return layers.filter((layer) => layer !== undefined);
}

/** Lines of at most so many characters; a word that is longer is cut. */
export function wrapWords(text: string, columns: number, most: number): string[] {
  const lines: string[] = [];
  for (const word of printable(text.replace(/\s+/g, ' ').trim()).split(' ')) {
    const characters = [...word];
    const part = characters.length > columns ? `${characters.slice(0, columns - 1).join('')}…` : word;
    const last = lines.at(-1);
    if (last !== undefined && [...last].length + 1 + [...part].length <= columns)
      lines[lines.length - 1] = `${last} ${part}`;
    else lines.push(part);
  }
  return lines.length <= most ? lines : [...lines.slice(0, most - 1), `${lines[most - 1]} …`];
}

function place(claim: Pick<WrittenClaim, 'escalation'>): { boxes: Map<string, Box>; height: number } {
  const boxes = new Map<string, Box>();
  let y = 2;
  for (const layer of layersOf(claim)) {
    const free = WIDTH - 2 * PASSAGE - GAP * (layer.length - 1);
    const width = Math.min(WIDEST, Math.floor(free / layer.length));
    const columns = Math.max(8, Math.floor((width - 2 * PADDING) / CHARACTER));
    const wrapped = layer.map((step) => wrapWords(step.text, columns, MOST_LINES));
    const height = (Math.max(...wrapped.map((lines) => lines.length)) + 1) * LINE + 2 * PADDING - 4;
    const total = width * layer.length + GAP * (layer.length - 1);
    for (const [index, step] of layer.entries())
      boxes.set(step.id, {
        ...{ step, y, width, height, lines: wrapped[index] ?? [] },
        x: Math.round((WIDTH - total) / 2) + index * (width + GAP),
      });
    y += height + BETWEEN;
  }
  return { boxes, height: y - BETWEEN + 4 };
}

/** An arrow from one box down to another; past what lies between them, it keeps to the side. */
function arrow(from: Box, to: Box, isFar: boolean): Html {
  const [x1, y1] = [from.x + from.width / 2, from.y + from.height];
  const [x2, y2] = [to.x + to.width / 2, to.y - 7];
  const head = html`<path class="head" d="M${x2 - 5} ${y2}h10l-5 7z"/>`;
  const middle = BETWEEN / 2;
  if (!isFar)
    return html`<path d="M${x1} ${y1}C${x1} ${y1 + middle} ${x2} ${y2 - middle} ${x2} ${y2}"/>${head}`;
  const side = x1 + x2 < WIDTH ? 8 : WIDTH - 8;
  return html`<path d="M${x1} ${y1}C${x1} ${y1 + middle} ${side} ${y1} ${side} ${y1 + BETWEEN}V${y2 - BETWEEN}C${side} ${y2} ${x2} ${y2 - middle} ${x2} ${y2}"/>${head}`;
}

/** What stands behind a step’s name. */
const stateOf = ({ state, hazard }: Step): string =>
  `${state}${hazard === undefined ? '' : ` · ${titleOf(hazard).toLowerCase()}`}`;

/**
 * The picture; what it shows stands as a list beside it, which is named as its description.
 *
 * @param listId id of that list
 */
export function drawEscalation(claim: Pick<WrittenClaim, 'escalation' | 'id'>, listId: string): Html {
  const { boxes, height } = place(claim);
  const all = [...boxes.values()];
  const arrows = claim.escalation.flatMap((step, index) =>
    stepsBefore(claim, index).flatMap((id) => {
      const [from, to] = [boxes.get(id), boxes.get(step.id)];
      if (!from || !to || from.y >= to.y) return [];
      const isFar = all.some(({ y }) => y > from.y && y < to.y);
      return [arrow(from, to, isFar)];
    }),
  );
  const drawn = all.map(
    ({
      step,
      x,
      y,
      width,
      height,
      lines,
    }) => html`<g class="${step.state}"><rect x="${x}" y="${y}" width="${width}" height="${height}" rx="9"/><text x="${x + PADDING}" y="${y + PADDING + 11}"><tspan class="name">${titleOf(step.id)}</tspan><tspan class="of" dx="7">${stateOf(step)}</tspan>${lines.map(
      (line) => html`<tspan x="${x + PADDING}" dy="${LINE}">${line}</tspan>`,
    )}</text></g>
`,
  );
  return html`<figure class="path"><svg viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="The escalation path, drawn. The list that follows says the same." aria-describedby="${listId}">
${arrows}
${drawn}</svg><figcaption class="meta">Thick frame: observed, ${STEP_STATES.observed}. Thin: ${STEP_STATES.elsewhere}. Dashed: argued, ${STEP_STATES.argued}.</figcaption></figure>
`;
}
