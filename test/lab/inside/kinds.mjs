// Honest conversations, as both ends play them: who says what, and after how many milliseconds. `c` is the client, in the cell.
// What is a number is so many bytes of no known form. Three variants of each differ in lengths and pauses.

const lines = (...all) => `${all.join('\r\n')}\r\n`;
const times = (count, make) => Array.from({ length: count }, (_, n) => make(n)).flat();
const http = (method, path, more = [], body = '') =>
  `${lines(`${method} ${path} HTTP/1.1`, 'Host: out.example.com', 'User-Agent: lab/1', ...more)}\r\n${body}`;
const ok = (body, more = []) =>
  `${lines('HTTP/1.1 200 OK', 'Server: lab', 'Date: Thu, 01 Jan 2026 00:00:00 GMT', `Content-Length: ${body.length}`, ...more)}\r\n${body}`;
const frame = (text, mask = false) => {
  const head = text.length < 126 ? [text.length] : [126, text.length >> 8, text.length & 255];
  head[0] |= mask ? 0x80 : 0;
  return Buffer.concat([Buffer.from([0x81, ...head, ...(mask ? [0, 0, 0, 0] : [])]), Buffer.from(text)]);
};
const upgrade = [
  [
    'c',
    http('GET', '/chat', [
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
      'Sec-WebSocket-Version: 13',
    ]),
  ],
  ['s', lines('HTTP/1.1 101 Switching Protocols', 'Connection: Upgrade', 'Upgrade: websocket', '')],
];
const chat = (v) => [
  ...upgrade,
  ...times(3, (n) => [
    ['s', frame(`alice: how is number ${n} going? ${'.'.repeat(v * 9)}`), 260 + 40 * v],
    ['c', frame(`it is fine, ${n} of ${v} are done`, true), 240],
  ]),
  ['c', frame('I have a question, too', true), 300],
  ['s', frame('go on'), 250],
];
const resp = (...words) =>
  `*${words.length}\r\n${words.map((word) => `$${word.length}\r\n${word}\r\n`).join('')}`;
const jobs = (v) => [
  ['c', '{"hello":"worker","version":1}\n'],
  ...times(3, (n) => [
    ['s', `{"job":${n},"run":"resize","args":[${n * 7 + v}]}\n`, 320],
    ['c', `{"job":${n},"ok":true,"result":"${'r'.repeat(60 + 30 * v)}"}\n`, 20],
  ]),
];
const telemetry = (v) =>
  times(8, (n) => [
    [
      'c',
      `{"cpu":${50 + v},"at":${1_000_000 + n * 1000},"host":"builder-${v}","memory":${2 ** 30},"load":[1,2,3]}`,
      120,
    ],
    ['s', '{"ok":true,"id":"0000000000000000"}'],
  ]);
const mqtt = (v) => [
  ['c', Buffer.from('102000044d5154540402003c0014', 'hex')],
  ['s', Buffer.from('20020000', 'hex')],
  ...times(6, (n) => [
    ['c', Buffer.concat([Buffer.from([0x32, 40]), Buffer.alloc(40, 65 + n)]), 90 + 20 * v],
    ['s', Buffer.from([0x40, 2, 0, n])],
  ]),
  ['c', Buffer.from('c000', 'hex'), 220],
  ['s', Buffer.from('d000', 'hex')],
];
const smtp = (v) => [
  ['s', lines('220 mx.example.com ESMTP'), 20 + 200 * v],
  ['c', lines('EHLO cell.example.com')],
  ['s', lines('250-mx.example.com', '250-SIZE 10240000', '250 8BITMIME'), 230],
  ['c', lines('MAIL FROM:<a@example.com>')],
  ['s', lines('250 2.1.0 Ok'), 210],
  ['c', lines('RCPT TO:<b@example.com>')],
  ['s', lines('250 2.1.5 Ok'), 230],
  ['c', lines('DATA')],
  ['s', lines('354 End data with <CR><LF>.<CR><LF>'), 220],
  ['c', lines('Subject: hello', '', 'x'.repeat(400 + 300 * v), '.')],
  ['s', lines('250 2.0.0 Ok: queued'), 250],
  ['c', lines('QUIT')],
  ['s', lines('221 2.0.0 Bye')],
];
const tagged = (v) => [
  ['s', lines('* OK IMAP4rev1 ready')],
  ['c', lines('a1 LOGIN a b')],
  ['s', lines('a1 OK done'), 240],
  ['c', lines('a2 SELECT INBOX')],
  ['s', lines(`* ${v} EXISTS`, '* FLAGS ()', 'a2 OK done'), 220],
  ['c', lines('a3 IDLE')],
  ['s', lines('+ idling')],
  ['s', lines('* 4 EXISTS'), 400],
  ['c', lines('DONE')],
  ['s', lines('a3 OK done')],
];

