/**
 * An act within bounds: long texts lose their middle, long lists what is in between, and it is counted how much.
 *
 * @module
 */

/** Characters of JSON that a judge is shown. */
export const ROOM = 32 * 1024;
const LEFT_OUT = '…';
const SHORTEST = 64;

export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json };

/** @returns the JSON of an act, no longer than `room`, and how many characters were left out of it */
export function boundAct(act: Json, room: number = ROOM): { act: string; cut: number } {
  const whole = JSON.stringify(act);
  if (whole.length <= room) return { act: whole, cut: 0 };
  for (let limit = room; limit >= SHORTEST; limit = Math.floor(limit / 2)) {
    const shorter = JSON.stringify(shorten(act, limit));
    if (shorter.length <= room) return { act: shorter, cut: whole.length - shorter.length };
  }
  const last = JSON.stringify(cutMiddle(whole, Math.floor(room / 8)));
  return { act: last, cut: whole.length - last.length };
}

/** Texts and lists of at most `limit`: their beginning and their end, where what matters is more often than in between. */
function shorten(value: Json, limit: number): Json {
  if (typeof value === 'string') return value.length <= limit ? value : cutMiddle(value, limit);
  if (Array.isArray(value)) {
    const most = Math.max(2, Math.floor(limit / SHORTEST));
    const half = Math.ceil(most / 2);
    const kept: Json[] =
      value.length <= most ? value : [...value.slice(0, half), LEFT_OUT, ...value.slice(-(most - half))];
    return kept.map((one) => shorten(one, limit));
  }
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shorten(one, limit)]));
  return value;
}

function cutMiddle(text: string, limit: number): string {
  const half = Math.floor(limit / 2);
  return `${text.slice(0, half)}${LEFT_OUT}${text.slice(text.length - half)}`.toWellFormed();
}
