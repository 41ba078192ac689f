/**
 * What a service is, where a set-up says so: by its image, by the name it is known under, or by the variable that leads a program to it.
 *
 * @module
 */
import type { ServiceWord } from '../catalogue/index.ts';

/** Parts of image names and service names, between their separators. Names of products that do one thing, and plain words for it. */
const BY_NAME: Readonly<Partial<Record<ServiceWord, string>>> = {
  'package-cache':
    'package-cache package-mirror package-proxy pypi-cache pypi-mirror pypi-proxy pip-cache npm-cache npm-mirror npm-proxy devpi bandersnatch proxpi verdaccio nexus nexus3 artifactory artifactory-oss pulp athens goproxy apt-cacher-ng apt-cache cnpmcore sinopia gemstash panamax reposilite',
  'http-proxy':
    'squid tinyproxy mitmproxy privoxy http-proxy forward-proxy egress-proxy https-proxy goproxy-http proxy 3proxy',
  'artefact-store': 'artifacts artefacts artifact-store artefact-store archiva',
  'build-cache':
    'bazel-remote bazel-remote-cache buildbarn sccache build-cache gradle-build-cache turborepo-remote-cache nativelink',
  'object-store': 'minio s3 localstack seaweedfs ceph object-store garage azurite fake-gcs-server',
  'container-registry': 'registry harbor distribution zot image-registry docker-registry',
  'git-host': 'gitea gitlab gitlab-ce gitlab-ee forgejo gogs git-server git onedev',
  'code-evaluation':
    'judge0 piston sandbox-fusion code-runner code-eval jupyter-kernel-gateway code-interpreter',
  'dataset-hub': 'dataset-hub datasets hf-mirror huggingface olah',
  'mesh-vpn': 'tailscale headscale netbird nebula zerotier wireguard wg-easy',
  notebook:
    'jupyter notebook jupyterhub jupyterlab minimal-notebook scipy-notebook base-notebook datascience-notebook code-server',
  'message-queue': 'rabbitmq kafka nats activemq pulsar redpanda mosquitto zookeeper nsqd cp-kafka',
  database:
    'postgres postgresql mysql mariadb mongo mongodb cockroach cockroachdb mssql cassandra clickhouse clickhouse-server elasticsearch opensearch timescaledb neo4j couchdb influxdb pgbouncer postgis db database',
  'key-value-store': 'redis valkey memcached etcd consul keydb dragonfly redis-stack hazelcast',
  'feature-store': 'feast feature-store',
  'vector-store': 'qdrant weaviate milvus chroma chromadb pgvector vector-store',
  'sandbox-manager': 'sandbox-manager rock-admin e2b sandbox-api',
  'mcp-server': 'mcp mcp-server mcp-gateway',
  'model-api':
    'ollama vllm vllm-openai litellm llama-cpp llama-server text-generation-inference tgi sglang localai llm model-api lmstudio',
  'experiment-tracker': 'mlflow wandb tensorboard aim clearml',
  'ci-identity': 'ci-identity',
  'token-service': 'keycloak dex hydra oauth2-proxy token-service authentik',
  'secret-manager': 'vault openbao secret-manager infisical conjur',
  'compute-scheduler': 'slurm ray ray-head spark spark-master dask airflow nomad slurmctld',
  mail: 'mailhog mailpit postfix smtp mailserver mail maildev exim greenmail',
  chat: 'mattermost rocketchat rocket.chat synapse zulip',
  'shared-filesystem': 'nfs nfs-server samba glusterfs nfs-ganesha',
  telemetry:
    'otel-collector opentelemetry-collector opentelemetry-collector-contrib jaeger zipkin prometheus pushgateway statsd tempo sentry datadog-agent',
  logging: 'fluentd fluent-bit logstash loki vector syslog graylog promtail',
  grader: 'grader judge scorer reward-server verifier evaluator',
  dns: 'dns coredns dnsmasq unbound bind9 pihole kube-dns',
  'time-server': 'ntp chrony',
};

