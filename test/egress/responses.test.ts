/**
 * Budgets and violations end a run with their exit code, and the record says which process did it.
 *
 * @module
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Ended, ofKind, type Project, type Terms } from './cell.ts';
import { HOME4 } from './origins.ts';
import { HALVES, makeProject, makeSetting, ordinaryTerms, personNamed, type Setting } from './setting.ts';

const VIOLATION = 122;
const BUDGET = 124;

let setting: Setting;
beforeAll(async () => {
  setting = await makeSetting();
});
afterAll(() => setting.close());

describe.each(HALVES)('as %s', (who) => {
  let project: Project;
  beforeAll(() => {
    project = makeProject(setting, personNamed(setting, who));
  });
  afterAll(() => project.remove());

  const web = (limits: { bytes?: number; connections?: number }, on?: Terms['on']): Terms => ({
    network: [{ host: 'web.example.com', port: setting.origins.http, protocol: 'http', ...limits }],
    resolve: { 'web.example.com': [HOME4] },
    ...(on && { on }),
  });
  const sockets = (terms: Terms, word: string, given: Record<string, unknown>) =>
    project.run(terms, 'python3', 'sockets.py', word, JSON.stringify(given));

  test.each(['stop', 'kill'])('a byte budget ends the run: %s', async (action) => {
    const given = { host: 'web.example.com', port: setting.origins.http };
    const ended = await sockets(web({ bytes: 1_000_000 }, { budget: action }), 'download', given);
    expect(ended.status, ended.err).toBe(BUDGET);
    expect(ended.record.reason).toBe('budget');
    expect(ofKind(ended.events, 'limit.reached')).toMatchObject([
      { limit: 'network[0].bytes', max: 1_000_000, action },
    ]);
    const [closed] = ofKind(ended.events, 'flow.close');
    expect(closed?.reason).toBe('budget');
    expect((closed?.sent ?? 0) + (closed?.received ?? 0)).toBeLessThanOrEqual(1_000_000);
    expect(closed?.received).toBeGreaterThan(0);
    expect(ended.ms).toBeLessThan(10_000);
  });

  test('a connection budget ends the run', async () => {
    const given = { host: 'web.example.com', port: setting.origins.http, count: 10 };
    const ended = await sockets(web({ connections: 3 }), 'many', given);
    expect(ended.status, ended.err).toBe(BUDGET);
    expect(ended.out.split('\n').slice(0, 3)).toEqual(['0 200', '1 200', '2 200']);
    expect(ended.out).not.toContain('3 200');
    const [reached] = ofKind(ended.events, 'limit.reached');
    expect(reached).toMatchObject({ limit: 'network[0].connections', used: 4, max: 3, action: 'stop' });
    expect(ofKind(ended.events, 'flow.open').length).toBe(3);
  });

  const expectViolation = (ended: Ended, what: RegExp, clause: string, script: string) => {
    expect(ended.status, ended.err).toBe(VIOLATION);
    expect(ended.record.reason).toBe('violation');
    expect(ended.record.violations).toMatchObject([
      { what: expect.stringMatching(what), clause, action: 'stop' },
    ]);
    const [violation] = ofKind(ended.events, 'violation');
    expect(violation?.owner?.argv?.[2]).toBe(script);
    const flow = ended.record.flows.find((one) => one.flow === violation?.flow);
    expect(flow?.owner?.pid).toBe(violation?.owner?.pid);
    expect(ofKind(ended.events, 'flow.close').find((one) => one.flow === violation?.flow)?.reason).toBe(
      'violation',
    );
    expect(ended.err).toContain(`pid ${violation?.owner?.pid}`);
  };

  test('a TLS hello for another name', async () => {
    const given = { host: 'api.example.com', port: setting.origins.https, sni: 'other.example.com' };
    const ended = await sockets(ordinaryTerms(setting, project), 'wrong_name', given);
    expect(ended.out).not.toContain('reached');
    expectViolation(ended, /server_name is other\.example\.com/, 'network[0].host', 'wrong_name');
  });

  test('another Host in the second request of a connection', async () => {
    const given = { host: 'web.example.com', port: setting.origins.http, other: 'other.example.com' };
    const ended = await sockets(ordinaryTerms(setting, project), 'second_request', given);
    expect(ended.out).toContain('hello web.example.com');
    expect(ended.out).not.toContain('second');
    expectViolation(ended, /Host is other\.example\.com/, 'network[1].host', 'second_request');
  });

  test('another protocol than the declared one', async () => {
    const { http, https } = setting.origins;
    // TLS to the host that was declared as HTTP
    const given = { host: 'web.example.com', port: http, sni: 'web.example.com' };
    const ended = await sockets(ordinaryTerms(setting, project), 'wrong_name', given);
    expectViolation(ended, /^tls where http is declared/, 'network[1].protocol', 'wrong_name');
    // and plain HTTP to the one declared as HTTPS
    const plain = { host: 'api.example.com', port: https, other: 'api.example.com' };
    const other = await sockets(ordinaryTerms(setting, project), 'second_request', plain);
    expectViolation(other, /^http where https is declared/, 'network[0].protocol', 'second_request');
  });

  test('a violation that the contract only notes does not end the run', async () => {
    const given = { host: 'api.example.com', port: setting.origins.https, sni: 'other.example.com' };
    const terms = { ...ordinaryTerms(setting, project), on: { violation: 'note' } };
    const ended = await sockets(terms, 'wrong_name', given);
    expect(ended.status).toBe(1); // the script's own: its connection was reset
    expect(ended.record.violations).toMatchObject([{ action: 'note' }]);
  });
});
