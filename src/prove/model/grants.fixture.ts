/**
 * Every grant that settings have, for tests that add them one by one.
 *
 * @module
 */
import { CONTAINER_WORDS } from '../catalogue/index.ts';
import type { ContainerWord, Setting } from '../setting/index.ts';
import { destination, mount } from './setting.fixture.ts';

const at = (clause: string) => ({ clause });

/** Every grant that the form has, one by one. */
export const GRANTS: Readonly<Record<string, (setting: Setting) => Setting>> = {
  ...Object.fromEntries(
    [...Object.keys(CONTAINER_WORDS), 'cap:SYS_ADMIN', 'cap:SYS_PTRACE', 'cap:NET_ADMIN', 'cap:CHOWN'].map(
      (word) => [
        word,
        (setting: Setting): Setting => ({
          ...setting,
          isolation: {
            ...setting.isolation,
            words: [...setting.isolation.words, { ...at(`word ${word}`), word: word as ContainerWord }],
          },
        }),
      ],
    ),
  ),
  'a device': (setting) => ({
    ...setting,
    isolation: {
      ...setting.isolation,
      words: [...setting.isolation.words, { ...at('--device'), word: 'hostDevice', detail: '/dev/kvm' }],
    },
  }),
  'a mount': (setting) => ({ ...setting, files: [...setting.files, mount('-v a', '/srv')] }),
  'a mount that is read': (setting) => ({
    ...setting,
    files: [...setting.files, mount('-v b', '~/.ssh', { write: false, lands: 'never' })],
  }),
  'a workspace': (setting) => ({
    ...setting,
    files: [...setting.files, mount('-v c', '**', { space: 'workspace', lands: 'on review' })],
  }),
  'a direct workspace': (setting) => ({
    ...setting,
    files: [...setting.files, mount('-v d', '**', { space: 'workspace' })],
  }),
  'a workspace with something taken out': (setting) => ({
    ...setting,
    files: [
      ...setting.files,
      mount('-v e', 'src/**', {
        space: 'workspace',
        except: [{ ...at('deny'), path: 'src/.git/**', what: 'read-only' }],
      }),
    ],
  }),
  'a volume': (setting) => ({
    ...setting,
    files: [...setting.files, mount('-v f', '**', { space: 'volume', volume: 'cache', lands: 'kept' })],
  }),
  'a volume that is read': (setting) => ({
    ...setting,
    files: [
      ...setting.files,
      mount('-v g', '**', { space: 'volume', volume: 'data', lands: 'kept', write: false, shared: true }),
    ],
  }),
  'a host': (setting) => ({
    ...setting,
    destinations: [...setting.destinations, destination('net a', 'api.example.com', { protocol: 'https' })],
  }),
  'a host that is only read': (setting) => ({
    ...setting,
    destinations: [
      ...setting.destinations,
      destination('net b', 'github.com', {
        protocol: 'https',
        methods: ['GET'],
        paths: ['/x'],
        shared: false,
      }),
    ],
  }),
  'a cache': (setting) => ({
    ...setting,
    destinations: [
      ...setting.destinations,
      destination('net c', 'cache.example.com', { services: ['package-cache'] }),
    ],
  }),
  'the host of a key': (setting) => ({
    ...setting,
    destinations: [...setting.destinations, destination('net d', 'host.example.com', { port: 22 })],
  }),
  'an address of the machine': (setting) => ({
    ...setting,
    destinations: [
      ...setting.destinations,
      destination('net e', '127.0.0.1', { port: 2375, protocol: 'http' }),
    ],
  }),
  'every host': (setting) => ({ ...setting, network: { ...setting.network, mode: 'all' } }),
  'the machine’s network': (setting) => ({ ...setting, network: { ...setting.network, mode: 'machine' } }),
  'a port for anyone': (setting) => ({
    ...setting,
    inbound: [...setting.inbound, { ...at('-p a'), port: 80, inside: 80, protocol: 'tcp', from: 'anyone' }],
  }),
  'a port for the machine': (setting) => ({
    ...setting,
    inbound: [...setting.inbound, { ...at('-p b'), port: 81, inside: 80, protocol: 'tcp', from: 'machine' }],
  }),
  'a port for neighbours': (setting) => ({
    ...setting,
    inbound: [
      ...setting.inbound,
      { ...at('-p c'), port: 'any', inside: 80, protocol: 'udp', from: 'neighbours' },
    ],
  }),
  'a socket': (setting) => ({
    ...setting,
    sockets: [...setting.sockets, { ...at('socket a'), path: '/var/run/docker.sock' }],
  }),
  'a socket that nobody knows': (setting) => ({
    ...setting,
    sockets: [...setting.sockets, { ...at('socket b'), path: '/srv/x.sock' }],
  }),
  'a log': (setting) => ({
    ...setting,
    sockets: [...setting.sockets, { ...at('socket c'), path: '/dev/log' }],
  }),
  'a variable': (setting) => ({
    ...setting,
    variables: [...setting.variables, { ...at('-e'), name: 'AWS_ACCESS_KEY_ID', from: 'passed' }],
  }),
  'a secret': (setting) => ({
    ...setting,
    secrets: [...setting.secrets, { ...at('secret a'), name: 'DATABASE_URL', where: 'file', hosts: [] }],
  }),
  'a secret that is lent': (setting) => ({
    ...setting,
    secrets: [
      ...setting.secrets,
      { ...at('secret b'), name: 'X', where: 'outside', hosts: ['api.example.com'] },
    ],
  }),
  'a model': (setting) => ({
    ...setting,
    models: [...setting.models, { ...at('model'), provider: 'x', keySeen: false, budgeted: false }],
  }),
  'a tool': (setting) => ({
    ...setting,
    tools: [...setting.tools, { ...at('tool a'), server: 's', tool: '*', approved: false }],
  }),
  'a tool that is asked for': (setting) => ({
    ...setting,
    tools: [...setting.tools, { ...at('tool b'), server: 's', tool: 't', approved: true }],
  }),
  'a channel': (setting) => ({
    ...setting,
    people: [...setting.people, { ...at('people a'), channel: 'mail', approved: false }],
  }),
  'a channel that is read': (setting) => ({
    ...setting,
    people: [...setting.people, { ...at('people b'), channel: 'chat', approved: true }],
  }),
  'a program outside': (setting) => ({
    ...setting,
    programs: [...setting.programs, { ...at('excluded'), program: 'docker', outside: true }],
  }),
  'a question': (setting) => ({
    ...setting,
    oversight: {
      ...setting.oversight,
      asks: [...setting.oversight.asks, { ...at('ask a'), effect: 'network.new-host' }],
    },
  }),
  'a question of another kind': (setting) => ({
    ...setting,
    oversight: {
      ...setting.oversight,
      asks: [...setting.oversight.asks, { ...at('ask b'), effect: 'run it' }],
    },
  }),
  'no end': (setting) => ({ ...setting, compute: { ...setting.compute, bounded: false } }),
  'no record': (setting) => ({ ...setting, oversight: { ...setting.oversight, recorded: false } }),
  'a graphics card': (setting) => ({
    ...setting,
    compute: { ...setting.compute, gpus: [...setting.compute.gpus, { ...at('--gpus'), text: 'all GPUs' }] },
  }),
  'root inside': (setting) => ({ ...setting, isolation: { ...setting.isolation, user: 'root' } }),
  'the contract itself': (setting) => ({
    ...setting,
    controls: [
      ...setting.controls,
      { ...at('contract'), what: 'contract', space: 'machine', path: '/srv/conf/c.yaml' },
    ],
  }),
  'the answers': (setting) => ({
    ...setting,
    controls: [...setting.controls, { ...at('hidden'), what: 'grader', space: 'workspace', path: 'checks' }],
  }),
  'what is not expressed': (setting) => ({
    ...setting,
    unexpressed: [...setting.unexpressed, { ...at('x'), text: 'what x does', hazards: ['escape'] }],
  }),
  'what cannot be read': (setting) => ({
    ...setting,
    unexpressed: [...setting.unexpressed, { ...at('y'), text: 'what y does' }],
  }),
  'no isolation': (setting) => ({ ...setting, isolation: { ...setting.isolation, kind: 'none' } }),
};