/** Variables that lead a program to a service of a class. */
const BY_VARIABLE: readonly (readonly [RegExp, ServiceWord])[] = [
  [/^(PIP|UV|PIP_EXTRA|UV_EXTRA|UV_DEFAULT|PDM|POETRY_\w+)_(EXTRA_)?INDEX(_URL)?$/i, 'package-cache'],
  [
    /^(npm_config_registry|npm_registry(_url)?|yarn_npm_registry_server|yarn_registry|bun_config_registry|GOPROXY|GEM_SOURCE|BUNDLE_MIRROR\w*|MAVEN_(MIRROR|REPO)\w*|CARGO_REGISTRIES_\w+|CONDA_CHANNEL_ALIAS|RUBYGEMS_HOST)$/i,
    'package-cache',
  ],
  [/^(https?|all|ftp)_proxy$/i, 'http-proxy'],
  [/^HF_ENDPOINT$/i, 'dataset-hub'],
  [/^(REDIS|VALKEY|MEMCACHED?)(_\w+)?_?(URL|HOST|ADDR)$/i, 'key-value-store'],
  [/^(DATABASE|POSTGRES(QL)?|PG|MYSQL|MONGO(DB)?)(_\w+)?_?(URL|URI|HOST)$/i, 'database'],
  [/^(OPENAI|ANTHROPIC|OLLAMA|LITELLM|VLLM)(_API)?_(BASE_URL|BASE|HOST|ENDPOINT|URL)$/i, 'model-api'],
  [/^(MLFLOW_TRACKING_URI|WANDB_BASE_URL)$/i, 'experiment-tracker'],
  [/^OTEL_EXPORTER_OTLP(_\w+)?_ENDPOINT$/i, 'telemetry'],
  [/^(AWS_ENDPOINT_URL(_S3)?|S3_ENDPOINT(_URL)?|MINIO_ENDPOINT)$/i, 'object-store'],
  [/^(VAULT|BAO)_ADDR$/i, 'secret-manager'],
  [/^SCCACHE_ENDPOINT$/i, 'build-cache'],
  [/^(AMQP|RABBITMQ|KAFKA|NATS)(_\w+)?_?(URL|HOST|SERVERS|BROKERS)$/i, 'message-queue'],
];

const PUBLIC_INDEX =
  /(^|\.)(pypi\.org|pythonhosted\.org|npmjs\.org|yarnpkg\.com|golang\.org|rubygems\.org|crates\.io|maven\.org|anaconda\.org)$/;

/** Classes that a service’s image or names say. */
export function servicesOf(image: string | undefined, ...names: readonly string[]): ServiceWord[] {
  const said = [...(image === undefined ? [] : [imageName(image)]), ...names].map((name) =>
    name.toLowerCase(),
  );
  return Object.entries(BY_NAME).flatMap(([word, list]) =>
    list.split(' ').some((name) => said.some((each) => isCalled(each, name))) ? [word as ServiceWord] : [],
  );
}

export interface Led {
  readonly word: ServiceWord;
  readonly host: string;
  readonly port: number | 'any';
}

/** The class of service that a variable leads to, with host and port of the address that it holds. */
export function serviceOfVariable(name: string, value: string): Led | undefined {
  const word = BY_VARIABLE.find(([pattern]) => pattern.test(name))?.[1];
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?(?:[^/@\s]*@)?([A-Za-z0-9_.-]+)(?::(\d+))?(?:[/,?#]|$)/.exec(
    value,
  );
  if (word === undefined || match === null) return undefined;
  const [, scheme, host, port] = match as unknown as [string, string | undefined, string, string | undefined];
  if (scheme === undefined && port === undefined && !host.includes('.')) return undefined;
  // the public ones are in the catalogue by their names
  if (word === 'package-cache' && PUBLIC_INDEX.test(host)) return undefined;
  const usual = scheme === 'https' ? 443 : scheme === 'http' ? 80 : 'any';
  return { word, host: host.toLowerCase(), port: port === undefined ? usual : Number(port) };
}

/** `registry.example.com:5000/team/devpi:6.2@sha256:…` → `devpi`. */
const imageName = (image: string): string =>
  image.replace(/@.*$/, '').split('/').at(-1)?.replace(/:.*$/, '') ?? '';

/** Whether a name is this word, or has it as its first or last part: `shared-devpi`, `redis-cache`, `cache_redis_1`. */
function isCalled(name: string, word: string): boolean {
  const whole = name.replaceAll('_', '-');
  return [whole, whole.replace(/-?\d+$/, '')].some(
    (plain) => plain === word || plain.startsWith(`${word}-`) || plain.endsWith(`-${word}`),
  );
}

/** Host of an address on the web. */
export function serviceOfUrl(url: string): { host: string } | undefined {
  const match = /^[a-z][a-z0-9+.-]*:\/\/(?:[^/@\s]*@)?([^/:?#\s]+)/i.exec(url);
  return match === null ? undefined : { host: (match[1] as string).toLowerCase() };
}
