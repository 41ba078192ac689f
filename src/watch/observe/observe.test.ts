import { describe, expect, test } from 'vitest';
import type { EventBody, LedgerEvent } from '../../contract/index.ts';
import { Observer } from './observe.ts';

let seq = 0;
const event = (body: EventBody): LedgerEvent => ({
  seq: seq++,
  time: '2026-01-01T00:00:00.000000Z',
  run: 'r',
  cell: 'r',
  ...body,
});
const exec = (pid: number, ppid: number, argv: string[]): LedgerEvent =>
  event({
    kind: 'process.exec',
    owner: { pid, ppid, exe: `/usr/bin/${argv[0]}`, argv },
    path: `/usr/bin/${argv[0]}`,
    cwd: '/w',
    observed: true,
  });

describe('observations of processes', () => {
  test('a process has its parent’s program and arguments, as Sigma names them', () => {
    const observer = new Observer();
    observer.observe(exec(10, 1, ['bash', '-c', 'curl x']), 1);
    const [seen] = observer.observe(exec(11, 10, ['curl', 'x']), 2);
    expect(seen?.category).toBe('process_creation');
    expect(seen?.fields).toMatchObject({
      Image: '/usr/bin/curl',
      CommandLine: 'curl x',
      ParentImage: '/usr/bin/bash',
      ParentCommandLine: 'bash -c curl x',
      CurrentDirectory: '/w',
      ProcessId: 11,
      ParentProcessId: 10,
    });
  });

  test('what a parent forked without executing anything is asked of the kernel, once', () => {
    const asked: number[] = [];
    const observer = new Observer({
      lookUp: (pid) => {
        asked.push(pid);
        return pid === 11 ? { parent: 10, image: '/usr/bin/bash', arguments: ['bash', 'x.sh'] } : undefined;
      },
    });
    observer.observe(exec(10, 1, ['bash', 'x.sh']), 1);
    const [seen] = observer.observe(exec(12, 11, ['nc', 'h']), 2);
    expect(seen?.fields.ParentCommandLine).toBe('bash x.sh');
    expect([...observer.processes.ancestors(12)].map(({ pid }) => pid)).toEqual([11, 10]);
    expect(asked.filter((pid) => pid === 11)).toHaveLength(1);
  });

  test('what the kernel does not know is asked once, too', () => {
    let asked = 0;
    const observer = new Observer({
      lookUp: () => {
        asked += 1;
        return undefined;
      },
    });
    for (let pid = 10; pid < 20; pid++) observer.observe(exec(pid, 5, ['x']), pid);
    expect(asked).toBe(1);
  });

  test('a process that is adopted keeps who started it; a number given again is another process', () => {
    const observer = new Observer();
    observer.observe(exec(10, 1, ['bash']), 1);
    observer.observe(exec(11, 10, ['setsid', 'x']), 2);
    observer.observe(event({ kind: 'process.exit', owner: { pid: 10 }, code: 0 }), 3);
    observer.observe(exec(11, 1, ['x']), 4); // executes again, its parent gone
    expect(observer.processes.get(11)?.parent).toBe(10);
    observer.observe(event({ kind: 'process.exit', owner: { pid: 11 }, code: 0 }), 5);
    observer.observe(exec(11, 7, ['y']), 6);
    expect(observer.processes.get(11)?.parent).toBe(7);
  });

  test('memory is bounded, and what is forgotten before it ended is told', () => {
    const observer = new Observer({ processes: 100 });
    for (let pid = 1; pid <= 1000; pid++) observer.observe(exec(pid, 0, ['x']), pid);
    expect(observer.processes.size).toBeLessThanOrEqual(100);
    expect(observer.lost()).toBeGreaterThanOrEqual(900);
    expect(observer.lost()).toBe(0);
    for (let pid = 2001; pid <= 3000; pid++) {
      observer.observe(exec(pid, 0, ['x']), pid);
      observer.observe(event({ kind: 'process.exit', owner: { pid }, code: 0 }), pid);
    }
    expect(observer.lost()).toBeLessThanOrEqual(100); // what ended is forgotten first
  });
});

describe('observations of flows', () => {
  test('what comes later of a flow says where it goes and whose it is', () => {
    const observer = new Observer();
    observer.observe(exec(10, 1, ['ssh', '-R', '1:h:2']), 1);
    const opened = observer.observe(
      event({
        kind: 'flow.open',
        flow: 'f1',
        owner: { pid: 10, exe: '/usr/bin/ssh' },
        host: 'h.example.com',
        address: '192.0.2.1',
        port: 443,
        transport: 'tcp',
        clause: 'network[0]',
      }),
      2,
    );
    expect(opened.map(({ category }) => category)).toEqual(['network_connection', 'egress_flow']);
    const [verdict] = observer.observe(
      event({ kind: 'flow.verdict', flow: 'f1', protocol: 'ssh', declared: 'https', ok: false }),
      3,
    );
    expect(verdict?.fields).toMatchObject({
      CommandLine: 'ssh -R 1:h:2',
      DestinationHostname: 'h.example.com',
      DestinationPort: 443,
      Protocol: 'ssh',
      Ok: false,
    });
  });
});

test('a turn of a model is as many observations as it has parts', () => {
  const observer = new Observer();
  const seen = observer.observe(
    event({
      kind: 'model.turn',
      turn: 't1',
      provider: 'anthropic',
      api: 'messages',
      model: 'm',
      stream: false,
      ms: 3,
      input: [{ role: 'user', type: 'text', text: 'hello' }],
      output: [{ role: 'assistant', type: 'tool_call', text: '{"command":"ls"}', id: 'c1', name: 'bash' }],
      allowed: true,
      clause: 'models[0]',
    }),
    1,
  );
  expect(seen.map(({ fields }) => [fields.Direction, fields.Type, fields.Tool])).toEqual([
    ['input', 'text', undefined],
    ['output', 'tool_call', 'bash'],
  ]);
});
