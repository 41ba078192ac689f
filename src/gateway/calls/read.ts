/**
 * One declaration, read strictly: what is not as it should be is none.
 *
 * @module
 */
import { boundJson } from '../packages/bounded-json.ts';

/** Bytes of a body. */
export const LONGEST = 256 * 1024;
/** Characters that are recorded of arguments, and of what a tool answered. */
const ARGUMENTS = 16 * 1024;
const CONTENT = 8 * 1024;
const MOST_VALUES = 10_000;
/** Linux gives no larger numbers to processes (PID_MAX_LIMIT, proc_sys_kernel(5)). */
const MOST_PROCESSES = 4_194_304;

const ID = /^[A-Za-z0-9][A-Za-z0-9._:/@+=-]{0,127}$/;
const TRACEPARENT = /^(?!ff)[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(-[!-~]{0,64})?$/;

export type Declaration =
  | {
      event: 'start';
      call: string;
      tool: string;
      /** JSON, cut where it is long */
      arguments: string;
      pid?: number;
      turn?: string;
      traceparent?: string;
    }
  | { event: 'end'; call: string; ok: boolean; content: string };

export type Reading = { ok: true; declaration: Declaration } | { ok: false; why: string };

type Test = (value: unknown) => boolean;

const isId: Test = (value) => typeof value === 'string' && ID.test(value);
const isText: Test = (value) => typeof value === 'string';

const START: Readonly<Record<string, Test>> = {
  event: (value) => value === 'start',
  call: isId,
  tool: isId,
  arguments: (value) => value !== undefined,
};
const START_MAY: Readonly<Record<string, Test>> = {
  pid: (value) => Number.isInteger(value) && Number(value) > 1 && Number(value) <= MOST_PROCESSES,
  turn: isId,
  traceparent: (value) => typeof value === 'string' && TRACEPARENT.test(value),
};
const END: Readonly<Record<string, Test>> = {
  event: (value) => value === 'end',
  call: isId,
  ok: (value) => typeof value === 'boolean',
};
const END_MAY: Readonly<Record<string, Test>> = { content: isText };

/** @param bytes of a body, no more than {@link LONGEST} */
export function readDeclaration(bytes: Buffer): Reading {
  let value: unknown;
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    boundJson(text, MOST_VALUES);
    value = JSON.parse(text);
  } catch {
    return { ok: false, why: 'it is not JSON, or too much of it' };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { ok: false, why: 'it is no object' };
  const given = value as Readonly<Record<string, unknown>>;
  const isEnd = given.event === 'end';
  const wrong = mismatch(given, isEnd ? END : START, isEnd ? END_MAY : START_MAY);
  if (wrong !== undefined) return { ok: false, why: wrong };
  const call = given.call as string;
  if (isEnd) {
    const { ok, content = '' } = given as { ok: boolean; content?: string };
    return { ok: true, declaration: { event: 'end', call, ok, content: content.slice(0, CONTENT) } };
  }
  const { tool, pid, turn, traceparent } = given as {
    tool: string;
    pid?: number;
    turn?: string;
    traceparent?: string;
  };
  return {
    ok: true,
    declaration: {
      event: 'start',
      call,
      tool,
      arguments: written(given.arguments).slice(0, ARGUMENTS),
      ...(pid !== undefined && { pid }),
      ...(turn !== undefined && { turn }),
      ...(traceparent !== undefined && { traceparent }),
    },
  };
}

/** A model's arguments come as JSON in a text, too. */
function written(value: unknown): string {
  if (typeof value === 'string') {
    try {
      boundJson(value, MOST_VALUES);
      const inner: unknown = JSON.parse(value);
      if (typeof inner === 'object' && inner !== null) return JSON.stringify(inner);
    } catch {
      // it is the argument itself
    }
  }
  return JSON.stringify(value);
}

function mismatch(
  given: Readonly<Record<string, unknown>>,
  must: Readonly<Record<string, Test>>,
  may: Readonly<Record<string, Test>>,
): string | undefined {
  for (const [key, test] of Object.entries(must))
    if (!Object.hasOwn(given, key) || !test(given[key])) return `${key} is missing, or not what it should be`;
  for (const [key, value] of Object.entries(given)) {
    if (Object.hasOwn(must, key)) continue;
    if (!Object.hasOwn(may, key)) return 'it has a key that means nothing';
    if (!may[key]?.(value)) return `${key} is not what it should be`;
  }
  return undefined;
}
