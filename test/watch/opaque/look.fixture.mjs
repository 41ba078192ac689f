// Does what a rule finds, and prints whatever of its own world is another than before.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

const heard = [];
for (const signal of [
  'SIGHUP',
  'SIGINT',
  'SIGQUIT',
  'SIGUSR1',
  'SIGUSR2',
  'SIGTERM',
  'SIGALRM',
  'SIGWINCH',
  'SIGCONT',
  'SIGIO',
  'SIGPIPE',
])
  process.on(signal, () => heard.push(signal));

const outcome = (act) => {
  try {
    return act();
  } catch (error) {
    return error.code;
  }
};
const lines = (file, pattern) =>
  outcome(() =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => pattern.test(line)),
  );

const look = () => ({
  environment: { ...process.env },
  identity: [process.getuid(), process.getgid(), process.getgroups(), process.cwd(), process.umask()],
  status: lines(
    '/proc/self/status',
    /^(Sig(Pnd|Blk|Ign|Cgt)|ShdPnd|Cap|Seccomp|NoNewPrivs|TracerPid|Groups)/,
  ),
  limits: lines('/proc/self/limits', /./),
  mounts: lines('/proc/self/mountinfo', /./),
  groups: lines('/proc/self/cgroup', /./),
  processes: outcome(() => readdirSync('/proc').filter((name) => /^\d+$/.test(name))),
  parent: outcome(() => readFileSync(`/proc/${process.ppid}/cmdline`, 'latin1')),
  descriptors: outcome(() => [0, 1, 2].map((fd) => readlinkSync(`/proc/self/fd/${fd}`))),
  folders: Object.fromEntries(
    ['.', '/', '/tmp', '/dev', '/run', '/var/tmp', process.env.HOME ?? '/'].map((path) => [
      path,
      outcome(() => readdirSync(path)),
    ]),
  ),
});

const before = look();
const said = execFileSync('env', ['echo', process.argv[2]], { encoding: 'utf8' });
// answered when the operator has been told
const held = await (await fetch(process.argv[3])).text();
const after = look();
// stands in the list only if the world is another
const changed = Object.keys(before).filter(
  (key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]),
);
console.log(JSON.stringify({ said, held, heard, changed, before, after }));
