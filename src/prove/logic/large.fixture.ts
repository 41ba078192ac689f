/**
 * Large worlds, to measure.
 *
 * @module
 */
import type { Fact, HornRule, Term, World } from './types.ts';

const variable = (name: string): Term => ({ var: name });

/**
 * A world shaped like those of contracts: who can write what, what runs later, and as whom, until `facts` facts are there (some
 * more may follow).
 *
 * @param facts how many facts follow from it in all, about
 */
export function largeWorld(facts: number): World {
  const [x, y, z] = [variable('x'), variable('y'), variable('z')];
  const rules: Pick<HornRule, 'id' | 'head' | 'body'>[] = [
    { id: 'own', head: ['controls', 'agent', x], body: [['writes', x]] },
    {
      id: 'trigger',
      head: ['controls', y, z],
      body: [
        ['controls', 'agent', x],
        ['runs', x, y],
        ['may', y, z],
      ],
    },
    {
      id: 'known',
      head: ['knows', z],
      body: [
        ['controls', 'operator', z],
        ['secret', z],
      ],
    },
    { id: 'reach', head: ['reaches', x, y], body: [['link', x, y]] },
    {
      id: 'relay',
      head: ['reaches', x, z],
      body: [
        ['reaches', x, y],
        ['link', y, z],
      ],
    },
    {
      id: 'leak',
      head: ['leaks', x, y],
      body: [
        ['knows', x],
        ['reaches', 'agent', y],
        ['publishes', y],
      ],
    },
  ];
  const own: Fact[] = [];
  // A chain of relays has a quadratic closure; as many as give half of the facts.
  const relays = Math.floor(Math.sqrt(facts * 1.3));
  for (let at = 0; at < relays; at++) own.push(['link', at === 0 ? 'agent' : `host${at - 1}`, `host${at}`]);
  own.push(['publishes', `host${relays - 1}`]);
  const whose = (at: number): string => (at === 1 ? 'operator' : `user${at % 1_000}`);
  for (let at = 0; own.length < facts / 4; at++) {
    own.push(['writes', `src/${at}`], ['runs', `src/${at}`, whose(at)]);
    own.push(['may', whose(at), `secret${at}`], ['secret', `secret${at}`]);
  }
  return {
    facts: own,
    rules: rules.map((rule) => ({ ...rule, text: '', source: '' })),
    bad: [['leaks', 'secret1', `host${relays - 1}`]],
  };
}
