/**
 * What package managers inside are told: where their index is, and not to look for advice or updates elsewhere. By
 * environment alone, so that a project's own files stay as they are; what the contract sets counts for more.
 *
 * @module
 */
import { asksForPackages, type Contract, type PackageIndex } from '../../contract/index.ts';
import { type Ecosystem, PACKAGE_HOSTS } from '../../contract/packages.ts';

const at = (ecosystem: Ecosystem, path = '/') => `http://${PACKAGE_HOSTS[ecosystem]}${path}`;

/** Variable → value, for the ecosystems that the contract has. */
export function packageClients(
  contract: Pick<Contract, 'packages' | 'oversight'>,
  indexes: readonly PackageIndex[],
): Record<string, string> {
  const has = (ecosystem: Ecosystem) => contract.packages.some((rule) => rule.ecosystem === ecosystem);
  const scopes = new Set(
    indexes
      .filter(({ ecosystem }) => ecosystem === 'npm')
      .flatMap(({ artefacts }) => artefacts.flatMap(({ name }) => /^@[^/]+(?=\/)/.exec(name)?.[0] ?? [])),
  );
  // where a person is asked, a client must wait for longer than a person may take
  const seconds = asksForPackages(contract)
    ? String(Math.ceil(contract.oversight.patience / 1000) + 60)
    : undefined;
  return {
    ...(has('npm') && {
      ...(seconds !== undefined && { npm_config_fetch_timeout: `${seconds}000` }),
      npm_config_registry: at('npm'),
      // lock files name the registry that they were written with
      npm_config_replace_registry_host: 'always',
      npm_config_audit: 'false',
      npm_config_fund: 'false',
      npm_config_update_notifier: 'false',
      YARN_REGISTRY: at('npm'),
      YARN_NPM_REGISTRY_SERVER: at('npm'),
      YARN_UNSAFE_HTTP_WHITELIST: PACKAGE_HOSTS.npm,
      YARN_ENABLE_TELEMETRY: '0',
      BUN_CONFIG_REGISTRY: at('npm'),
      // a project's .npmrc may send a scope elsewhere
      ...Object.fromEntries([...scopes].map((scope) => [`npm_config_${scope}:registry`, at('npm')])),
    }),
    ...(has('pip') && {
      ...(seconds !== undefined && { PIP_DEFAULT_TIMEOUT: seconds, UV_HTTP_TIMEOUT: seconds }),
      PIP_INDEX_URL: at('pip', '/simple/'),
      PIP_TRUSTED_HOST: PACKAGE_HOSTS.pip,
      PIP_DISABLE_PIP_VERSION_CHECK: '1',
      UV_DEFAULT_INDEX: at('pip', '/simple/'),
      UV_INDEX_URL: at('pip', '/simple/'),
      UV_INSECURE_HOST: PACKAGE_HOSTS.pip,
    }),
    ...(has('files') && { RINGFENCE_FILES: at('files') }),
  };
}
