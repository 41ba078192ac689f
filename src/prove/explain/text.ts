/**
 * Topics for people at a terminal.
 *
 * @module
 */
import { HAZARD_NAMES, HAZARDS, printable } from '../../contract/index.ts';
import { type Affordance, type Catalogue, GAINS } from '../catalogue/index.ts';
import type { HornRule } from '../logic/index.ts';
import { RULES } from '../model/index.ts';
import { type View, wrap } from '../report/index.ts';
import { type AffordanceTopic, type HazardTopic, literalText, type RuleTopic, type Topic } from './topics.ts';

type Style = NonNullable<View['style']>;
const plain: Style = (_colour, text) => text;

const list = (items: readonly string[]): string[] => items.flatMap((item) => wrap(item, '  - ', '    '));
const paragraph = (text: string): string[] => wrap(text, '');

/** At most so many entries of a catalogue are listed; more are counted. */
const MOST_LISTED = 12;

/** A topic as text, with a line break at its end. */
export function topicText(topic: Topic, style: Style = plain): string {
  const title = (text: string, kind: string) => [style('bold', `${text} (${kind})`), ''];
  const lines =
    topic.kind === 'hazard'
      ? [...title(topic.id, 'hazard'), ...hazardLines(topic, style)]
      : topic.kind === 'rule'
        ? [...title(topic.id, 'rule of the model'), ...ruleLines(topic, style)]
        : [...title(topic.id, `${topic.affordance.kind} of the catalogue`), ...affordanceLines(topic, style)];
  return `${lines.join('\n').trimEnd()}\n`;
}

function hazardLines(topic: HazardTopic, style: Style): string[] {
  const { meaning, about, rules, unknown, affordances, closes, coversNot } = topic;
  const capital = `${meaning[0]?.toUpperCase() ?? ''}${meaning.slice(1)}.`;
  return [
    ...paragraph(`${capital} ${about}`),
    '',
    style('bold', 'It can happen by these rules'),
    ...(rules.length > 0 ? list(rules.map(ruleLine)) : ['  none: no rule derives it']),
    '',
    ...(unknown.length > 0
      ? [style('bold', 'Nothing is known of it by these'), ...list(unknown.map(ruleLine)), '']
      : []),
    ...entryLines('Entries of the catalogue that lead towards it', affordances, style),
    style('bold', 'What closes it'),
    ...list(closes),
    '',
    style('bold', 'What no proof of it covers'),
    ...list(coversNot),
  ];
}

const ruleLine = ({ id, text }: HornRule): string => `${id}: ${text}`;

function ruleLines({ rule, hazards, leadsTo, affordances }: RuleTopic, style: Style): string[] {
  const { body, head, text, source } = rule;
  return [
    ...paragraph(text),
    '',
    style('bold', 'As a rule'),
    ...wrap(`if   ${body.length > 0 ? body.map(literalText).join(', ') : 'always'}`, '  ', '       '),
    ...wrap(`then ${literalText(head)}`, '  ', '       '),
    '',
    ...(hazards.length > 0
      ? [
          ...paragraph(
            head[0] === 'undecided'
              ? `It leaves ${hazards.join(', ')} unknown.`
              : `It derives ${hazards.join(', ')}: ${hazards.map((name) => HAZARDS[name]).join('; ')}.`,
          ),
          '',
        ]
      : []),
    ...(leadsTo.length > 0 ? [style('bold', 'Used by'), ...list(leadsTo.map(ruleLine)), ''] : []),
    ...entryLines('Entries of the catalogue that it applies to', affordances, style),
    ...paragraph(`Source: ${source}.`),
  ];
}

function entryLines(title: string, affordances: readonly Affordance[], style: Style): string[] {
  if (affordances.length === 0) return [];
  const shown = affordances.slice(0, MOST_LISTED).map(({ id, title: name }) => `${id}: ${name}`);
  const more = affordances.length - shown.length;
  return [
    style('bold', `${title} (${affordances.length})`),
    ...list([...shown, ...(more > 0 ? [`and ${more} more: ringfence explain --json lists all`] : [])]),
    '',
  ];
}

function affordanceLines({ affordance, rules }: AffordanceTopic, style: Style): string[] {
  const { title, prose, match, runs, gives, hazards, condition, source, safe, witness, at } = affordance;
  const found = Object.entries(match).flatMap(([what, values]) =>
    values === undefined ? [] : [`${what}: ${(values as readonly unknown[]).join(', ')}`],
  );
  return [
    ...paragraph(`${title}. ${prose}${runs ? ` It acts as ${runs.as}: ${runs.when}.` : ''}`),
    ...(condition === undefined ? [] : paragraph(`Where: ${condition}`)),
    '',
    style('bold', 'Recognised by'),
    ...list(found),
    '',
    style('bold', 'Gives'),
    ...list(gives.map((gain) => `${gain}: ${GAINS[gain as keyof typeof GAINS] ?? 'secrets of that kind'}`)),
    '',
    style('bold', 'Towards'),
    ...list(hazards.map((name) => `${name}: ${HAZARDS[name]}`)),
    '',
    ...(rules.length > 0 ? [style('bold', 'By these rules'), ...list(rules.map(ruleLine)), ''] : []),
    style('bold', 'What closes it'),
    ...list([safe]),
    '',
    ...(witness === undefined
      ? [...paragraph(`No witness: ${affordance.unwitnessed ?? ''}`), '']
      : [
          style('bold', 'To see it, in the cell'),
          ...witness.attempt.map((line) => `      $ ${printable(line)}`),
          '  and outside, afterwards',
          `      $ ${printable(witness.effect)}`,
          '',
        ]),
    ...paragraph(`Source: ${source}. Written in rules/affordances/${at.file}, line ${at.line}.`),
  ];
}

/** What can be explained, with a line break at its end. */
export function topicList({ families, affordances }: Catalogue, style: Style = plain): string {
  return `${[
    style('bold', 'Hazards'),
    ...HAZARD_NAMES.flatMap((name) => wrap(`${name}: ${HAZARDS[name]}`, '  ', '      ')),
    '',
    style('bold', `Rules of the model (${RULES.length})`),
    ...wrap(ruleNames().join(', '), '  '),
    '',
    style('bold', `Entries of the catalogue (${affordances.length})`),
    ...families.flatMap(({ name }) =>
      wrap(
        `${name}: ${affordances
          .filter(({ family }) => family === name)
          .map(({ id }) => id.slice(name.length + 1))
          .join(', ')}`,
        '  ',
        '      ',
      ),
    ),
    '',
    ...wrap('Entries are named with their family: ringfence explain git.hook', ''),
  ].join('\n')}\n`;
}

/** Ids of the rules; those that are the same for many hazards once. */
function ruleNames(): string[] {
  const shortened = RULES.map(({ id, head }) =>
    head[0] === 'undecided' ? id.replace(/\.[\w-]+$/, '.HAZARD') : id,
  );
  return [...new Set(shortened)];
}
