/**
 * The options of one `docker run` line → the container's settings.
 *
 * @module
 */
import type { Source } from '../setting/index.ts';
import type { Container, Named } from './container.ts';
import type { Engine, Networks } from './docker.ts';
import { isFalse, readNamespace, readNetwork, readRuntime, readSecurityOption } from './docker-isolation.ts';
import type { Line, Option } from './docker-options.ts';
import { asWritten } from './draft.ts';
import { variableNames } from './env-file.ts';
import { readMountText, readVolumeText } from './mounts.ts';
import { readPort } from './ports.ts';
import { servicesOf } from './services.ts';
import type { Fault } from './tree.ts';
import type { Input } from './types.ts';

/** Options that grant the agent nothing, and take nothing away that counts. */
const SILENT = new Set(
  `arch attach authfile blkio-weight blkio-weight-device cidfile conmon-pidfile cpu-rt-period cpu-rt-runtime cpu-shares
 cpuset-mems detach detach-keys device-read-bps device-read-iops device-write-bps device-write-iops disable-content-trust dns-opt
 dns-option dns-search domainname entrypoint expose health-cmd health-interval health-on-failure health-retries health-start-interval
 health-start-period health-timeout help hostname http-proxy image-volume init init-path interactive io-maxbandwidth io-maxiops ip ip6
 kernel-memory label label-file link-local-ip log-driver log-opt mac-address memory-reservation memory-swap memory-swappiness name net-alias
 network-alias no-healthcheck no-hostname no-hosts oom-score-adj os passwd passwd-entry pidfile platform pod-id-file pull quiet rdt-class
 read-only-tmpfs replace rm rmi sdnotify shm-size shm-size-systemd sig-proxy stop-signal stop-timeout tls-verify tty tz umask unsetenv
 unsetenv-all variant workdir sysctl storage-opt group-add oom-kill-disable ulimit systemd`.split(/\s+/),
);

export function readRunOptions(
  container: Container,
  { options }: Line,
  engine: Engine,
  networks: Networks,
  input: Input,
  faults: Fault[],
): void {
  const { draft } = container;
  const sourceOf = ({ typed, at }: Option): Source => ({
    clause: asWritten(typed),
    place: { file: input.file, ...at },
  });
  const all = (name: string): Named[] =>
    options
      .filter((each) => each.name === name)
      .map((each) => ({ source: sourceOf(each), text: each.value }));
  if (engine.name === 'podman' && !engine.asRoot) container.userNamespaceUnlessRoot(container.source);
  const added = all('cap-add').flatMap(({ source, text }) =>
    text.split(',').map((each) => ({ source, text: each })),
  );
  container.addCapabilities(added);
  for (const option of options) {
    const source = sourceOf(option);
    const { name, value } = option;
    const on = !isFalse(value);
    if (!option.known) {
      draft.unexpressed(source, `what ${option.typed} means is not known`);
      continue;
    }
    switch (name) {
      case 'privileged':
        if (on) container.privileged(source);
        break;
      case 'cap-add':
        break;
      case 'cap-drop':
        break;
      case 'security-opt':
        readSecurityOption(container, source, value);
        break;
      case 'user':
        container.user({ source, text: value });
        break;
      case 'read-only':
        container.readOnlyRoot(on);
        break;
      case 'volume':
        readVolumeText(container, source, value);
        break;
      case 'mount':
        readMountText(container, source, value);
        break;
      case 'tmpfs':
        container.scratch(source, value.replace(/:.*$/, ''));
        break;
      case 'volumes-from':
        draft.unexpressed(source, `what the container ${value} has mounted`);
        break;
      case 'volume-driver':
        if (value !== 'local') draft.unexpressed(source, `where the volume driver ${value} keeps volumes`);
        break;
      case 'device':
        container.device(source, value);
        break;
      case 'device-cgroup-rule':
        container.device(source, value);
        break;
      case 'gpus':
        if (value !== '0' && value !== 'none') {
          draft.gpus.push({ ...source, text: value });
          draft.word(source, 'hostDevice', '/dev/nvidia*');
        }
        break;
      case 'publish':
        publish(container, option, source, faults);
        break;
      case 'publish-all':
        if (on)
          container.publish(source, {
            address: undefined,
            outside: 'any',
            inside: 'any',
            protocol: 'tcp',
          });
        break;
      case 'network':
      case 'net':
        readNetwork(container, source, value, networks);
        break;
      case 'pid':
      case 'ipc':
      case 'uts':
      case 'userns':
      case 'cgroupns':
      case 'cgroup-parent':
        readNamespace(container, source, name, value);
        break;
      case 'uidmap':
      case 'subuidname':
      case 'gidmap':
      case 'subgidname':
        draft.unexpressed(source, `which accounts of the machine ${option.typed} leads to`);
        break;
      case 'annotation':
        draft.unexpressed(source, `what a runtime makes of the annotation ${value}`);
        break;
      case 'cgroups':
        if (value === 'disabled')
          draft.unexpressed(source, 'whether its limits hold without control groups', [
            'resource-acquisition',
            'sabotage',
          ]);
        break;
      case 'runtime':
      case 'isolation':
        readRuntime(container, source, value);
        break;
      case 'env':
        variable(container, source, value);
        break;
      case 'env-file':
        envFile(container, source, value, input);
        break;
      case 'env-host':
        if (on) draft.variables.push({ ...source, name: '*', from: 'passed' });
        break;
      case 'secret':
        draft.secrets.push({
          ...source,
          name: value.replace(/,.*$/, ''),
          where: /(^|,)type=env(,|$)/.test(value) ? 'variable' : 'file',
          hosts: [],
        });
        break;
      case 'use-api-socket':
        if (on) draft.sockets.push({ ...source, path: '/var/run/docker.sock' });
        break;
      case 'memory':
        container.limit('memory', value);
        break;
      case 'pids-limit':
        container.limit('processes', value);
        break;
      case 'cpus':
      case 'cpu-quota':
        container.limit('CPU', value);
        break;
      case 'cpuset-cpus':
        // processor 0 alone is a limit
        container.limit('CPU', value === '0' ? '0-0' : value);
        break;
      case 'timeout':
        draft.compute = { ...draft.compute, ...source, text: `at most ${value} s`, bounded: value !== '0' };
        break;
      case 'restart':
        if (!/^(no|)$/.test(value)) draft.word(source, 'restartAlways', value);
        break;
      case 'add-host':
        addHost(container, source, value);
        break;
      case 'dns':
        destination(container, source, value, 53, ['dns']);
        break;
      case 'link': {
        const [other = '', alias = other] = value.split(':');
        destination(container, source, alias, 'any', servicesOf(undefined, other, alias));
        break;
      }
      default:
        if (!SILENT.has(name)) draft.unexpressed(source, `what ${option.typed} gives`);
    }
  }
  const ulimit = all('ulimit').find(({ text }) => /^cpu=\d/.test(text));
  if (ulimit !== undefined)
    draft.compute = { ...draft.compute, ...ulimit.source, text: `${ulimit.text} s of CPU time a process` };
  const named = all('name').at(-1);
  if (named !== undefined && named.text !== '') draft.name = named.text;
  if (all('ulimit').some(({ text }) => /^nproc=\d/.test(text))) container.limit('processes', '1');
  // without a network there is nobody whom a name could lead to
  if (draft.network.mode === 'none' && draft.words.every(({ word }) => word !== 'hostNetwork'))
    draft.destinations.length = 0;
}

