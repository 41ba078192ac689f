import { describe, expect, test } from 'vitest';
import type { Detection } from '../detector.ts';
import type { FieldValue, Observation } from '../observation.ts';
import { FLOW_RULES, flowDetectors } from './index.ts';

const observed = (fields: Record<string, FieldValue>): Observation => ({
  category: 'egress_flow',
  time: 1_000_000,
  run: 'r',
  cell: 'c',
  cites: [7],
  fields: { DestinationHostname: 'out.example.com', DestinationPort: 443, ...fields },
});

function found(...observations: Observation[]): Detection[] {
  const detections: Detection[] = [];
  for (const detector of flowDetectors())
    for (const observation of observations) detector.observe(observation, (one) => detections.push(one));
  return detections;
}

const shape = (Shape: string, Confidence: number, Detail = '') =>
  observed({ Phase: 'shape', Shape, Confidence, Detail });
const verdict = (Protocol: string, Ok = true) =>
  observed({ Phase: 'verdict', Protocol, Declared: 'tcp', Ok });

describe('rules of flows', () => {
  test.each([
    [shape('reverse-ssh', 0.95), FLOW_RULES.reverseSsh],
    [shape('reverse-ssh', 0.6), FLOW_RULES.reverseSshSuspected],
    [shape('ssh-forward', 0.9), FLOW_RULES.sshForward],
    [shape('interactive', 0.95), FLOW_RULES.shell],
    [shape('interactive', 0.7), FLOW_RULES.driven],
    [shape('reverse-tunnel', 0.9), FLOW_RULES.reverseTunnel],
    [shape('websocket-tunnel', 0.95), FLOW_RULES.webSocket],
    [shape('dns-tunnel', 0.85, '60 new names'), FLOW_RULES.dnsTunnel],
    [shape('dns-tunnel', 0.85, '60 new names; no rule names them: none left'), FLOW_RULES.dnsTunnelTried],
    [shape('vpn', 0.95), FLOW_RULES.vpn],
    [shape('stratum', 0.98), FLOW_RULES.stratum],
    [shape('stratum', 0.7), FLOW_RULES.stratumShaped],
    [shape('stratum-v2', 0.9), FLOW_RULES.stratum],
    [verdict('socks5'), FLOW_RULES.proxy],
    [verdict('connect'), FLOW_RULES.proxy],
    [verdict('stratum'), FLOW_RULES.stratum],
    [verdict('wireguard'), FLOW_RULES.vpn],
  ])('$fields.Shape$fields.Protocol $fields.Confidence is $1.id', (observation, rule) => {
    expect(found(observation)).toMatchObject([{ rule, cites: [7], key: 'out.example.com:443' }]);
  });

  test.each([
    [shape('ssh-session', 0.9)],
    [shape('bulk', 1)],
    [verdict('ssh')],
    [verdict('tls')],
    [verdict('constructor')],
    [verdict('stratum', false)],
    [observed({ Phase: 'open' })],
    [{ ...shape('stratum', 1), category: 'http_request' as const }],
  ])('nothing is said of %j', (observation) => {
    expect(found(observation)).toEqual([]);
  });

  test('every rule names its hazard first, and says what it does not see', () => {
    for (const { id, hazard, limit, techniques } of Object.values(FLOW_RULES)) {
      expect(id.startsWith(`${hazard}.`)).toBe(true);
      expect(limit.length).toBeGreaterThan(20);
      expect(techniques.length).toBeGreaterThan(0);
    }
  });
});
