/**
 * Tells the operator what a flow looks like.
 *
 * @module
 */
import type { FlowRegistration } from '../../contract/index.ts';
import type { Shape } from '../shape/shape.ts';
import { type FlowContext, ownerOf } from './context.ts';

/** What is known of the flow beside its registration; `ms`: its age. */
export interface Shaped {
  name: string;
  declared: string;
  sent: number;
  received: number;
  ms: number;
}

export function reportShape(
  { reporter }: Pick<FlowContext, 'reporter'>,
  registration: FlowRegistration,
  { shape, confidence, detail }: Shape,
  { name, declared, sent, received, ms }: Shaped,
): void {
  reporter.event({
    kind: 'flow.shape',
    flow: String(registration.flow),
    owner: ownerOf(registration),
    protocol: declared,
    host: name,
    port: registration.port,
    sent,
    received,
    ms: Math.round(ms),
    shape,
    confidence,
    detail,
  });
}
