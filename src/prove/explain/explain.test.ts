import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { HAZARD_NAMES } from '../../contract/index.ts';
import { loadCatalogue } from '../catalogue/index.ts';
import { RULES } from '../model/index.ts';
import { COVERS_NOT } from '../report/index.ts';
import { findTopic, type Topic, topicList, topicNames, topicText } from './index.ts';

const loaded = loadCatalogue(join(import.meta.dirname, '..', '..', '..', 'rules', 'affordances'));
if (!loaded.ok) throw new Error('the catalogue is not valid');
const { catalogue } = loaded;

const topic = (name: string): Topic => {
  const found = findTopic(name, catalogue);
  if (found === undefined) throw new Error(`nothing is named ${name}`);
  return found;
};

describe('names', () => {
  it('are of one thing each, and all explained in 80 columns', () => {
    const names = topicNames(catalogue);
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBe(HAZARD_NAMES.length + RULES.length + catalogue.affordances.length);
    for (const name of names) {
      const text = topicText(topic(name));
      expect(text.startsWith(`${name} (`), name).toBe(true);
      expect(text).not.toMatch(/[^\n\P{Cc}]|\p{Cf}/u);
      for (const line of text.split('\n'))
        if (!line.startsWith('      $ '))
          expect([...line].length, `${name}: ${line}`).toBeLessThanOrEqual(80);
    }
  });

  it('are understood as reports write them', () => {
    expect(topic('rule exfiltration.send')).toEqual(topic('exfiltration.send'));
    expect(topic('catalogue git.hook')).toEqual(topic('git.hook'));
    for (const name of ['', 'constructor', '__proto__', 'git', 'rule git.hook x'])
      expect(findTopic(name, catalogue), name).toBeUndefined();
  });

  it('are all in the list', () => {
    const list = topicList(catalogue).replace(/\s+/g, ' ');
    for (const name of HAZARD_NAMES) expect(list).toContain(`${name}: `);
    for (const { id, head } of RULES) if (head[0] !== 'undecided') expect(list).toContain(id);
    for (const { id, family } of catalogue.affordances) expect(list).toContain(id.slice(family.length + 1));
  });
});

describe('an explanation', () => {
  it.each(HAZARD_NAMES)('of %s says what derives it, what closes it, and what no proof covers', (name) => {
    const found = topic(name);
    if (found.kind !== 'hazard') throw new Error(found.kind);
    expect(found.closes.length).toBeGreaterThan(0);
    expect([...found.rules, ...found.unknown].length).toBeGreaterThan(0);
    const text = topicText(found).replace(/\s+/g, ' ');
    for (const { id } of [...found.rules, ...found.unknown]) expect(text).toContain(id);
    for (const each of COVERS_NOT) expect(text).toContain(each);
  });

  it('of a rule leads on to what uses it, and to the entries that it is about', () => {
    const trigger = topic('control.trigger');
    if (trigger.kind !== 'rule') throw new Error(trigger.kind);
    expect(trigger.leadsTo.map(({ id }) => id)).toContain('escape.control');
    expect(trigger.affordances.map(({ id }) => id)).toContain('git.hook');
    for (const { kind, gives } of trigger.affordances) {
      expect(kind).toBe('trigger');
      expect(gives).toContain('code-execution');
    }
    const board = topic('collusion.board');
    expect(board.kind === 'rule' && board.hazards).toEqual(['collusion']);
  });

  it('of an entry shows how to see it, what closes it and where it is written', () => {
    const text = topicText(topic('git.hook'));
    expect(text).toContain('What closes it');
    expect(text).toContain('$ chmod +x .git/hooks/post-commit');
    expect(text).toMatch(/rules\/affordances\/git\.yaml,? line \d+/);
  });
});
