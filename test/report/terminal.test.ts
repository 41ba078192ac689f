/** A hostile record, asked of by every command that shows records to people: text stays text in a terminal, too. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EVIL, everyKind } from '../../src/serve/report/events.fixture.ts';
import { identities, Place } from '../run/place.ts';
import { recordedRun } from './recorded.ts';

const RUN = '20261122-090000-eeeeee';
/** With U+009B, which some terminals take for the beginning of a command as they do ESC [. */
const TEXT = `${EVIL}\u009b31m\u007f\u0085\r`;
/** What drives a terminal, or turns or hides what it shows. */
const DRIVING = /(?![\n\t])[\p{Cc}\p{Cf}\p{Co}\p{Zl}\p{Zp}]/u;
const HUGE = new Set(['process.exec', 'dns.query', 'model.turn', 'tool.call', 'file.change', 'denial']);

/** Whoever it is shown to, it is the same text: as an ordinary user, where there is one. */
describe.each(identities().slice(-1))('as %s', (identity) => {
  const place = new Place(identity);
  beforeAll(async () => {
    const huge = everyKind(`${TEXT}${'A'.repeat(10_000_000)}`).filter(({ kind }) => HUGE.has(kind));
    await recordedRun(place, RUN, [...everyKind(TEXT), ...huge], {
      ...{
        name: TEXT,
        command: ['bash', '-c', TEXT],
        reason: TEXT,
        workspace: `/${TEXT.replaceAll('\0', '')}`,
      },
      contract: { name: TEXT, path: TEXT, sha256: TEXT },
      protect: [TEXT],
      landings: [
        { what: 'applied', when: TEXT, digest: TEXT, count: 1, paths: [TEXT] },
        { what: 'discarded', when: TEXT, digest: TEXT, count: 1, paths: [TEXT] },
      ],
    });
  }, 240_000);
  afterAll(() => place.remove());

  it.each([
    ['runs'],
    ['runs', '--json'],
    ['log', 'show', RUN],
    ['log', 'show', RUN, '--json'],
    ['log', 'show', RUN, '--denied'],
    ['log', 'verify', RUN],
    ['log', 'verify', RUN, '--json'],
    ['why', RUN],
    ['why', `${RUN}:9`],
    ['why', `${RUN}:9`, '--json'],
    ['trace', `${RUN}:22`],
    ['trace', `${RUN}:22`, '--json'],
    ['verdict', RUN],
    ['verdict', RUN, '--json'],
    ['watch', '--replay', RUN],
    ['watch', '--replay', RUN, '--json'],
    ['review', RUN],
    ['apply', RUN, '--digest', 'x'],
    ['undo', RUN],
    ['grade', RUN, '--show'],
    ['campaigns'],
    ['campaigns', '--json'],
    ['report', RUN, '--output', 'page.html'],
  ])('%s %s %s %s', async (...args) => {
    const { stdout, stderr } = await place.command(...args);
    const shown = Buffer.from(stdout, 'latin1').toString();
    for (const text of [shown, stderr]) {
      const at = DRIVING.exec(text)?.index;
      expect(at === undefined ? '' : JSON.stringify(text.slice(Math.max(0, at - 60), at + 1))).toBe('');
      expect(text.length).toBeLessThan(2_000_000);
    }
    expect(stderr).not.toContain('--verbose for the details'); // an error that nobody expected
    if (args.includes('--json') && shown !== '')
      for (const document of args[0] === 'log' && args[1] === 'show' ? shown.trim().split('\n') : [shown])
        expect(() => JSON.parse(document)).not.toThrow();
  });
});
