/**
 * One service of a compose file.
 *
 * @module
 */
import type { Source } from '../setting/index.ts';
import { extensions, type Project } from './compose.ts';
import { addNetworks } from './compose-network.ts';
import { addVolumes } from './compose-volumes.ts';
import { Container } from './container.ts';
import { readNamespace, readRuntime, readSecurityOption } from './docker-isolation.ts';
import { Draft } from './draft.ts';
import { variableNames } from './env-file.ts';
import type { Node } from './node.ts';
import { readPort } from './ports.ts';

/** Keys that grant nothing. */
const SILENT =
  `annotations attach blkio_config build cap_drop command configs container_name cpu_count cpu_percent cpu_period cpu_rt_period
 cpu_rt_runtime cpu_shares depends_on develop dns_opt dns_search domainname entrypoint expose group_add healthcheck hostname image init
 label_file labels logging mac_address mem_reservation mem_swappiness memswap_limit oom_kill_disable oom_score_adj platform profiles pull_policy
 shm_size stdin_open stop_grace_period stop_signal storage_opt sysctls tty working_dir volumes_from`.split(
    /\s+/,
  );

export function readService(name: string, node: Node, project: Project): Draft {
  const { source } = node;
  const draft = new Draft('compose', name, source, 'container', { ...source, mode: 'all', by: 'engine' });
  const container = new Container(draft, source);
  if (node.tree.kind !== 'map') node.fault('a service is a mapping', 'Write image: NAME below it.');
  const when = (key: string, then: (value: Node) => void) => {
    const value = node.get(key);
    if (value !== undefined) then(value);
  };
  when('privileged', (value) => value.flag() && container.privileged(value.source));
  when('cap_add', (value) =>
    container.addCapabilities(value.texts().map((each) => ({ source: each.node.source, text: each.text }))),
  );
  when('security_opt', (value) => {
    for (const each of value.texts()) readSecurityOption(container, each.node.source, each.text);
  });
  when('user', (value) => container.user({ source: value.source, text: value.text() ?? '' }));
  when('read_only', (value) => container.readOnlyRoot(value.flag() ?? false));
  for (const [key, which] of [
    ['pid', 'pid'],
    ['ipc', 'ipc'],
    ['uts', 'uts'],
    ['userns_mode', 'userns'],
    ['cgroup', 'cgroupns'],
    ['cgroup_parent', 'cgroup-parent'],
  ] as const)
    when(key, (value) => readNamespace(container, value.source, which, value.text() ?? ''));
  for (const key of ['runtime', 'isolation'])
    when(key, (value) => readRuntime(container, value.source, value.text() ?? ''));
  addVolumes(container, node, project);
  when('devices', (value) => {
    for (const each of value.items())
      container.device(
        each.source,
        (each.tree.kind === 'map' ? each.get('source')?.text() : each.text()) ?? '',
      );
  });
  when('device_cgroup_rules', (value) => {
    for (const each of value.texts()) container.device(each.node.source, each.text);
  });
  when('gpus', (value) => addGpus(container, value));
  when('ports', (value) => {
    for (const each of value.items()) addPort(container, each);
  });
  addEnvironment(container, node, project);
  addSecrets(draft, node.get('secrets'));
  addNetworks(container, name, node, project);
  addLimits(container, node);
  when('restart', (value) => restarts(draft, value.source, value.text() ?? ''));
  when('scale', (value) => several(draft, value));
  when(
    'use_api_socket',
    (value) => value.flag() && draft.sockets.push({ ...value.source, path: '/var/run/docker.sock' }),
  );
  when('models', (value) => {
    const names =
      value.tree.kind === 'map'
        ? value.entries().map(([each]) => each)
        : value.texts().map(({ text }) => text);
    for (const provider of names)
      draft.models.push({ ...value.source, provider, keySeen: false, budgeted: false });
  });
  for (const key of ['post_start', 'pre_stop'])
    when(key, (value) => {
      for (const each of value.items())
        if (each.get('privileged')?.flag())
          draft.unexpressed(each.source, 'what its command does with all rights');
    });
  for (const key of ['provider', 'credential_spec'])
    when(key, (value) => draft.unexpressed(value.source, `what ${key} adds`));
  node.skip(...SILENT, ...extensions(node));
  node.rest(draft);
  container.finish();
  return draft;
}

