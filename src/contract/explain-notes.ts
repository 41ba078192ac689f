/**
 * What in a valid contract deserves a second look: rights that are wider, or nearer to harm, than they read.
 *
 * @module
 */
import { noteAccept } from './accept.ts';
import { type AddressKind, addressKind } from './addresses.ts';
import type { State, Statement } from './explain.ts';
import { noteJudges } from './explain-judges.ts';
import { noteModels } from './explain-models.ts';
import { notePackages } from './explain-packages.ts';
import { secretNotes } from './explain-secrets.ts';
import { noteTools } from './explain-tools.ts';
import type { Contract } from './schema.ts';

const ADDRESS_NOTE: Partial<Record<AddressKind, string>> = {
  loopback: 'this machine itself',
  private: 'a private network',
  'link-local': 'the local link',
  metadata: 'a cloud metadata service, which hands out credentials',
  shared: 'a carrier’s or overlay network',
};

/** The notes on a contract, in the order of its sections. */
export function explainNotes(contract: Contract, state: State): Statement[] {
  const notes: Statement[] = [];
  for (const [index, rule] of contract.network.entries()) {
    const clause = `network[${index}]`;
    const kind = addressKind(rule.host);
    const place = kind && ADDRESS_NOTE[kind];
    if (place !== undefined)
      notes.push(state(clause, `${rule.host} is ${place}; it is allowed because it is written out`));
    if (rule.host.startsWith('*.'))
      notes.push(
        state(
          clause,
          `${rule.host} allows every name below ${rule.host.slice(2)}, at any depth (not that name itself); the names asked for can carry data to whoever answers for them`,
        ),
      );
    if (rule.host.split('.').length === 2 && rule.host.startsWith('*.'))
      notes.push(state(clause, `${rule.host} is a whole top-level domain: anybody may own a name there`));
    if (rule.port === 22 && rule.protocol === 'https')
      notes.push(
        state(
          clause,
          'port 22 usually speaks SSH, which this rule ends as a violation; if SSH is meant, write protocol: ssh',
        ),
      );
    if (rule.protocol === 'ssh')
      notes.push(state(clause, 'SSH can carry tunnels and files both ways; the gateway cannot see inside'));
  }
  notes.push(...noteAccept(contract, state));
  notes.push(...notePackages(contract, state), ...noteModels(contract, state), ...noteTools(contract, state));
  for (const [name, addresses] of Object.entries(contract.resolve))
    for (const [index, address] of addresses.entries()) {
      const kind = addressKind(address);
      const place = kind && ADDRESS_NOTE[kind];
      if (place !== undefined)
        notes.push(
          state(
            `resolve[${JSON.stringify(name)}][${index}]`,
            `${name} leads to ${address}, ${place}; it is allowed because it is written out`,
          ),
        );
    }
  for (const [index, name] of contract.environment.pass.entries())
    if (/(TOKEN|SECRET|PASSW|CREDENTIAL|(^|_)KEY|APIKEY|PRIVATE)/i.test(name))
      notes.push(
        state(
          `environment.pass[${index}]`,
          `${name} looks like a secret: the agent can read it and send it to any host above`,
        ),
      );
  notes.push(...secretNotes(contract, state), ...noteJudges(contract, state));
  for (const [index, path] of contract.files.read.entries())
    if (/^~\/?$/.test(path))
      notes.push(state(`files.read[${index}]`, 'the whole home is readable, keys and tokens included'));
    else if (/(^|\/)\.(ssh|aws|gnupg|kube|docker|netrc|npmrc|pypirc|config\/gcloud)(\/|$)/.test(path))
      notes.push(state(`files.read[${index}]`, `${path} usually holds credentials`));
  if (contract.oversight.on.violation === 'note')
    notes.push(state('oversight.on.violation', 'violations are only noted; the flow itself still ends'));
  if (contract.isolation === 'landlock')
    notes.push(
      state(
        'isolation',
        'the reduced isolation hides no processes and works on a copy; use it only where namespaces are refused',
      ),
    );
  return notes;
}