/** name → `{ tls, alpn, steps(variant) }` */
export const KINDS = {
  'HTTP GET': {
    steps: (v) => [
      ['c', http('GET', `/x${v}`)],
      ['s', ok('a'.repeat(900 * (v + 1))), 30],
    ],
  },
  'HTTP keep-alive': {
    steps: (v) =>
      times(6, (n) => [
        ['c', http('GET', `/p${n}`), 60],
        ['s', ok('b'.repeat(120 * v + n)), 40],
      ]),
  },
  'HTTP POST, slow server': {
    steps: (v) =>
      times(5, () => [
        ['c', http('POST', '/in', [`Content-Length: ${600 + v}`], 'x'.repeat(600 + v))],
        ['s', lines('HTTP/1.1 204 No Content', ''), 260],
      ]),
  },
  'HTTPS GET': {
    tls: true,
    alpn: true,
    steps: (v) => [
      ['c', http('GET', `/x${v}`)],
      ['s', ok('a'.repeat(5000 * (v + 1))), 30],
    ],
  },
  'HTTPS POST without ALPN, slow server': {
    tls: true,
    steps: (v) =>
      times(5, () => [
        ['c', http('POST', '/in', [`Content-Length: ${600 + v}`], 'x'.repeat(600 + v))],
        ['s', ok('{"ok":true}'), 260],
      ]),
  },
  'HTTPS long poll': {
    tls: true,
    alpn: true,
    steps: (v) =>
      times(4, () => [
        ['c', http('GET', '/poll')],
        ['s', ok(v === 0 ? '' : `{"event":${v}}`), 400],
      ]),
  },
  'HTTPS event stream': {
    tls: true,
    alpn: true,
    steps: (v) => [
      ['c', http('GET', '/events')],
      ['s', lines('HTTP/1.1 200 OK', 'Content-Type: text/event-stream', '')],
      ...times(6, (n) => [['s', `data: {"n":${n},"v":${v}}\n\n`, 220]]),
    ],
  },
  'WebSocket chat': { steps: chat },
  'WebSocket chat over TLS': { tls: true, alpn: true, steps: chat },
  Redis: {
    steps: (v) =>
      times(8, (n) => [
        ['c', resp('GET', `key:${n}`), n % 3 === 0 ? 230 : 5],
        ['s', `$${5 + v}\r\n${'v'.repeat(5 + v)}\r\n`],
      ]),
  },
  'Redis subscription': {
    steps: (v) => [
      ['c', resp('SUBSCRIBE', 'news')],
      ['s', '*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n'],
      ...times(5, (n) => [['s', resp('message', 'news', `item ${n} ${'.'.repeat(20 * v)}`), 240]]),
    ],
  },
  Memcached: {
    steps: (v) =>
      times(5, (n) => [
        ['c', `set k${n} 0 0 ${4 + v}\r\n${'x'.repeat(4 + v)}\r\n`, 30],
        ['s', 'STORED\r\n', 210],
      ]),
  },
  MySQL: {
    steps: (v) => [
      ['s', Buffer.concat([Buffer.from([74, 0, 0, 0, 10]), Buffer.alloc(73, 56)])],
      ['c', 180],
      ['s', Buffer.from('0700000200000002000000', 'hex')],
      ...times(5, (n) => [
        [
          'c',
          Buffer.concat([
            Buffer.from([30 + v, 0, 0, 0, 3]),
            Buffer.from('SELECT * FROM things WHERE id'.padEnd(29 + v)),
          ]),
          20,
        ],
        ['s', 300 + 70 * n, 240],
      ]),
    ],
  },
  SMTP: { steps: smtp },
  'SMTP over TLS': { tls: true, steps: smtp },
  IMAP: { steps: tagged },
  'IMAP over TLS': { tls: true, steps: tagged },
  POP3: {
    steps: (v) => [
      ['s', lines('+OK ready')],
      ...times(4, (n) => [
        ['c', lines(['USER a', 'PASS b', 'STAT', 'QUIT'][n])],
        ['s', lines(`+OK ${v}`), 230],
      ]),
    ],
  },
  'FTP control': {
    steps: (v) => [
      ['s', lines('220 FTP ready')],
      ...times(4, (n) => [
        ['c', lines(['USER a', 'PASS b', 'SYST', 'QUIT'][n])],
        ['s', lines(`${[331, 230, 215, 221][n]} fine ${v}`), 230],
      ]),
    ],
  },
  'MQTT telemetry': { steps: mqtt },
  'MQTT telemetry over TLS': { tls: true, steps: mqtt },
  NATS: {
    steps: (v) => [
      ['s', lines('INFO {"server_id":"a","version":"2"}')],
      ['c', lines('CONNECT {"verbose":false}', 'PING')],
      ['s', lines('PONG')],
      ['c', lines('SUB news 1')],
      ...times(3, () => [['s', lines(`MSG news 1 ${5 + v}`, 'h'.repeat(5 + v)), 260]]),
      ['s', lines('PING'), 300],
      ['c', lines('PONG')],
    ],
  },
  'AMQP, binary jobs': {
    steps: (v) => [
      ['c', Buffer.from('AMQP\0\0\x09\x01', 'latin1')],
      ['s', 400],
      ['c', 320 + v],
      ['s', 20],
      ...times(2, () => [
        ['s', 210, 350],
        ['c', 25, 15],
      ]),
    ],
  },
  'JSON lines, RPC': {
    steps: (v) =>
      times(6, (n) => [
        ['c', `{"jsonrpc":"2.0","id":${n},"method":"files.list","params":{"at":${v}}}\n`, 40],
        ['s', `{"jsonrpc":"2.0","id":${n},"result":["a","b"]}\n`, 220],
      ]),
  },
  'JSON lines, jobs': { steps: jobs },
  'JSON jobs over TLS with ALPN': { tls: true, alpn: true, steps: jobs },
  IRC: {
    steps: (v) => [
      ['c', lines('NICK cell', 'USER cell 0 * :cell')],
      ['s', lines(':irc 001 cell :Welcome')],
      ...times(3, (n) => [['s', lines(`:bob!b@x PRIVMSG #lab :line ${n} ${v}`), 240]]),
      ['s', lines('PING :irc'), 260],
      ['c', lines('PONG :irc')],
      ['c', lines('PRIVMSG #lab :hello all'), 220],
    ],
  },
  Syslog: {
    steps: (v) =>
      times(9, (n) => [
        [
          'c',
          `<34>1 2026-01-01T00:00:0${n}Z cell app - - - message ${'m'.repeat(20 * v + n)}\n`,
          n % 2 ? 10 : 230,
        ],
      ]),
  },
  'Metrics of one length over TLS': { tls: true, steps: telemetry },
  'Metrics of one length': { steps: telemetry },
  'Large download': {
    steps: (v) => [
      ['c', http('GET', '/big')],
      ['s', lines('HTTP/1.1 200 OK', `Content-Length: ${1_500_000 * (v + 1)}`, '')],
      ['s', 1_500_000 * (v + 1)],
    ],
  },
  'Large upload': {
    steps: (v) => [
      ['c', http('PUT', '/big', [`Content-Length: ${1_000_000 * (v + 1)}`])],
      ['c', 1_000_000 * (v + 1)],
      ['s', lines('HTTP/1.1 201 Created', '')],
    ],
  },
  'TLS, large download': {
    tls: true,
    alpn: true,
    steps: (v) => [
      ['c', http('GET', '/big')],
      ['s', ok('z'.repeat(400_000 * (v + 1)))],
    ],
  },
  Echo: {
    steps: (v) =>
      times(5, (n) => [
        ['c', `hello ${n} ${'e'.repeat(40 * v)}\n`, 220],
        ['s', `hello ${n} ${'e'.repeat(40 * v)}\n`],
      ]),
  },
  Whois: {
    steps: (v) => [
      ['c', lines('example.com')],
      ['s', `Domain Name: EXAMPLE.COM\r\n${'Status: active\r\n'.repeat(9 * (v + 1))}`, 240],
    ],
  },
  'LDAP, binary': {
    steps: (v) => [
      ['c', Buffer.from('300c020101600702010304008000', 'hex')],
      ['s', Buffer.from('300c02010161070a010004000400', 'hex'), 230],
      ...times(3, () => [
        ['c', 60 + v, 30],
        ['s', 500, 220],
      ]),
    ],
  },
  'Binary RPC': {
    steps: (v) =>
      times(6, (n) => [
        ['c', 60 + 90 * v + n * 13, 30],
        ['s', 700 - 60 * n, 210 + 60 * v],
      ]),
  },
  'Bulk insert, binary, slow server': {
    steps: (v) => [
      ['c', 90],
      ['s', 30],
      ...times(5, (n) => [
        ['c', 4000 + 100 * v + n, 5],
        ['s', 11, 250],
      ]),
    ],
  },
  'HTTP chunks, slow': {
    steps: (v) => [
      ['c', http('GET', '/slow')],
      ['s', lines('HTTP/1.1 200 OK', 'Transfer-Encoding: chunked', '')],
      ...times(5, () => [['s', `${(40 + v).toString(16)}\r\n${'c'.repeat(40 + v)}\r\n`, 230]]),
      ['s', '0\r\n\r\n'],
    ],
  },
};

