// What code that took over the gateway could try; says on the IPC channel how each attempt ended.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

const outcome = (attempt) => {
  try {
    return attempt() ?? 'worked';
  } catch (error) {
    return error.code ?? error.message;
  }
};
const environment = Object.keys(process.env).sort().join(' ');

process.send({
  'read /etc/passwd': outcome(() => readFileSync('/etc/passwd', 'utf8')),
  'read the home folder': outcome(() => readdirSync('/root').join()),
  'list /home': outcome(() => readdirSync('/home').join()),
  'list /var': outcome(() => readdirSync('/var').join()),
  'list /run': outcome(() => readdirSync('/run').join()),
  'write /file': outcome(() => writeFileSync('/file', 'x')),
  'write its own code': outcome(() => writeFileSync(process.argv[1], 'x')),
  'run /bin/sh': outcome(() => {
    const { error, stdout } = spawnSync('/bin/sh', ['-c', 'echo ran']);
    if (error) throw error;
    return String(stdout);
  }),
  'see the host’s processes': outcome(() => {
    const seen = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
    return seen.length === 1 && seen[0] === String(process.pid) ? 'only itself' : seen.join();
  }),
  environment,
});
setInterval(() => {}, 1000);