function publish(container: Container, option: Option, source: Source, faults: Fault[]): void {
  const ports = readPort(option.value);
  if (ports === undefined) {
    faults.push({
      ...option.at,
      path: [],
      message: `${option.typed}: ${option.value} is not a port`,
      hint: 'Write OUTSIDE:INSIDE, for example 8080:80 or 127.0.0.1:8080:80/tcp.',
    });
    return;
  }
  for (const port of ports) container.publish(source, port);
  const unknown = ports.find((port) => port.unknown !== undefined)?.unknown;
  if (unknown !== undefined) container.draft.unexpressed(source, `which port ${unknown} is`, []);
}

function variable(container: Container, source: Source, text: string): void {
  const [name = '', ...rest] = text.split('=');
  if (name.includes('${')) {
    container.draft.unexpressed(source, `which variable ${text} sets`);
    return;
  }
  if (name.endsWith('*')) container.draft.variables.push({ ...source, name, from: 'passed' });
  else container.variable(source, name, text.includes('=') ? rest.join('=') : undefined);
}

function envFile(container: Container, source: Source, path: string, input: Input): void {
  const text = input.beside?.(path);
  if (text === undefined) container.draft.unexpressed(source, `which variables ${path} sets`);
  else for (const [name, value] of variableNames(text)) container.variable(source, name, value);
}

/** Docker's own bridge has this address unless it is set otherwise: Docker documentation, Bridge network driver. */
const BRIDGE = '172.17.0.1';

function addHost(container: Container, source: Source, text: string): void {
  const match = /^([^:=]+)[:=]\[?(.+?)\]?$/.exec(text);
  if (match === null) {
    container.draft.unexpressed(source, `what ${text} names`);
    return;
  }
  const [, host, address] = match as unknown as [string, string, string];
  if (address.includes('${')) container.draft.unexpressed(source, `which address ${address} is`);
  container.draft.destinations.push({
    ...source,
    host,
    port: 'any',
    protocol: 'any',
    addresses: address.includes('${')
      ? []
      : [{ ...source, name: host, address: address === 'host-gateway' ? BRIDGE : address }],
    services: servicesOf(undefined, host),
    shared: true,
  });
}

function destination(
  { draft }: Container,
  source: Source,
  host: string,
  port: number | 'any',
  services: Container['draft']['destinations'][number]['services'],
): void {
  draft.destinations.push({ ...source, host, port, protocol: 'any', addresses: [], services, shared: true });
}