/** The bytes of a step. */
export function bytesOf(what) {
  if (typeof what === 'string') return Buffer.from(what, 'latin1');
  if (typeof what !== 'number') return what;
  const bytes = Buffer.alloc(what);
  let state = what * 2654435761 + 1;
  for (let i = 0; i < what; i += 1) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0;
    bytes[i] = state >>> 23;
  }
  return bytes;
}

/** Plays one end on a socket; resolves at its end. */
export async function play(socket, mine, steps) {
  let waiting = () => {};
  let arrived = 0;
  let needed = 0;
  socket.on('data', (data) => {
    arrived += data.length;
    waiting();
  });
  let over = false;
  socket.on('error', () => {});
  socket.on('close', () => {
    over = true;
    waiting();
  });
  for (const [who, what, later = 0] of steps) {
    const bytes = bytesOf(what);
    if (who === mine) {
      if (later > 0) await new Promise((resolve) => setTimeout(resolve, later));
      if (over) return false;
      socket.write(bytes);
      continue;
    }
    needed += bytes.length;
    while (arrived < needed && !over) await new Promise((resolve) => (waiting = resolve));
    if (arrived < needed) return false;
  }
  socket.end();
  return true;
}

export const FIRST_PORT = 20000;
export const VARIANTS = 3;
export const portOf = (kind, variant) => FIRST_PORT + Object.keys(KINDS).indexOf(kind) * VARIANTS + variant;