function addPort(container: Container, node: Node): void {
  if (node.tree.kind === 'map') {
    const target = node.get('target')?.text() ?? '';
    const published = node.get('published')?.text();
    const address = node.get('host_ip')?.text();
    const protocol = node.get('protocol')?.text() ?? 'tcp';
    node.skip('mode', 'app_protocol', 'name');
    node.rest(container.draft);
    const text = `${published === undefined ? '' : `${published}:`}${target}/${protocol}`;
    publish(
      container,
      node,
      (readPort(text) ?? []).map((port) => ({ ...port, address })),
    );
    return;
  }
  const text = node.text() ?? '';
  const ports = readPort(text);
  if (ports === undefined)
    node.fault(`${text} is not a port`, 'Write OUTSIDE:INSIDE in quotes, for example "8080:80".');
  else publish(container, node, ports);
}

function publish(container: Container, node: Node, ports: NonNullable<ReturnType<typeof readPort>>): void {
  for (const port of ports) {
    container.publish(node.source, port);
    if (port.unknown !== undefined)
      container.draft.unexpressed(node.source, `which port ${port.unknown} is`, []);
  }
}

function addEnvironment(container: Container, node: Node, { input }: Project): void {
  const environment = node.get('environment');
  const files = node.get('env_file');
  const list = files === undefined ? [] : files.tree.kind === 'list' ? files.items() : [files];
  for (const each of list) {
    const path = (each.tree.kind === 'map' ? each.get('path')?.text() : each.text()) ?? '';
    const text = input.beside?.(path);
    if (text === undefined) container.draft.unexpressed(each.source, `which variables ${path} sets`);
    else for (const [name, value] of variableNames(text)) container.variable(each.source, name, value);
  }
  if (environment === undefined) return;
  if (environment.tree.kind === 'list')
    for (const { node: each, text } of environment.texts()) {
      const [name = '', ...rest] = text.split('=');
      container.variable(each.source, name, text.includes('=') ? rest.join('=') : undefined);
    }
  else
    for (const [name, each] of environment.entries())
      container.variable(each.source, name, each.isNull ? undefined : each.text());
}

function addSecrets(draft: Draft, secrets: Node | undefined): void {
  for (const each of secrets?.items() ?? []) {
    const name = (each.tree.kind === 'map' ? each.get('source')?.text() : each.text()) ?? '';
    draft.secrets.push({ ...each.source, name, where: 'file', hosts: [] });
  }
}

function addLimits(container: Container, node: Node): void {
  const { draft } = container;
  const deploy = node.get('deploy');
  const limits = deploy?.find('resources', 'limits');
  const limit = (what: 'memory' | 'processes' | 'CPU', ...nodes: readonly (Node | undefined)[]) => {
    for (const each of nodes)
      if (each?.tree.kind === 'scalar') container.limit(what, each.tree.text);
      else if (each?.tree.kind === 'map') container.limit(what, each.find('hard')?.text() ?? '');
  };
  limit('memory', node.get('mem_limit'), limits?.get('memory'));
  limit('processes', node.get('pids_limit'), limits?.get('pids'), node.get('ulimits')?.find('nproc'));
  limit('CPU', node.get('cpus'), node.get('cpu_quota'), limits?.get('cpus'));
  if (node.get('cpuset') !== undefined) container.limit('CPU', '0-0');
  node.skip('ulimits');
  for (const each of deploy?.find('resources', 'reservations', 'devices')?.items() ?? [])
    addGpus(container, each);
  const condition = deploy?.find('restart_policy', 'condition');
  if (condition !== undefined && condition.text() !== 'none')
    draft.word(condition.source, 'restartAlways', condition.text());
  const replicas = deploy?.get('replicas');
  if (replicas !== undefined) several(draft, replicas);
  const mode = deploy?.get('mode');
  if (mode?.text() === 'global') draft.several = mode.source;
  deploy?.skip(
    'resources',
    'restart_policy',
    'endpoint_mode',
    'labels',
    'placement',
    'rollback_config',
    'update_config',
  );
  deploy?.rest(draft);
}

function several(draft: Draft, count: Node): void {
  const number = count.number();
  if (number !== undefined && number > 1) draft.several = count.source;
}

function addGpus({ draft }: Container, node: Node): void {
  const text =
    node.tree.kind === 'scalar'
      ? (node.text() ?? 'all')
      : ((node.tree.kind === 'map' ? node.find('count') : undefined)?.text() ?? 'GPUs');
  draft.gpus.push({ ...node.source, text: text === 'all' ? 'all GPUs' : text });
  draft.word(node.source, 'hostDevice', '/dev/nvidia*');
}

function restarts(draft: Draft, source: Source, text: string): void {
  if (!/^(no|false|)$/.test(text)) draft.word(source, 'restartAlways', text);
}
