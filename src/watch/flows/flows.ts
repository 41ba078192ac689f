/**
 * Findings about flows: from the shapes that the gateway tells, and from protocols that a rule without a protocol lets pass.
 *
 * @module
 */
import type { Detector, Report, RuleInfo } from '../detector.ts';
import type { Observation } from '../observation.ts';
import { FLOW_RULES } from './rules.ts';

/** Protocols that `tcp` and `udp` let pass and that say by themselves what a flow is for. */
const SPOKEN: Readonly<Record<string, RuleInfo>> = {
  socks4: FLOW_RULES.proxy,
  socks5: FLOW_RULES.proxy,
  connect: FLOW_RULES.proxy,
  stratum: FLOW_RULES.stratum,
  wireguard: FLOW_RULES.vpn,
  openvpn: FLOW_RULES.vpn,
};

/** The rule for a shape; `undefined`: it is what it should be. */
export function ruleOfShape(shape: string, confidence: number, detail: string): RuleInfo | undefined {
  switch (shape) {
    case 'reverse-ssh':
      if (confidence < 0.5) return FLOW_RULES.sshUnreadable;
      return confidence >= 0.8 ? FLOW_RULES.reverseSsh : FLOW_RULES.reverseSshSuspected;
    case 'ssh-forward':
      return FLOW_RULES.sshForward;
    case 'interactive':
      return confidence >= 0.9 ? FLOW_RULES.shell : FLOW_RULES.driven;
    case 'reverse-tunnel':
      return FLOW_RULES.reverseTunnel;
    case 'socks':
      return FLOW_RULES.proxy;
    case 'websocket-tunnel':
      return FLOW_RULES.webSocket;
    case 'dns-tunnel':
      return detail.endsWith('none left') ? FLOW_RULES.dnsTunnelTried : FLOW_RULES.dnsTunnel;
    case 'vpn':
      return FLOW_RULES.vpn;
    case 'stratum':
      return confidence >= 0.9 ? FLOW_RULES.stratum : FLOW_RULES.stratumShaped;
    case 'stratum-v2':
      return FLOW_RULES.stratum;
    default:
      return undefined;
  }
}

export class FlowDetector implements Detector {
  observe(observation: Observation, report: Report): void {
    if (observation.category !== 'egress_flow') return;
    const { fields } = observation;
    const text = (name: string) => (fields[name] === undefined ? '' : String(fields[name]));
    const where = `${text('DestinationHostname') || text('DestinationIp')}:${text('DestinationPort')}`;
    let rule: RuleInfo | undefined;
    let detail = text('Detail');
    if (fields.Phase === 'shape') rule = ruleOfShape(text('Shape'), Number(fields.Confidence ?? 0), detail);
    else if (fields.Phase === 'verdict' && fields.Ok === true) {
      const protocol = text('Protocol');
      rule = Object.hasOwn(SPOKEN, protocol) ? SPOKEN[protocol] : undefined;
      detail = `${protocol} where ${text('Declared')} is declared`;
    }
    if (!rule) return;
    report({
      rule,
      text: `${rule.title}: ${where}${detail === '' ? '' : ` (${detail})`}`,
      cites: observation.cites,
      time: observation.time,
      key: where,
      run: observation.run,
      cell: observation.cell,
    });
  }
}
