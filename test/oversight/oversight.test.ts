/**
 * Questions of a run and their answers, from a second terminal: judged by what the program inside reaches and by what
 * the record says.
 *
 * @module
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { identities, Place } from '../run/place.ts';
import { Desk, type Origin, startOrigin } from './desk.ts';

let origin: Origin;
beforeAll(async () => {
  origin = await startOrigin();
});
afterAll(() => {
  origin.server.closeAllConnections();
  origin.server.close();
});

describe.each(identities())('as %s', (identity) => {
  let desk: Desk;
  beforeEach(() => {
    desk = new Desk(new Place(identity));
  });
  afterEach(() => desk.place.remove());

  const fetch = (host: string, path = '/') => `curl -sS -m 30 http://${host}:${origin.port}${path}`;
  const here = () => ['--port', `${origin.port}`, '--protocol', 'http', '--address', '127.0.0.1'];
  const command = (...words: string[]) => desk.place.command(...words);

  test('a yes lets the very connection that asked go on, and is on record with who', async () => {
    const running = desk.start(`${fetch('new.example.com')}; ${fetch('new.example.com')}`);
    const { run, questions } = await desk.questions();
    expect(questions).toMatchObject([
      {
        question: 1,
        effect: 'network.new-host',
        rule: { host: 'new.example.com', port: 443, protocol: 'https' },
      },
    ]);
    expect(questions[0]?.owner?.exe).toMatch(/\/curl$/);
    expect((await command('ps')).stdout).toContain('1 of 50 questions asked, 1 waiting');
    const answered = await command('allow', run, '1', ...here());
    expect(answered.stderr).toBe('');
    expect(answered.stdout).toContain(`- { host: new.example.com, port: ${origin.port}, protocol: http }`);
    const ended = await running;
    expect(ended).toMatchObject({ code: 0, stdout: 'reached\nreached\n' });
    const events = await desk.events();
    const [ask, answer, change, flow] = events.filter(({ kind }) =>
      ['approval.ask', 'approval.answer', 'contract.change', 'flow.open'].includes(kind),
    );
    expect(ask).toMatchObject({ kind: 'approval.ask', question: 1, what: 'resolve new.example.com' });
    expect(answer).toMatchObject({ kind: 'approval.answer', question: 1, allow: true });
    expect(answer).toHaveProperty('by', expect.stringMatching(/\(uid \d+, no terminal\)$/));
    expect(change).toMatchObject({ kind: 'contract.change', clause: 'network[0]' });
    expect(change).not.toHaveProperty('until');
    expect(flow).toMatchObject({ kind: 'flow.open', host: 'new.example.com', clause: 'network[0]' });
  });

  test('a no is a name that does not exist, and is not asked about again', async () => {
    const running = desk.start(`${fetch('new.example.com')}; echo $?; ${fetch('new.example.com')}; echo $?`);
    const { run } = await desk.questions();
    expect((await command('deny', run, '1')).stdout).toContain('not asked again in this run');
    expect((await running).stdout).toBe('6\n6\n');
    expect(await desk.eventsOf('approval.ask')).toHaveLength(1);
    const denials = await desk.eventsOf('denial');
    expect(denials[0]?.what).toContain('denied by the operator');
  });

  test('beyond its budget nobody is asked, and that is on record', async () => {
    const terms = 'oversight: { approve: [network.new-host], patience: 25s, questions: 1 }';
    const script = `${fetch('one.example.com')}; echo $?; ${fetch('two.example.com')}; echo $?`;
    const running = desk.start(script, terms);
    const { run, questions } = await desk.questions();
    expect(questions).toMatchObject([{ number: 1, most: 1 }]);
    expect((await command('questions')).stdout).toContain('1 of 1 questions asked in this run');
    await command('deny', run, '1');
    expect((await running).stdout).toBe('6\n6\n');
    expect(await desk.eventsOf('approval.ask')).toMatchObject([{ question: 1 }, { question: 2 }]);
    const [, answer] = await desk.eventsOf('approval.answer');
    expect(answer).toMatchObject({
      question: 2,
      allow: false,
      by: 'nobody',
      detail: 'not asked: 1 of 1 questions were asked',
    });
  });

  test('silence is a no for once: the next attempt asks again', async () => {
    const again = `until ${fetch('new.example.com')} 2>/dev/null; do sleep 0.1; done`;
    const running = desk.start(again, 'oversight: { approve: [network.new-host], patience: 2s }');
    await desk.questions();
    const second = await (async () => {
      for (;;) {
        const found = await desk.questions();
        if (found.questions[0]?.question === 2) return found;
      }
    })();
    await command('allow', second.run, '2', ...here());
    expect((await running).stdout).toBe('reached\n');
    const answers = await desk.eventsOf('approval.answer');
    expect(answers.map(({ question, allow, by }) => [question, allow, by === 'nobody'])).toEqual([
      [1, false, true],
      [2, true, false],
    ]);
    expect(answers[0]?.detail).toContain('denied once');
  });

  test('a question is withdrawn when who asked ends; whoever asks after that is heard', async () => {
    const terms = 'oversight: { approve: [network.new-host], patience: 50s }';
    const script = `timeout -s KILL 3 ${fetch('new.example.com')}; echo $?; ${fetch('new.example.com')}; echo $?`;
    const running = desk.start(script, terms);
    await desk.questions();
    const second = await (async () => {
      for (;;) {
        const found = await desk.questions();
        if (found.questions[0]?.question === 2) return found;
      }
    })();
    expect(second.questions).toHaveLength(1);
    expect((await command('allow', second.run, '1')).stderr).toContain('there is no question 1');
    await command('deny', second.run, '2');
    expect((await running).stdout).toBe('137\n6\n');
    expect(await desk.eventsOf('approval.answer')).toMatchObject([
      { question: 1, allow: false, by: 'nobody', detail: 'withdrawn: who asked is gone' },
      { question: 2, allow: false, detail: 'not asked again in this run' },
    ]);
  });

  test('a flood of questions is bounded, and holds up no other process', async () => {
    const flood = readFileSync(join(import.meta.dirname, 'inside/flood.py'));
    desk.place.file('flood.py', flood);
    const contract = `network: [{ host: known.example.com, port: 80, protocol: http }]\nresolve: { known.example.com: [127.0.0.1] }`;
    const running = desk.start(
      'python3 flood.py 200',
      contract.concat('\noversight: { approve: [network.new-host], patience: 60s }'),
    );
    const { run, questions } = await desk.questions(8);
    expect(questions).toHaveLength(8);
    await command('deny', run, '8', '--once');
    const { stdout } = await running;
    const said = JSON.parse(stdout) as { slowest: number; refused: number; codes: number[] };
    expect(said.slowest, 'it waited for no answer').toBeLessThan(30);
    expect(said.refused).toBeGreaterThanOrEqual(150);
    expect(said.codes).toEqual([3]);
    expect((await desk.eventsOf('approval.ask')).length).toBeLessThanOrEqual(16);
    const denials = await desk.eventsOf('denial');
    expect(denials.some(({ what }) => what.includes('too many questions'))).toBe(true);
  });

  test('an answer for another run, another question or another contract is refused', async () => {
    const running = desk.start(fetch('new.example.com'));
    const { run } = await desk.questions();
    expect(await command('allow', '19990101-000000-ffffff', '1')).toMatchObject({ code: 1 });
    const other = await command('allow', run, '7');
    expect(other.code).toBe(1);
    expect(other.stderr).toContain('there is no question 7');
    const wrong = await command('allow', run, '1', '--protocol', 'gopher');
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain('protocol');
    expect((await command('allow', run, '1', '--address', '0.0.0.0')).stderr).toContain(
      'no address to connect to',
    );
    expect((await desk.questions()).questions).toHaveLength(1);
    await command('deny', run, '1', '--once');
    await running;
    const gone = await command('allow', run, '1');
    expect(gone.code).toBe(1);
    expect(await desk.eventsOf('contract.change')).toEqual([]);
  });

  test('what was allowed for a time ends with its connections, and is asked about again', async () => {
    const held = `${fetch('new.example.com', '/hold')}; echo "ended $?"; ${fetch('new.example.com')}; echo $?`;
    const running = desk.start(held);
    const { run } = await desk.questions();
    const answered = await command('allow', run, '1', '--for', '6s', ...here());
    expect(answered.stdout).toMatch(/is allowed until \d{4}-/);
    const second = await desk.questions();
    expect(second.questions[0]?.question).toBe(2);
    await command('deny', run, '2');
    const { stdout } = await running;
    expect(stdout).toMatch(/^held\nended (18|56)\n6\n$/);
    const [answer] = await desk.eventsOf('approval.answer');
    expect(answer?.until).toMatch(/^\d{4}-.*Z$/);
    const [closed] = await desk.eventsOf('flow.close');
    expect(closed?.reason).toBe('its approval ended');
  });

  test('once is one connection', async () => {
    const running = desk.start(`${fetch('new.example.com')}; ${fetch('new.example.com')}; echo $?`);
    const { run } = await desk.questions();
    await command('allow', run, '1', '--once', ...here());
    const second = await desk.questions();
    expect(second.questions[0]).toMatchObject({ question: 2, what: 'resolve new.example.com' });
    await command('allow', run, '2', '--once', ...here());
    const ended = await running;
    expect(ended.stdout).toBe('reached\nreached\n0\n');
    expect(await desk.eventsOf('flow.open')).toHaveLength(2);
  });

  test('a controller that is stopped obeys nothing of what it was told meanwhile, and its run is not forgotten', async () => {
    const running = desk.start(`${fetch('new.example.com')}; echo $?`);
    const { run } = await desk.questions();
    const [status] = JSON.parse((await command('ps', '--json')).stdout) as { pid: number }[];
    const { pid = 0 } = status ?? {};
    process.kill(pid, 'SIGSTOP');
    try {
      const refused = await command('allow', run, '1', ...here());
      expect(refused.code).toBe(1);
      expect(refused.stderr).toContain(`run ${run} does not answer, and nothing was changed`);
      const listed = await command('ps');
      expect(listed.stderr).toContain(`run ${run} does not answer`);
      expect(listed.stdout).not.toContain('nothing is running');
    } finally {
      process.kill(pid, 'SIGCONT');
    }
    await desk.questions();
    await command('deny', run, '1');
    expect((await running).stdout).toBe('6\n');
    expect(await desk.eventsOf('contract.change')).toEqual([]);
  });

  test('an agent does not get at the socket through which it is answered', async () => {
    const ask = desk.place.file('answer.py', readFileSync(join(import.meta.dirname, 'inside/answer.py')));
    const runtime = desk.place.folder('home/project/runtime', 0o700);
    const env = { XDG_RUNTIME_DIR: runtime };
    const ends = 'oversight: { approve: [network.new-host], patience: 5s }';
    const direct = `files: { workspace: { path: ../home/project, mode: direct }, write: ["**"] }\n${ends}`;
    const refused = await desk.start(`python3 ${ask}`, direct, { env });
    expect(refused).toMatchObject({ code: 125, stdout: '' });
    expect(refused.stderr).toContain('holds the folder through which runs are controlled');
    const overlaid = await desk.start(`python3 ${ask}`, ends, { env });
    expect(overlaid).toMatchObject({ code: 123, stdout: '' });
    expect(overlaid.stderr).toContain('sockets cannot be seen');
  });

  test('where several runs go on, a question is answered by its run’s name alone', async () => {
    const first = desk.start(fetch('one.example.com'));
    const { run } = await desk.questions();
    const second = desk.start(`until [ -e stop ]; do sleep 0.1; done`);
    const both = async () => JSON.parse((await command('ps', '--json')).stdout).length;
    await expect.poll(both, { timeout: 30_000 }).toBe(2);
    const either = await command('allow', '1');
    expect(either.code).toBe(2);
    expect(either.stderr).toContain('several runs can be meant');
    expect((await desk.questions()).questions).toHaveLength(1);
    await command('deny', run, '1');
    await command('stop', '--all', '--kill');
    await Promise.all([first, second]);
  });

  test('several questions wait at once and are answered in any order', async () => {
    const running = desk.start(
      `(${fetch('a.example.com')}; echo a $?) & (${fetch('b.example.com')}; echo b $?) & wait`,
    );
    const { run, questions } = await desk.questions(2);
    expect(new Set(questions.map(({ what }) => what))).toEqual(
      new Set(['resolve a.example.com', 'resolve b.example.com']),
    );
    const of = (host: string) => String(questions.find(({ what }) => what.endsWith(host))?.question);
    await command('deny', run, of('b.example.com'));
    await command('allow', run, of('a.example.com'), ...here());
    const { stdout } = await running;
    expect(stdout).toContain('b 6');
    expect(stdout).toContain('reached\na 0');
  });

  test('a run that is killed while it asks leaves a whole record that says so', async () => {
    const running = desk.start(fetch('new.example.com'));
    const { run } = await desk.questions();
    await command('stop', '--kill', run);
    await running;
    expect(await desk.eventsOf('approval.answer')).toMatchObject([
      { question: 1, allow: false, by: 'nobody', detail: 'the run ended first' },
    ]);
    expect((await command('questions')).stdout).toBe('nothing is asked\n');
  });

  test('why says, while the run goes on, which command would allow what was denied', async () => {
    const running = desk.start(
      `${fetch('denied.example.com')}; curl -sS -m 3 http://192.0.2.7:81/; until [ -e stop ]; do sleep 0.1; done`,
      'network: [{ host: known.example.com, port: 80, protocol: http }]\noversight: { on: { violation: note } }',
    );
    const run = await desk.running();
    const commands = async () => {
      const { stdout } = await command('why', '--json', run);
      return (JSON.parse(stdout) as { command?: string }[]).map((answer) => answer.command);
    };
    await expect.poll(commands, { timeout: 10_000 }).toContain(`ringfence allow ${run} 192.0.2.7:81 tcp`);
    expect(await commands()).toContain(`ringfence allow ${run} denied.example.com`);
    expect((await command('why', run)).stdout).toContain(`ringfence allow ${run} denied.example.com`);
    await command('stop', '--kill', run);
    await running;
    expect((await commands()).filter((line) => line !== undefined)).toEqual([]);
  });

  test('a host is added without a question, as the contract would allow it and not otherwise', async () => {
    const script = `until ${fetch('added.example.com')} 2>/dev/null; do sleep 0.1; done`;
    const contract = `network: [{ host: "*.example.org", port: 80, protocol: http }]`;
    const running = desk.start(script, contract.concat('\noversight: { on: { violation: note } }'));
    const run = await desk.running();
    const twice = await command('allow', run, 'www.example.org:80', 'http');
    expect(twice.stderr).toContain('is covered twice: also by network[0] (*.example.org:80, http)');
    expect((await command('allow', run, 'localhost')).stderr).toContain(
      'localhost, inside, is the cell itself',
    );
    expect((await command('allow', run, 'exa_mple..com')).stderr).toContain('not a host name');
    expect((await command('allow', run, 'added.example.com:99999')).stderr).toMatch(/port/);
    const added = await command(
      'allow',
      run,
      `added.example.com:${origin.port}`,
      'http',
      '--address',
      '127.0.0.1',
    );
    expect(added.stderr).toBe('');
    expect((await running).stdout).toBe('reached\n');
    expect(await desk.eventsOf('contract.change')).toHaveLength(1);
  });

  test('a run without any network cannot be given one, and one that requires a hazard to be covered keeps it', async () => {
    const stop = 'until [ -e stop ]; do sleep 0.1; done';
    const running = desk.start(stop, 'oversight: { on: { violation: note } }');
    const run = await desk.running();
    const refused = await command('allow', run, 'new.example.com');
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain('started without any network');
    expect(refused.stderr).toContain('approve: [network.new-host]');
    await command('stop', '--kill', run);
    await running;
    const required = await desk.start(
      'true',
      'never: { require: [exfiltration] }\noversight: { approve: [network.new-host] }',
    );
    expect(required.code).toBe(125);
    expect(required.stderr).toContain('exfiltration is required but not covered');
  });

  test('what the agent names itself and its hosts drives no terminal', async () => {
    const host = 'xn--80ak6aa92e.com'; // displayed, it reads as a well-known name
    desk.place.file('ask.py', `import socket; socket.getaddrinfo("${host}", 80)`);
    const argv = `python3 ask.py "$(printf '\\033]0;owned\\007\\342\\200\\256')"`;
    const running = desk.start(`${argv}; true`);
    const { run } = await desk.questions();
    const { stdout } = await command('questions');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be there
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]/);
    expect(stdout).toContain('\\x1b]0;owned');
    expect(stdout).toMatch(/shown as .*letters of other scripts/);
    expect(stdout).toMatch(/CAUTION {2}it looks like apple\.com/);
    await command('deny', run, '1');
    await running;
  });
});
