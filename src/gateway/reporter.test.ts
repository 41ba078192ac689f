import { expect, test } from 'vitest';
import type { EventBody, GatewayMessage } from '../contract/index.ts';
import { Reporter } from './reporter.ts';

function reported(run: (reporter: Reporter) => void): EventBody[] {
  const messages: GatewayMessage[] = [];
  const reporter = new Reporter((message) => messages.push(message));
  run(reporter);
  reporter.flush();
  return messages.flatMap((message) => (message.type === 'event' ? [message.event] : []));
}

const lookUp = (name: string, ttl = 60): EventBody => ({
  kind: 'dns.query',
  name,
  type: 'A',
  answer: [],
  ttl,
});

test('the same look-up again and again is counted, and nothing is lost', () => {
  const events = reported((reporter) => {
    for (let ttl = 0; ttl < 1000; ttl += 1) reporter.coalesced('key', lookUp('api.example.com', ttl));
  });
  expect(events).toHaveLength(9);
  expect(events.at(-1)).toMatchObject({ kind: 'dns.query', name: 'api.example.com', count: 992 });
});

test('many different look-ups at once are a loss that says how many', () => {
  const events = reported((reporter) => {
    for (let index = 0; index < 1000; index += 1) reporter.coalesced('key', lookUp(`${index}.example.com`));
  });
  expect(events).toHaveLength(8 + 16 + 1);
  expect(events.at(-1)).toMatchObject({ kind: 'sensor.loss', count: 1000 - 8 - 16 });
});

test('denials keep what they said last', () => {
  const events = reported((reporter) => {
    for (let index = 0; index < 10; index += 1)
      reporter.coalesced('key', { kind: 'denial', layer: 'dns', what: `resolve ${index}` });
  });
  expect(events.at(-1)).toMatchObject({ kind: 'denial', what: 'resolve 9', count: 2 });
});
