/**
 * Everything that a run needs beforehand whose gateway looks into requests or puts secrets into them; and nothing at
 * all where it does neither.
 *
 * @module
 */
import type { PlanInput } from '../../cell/plan/index.ts';
import type { GatewayConfig } from '../../contract/index.ts';
import { type AuthorityInput, runAuthority } from './authority.ts';
import { readModels } from './models.ts';
import { type HeldSecret, keepMemoryOutOfDumps, placeholders, readSecrets } from './secrets.ts';

export type Inspection =
  | {
      ok: true;
      /** what the plan needs to know */
      plan: Pick<PlanInput, 'trust' | 'placeholders'>;
      /** what the gateway alone gets to know */
      gateway: Pick<GatewayConfig, 'authority' | 'trusted' | 'secrets' | 'models'>;
      secrets: readonly HeldSecret[];
    }
  | { ok: false; field: string; problem: string; hint: string };

/** Reads secrets and authorities, and makes the run's own authority. A refusal is about one field of the contract. */
export function prepareInspection(input: AuthorityInput): Inspection {
  const held = readSecrets(input);
  if (!held.ok) return held;
  const authority = runAuthority(input);
  if (!authority.ok) return authority;
  const models = readModels(input);
  if (!models.ok) return models;
  const { inspection } = authority;
  const { secrets } = held;
  if (inspection || models.keys.length > 0) keepMemoryOutOfDumps();
  return {
    ok: true,
    plan: {
      ...(inspection && { trust: inspection.files }),
      ...(secrets.length > 0 && { placeholders: placeholders(secrets) }),
    },
    gateway: {
      ...(inspection && { authority: inspection.authority, trusted: inspection.trusted }),
      ...(secrets.length > 0 && { secrets: secrets.map(({ source: _, ...secret }) => secret) }),
      ...(models.models.length > 0 && { models: models.models }),
    },
    secrets: [...secrets, ...models.keys],
  };
}
