/**
 * A real Chromium for tests of pages: Debian's, installed by root where it is absent, without the network.
 *
 * @module
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATH = '/usr/bin/chromium';
const INSTALL = 'apt-get install -y --no-install-recommends chromium';

/** Downloads some 100 MB once; the tests themselves take seconds. */
export const INSTALL_TIMEOUT = 300_000;

function installIt(): void {
  const options = {
    stdio: 'ignore',
    timeout: INSTALL_TIMEOUT,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  } as const;
  const [command = '', ...args] = INSTALL.split(' ');
  try {
    execFileSync(command, args, options);
  } catch {
    execFileSync('apt-get', ['update'], options); // the lists may be old
    execFileSync(command, args, options);
  }
}

const canInstall = process.getuid?.() === 0 && existsSync('/usr/bin/apt-get');

/** Why there is no browser here; undefined where there is one, or will be. */
export const browserMissing: string | undefined =
  existsSync(PATH) || canInstall ? undefined : `no ${PATH}: run sudo ${INSTALL}`;

export async function launchBrowser(): Promise<Browser> {
  if (!existsSync(PATH)) installIt();
  return await chromium.launch({
    executablePath: PATH,
    args: [
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []), // Chromium refuses to be root inside its sandbox
      ...['--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking'],
      ...['--disable-component-update', '--disable-sync'],
    ],
  });
}
