import { describe, expect, it } from 'vitest';
import { createTerminal, printableLine, type Sink, wantsColour } from './terminal.ts';

describe('colour', () => {
  it.each([
    ['a terminal', false, {}, true, true],
    ['a pipe', false, {}, false, false],
    ['a dumb terminal', false, { TERM: 'dumb' }, true, false],
    ['NO_COLOR', false, { NO_COLOR: '1' }, true, false],
    ['an empty NO_COLOR, which counts as unset', false, { NO_COLOR: '' }, true, true],
    ['FORCE_COLOR into a pipe', false, { FORCE_COLOR: '1' }, false, true],
    ['FORCE_COLOR=0', false, { FORCE_COLOR: '0' }, true, false],
    ['NO_COLOR before FORCE_COLOR', false, { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['--no-color before FORCE_COLOR', true, { FORCE_COLOR: '1' }, true, false],
  ])('with %s', (_name, noColor, environment, isTerminal, wanted) => {
    expect(wantsColour(noColor, environment, isTerminal)).toBe(wanted);
  });

  it('is decided for each output by itself', () => {
    const written: string[] = [];
    const sink = (isTerminal: boolean): Sink => ({
      isTerminal,
      columns: () => undefined,
      write: (text) => void written.push(text.toString()),
    });
    const terminal = createTerminal({ out: sink(false), err: sink(true), environment: {}, noColor: false });
    terminal.out(terminal.style('red', 'result'));
    terminal.err(terminal.style('red', 'message', 'err'));
    expect(written).toEqual(['result\n', '\u001b[31mmessage\u001b[39m\n']);
    expect(terminal.columns()).toBe(80);
  });
});

describe('a line', () => {
  it('drives no terminal, whoever forgot to escape a part of it', () => {
    expect(printableLine('a\u009b31m\u001b]8;;x\u0007b\u007f\r\u202e\u2028\u{e0041}')).toBe(
      'a\\u009b31m\\u001b]8;;x\\u0007b\\u007f\\u000d\\u202e\\u2028\\udb40\\udc41',
    );
    for (const text of ['', 'a\tb\nc', '\u001b[31mred\u001b[39m grün 日本 😀'])
      expect(printableLine(text)).toBe(text);
  });

  it('of JSON is the same JSON', () => {
    const value = { '\u202e\u009b': ['\u007f\u0085\u{e0041}\ufeff\u00ad', '\ud800', 'é😀'] };
    const written = printableLine(JSON.stringify(value, null, 2));
    expect(JSON.parse(written)).toEqual(value);
    expect(written).not.toMatch(/[\u007f-\u009f\u202e\ufeff]/);
  });
});
